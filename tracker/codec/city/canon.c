#include "canon.h"

#include "json_write.h"

#include <math.h>
#include <stdlib.h>

enum { MEMBERS_FEW = 16 };

/* Whole numbers from here on are not all doubles: they keep their digits, which are an id. */
#define WHOLE_MAX 9007199254740992.0

static int compare_keys(const void *a, const void *b)
{
    const struct json_node *x = *(const struct json_node *const *)a, *y = *(const struct json_node *const *)b;
    return text_compare(json_node_text(x), json_node_text(y));
}

static bool is_known(const char *const *known, struct text key)
{
    if (known == NULL)
        return true;
    while (*known != NULL && !text_equal(key, text_of(*known)))
        known++;
    return *known != NULL;
}

static bool write_value(const struct json_node *value, struct buf *out);

static bool write_members(const struct json_node *const *keys, size_t count, struct buf *out)
{
    bool ok = true;
    buf_put_char(out, '{');
    for (size_t i = 0; i < count && ok; i++) {
        if (i > 0)
            buf_put_char(out, ',');
        json_put_string(out, json_node_text(keys[i]));
        buf_put_char(out, ':');
        ok = write_value(keys[i] + 1, out);
    }
    buf_put_char(out, '}');
    return ok;
}

static bool write_object(const struct json_node *object, const char *const *known, struct buf *out)
{
    const struct json_node *few[MEMBERS_FEW], **keys = few, *key = json_node_first(object);
    if (object->len > MEMBERS_FEW && (keys = malloc(object->len * sizeof *keys)) == NULL)
        return false;
    size_t n = 0;
    for (uint32_t i = 0; i < object->len; i++, key = json_node_next(key + 1))
        if (key[1].type != JSON_NODE_NULL && is_known(known, json_node_text(key)))
            keys[n++] = key;
    qsort(keys, n, sizeof *keys, compare_keys);
    bool ok = write_members(keys, n, out);
    if (keys != few)
        free(keys);
    return ok;
}

/* How many bytes of a plain number are canonical: zeros at the end of decimals are not, nor a point before
 * nothing. */
static inline size_t plain_length(const struct json_node *number)
{
    size_t n = number->len;
    if (number->decimals == 0)
        return n;
    while (number->at[n - 1] == '0')
        n--;
    return n - (number->at[n - 1] == '.');
}

/* `[112.9,30.4]`, of two plain numbers: what nearly all of a fence is. */
static void put_position(const struct json_node *position, struct buf *out)
{
    const struct json_node *lon = position + 1, *lat = position + 2;
    size_t n = plain_length(lon), m = plain_length(lat);
    char *at = buf_reserve(out, n + m + 3);
    if (at == NULL)
        return;
    at[0] = '[';
    memcpy(at + 1, lon->at, n);
    at[n + 1] = ',';
    memcpy(at + n + 2, lat->at, m);
    at[n + m + 2] = ']';
    out->len += n + m + 3;
}

static bool write_array(const struct json_node *array, struct buf *out)
{
    if (array->plain) {
        put_position(array, out);
        return true;
    }
    bool ok = true;
    const struct json_node *element = json_node_first(array);
    buf_put_char(out, '[');
    for (uint32_t i = 0; i < array->len && ok; i++, element = json_node_next(element)) {
        if (i > 0)
            buf_put_char(out, ',');
        ok = write_value(element, out);
    }
    buf_put_char(out, ']');
    return ok;
}

static bool write_number(const struct json_node *number, struct buf *out)
{
    if (number->plain)
        buf_put(out, number->at, plain_length(number));
    else if (number->whole && fabs(number->number) >= WHOLE_MAX)
        buf_put(out, number->at, number->len);
    else
        json_put_double(out, number->number);
    return true;
}

/* Recursion is bounded by JSON_TREE_DEPTH_MAX. */
static bool write_value(const struct json_node *value, struct buf *out)
{
    switch ((enum json_node_type)value->type) {
    case JSON_NODE_OBJECT:
        return write_object(value, NULL, out);
    case JSON_NODE_ARRAY:
        return write_array(value, out);
    case JSON_NODE_STRING:
        json_put_string(out, json_node_text(value));
        return true;
    case JSON_NODE_NUMBER:
        return write_number(value, out);
    default:
        buf_puts(out, value->type == JSON_NODE_NULL   ? "null"
                      : value->type == JSON_NODE_TRUE ? "true"
                                                      : "false");
        return true;
    }
}

bool canon_write(const struct json_node *value, const char *const *known, struct buf *out)
{
    bool ok =
        json_node_is(value, JSON_NODE_OBJECT) ? write_object(value, known, out) : write_value(value, out);
    return ok && buf_ok(out);
}
