#include "city_load.h"

#include "array.h"
#include "canon.h"
#include "json_fault.h"
#include "text_fold.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

void city_begin_file(struct city_load *load, struct text path, struct text bytes)
{
    load->file = path;
    load->bytes = bytes;
    load->lines = (struct text_lines){.begin = bytes.data};
    city_begin_root(load, NULL);
}

/* What is found at `at` of the thing in hand. */
static struct city_finding found_at(struct city_load *load, const char *at, bool error)
{
    struct city_finding f = {
        .error = error, .file = load->file, .what = load->what, .id = load->id, .number = load->number};
    if (at != NULL && city_report_tells(load->report, error))
        f.line = text_lines_at(&load->lines, at);
    return f;
}

static bool fail_at(struct city_load *load, const char *at, const char *format, va_list args)
{
    char reason[448];
    struct city_finding f = found_at(load, at, true);
    vsnprintf(reason, sizeof reason, format, args);
    f.reason = reason;
    city_report_add(load->report, f);
    return false;
}

bool city_fail(struct city_load *load, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail_at(load, load->at, format, args);
    va_end(args);
    return false;
}

bool city_fail_at(struct city_load *load, const struct json_node *value, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail_at(load, value != NULL ? value->at : load->at, format, args);
    va_end(args);
    return false;
}

bool city_fail_placed(struct city_load *load, const struct json_node *value, struct city_finding place,
                      const char *reason)
{
    struct city_finding f = found_at(load, value != NULL ? value->at : load->at, true);
    f.part = place.part;
    f.part_number = place.part_number;
    f.position = place.position;
    f.placed = place.placed;
    f.lon_deg = place.lon_deg;
    f.lat_deg = place.lat_deg;
    f.reason = reason;
    city_report_add(load->report, f);
    return false;
}

bool city_fail_file(struct city_load *load, const char *format, ...)
{
    char reason[448];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    city_report_add(load->report, (struct city_finding){.error = true, .file = load->file, .reason = reason});
    return false;
}

bool city_fail_memory(struct city_load *load)
{
    if (!load->no_memory)
        city_fail_file(load, "out of memory");
    load->no_memory = true;
    return false;
}

/* Without the thing in front, whose place is told. */
static const char *reason_of(const struct city_load *load, const struct world_error *error)
{
    char begin[WORLD_ID_MAX + 32];
    int n = snprintf(begin, sizeof begin, "%s \"%.*s\": ", load->what, TEXT_ARG(load->id));
    bool same = n > 0 && (size_t)n < sizeof begin && strncmp(error->text, begin, (size_t)n) == 0;
    return error->text + (same ? n : 0);
}

bool city_built(struct city_load *load, enum world_status status, const struct world_error *error)
{
    if (status == WORLD_OK)
        return true;
    return status == WORLD_BAD ? city_fail(load, "%s", reason_of(load, error)) : city_fail_memory(load);
}

void city_warn(struct city_load *load, const char *format, ...)
{
    char reason[320];
    va_list args;
    struct city_finding f = found_at(load, load->at, false);
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    f.reason = reason;
    city_report_add(load->report, f);
}

void city_begin_root(struct city_load *load, const char *what)
{
    load->what = what;
    load->at = NULL;
    load->id = (struct text){0};
    load->number = 0;
}

void city_begin(struct city_load *load, const char *what, size_t index, const struct json_node *object)
{
    load->what = what;
    load->at = object->at;
    load->id = (struct text){0};
    load->id_number = false;
    load->number = index + 1;
}

/* With what to do, where those who write such files need it. */
static bool fail_json(struct city_load *load, const struct json_fault_place *fault)
{
    char reason[400];
    const char *hint = "";
    if (strncmp(fault->text, "unable to decode byte", 21) == 0)
        hint = ": no UTF-8; a file in GBK has to be saved as UTF-8";
    else if (strncmp(fault->text, "too big", 7) == 0)
        hint = ": write it as text, in quotes";
    snprintf(reason, sizeof reason, "not JSON: %s%s", fault->text, hint);
    if (!load->all)
        load->report->errors = 0; /* it comes before what was wrong with a thing in front of it */
    city_report_add(load->report, (struct city_finding){.error = true,
                                                        .file = load->file,
                                                        .line = fault->line,
                                                        .column = fault->column,
                                                        .reason = reason});
    return false;
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
        return fail_json(load, &fault);
    case JSON_TREE_TOO_MANY:
        return city_fail_file(load, "more than %u values%s", JSON_TREE_VALUES_MAX,
                              stream != NULL ? " in one thing, or things" : "");
    case JSON_TREE_NO_MEMORY:
        break;
    }
    return city_fail_memory(load);
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
    const char *likely = NULL;
    unsigned nearest = TEXT_UNLIKE;
    for (const char *const *k = known; *k != NULL; k++) {
        unsigned distance = text_distance(name, text_of(*k));
        likely = distance < nearest ? *k : likely;
        nearest = distance < nearest ? distance : nearest;
    }
    if (likely != NULL)
        city_warn(load, "\"%.*s\" means nothing here; is it meant to be \"%s\"?", PROBLEM_ARG(name), likely);
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

bool city_keep_broken(struct city_load *load)
{
    if (load->id.len > 0 && city_goes_on(load))
        city_keep_written(load, load->id, load->canonicals.len);
    return false;
}

bool city_keep_written(struct city_load *load, struct text id, size_t at)
{
    struct city_entry e = {.what = load->what,
                           .file = load->file,
                           .canonical.len = load->canonicals.len - at,
                           .canonical_at = at,
                           .at = load->at != NULL ? (size_t)(load->at - load->bytes.data) : 0,
                           .order = load->entry_count,
                           .number = load->id_number};
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
