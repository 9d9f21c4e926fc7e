#include "city_load.h"

#include "array.h"
#include "canon.h"
#include "time_text.h"

#include <muckwatch/zone.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Longest text a file may give: names and reasons are sentences, hours have their own bound. */
enum { TEXT_MAX = 4096 };

static bool fail_in(struct city_load *load, bool whole_file, const char *format, va_list args)
{
    char reason[448];
    vsnprintf(reason, sizeof reason, format, args);
    if (whole_file)
        problem_set(load->problem, "%.*s: %s", TEXT_ARG(load->file), reason);
    else
        problem_set(load->problem, "%.*s: %s%s: %s", TEXT_ARG(load->file), load->what, load->label, reason);
    return false;
}

bool city_fail(struct city_load *load, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail_in(load, false, format, args);
    va_end(args);
    return false;
}

bool city_fail_file(struct city_load *load, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail_in(load, true, format, args);
    va_end(args);
    return false;
}

bool city_fail_memory(struct city_load *load)
{
    return city_fail_file(load, "out of memory");
}

bool city_built(struct city_load *load, enum world_status status, const struct world_error *error)
{
    if (status == WORLD_OK)
        return true;
    return status == WORLD_BAD ? city_fail_file(load, "%s", error->text) : city_fail_memory(load);
}

void city_warn(struct city_load *load, const char *format, ...)
{
    if (load->warn == NULL)
        return;
    char reason[320], text[640];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    snprintf(text, sizeof text, "%.*s: %s%s: %s", TEXT_ARG(load->file), load->what, load->label, reason);
    load->warn(load->warn_context, text);
}

void city_begin(struct city_load *load, const char *what, size_t index)
{
    load->what = what;
    snprintf(load->label, sizeof load->label, " number %zu", index + 1);
}

void city_begin_id(struct city_load *load, struct text id)
{
    snprintf(load->label, sizeof load->label, " \"%.*s\"", PROBLEM_ARG(id));
}

json_t *city_parse(struct city_load *load, struct text bytes)
{
    json_error_t error;
    json_t *root = json_loadb(bytes.data, bytes.len, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        problem_set(load->problem, "%.*s:%d:%d: not JSON: %s", TEXT_ARG(load->file), error.line, error.column,
                    error.text);
    return root;
}

static const json_t *member(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return json_is_null(v) ? NULL : v;
}

static bool take_text(struct city_load *load, const char *key, const json_t *v, struct text *out)
{
    if (!json_is_string(v))
        return city_fail(load, "%s: expected text", key);
    struct text t = {json_string_value(v), json_string_length(v)};
    if (t.len > TEXT_MAX)
        return city_fail(load, "%s: %zu bytes, at most %d are allowed", key, t.len, TEXT_MAX);
    *out = t;
    return true;
}

bool city_text(struct city_load *load, const json_t *object, const char *key, struct text *out)
{
    const json_t *v = member(object, key);
    return v == NULL || take_text(load, key, v, out);
}

bool city_number(struct city_load *load, const json_t *object, const char *key, double min, double max,
                 double *out)
{
    const json_t *v = member(object, key);
    if (v == NULL)
        return true;
    if (!json_is_number(v))
        return city_fail(load, "%s: expected a number", key);
    double number = json_number_value(v);
    if (!(number >= min && number <= max))
        return city_fail(load, "%s: %g, expected %g to %g", key, number, min, max);
    *out = number;
    return true;
}

bool city_texts(struct city_load *load, const json_t *object, const char *key, const struct text **out,
                size_t *out_count)
{
    const json_t *v = member(object, key);
    if (v == NULL)
        return true;
    if (!json_is_array(v))
        return city_fail(load, "%s: expected a list", key);
    size_t n = json_array_size(v);
    struct text *texts = arena_take(&load->scratch, n, sizeof *texts);
    if (texts == NULL)
        return city_fail_memory(load);
    for (size_t i = 0; i < n; i++) {
        if (!take_text(load, key, json_array_get(v, i), &texts[i]))
            return false;
        if (texts[i].len == 0)
            return city_fail(load, "%s: an empty text in the list", key);
    }
    *out = texts;
    *out_count = n;
    return true;
}

static bool digits_only(struct text t, const char *form)
{
    for (size_t i = 0; i < t.len; i++)
        if (form[i] == '0' ? t.data[i] < '0' || t.data[i] > '9' : t.data[i] != form[i])
            return false;
    return true;
}

bool city_when(struct city_load *load, const json_t *object, const char *key, struct when_spec *out)
{
    struct text t = {0};
    if (!city_text(load, object, key, &t))
        return false;
    if (t.data == NULL)
        return true;
    struct when_spec when = {.type = WHEN_INSTANT};
    if (t.len == 10 && digits_only(t, "0000-00-00")) {
        when.type = WHEN_DATE;
        when.year = atoi(t.data);
        when.month = atoi(t.data + 5);
        when.day = atoi(t.data + 8);
        if (!mw_civil_date_valid(when.year, when.month, when.day))
            return city_fail(load, "%s: %.*s is not a date", key, PROBLEM_ARG(t));
    } else if (time_text_read(t, &when.instant) != TIME_OK) {
        return city_fail(
            load, "%s: \"%.*s\", expected a date like 2026-05-01 or a time like 2026-05-01T08:00:00+08:00",
            key, PROBLEM_ARG(t));
    }
    *out = when;
    return true;
}

bool city_array(struct city_load *load, const json_t *object, const char *key, const json_t **out)
{
    const json_t *v = member(object, key);
    if (v != NULL && !json_is_array(v))
        return city_fail_file(load, "%s: expected a list", key);
    *out = v;
    return true;
}

/* Whether at most two letters have to be added, dropped, changed or swapped (Damerau, optimal string
 * alignment). */
static bool looks_like(const char *a, const char *b)
{
    enum { LENGTH_MAX = 24, NEAR = 2 };
    size_t n = strlen(a), m = strlen(b);
    if (n > LENGTH_MAX || m > LENGTH_MAX || n < 4 || n > m + NEAR || m > n + NEAR)
        return false;
    unsigned d[LENGTH_MAX + 1][LENGTH_MAX + 1];
    for (size_t i = 0; i <= n; i++)
        d[i][0] = (unsigned)i;
    for (size_t k = 0; k <= m; k++)
        d[0][k] = (unsigned)k;
    for (size_t i = 1; i <= n; i++)
        for (size_t k = 1; k <= m; k++) {
            unsigned best = d[i - 1][k - 1] + (a[i - 1] != b[k - 1]);
            best = d[i - 1][k] + 1 < best ? d[i - 1][k] + 1 : best;
            best = d[i][k - 1] + 1 < best ? d[i][k - 1] + 1 : best;
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] && d[i - 2][k - 2] + 1 < best)
                best = d[i - 2][k - 2] + 1;
            d[i][k] = best;
        }
    return d[n][m] <= NEAR;
}

void city_warn_keys(struct city_load *load, const json_t *object, const char *const *known)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        const char *near = NULL;
        for (const char *const *k = known; *k != NULL; k++) {
            if (strcmp(*k, key) == 0) {
                near = NULL;
                break;
            }
            near = near == NULL && looks_like(key, *k) ? *k : near;
        }
        if (near != NULL)
            city_warn(load, "\"%.*s\" means nothing here; is it meant to be \"%s\"?",
                      PROBLEM_ARG(text_of(key)), near);
    }
}

bool city_keep(struct city_load *load, struct text id, const json_t *object, const char *const *known)
{
    struct city_entry e = {.what = load->what, .file = load->file};
    struct buf canonical;
    buf_init(&canonical, (size_t)1 << 30);
    bool ok = canon_write(object, known, &canonical) &&
              array_reserve(&load->entries, &load->entry_cap, load->entry_count + 1, sizeof e) &&
              arena_copy_text(&load->arena, id, &e.id) &&
              arena_copy_text(&load->arena, buf_text(&canonical), &e.canonical);
    buf_fini(&canonical);
    if (!ok)
        return city_fail_memory(load);
    load->entries[load->entry_count++] = e;
    return true;
}
