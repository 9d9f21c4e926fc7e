#include "world_diff.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Values up to this long are shown; a geometry is not. */
enum { SHOWN_MAX = 60, PATH_MAX_BYTES = 256 };

struct diff {
    struct buf *out;
    uint32_t count;
    bool ok;
};

/* Compact JSON of a value, or NULL if it is long; free() it. */
static char *short_text(const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
    if (text != NULL && strlen(text) <= SHOWN_MAX)
        return text;
    free(text);
    return NULL;
}

static void put_change(struct diff *d, const char *path, const json_t *old, const json_t *new)
{
    d->count++;
    buf_printf(d->out, "~ %s", path);
    char *a = old != NULL ? short_text(old) : strdup("none");
    char *b = new != NULL ? short_text(new) : strdup("none");
    if (a != NULL && b != NULL)
        buf_printf(d->out, ": %s -> %s\n", a, b);
    else
        buf_puts(d->out, " changed\n");
    free(a);
    free(b);
}

static void compare(struct diff *d, const char *path, json_t *old, json_t *new);

/* Where a member stands; a path that is too long is cut, as it is only told to people. Settings for every
 * class stand under the empty name. */
static void member_path(char out[PATH_MAX_BYTES], const char *path, const char *key)
{
    int len = snprintf(out, PATH_MAX_BYTES, key[0] != '\0' ? "%s.%s" : "%s", path, key);
    assert(len >= 0);
}

static void compare_members(struct diff *d, const char *path, json_t *old, json_t *new)
{
    const char *key;
    json_t *value;
    char inner[PATH_MAX_BYTES];
    json_object_foreach(new, key, value)
    {
        member_path(inner, path, key);
        compare(d, inner, json_object_get(old, key), value);
    }
    json_object_foreach(old, key, value)
    {
        member_path(inner, path, key);
        if (json_object_get(new, key) == NULL)
            compare(d, inner, value, NULL);
    }
}

static void compare(struct diff *d, const char *path, json_t *old, json_t *new)
{
    if (json_is_object(old) && json_is_object(new) && strstr(path, "geometry") == NULL)
        compare_members(d, path, old, new);
    else if (old == NULL || new == NULL || !json_equal(old, new))
        put_change(d, path, old, new);
}

/* A list as an object by its things' names. */
static json_t *by_id(const json_t *list, const char *id)
{
    json_t *map = json_object();
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        const json_t *key = id != NULL ? json_object_get(item, id) : NULL;
        char number[24];
        snprintf(number, sizeof number, "%zu", i);
        json_object_set(map, json_is_string(key) ? json_string_value(key) : number, item);
    }
    return map;
}

static void put_whole(struct diff *d, char sign, const char *what, const char *id)
{
    d->count++;
    buf_printf(d->out, "%c %s %s\n", sign, what, id);
}

/* A list of a world: its member, what one thing of it is called, and which member of a thing names it. */
struct list {
    const char *member, *what, *id;
};

/* Both are sorted by id, so the order of the lines follows the ids. */
static void compare_lists(struct diff *d, const json_t *old_world, const json_t *new_world, struct list list)
{
    json_t *old = by_id(json_object_get(old_world, list.member), list.id);
    json_t *new = by_id(json_object_get(new_world, list.member), list.id);
    const char *key;
    json_t *value;
    if (old == NULL || new == NULL)
        d->ok = false;
    json_object_foreach(old, key, value)
    {
        if (json_object_get(new, key) == NULL)
            put_whole(d, '-', list.what, key);
    }
    json_object_foreach(new, key, value)
    {
        char path[PATH_MAX_BYTES];
        json_t *before = json_object_get(old, key);
        snprintf(path, sizeof path, "%s %s", list.what, key);
        if (before == NULL)
            put_whole(d, '+', list.what, key);
        else
            compare(d, path, before, value);
    }
    json_decref(old);
    json_decref(new);
}

static void compare_years(struct diff *d, const json_t *old_world, const json_t *new_world, const char *key,
                          const char *what)
{
    const json_t *old = json_object_get(old_world, key), *new = json_object_get(new_world, key);
    if (old != new && !json_equal(old, new)) /* NULL: a world without such a calendar */
        put_change(d, what, old, new);
}

static void compare_worlds(struct diff *d, json_t *old, json_t *new)
{
    compare_lists(d, old, new, (struct list){"fences", "fence", "id"});
    compare_lists(d, old, new, (struct list){"permits", "permit", "id"});
    compare_lists(d, old, new, (struct list){"vehicles", "vehicle", "id"});
    compare_lists(d, old, new, (struct list){"duties", "duty", "id"});
    compare_lists(d, old, new, (struct list){"calendar", "day", "date"});
    compare_years(d, old, new, "calendar_years", "calendar years");
    compare_lists(d, old, new, (struct list){"school_calendar", "school day", "date"});
    compare_years(d, old, new, "school_calendar_years", "school calendar years");
    compare(d, "city.timezone", json_object_get(old, "timezone"), json_object_get(new, "timezone"));
    compare(d, "rules.common", json_object_get(old, "common"), json_object_get(new, "common"));
    compare(d, "rules", json_object_get(old, "rules"), json_object_get(new, "rules"));
}

bool world_diff_write(struct text old_canonical, struct text new_canonical, struct buf *out,
                      uint32_t *out_count)
{
    json_t *old = json_loadb(old_canonical.data, old_canonical.len, 0, NULL);
    json_t *new = json_loadb(new_canonical.data, new_canonical.len, 0, NULL);
    struct diff d = {.out = out, .ok = json_is_object(old) && json_is_object(new)};
    if (d.ok)
        compare_worlds(&d, old, new);
    json_decref(old);
    json_decref(new);
    if (!d.ok || !buf_ok(out))
        return false;
    *out_count = d.count;
    return true;
}
