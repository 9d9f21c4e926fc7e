/* Members of the things in a city's files: ids, texts, numbers, lists, points in time. */
#include "city_load.h"
#include "time_text.h"

#include <muckwatch/zone.h>

#include <math.h>
#include <stdio.h>

/* Longest text a file may give: names and reasons are sentences, hours have their own bound. */
enum { TEXT_MAX = 4096 };

/* Whole numbers that every double holds: beyond, 2^53 + 1 is another's digits. */
#define WHOLE_MAX 9007199254740992.0

/* The id that a value is. False where it is none; *out_what then says what was expected. */
static bool read_id(struct city_load *load, const struct json_node *v, struct text *out,
                    const char **out_what)
{
    *out_what = "expected text, or a whole number";
    if (json_node_is(v, JSON_NODE_STRING)) {
        *out = json_node_text(v);
        return true;
    }
    if (!json_node_is(v, JSON_NODE_NUMBER) || v->number != floor(v->number))
        return false;
    if (v->whole && v->number != 0) {
        *out = (struct text){v->at, v->len};
        return true;
    }
    *out_what = "too large for a number with a point or an exponent: write it as text, in quotes";
    if (fabs(v->number) >= WHOLE_MAX)
        return false;
    char digits[32];
    int n = snprintf(digits, sizeof digits, "%.0f", v->number + 0.0);
    if (!arena_copy_text(&load->scratch, (struct text){digits, (size_t)n}, out))
        return !city_fail_memory(load);
    return true;
}

bool city_begin_id(struct city_load *load, const struct json_node *object, const char *missing)
{
    const char *what;
    struct text id = {0};
    const struct json_node *v = json_node_member(object, "id");
    if (v == NULL || v->type == JSON_NODE_NULL)
        return city_fail(load, "id is missing%s", missing);
    if (!read_id(load, v, &id, &what))
        return json_node_is(v, JSON_NODE_NUMBER)
                   ? city_fail_at(load, v, "id: %.*s, %s",
                                  v->len < PROBLEM_SHOWN ? (int)v->len : PROBLEM_SHOWN, v->at, what)
                   : city_fail_at(load, v, "id: %s", what);
    if (load->no_memory)
        return false;
    if (id.len == 0)
        return city_fail_at(load, v, "id is missing%s", missing);
    load->id = id;
    load->id_number = v->type == JSON_NODE_NUMBER;
    return true;
}

static const struct json_node *member(const struct json_node *object, const char *key)
{
    const struct json_node *v = json_node_member(object, key);
    return json_node_is(v, JSON_NODE_NULL) ? NULL : v;
}

/* ` "30"` for a text that stands where something else should, nothing for all else. */
static const char *shown(const struct json_node *v, char out[PROBLEM_SHOWN + 8])
{
    out[0] = '\0';
    if (json_node_is(v, JSON_NODE_STRING))
        snprintf(out, PROBLEM_SHOWN + 8, " \"%.*s\",", PROBLEM_ARG(json_node_text(v)));
    return out;
}

static bool take_text(struct city_load *load, const char *key, const struct json_node *v, struct text *out)
{
    if (!json_node_is(v, JSON_NODE_STRING))
        return city_fail_at(load, v, "%s: expected text", key);
    struct text t = json_node_text(v);
    if (t.len > TEXT_MAX)
        return city_fail_at(load, v, "%s: %zu bytes, at most %d are allowed", key, t.len, TEXT_MAX);
    *out = t;
    return true;
}

static bool take_id(struct city_load *load, const char *key, const struct json_node *v, struct text *out)
{
    const char *what;
    if (!read_id(load, v, out, &what))
        return city_fail_at(load, v, "%s: %s", key, what);
    return !load->no_memory && (v->type == JSON_NODE_NUMBER || take_text(load, key, v, out));
}

bool city_text(struct city_load *load, const struct json_node *object, const char *key, struct text *out)
{
    const struct json_node *v = member(object, key);
    return v == NULL || take_text(load, key, v, out);
}

bool city_id(struct city_load *load, const struct json_node *object, const char *key, struct text *out)
{
    const struct json_node *v = member(object, key);
    return v == NULL || take_id(load, key, v, out);
}

bool city_number(struct city_load *load, const struct json_node *object, const char *key,
                 struct city_range range, double *out)
{
    char text[PROBLEM_SHOWN + 8];
    const struct json_node *v = member(object, key);
    if (v == NULL)
        return true;
    if (!json_node_is(v, JSON_NODE_NUMBER))
        return city_fail_at(load, v, "%s:%s expected a number%s", key, shown(v, text),
                            json_node_is(v, JSON_NODE_STRING) ? ", without quotes" : "");
    double number = v->number;
    if (!(number >= range.min && number <= range.max))
        return city_fail_at(load, v, "%s: %g, expected %g to %g", key, number, range.min, range.max);
    *out = number;
    return true;
}

typedef bool take_one(struct city_load *load, const char *key, const struct json_node *v, struct text *out);

struct texts {
    const struct text *items;
    size_t count;
};

static bool take_list(struct city_load *load, const struct json_node *object, const char *key, take_one *take,
                      struct texts *out)
{
    char text[PROBLEM_SHOWN + 8];
    const struct json_node *v = member(object, key);
    if (v == NULL)
        return true;
    if (!json_node_is(v, JSON_NODE_ARRAY))
        return city_fail_at(load, v, "%s:%s expected a list%s", key, shown(v, text),
                            json_node_is(v, JSON_NODE_STRING) ? ", as in [\"a\", \"b\"]" : "");
    size_t n = v->len;
    struct text *texts = arena_take(&load->scratch, n, sizeof *texts);
    if (texts == NULL)
        return city_fail_memory(load);
    const struct json_node *element = json_node_first(v);
    for (size_t i = 0; i < n; i++, element = json_node_next(element)) {
        if (!take(load, key, element, &texts[i]))
            return false;
        if (texts[i].len == 0)
            return city_fail_at(load, element, "%s: an empty text in the list", key);
    }
    *out = (struct texts){texts, n};
    return true;
}

bool city_texts(struct city_load *load, const struct json_node *object, const char *key,
                const struct text **out, size_t *out_count)
{
    struct texts texts = {*out, *out_count};
    bool ok = take_list(load, object, key, take_text, &texts);
    *out = texts.items;
    *out_count = texts.count;
    return ok;
}

bool city_ids(struct city_load *load, const struct json_node *object, const char *key,
              const struct text **out, size_t *out_count)
{
    struct texts texts = {*out, *out_count};
    bool ok = take_list(load, object, key, take_id, &texts);
    *out = texts.items;
    *out_count = texts.count;
    return ok;
}

static bool digits_only(struct text t, const char *form)
{
    for (size_t i = 0; i < t.len; i++)
        if (form[i] == '0' ? t.data[i] < '0' || t.data[i] > '9' : t.data[i] != form[i])
            return false;
    return true;
}

/* The digits [from, from + count) of a text that has them there. */
static int digits_at(struct text t, size_t from, size_t count)
{
    int v = 0;
    for (size_t i = from; i < from + count; i++)
        v = v * 10 + (t.data[i] - '0');
    return v;
}

bool city_when(struct city_load *load, const struct json_node *object, const char *key, struct when_spec *out)
{
    struct text t = {0};
    if (!city_text(load, object, key, &t))
        return false;
    if (t.data == NULL)
        return true;
    struct when_spec when = {.type = WHEN_INSTANT};
    if (t.len == 10 && digits_only(t, "0000-00-00")) {
        when.type = WHEN_DATE;
        when.year = digits_at(t, 0, 4);
        when.month = digits_at(t, 5, 2);
        when.day = digits_at(t, 8, 2);
        if (!mw_civil_date_valid(when.year, when.month, when.day))
            return city_fail_at(load, member(object, key), "%s: %.*s is not a date", key, PROBLEM_ARG(t));
    } else if (time_text_read(t, &when.instant) != TIME_OK) {
        return city_fail_at(
            load, member(object, key),
            "%s: \"%.*s\", expected a date like 2026-05-01 or a time like 2026-05-01T08:00:00+08:00", key,
            PROBLEM_ARG(t));
    }
    *out = when;
    return true;
}

bool city_array(struct city_load *load, const struct json_node *object, const char *key,
                const struct json_node **out)
{
    const struct json_node *v = member(object, key);
    if (v != NULL && !json_node_is(v, JSON_NODE_ARRAY))
        return city_fail_file(load, "%s: expected a list", key);
    *out = v;
    return true;
}
