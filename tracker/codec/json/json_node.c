/* Objects of a json_tree: their members, and keys that stand twice. */
#include "json_tree.h"

#include <stdlib.h>

static const struct json_node *next_key(const struct json_node *key)
{
    return json_node_next(key + 1);
}

static int compare_keys(const void *a, const void *b)
{
    const struct json_node *x = *(const struct json_node *const *)a, *y = *(const struct json_node *const *)b;
    int order = text_compare(json_node_text(x), json_node_text(y));
    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

/* The first key in the text that stands in the object a second time; NULL: none. For objects of many members.
 * */
static bool find_twice_sorted(const struct json_node *object, const struct json_node **out)
{
    const struct json_node **keys = malloc(object->len * sizeof *keys);
    if (keys == NULL)
        return false;
    for (uint32_t i = 0; i < object->len; i++)
        keys[i] = i > 0 ? next_key(keys[i - 1]) : json_node_first(object);
    qsort(keys, object->len, sizeof *keys, compare_keys);
    *out = NULL;
    for (uint32_t i = 1; i < object->len; i++)
        if (text_equal(json_node_text(keys[i - 1]), json_node_text(keys[i])) &&
            (*out == NULL || keys[i]->at < (*out)->at))
            *out = keys[i];
    free(keys);
    return true;
}

/* The same for few. The last may have no value yet. */
static const struct json_node *find_twice(const struct json_node *object)
{
    const struct json_node *key = json_node_first(object);
    for (uint32_t i = 1; i < object->len; i++) {
        key = next_key(key);
        for (const struct json_node *other = json_node_first(object); other != key; other = next_key(other))
            if (text_equal(json_node_text(other), json_node_text(key)))
                return key;
    }
    return NULL;
}

bool json_node_twice(const struct json_node *object, const struct json_node **out)
{
    enum { FEW = 16 };
    if (object->len > FEW)
        return find_twice_sorted(object, out);
    *out = find_twice(object);
    return true;
}

const struct json_node *json_node_member(const struct json_node *object, const char *key)
{
    if (!json_node_is(object, JSON_NODE_OBJECT))
        return NULL;
    struct text name = text_of(key);
    const struct json_node *k = json_node_first(object);
    for (uint32_t i = 0; i < object->len; i++, k = next_key(k))
        if (text_equal(json_node_text(k), name))
            return k + 1;
    return NULL;
}
