#include "json_oracle.h"

#include "canon.h"
#include "json_fault.h"
#include "json_write.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_known(const char *const *known, const char *key)
{
    if (known == NULL)
        return true;
    while (*known != NULL && strcmp(*known, key) != 0)
        known++;
    return *known != NULL;
}

static bool write_value(const json_t *value, struct buf *out);

static bool write_object(const json_t *object, const char *const *known, struct buf *out)
{
    /* Jansson iterates what it does not change through a pointer that is not const. */
    json_t *o = (json_t *)(uintptr_t)object;
    const char **keys = malloc((json_object_size(o) + 1) * sizeof *keys);
    if (keys == NULL)
        return false;
    size_t n = 0;
    const char *key;
    json_t *member;
    json_object_foreach(o, key, member) if (!json_is_null(member) && is_known(known, key)) keys[n++] = key;
    qsort(keys, n, sizeof *keys, compare_keys);
    bool ok = true;
    buf_put_char(out, '{');
    for (size_t i = 0; i < n && ok; i++) {
        if (i > 0)
            buf_put_char(out, ',');
        json_put_string(out, text_of(keys[i]));
        buf_put_char(out, ':');
        ok = write_value(json_object_get(o, keys[i]), out);
    }
    buf_put_char(out, '}');
    free(keys);
    return ok;
}

static bool write_array(const json_t *array, struct buf *out)
{
    bool ok = true;
    buf_put_char(out, '[');
    for (size_t i = 0; i < json_array_size(array) && ok; i++) {
        if (i > 0)
            buf_put_char(out, ',');
        ok = write_value(json_array_get(array, i), out);
    }
    buf_put_char(out, ']');
    return ok;
}

/* Recursion is bounded: Jansson has read the value and refuses more than 2048 levels. */
static bool write_value(const json_t *value, struct buf *out)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return write_object(value, NULL, out);
    case JSON_ARRAY:
        return write_array(value, out);
    case JSON_STRING:
        json_put_string(out, (struct text){json_string_value(value), json_string_length(value)});
        return true;
    case JSON_INTEGER:
        if (llabs(json_integer_value(value) / 2) >= INT64_C(1) << 52) {
            buf_put_i64(out, json_integer_value(value));
            return true;
        }
        json_put_double(out, json_number_value(value));
        return true;
    case JSON_REAL:
        json_put_double(out, json_number_value(value));
        return true;
    default:
        buf_puts(out, json_is_null(value) ? "null" : json_is_true(value) ? "true" : "false");
        return true;
    }
}

bool json_oracle_canon(const json_t *value, const char *const *known, struct buf *out)
{
    bool ok = json_is_object(value) ? write_object(value, known, out) : write_value(value, out);
    return ok && buf_ok(out);
}

static void fail(struct text text, const char *what, const char *ours, const char *theirs)
{
    fprintf(stderr, "%s: ours %s, Jansson's %s, of\n%.*s\n", what, ours, theirs, TEXT_ARG(text));
    abort();
}

static void compare_canon(struct text text, const struct json_node *ours, const json_t *theirs)
{
    struct buf a, b;
    buf_init(&a, (size_t)1 << 28);
    buf_init(&b, (size_t)1 << 28);
    if (!canon_write(ours, NULL, &a) || !json_oracle_canon(theirs, NULL, &b))
        abort();
    buf_put_char(&a, '\0');
    buf_put_char(&b, '\0');
    if (strcmp(a.data, b.data) != 0)
        fail(text, "canonical", a.data, b.data);
    buf_fini(&a);
    buf_fini(&b);
}

/* Types, lengths and values, which canonical text does not show to the last: zeros, whole numbers. */
static void compare_value(struct text text, const struct json_node *ours, const json_t *theirs)
{
    static const enum json_node_type types[] = {
        [JSON_OBJECT] = JSON_NODE_OBJECT,  [JSON_ARRAY] = JSON_NODE_ARRAY, [JSON_STRING] = JSON_NODE_STRING,
        [JSON_INTEGER] = JSON_NODE_NUMBER, [JSON_REAL] = JSON_NODE_NUMBER, [JSON_TRUE] = JSON_NODE_TRUE,
        [JSON_FALSE] = JSON_NODE_FALSE,    [JSON_NULL] = JSON_NODE_NULL};
    const struct json_node *child = ours + 1;
    if (!json_node_is(ours, types[json_typeof(theirs)]))
        fail(text, "type", "another", "this");
    if (json_is_number(theirs) &&
        (ours->number != json_number_value(theirs) || ours->whole != json_is_integer(theirs)))
        fail(text, "number", "another", "this");
    if (json_is_array(theirs) && ours->len != json_array_size(theirs))
        fail(text, "length", "another", "this");
    for (size_t i = 0; i < json_array_size(theirs); i++, child = json_node_next(child))
        compare_value(text, child, json_array_get(theirs, i));
    if (!json_is_object(theirs))
        return;
    if (ours->len != json_object_size(theirs))
        fail(text, "members", "another", "this");
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)(uintptr_t)theirs, key, member)
    {
        const struct json_node *v = json_node_member(ours, key);
        if (v == NULL)
            fail(text, "member", "nothing", key);
        compare_value(text, v, member);
    }
}

static void compare_fault(struct text text, const struct json_tree_fault *ours, const json_error_t *theirs)
{
    struct json_fault_place place;
    char a[400], b[400];
    json_fault_find(text, ours, &place);
    enum json_error_code code = json_error_code(theirs);
    /* Told in other words: U+0000; bytes that are no character, to which Jansson adds what precedes; numbers
     * too large where no number should stand. */
    bool other = code == json_error_null_character || code == json_error_null_byte_in_key ||
                 code == json_error_invalid_utf8 ||
                 (code == json_error_numeric_overflow && strstr(place.text, "expected") != NULL);
    snprintf(a, sizeof a, "%u:%u: %s", place.line, place.column, other ? "" : place.text);
    snprintf(b, sizeof b, "%d:%d: %s", theirs->line, theirs->column, other ? "" : theirs->text);
    if (strcmp(a, b) != 0)
        fail(text, "fault", a, b);
}

struct elements {
    struct text text;
    const json_t *list;
    size_t count;
};

static void compare_element(void *context, const struct json_node *element, size_t index)
{
    struct elements *e = context;
    if (index == 0)
        e->count = 0; /* the member stands twice, which is told later */
    if (index != e->count++)
        fail(e->text, "element", "another", "this");
    if (e->list != NULL)
        compare_value(e->text, element, json_array_get(e->list, index));
}

/* The same text with the elements of the member "features" handed over. */
static void compare_stream(struct text text, const json_t *theirs)
{
    const json_t *list = json_object_get(theirs, "features");
    struct json_tree tree = {0};
    struct elements e = {.text = text, .list = list};
    struct json_stream stream = {.key = TEXT("features"), .element = compare_element, .context = &e};
    enum json_tree_status status = json_tree_read(&tree, text, &stream);
    if ((status == JSON_TREE_OK) != (theirs != NULL) || (theirs != NULL && e.count != json_array_size(list)))
        fail(text, "stream", "another", "this");
    const struct json_node *features =
        status == JSON_TREE_OK ? json_node_member(tree.nodes, "features") : NULL;
    e.count = 0;
    if (json_node_is(features, JSON_NODE_ARRAY) &&
        (json_tree_stream(&tree, features, text, &stream) != JSON_TREE_OK || e.count != features->len))
        fail(text, "second stream", "another", "this");
    json_tree_fini(&tree);
    json_tree_fini(&stream.tree);
}

bool json_oracle_check(struct text text)
{
    json_error_t error;
    struct json_tree tree = {0};
    json_t *theirs = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &error);
    enum json_tree_status status = json_tree_read(&tree, text, NULL);
    /* Jansson steps over a zero byte behind a number. */
    if (memchr(text.data, '\0', text.len) == NULL) {
        if ((status == JSON_TREE_OK) != (theirs != NULL))
            fail(text, "verdict", status == JSON_TREE_OK ? "JSON" : "not JSON",
                 theirs != NULL ? "JSON" : error.text);
        if (theirs != NULL) {
            compare_canon(text, tree.nodes, theirs);
            compare_value(text, tree.nodes, theirs);
        } else {
            compare_fault(text, &tree.fault, &error);
        }
        compare_stream(text, theirs);
    }
    bool json = theirs != NULL;
    json_decref(theirs);
    json_tree_fini(&tree);
    return json;
}
