#include "city_load.h"

#include "array.h"
#include "canon.h"
#include "json_fault.h"
#include "time_text.h"

#include <muckwatch/zone.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Longest text a file may give: names and reasons are sentences, hours have their own bound. */
enum { TEXT_MAX = 4096 };

void city_load_init(struct city_load *load)
{
    arena_init(&load->arena);
    arena_init(&load->scratch);
    buf_init(&load->canonicals, 2 * CANONICAL_MAX); /* a thing too many still fits, to be told as such */
}

void city_load_fini(struct city_load *load)
{
    arena_fini(&load->arena);
    arena_fini(&load->scratch);
    buf_fini(&load->canonicals);
    free(load->entries);
    load->entries = NULL;
}

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

bool city_parse(struct city_load *load, struct text bytes, struct json_tree *tree, struct json_stream *stream)
{
    struct json_fault_place fault;
    memset(load->harmless, 0, sizeof load->harmless);
    switch (json_tree_read(tree, bytes, stream)) {
    case JSON_TREE_OK:
        return true;
    case JSON_TREE_NOT_JSON:
        json_fault_find(bytes, &tree->fault, &fault);
        problem_set(load->problem, "%.*s:%u:%u: not JSON: %s", TEXT_ARG(load->file), fault.line, fault.column,
                    fault.text);
        return false;
    case JSON_TREE_TOO_MANY:
        return city_fail_file(load, "more than %u values%s", JSON_TREE_VALUES_MAX,
                              stream != NULL ? " in one thing, or things" : "");
    case JSON_TREE_NO_MEMORY:
        break;
    }
    return city_fail_memory(load);
}

static const struct json_node *member(const struct json_node *object, const char *key)
{
    const struct json_node *v = json_node_member(object, key);
    return json_node_is(v, JSON_NODE_NULL) ? NULL : v;
}

static bool take_text(struct city_load *load, const char *key, const struct json_node *v, struct text *out)
{
    if (!json_node_is(v, JSON_NODE_STRING))
        return city_fail(load, "%s: expected text", key);
    struct text t = json_node_text(v);
    if (t.len > TEXT_MAX)
        return city_fail(load, "%s: %zu bytes, at most %d are allowed", key, t.len, TEXT_MAX);
    *out = t;
    return true;
}

bool city_text(struct city_load *load, const struct json_node *object, const char *key, struct text *out)
{
    const struct json_node *v = member(object, key);
    return v == NULL || take_text(load, key, v, out);
}

bool city_number(struct city_load *load, const struct json_node *object, const char *key, double min,
                 double max, double *out)
{
    const struct json_node *v = member(object, key);
    if (v == NULL)
        return true;
    if (!json_node_is(v, JSON_NODE_NUMBER))
        return city_fail(load, "%s: expected a number", key);
    double number = v->number;
    if (!(number >= min && number <= max))
        return city_fail(load, "%s: %g, expected %g to %g", key, number, min, max);
    *out = number;
    return true;
}

bool city_texts(struct city_load *load, const struct json_node *object, const char *key,
                const struct text **out, size_t *out_count)
{
    const struct json_node *v = member(object, key);
    if (v == NULL)
        return true;
    if (!json_node_is(v, JSON_NODE_ARRAY))
        return city_fail(load, "%s: expected a list", key);
    size_t n = v->len;
    struct text *texts = arena_take(&load->scratch, n, sizeof *texts);
    if (texts == NULL)
        return city_fail_memory(load);
    const struct json_node *element = json_node_first(v);
    for (size_t i = 0; i < n; i++, element = json_node_next(element)) {
        if (!take_text(load, key, element, &texts[i]))
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
            return city_fail(load, "%s: %.*s is not a date", key, PROBLEM_ARG(t));
    } else if (time_text_read(t, &when.instant) != TIME_OK) {
        return city_fail(
            load, "%s: \"%.*s\", expected a date like 2026-05-01 or a time like 2026-05-01T08:00:00+08:00",
            key, PROBLEM_ARG(t));
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

/* Whether at most two letters have to be added, dropped, changed or swapped (Damerau, optimal string
 * alignment). */
static bool looks_like(struct text a, const char *b)
{
    enum { LENGTH_MAX = 24, NEAR = 2 };
    size_t n = a.len, m = strlen(b);
    if (n > LENGTH_MAX || m > LENGTH_MAX || n < 4 || n > m + NEAR || m > n + NEAR)
        return false;
    unsigned d[LENGTH_MAX + 1][LENGTH_MAX + 1];
    for (size_t i = 0; i <= n; i++)
        d[i][0] = (unsigned)i;
    for (size_t k = 0; k <= m; k++)
        d[0][k] = (unsigned)k;
    for (size_t i = 1; i <= n; i++)
        for (size_t k = 1; k <= m; k++) {
            unsigned best = d[i - 1][k - 1] + (a.data[i - 1] != b[k - 1]);
            best = d[i - 1][k] + 1 < best ? d[i - 1][k] + 1 : best;
            best = d[i][k - 1] + 1 < best ? d[i][k - 1] + 1 : best;
            if (i > 1 && k > 1 && a.data[i - 1] == b[k - 2] && a.data[i - 2] == b[k - 1] &&
                d[i - 2][k - 2] + 1 < best)
                best = d[i - 2][k - 2] + 1;
            d[i][k] = best;
        }
    return d[n][m] <= NEAR;
}

static bool is_known(const char *const *known, struct text key)
{
    while (*known != NULL && !text_equal(key, text_of(*known)))
        known++;
    return *known != NULL;
}

/* Where a key is remembered; NULL: a key with escapes, which does not stay in memory. */
static struct city_key *harmless_place(struct city_load *load, const struct json_node *key)
{
    unsigned hash = key->len * 31;
    if (key->bytes != key->at + 1)
        return NULL;
    if (key->len > 0)
        hash += (unsigned char)key->bytes[0] * 7u + (unsigned char)key->bytes[key->len - 1];
    return &load->harmless[hash % CITY_HARMLESS];
}

static void warn_key(struct city_load *load, const struct json_node *key, const char *const *known)
{
    struct text name = json_node_text(key);
    struct city_key *place = harmless_place(load, key);
    if ((place != NULL && place->known == known && text_equal(place->name, name)) || is_known(known, name))
        return;
    const char *const *k = known;
    while (*k != NULL && !looks_like(name, *k))
        k++;
    if (*k != NULL)
        city_warn(load, "\"%.*s\" means nothing here; is it meant to be \"%s\"?", PROBLEM_ARG(name), *k);
    else if (place != NULL)
        *place = (struct city_key){name, known};
}

void city_warn_keys(struct city_load *load, const struct json_node *object, const char *const *known)
{
    const struct json_node *key = json_node_first(object);
    for (uint32_t i = 0; i < object->len; i++, key = json_node_next(key + 1))
        warn_key(load, key, known);
}

bool city_keep(struct city_load *load, struct text id, const struct json_node *object,
               const char *const *known)
{
    size_t at = load->canonicals.len;
    return canon_write(object, known, &load->canonicals) ? city_keep_written(load, id, at)
                                                         : city_fail_memory(load);
}

bool city_keep_written(struct city_load *load, struct text id, size_t at)
{
    struct city_entry e = {.what = load->what,
                           .file = load->file,
                           .canonical.len = load->canonicals.len - at,
                           .canonical_at = at};
    if (!buf_ok(&load->canonicals) ||
        !array_reserve(&load->entries, &load->entry_cap, load->entry_count + 1, sizeof e) ||
        !arena_copy_text(&load->arena, id, &e.id))
        return city_fail_memory(load);
    load->entries[load->entry_count++] = e;
    size_t whole = load->canonicals.len + load->entry_count + CANONICAL_REST;
    return whole <= CANONICAL_MAX ||
           city_fail_file(load, "more than %zu MiB in all files so far, in canonical form",
                          CANONICAL_MAX >> 20);
}

void city_settle(struct city_load *load)
{
    for (size_t i = 0; i < load->entry_count; i++)
        load->entries[i].canonical.data = load->canonicals.data + load->entries[i].canonical_at;
}
