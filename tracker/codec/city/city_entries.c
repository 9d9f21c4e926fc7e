#include "city_entries.h"

#include "file_text.h"

#include <stdio.h>
#include <stdlib.h>

/* By kind and id; days, which have none, by their text. */
static int compare_names(const struct city_entry *x, const struct city_entry *y)
{
    int order = strcmp(x->what, y->what);
    return order != 0 ? order : text_compare(x->id, y->id);
}

static int compare_entries(const void *a, const void *b)
{
    const struct city_entry *x = a, *y = b;
    int order = compare_names(x, y);
    if (order == 0 && x->id.len == 0)
        order = text_compare(x->canonical, y->canonical);
    return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

/* The line on which a thing began whose file has been put away: read once more, for a person. */
static uint32_t line_again(struct city_entries *l, struct text path, size_t at)
{
    struct text text;
    struct problem problem;
    if (l->read == NULL)
        return 0;
    if (!text_equal(l->path, path)) {
        buf_fini(&l->bytes);
        buf_init(&l->bytes, FENCE_FILE_MAX);
        l->path = path;
        if (!l->read(l->read_context, path.data, &l->bytes, &problem) ||
            file_text_body(buf_text(&l->bytes), &text) != NULL)
            text = (struct text){0};
        l->lines = (struct text_lines){.begin = text.data};
        l->len = text.len;
    }
    return at < l->len ? text_lines_at(&l->lines, l->lines.begin + at) : 0;
}

/* Tells something of a thing whose file has been put away. */
void city_entries_tell(struct city_entries *l, bool error, const struct city_entry *e,
                       const struct mw_point *place, const char *reason)
{
    struct city_finding f = {.error = error, .file = e->file, .what = e->what, .id = e->id, .reason = reason};
    if (place != NULL) {
        f.placed = true;
        f.lon_deg = place->lon_deg;
        f.lat_deg = place->lat_deg;
    }
    if (city_report_tells(l->city->report, error))
        f.line = line_again(l, e->file, e->at);
    city_report_add(l->city->report, f);
}

static void tell_twice(struct city_entries *l, const struct city_entry *e, const struct city_entry *last)
{
    char reason[400];
    bool one_file = text_equal(e->file, last->file);
    snprintf(reason, sizeof reason, "the id is used twice%s%s%.*s",
             e->number != last->number ? ", as text and as a number" : "", one_file ? "" : ", also in ",
             one_file ? 0 : (int)last->file.len, last->file.data);
    city_entries_tell(l, true, e, NULL, reason);
}

/* The same day in two calendar files, say of December, is one day; the same thing twice is a mistake. */
bool city_entries_sort(struct city_entries *l)
{
    struct city_load *c = l->city;
    if (c->entry_count > 0)
        qsort(c->entries, c->entry_count, sizeof *c->entries, compare_entries);
    size_t kept = 0;
    bool ok = true;
    for (size_t i = 0; i < c->entry_count && city_step(c, ok); i++) {
        const struct city_entry *e = &c->entries[i], *last = kept > 0 ? &c->entries[kept - 1] : NULL;
        bool same = last != NULL && compare_names(e, last) == 0;
        if (same && e->id.len > 0) {
            tell_twice(l, e, last);
            ok = false;
        } else if (!same || !text_equal(e->canonical, last->canonical)) {
            c->entries[kept++] = *e;
        }
    }
    c->entry_count = kept;
    return ok;
}

const struct city_entry *city_entries_find(const struct city_entries *l, const char *what, struct text id)
{
    struct city_entry key = {.what = what, .id = id};
    size_t from = 0, to = l->city->entry_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare_names(&key, &l->city->entries[middle]);
        if (order == 0)
            return &l->city->entries[middle];
        *(order < 0 ? &to : &from) = order < 0 ? middle : middle + 1;
    }
    return NULL;
}

/* The entry of a kind whose id stands in front of what the whole could tell; *out_reason is what follows. */
static const struct city_entry *find_named(const struct city_entries *l, const char *what, const char *text,
                                           const char **out_reason)
{
    size_t begin = strlen(what);
    if (strncmp(text, what, begin) != 0 || strncmp(text + begin, " \"", 2) != 0)
        return NULL;
    const char *id = text + begin + 2;
    for (const char *end = strstr(id, "\": "); end != NULL; end = strstr(end + 1, "\": ")) {
        const struct city_entry *e = city_entries_find(l, what, (struct text){id, (size_t)(end - id)});
        if (e != NULL) {
            *out_reason = end + 3;
            return e;
        }
    }
    return NULL;
}

void city_entries_hear(void *context, const struct world_error *error)
{
    struct city_entries *l = context;
    const char *reason;
    const struct city_entry *e = find_named(l, "permit", error->text, &reason);
    if (e == NULL)
        e = find_named(l, "duty", error->text, &reason);
    if (e != NULL)
        city_entries_tell(l, true, e, NULL, reason);
    else
        city_report_add(l->city->report,
                        (struct city_finding){.error = true, .file = TEXT("city"), .reason = error->text});
}

void city_entries_fini(struct city_entries *l)
{
    buf_fini(&l->bytes);
}
