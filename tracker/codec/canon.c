#include "canon.h"

#include "json_write.h"

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
    case JSON_REAL:
        json_put_double(out, json_number_value(value));
        return true;
    default:
        buf_puts(out, json_is_null(value) ? "null" : json_is_true(value) ? "true" : "false");
        return true;
    }
}

bool canon_write(const json_t *value, const char *const *known, struct buf *out)
{
    bool ok = json_is_object(value) ? write_object(value, known, out) : write_value(value, out);
    return ok && buf_ok(out);
}
