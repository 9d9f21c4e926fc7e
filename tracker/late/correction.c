#include "correction.h"

#include "array.h"
#include "late.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void corrections_fini(struct corrections *c)
{
    free(c->list);
    c->list = NULL;
    c->count = c->cap = 0;
}

struct correction *corrections_add(struct corrections *c, enum correction_type type, const char *id)
{
    if (!array_reserve(&c->list, &c->cap, c->count + 1, sizeof *c->list)) {
        c->failed = true;
        return NULL;
    }
    struct correction *x = &c->list[c->count++];
    *x = (struct correction){.type = type, .rev = 1, .said = SIZE_MAX, .found = SIZE_MAX, .at_ms = TIME_NONE};
    memcpy(x->id, id, sizeof x->id);
    return x;
}

/* ---- the same fields ---- */

/* What says how and when something was told, and not what. */
static bool is_of_telling(const char *name, struct text value)
{
    static const char *const names[] = {"event", "rev", "received", "replaces", "replaced_by", NULL};
    for (size_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return strcmp(name, "cause") == 0 && text_equal(value, TEXT("late"));
}

static bool says_the_same(const struct said *said, const struct said_item *item, const struct entry *e)
{
    size_t mine = 0, theirs = 0;
    struct said_field field;
    for (size_t cursor = 0; said_next(said, item, &cursor, &field);)
        theirs += !is_of_telling(field.name, field.value) && strcmp(field.name, "at") != 0 &&
                  (item->trip || entry_has_field(field.name));
    for (uint32_t i = 0; i < e->count; i++) {
        const struct entry_field *f = &e->fields[i];
        if (is_of_telling(f->name, f->value) || strcmp(f->name, "at") == 0)
            continue;
        if (!text_equal(said_value(said, item, f->name), f->value))
            return false;
        mine++;
    }
    if (!text_equal(said_value(said, item, "at"), entry_value(e, "at")) && !item->trip)
        return false; /* of a trip the store knows when it was told, the stream does not */
    return mine == theirs;
}

/* ---- what takes the place of what ---- */

static int64_t overlap_ms(int64_t a_from, int64_t a_to, int64_t b_from, int64_t b_to)
{
    int64_t from = a_from > b_from ? a_from : b_from;
    int64_t to = a_to < b_to ? a_to : b_to;
    return to - from;
}

static int64_t or_never(int64_t end_ms)
{
    return end_ms == TIME_NONE ? TIME_NEVER : end_ms;
}

static bool same_subject(const struct redo *r, const struct said *said, const struct said_item *item,
                         const struct transition *t)
{
    if (item->kind != t->kind || item->cause != t->cause)
        return false;
    return text_equal(said_value(said, item, "fence"), names_text(r->names, t->fence)) &&
           text_equal(said_value(said, item, "permit"), names_text(r->names, t->permit));
}

/*
 * Of what was found the id that overlaps it most: of the same subject if there is one, else of the same kind: a
 * thing in pieces may be named by another of them. Touching is overlapping.
 */
static const char *find_heir(const struct redo *r, const struct said *said, const struct said_item *item)
{
    const char *best = "";
    int64_t most_ms = -1;
    bool best_same = false;
    for (size_t i = 0; i < r->episode_count && !item->trip; i++) {
        const struct transition *t = &r->episodes[i].last;
        int64_t ms = overlap_ms(item->start_ms, or_never(item->end_ms), t->start_ms, or_never(t->end_ms));
        bool same = same_subject(r, said, item, t);
        if (t->kind != item->kind || ms < 0 || (best_same && !same) || (same == best_same && ms <= most_ms))
            continue;
        best = r->episodes[i].id;
        best_same = same;
        most_ms = ms;
    }
    for (size_t i = 0; i < r->trip_count && item->trip; i++) {
        const struct trip_entry *t = &r->trips[i].entry;
        int64_t ms = overlap_ms(item->start_ms, or_never(item->told_ms), t->trip.start_ms, t->end_ms);
        if (ms <= most_ms)
            continue;
        best = r->trips[i].id;
        most_ms = ms;
    }
    return best;
}

/* ---- episodes ---- */

static bool is_open(const struct redo *r, const char *id)
{
    char other[VIOLATION_ID_LENGTH + 1];
    for (uint32_t i = 0; i < r->state.episode_count; i++) {
        if (r->state.episodes[i].phase != EPISODE_OPEN)
            continue;
        episode_id_write(&r->state, &r->state.episodes[i], r->names, other);
        if (strcmp(id, other) == 0)
            return true;
    }
    return false;
}

static bool was_found(const struct redo *r, const struct said_item *item)
{
    for (size_t i = 0; i < r->episode_count && !item->trip; i++)
        if (strcmp(r->episodes[i].id, item->id) == 0)
            return true;
    for (size_t i = 0; i < r->trip_count && item->trip; i++)
        if (strcmp(r->trips[i].id, item->id) == 0)
            return true;
    return false;
}

/* Whether some of the late data is of the time of a silence. */
static bool fills(const struct redo *r, const struct said_item *silence)
{
    for (size_t i = 0; i < r->count; i++) {
        int64_t ms = r->fixes[i].fix.time.ms;
        /* It began unseen when the unit was last heard; `start` is when that had lasted too long. */
        if (r->fixes[i].mark == LATE_LATE && ms >= silence->start_ms && ms <= or_never(silence->end_ms))
            return true;
    }
    return false;
}

static void look_at_said(struct corrections *c, const struct redo *r, const struct said *said, size_t i)
{
    const struct said_item *item = &said->items[i];
    enum correction_type type = CORRECTION_WITHDRAWN;
    if (item->work)
        return;
    if (!item->trip && late_leaves((enum kind)item->kind, (enum cause)item->cause)) {
        if (item->kind != KIND_OFFLINE || said_value(said, item, "late_data").len > 0 || !fills(r, item))
            return;
        type = CORRECTION_LATE_DATA;
    } else {
        bool before = r->from.upto_ms != TIME_NONE && item->told_ms <= r->from.upto_ms;
        if (before || (item->kind == KIND_NONE && !item->trip) || was_found(r, item))
            return;
        bool open = !item->trip && is_open(r, item->id);
        if (open && !r->earliest) {
            if (c->begin_before_ms == TIME_NONE || item->start_ms < c->begin_before_ms)
                c->begin_before_ms = item->start_ms;
            return;
        }
        if (!open && item->withdrawn)
            return;
        type = open ? CORRECTION_REOPENED : CORRECTION_WITHDRAWN;
    }
    struct correction *x = corrections_add(c, type, item->id);
    if (x == NULL)
        return;
    x->trip = item->trip;
    x->said = i;
    x->rev = item->rev + 1;
    if (type == CORRECTION_WITHDRAWN)
        memcpy(x->other, find_heir(r, said, item), strlen(find_heir(r, said, item)) + 1);
}

static size_t index_of(const struct said *said, const char *id)
{
    const struct said_item *item = said_find(said, id);
    return item == NULL ? SIZE_MAX : (size_t)(item - said->items);
}

static void look_at_episode(struct corrections *c, const struct redo *r, const struct said *said, size_t i,
                            struct entry *scratch)
{
    const struct found_episode *found = &r->episodes[i];
    size_t known = index_of(said, found->id);
    struct correction *x;
    if (known != SIZE_MAX) {
        const struct said_item *item = &said->items[known];
        entry_of_transition(scratch, &found->last, r->names);
        if (!item->withdrawn && says_the_same(said, item, scratch))
            return;
        x = corrections_add(c, CORRECTION_UPDATED, found->id);
        if (x == NULL)
            return;
        x->said = known;
        x->rev = item->rev + 1;
    } else {
        x = corrections_add(c, CORRECTION_OPENED, found->id);
        if (x == NULL)
            return;
        x->rev = found->has_opened ? 1 : found->last.rev; /* else what was said of it is gone */
        x->at_ms = found->opened.at_ms;
    }
    x->found = i;
    if (known != SIZE_MAX || found->last.event == TRANSITION_OPENED || !found->has_opened)
        return;
    if ((x = corrections_add(c, CORRECTION_GOES_ON, found->id)) == NULL)
        return;
    x->found = i;
    x->rev = 2;
    x->at_ms = found->last.at_ms;
}

static void look_at_trip(struct corrections *c, const struct redo *r, const struct said *said, size_t i,
                         struct entry *scratch)
{
    const struct found_trip *found = &r->trips[i];
    size_t known = index_of(said, found->id);
    entry_of_trip(scratch, &found->entry, r->names);
    if (known != SIZE_MAX && !said->items[known].withdrawn &&
        says_the_same(said, &said->items[known], scratch))
        return;
    struct correction *x =
        corrections_add(c, known != SIZE_MAX ? CORRECTION_UPDATED : CORRECTION_OPENED, found->id);
    if (x == NULL)
        return;
    x->trip = true;
    x->said = known;
    x->found = i;
    x->rev = known != SIZE_MAX ? said->items[known].rev + 1 : 1;
    x->at_ms = found->entry.end_ms;
}

/* ---- all of them ---- */

static int rank(const struct correction *c)
{
    if (c->type == CORRECTION_LATE_DATA || c->type == CORRECTION_REOPENED)
        return CORRECTION_UPDATED;
    return c->type == CORRECTION_GOES_ON ? CORRECTION_OPENED : (int)c->type;
}

static int by_order(const void *a, const void *b)
{
    const struct correction *x = a, *y = b;
    if (rank(x) != rank(y))
        return rank(x) - rank(y);
    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    int ids = strcmp(x->id, y->id);
    return ids != 0 ? ids : (x->rev > y->rev) - (x->rev < y->rev);
}

/* The other end of `replaced_by`. */
static void tell_heirs(struct corrections *c)
{
    for (size_t i = 0; i < c->count && c->list[i].type == CORRECTION_WITHDRAWN; i++)
        for (size_t j = 0; j < c->count; j++) {
            struct correction *heir = &c->list[j];
            bool tells = heir->type == CORRECTION_UPDATED || heir->type == CORRECTION_OPENED;
            if (tells && heir->other[0] == '\0' && strcmp(heir->id, c->list[i].other) == 0)
                memcpy(heir->other, c->list[i].id, sizeof heir->other);
        }
}

static uint32_t revision_of(const struct corrections *c, const struct said *said, const char *id,
                            uint32_t own)
{
    const struct said_item *item = said_find(said, id);
    uint32_t rev = item != NULL ? item->rev : own;
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->list[i].id, id) == 0 && (item == NULL || c->list[i].rev > rev))
            rev = c->list[i].rev;
    return rev;
}

/* What was withdrawn may be found again by what comes in order; what was found again is no longer withdrawn. */
static void remember_withdrawn(struct corrections *c, struct redo *r, const struct said *said)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct correction *x = &c->list[i];
        if (x->work)
            continue;
        if (x->type == CORRECTION_WITHDRAWN) {
            const struct said_item *item = &said->items[x->said];
            enum kind kind = x->trip ? KIND_NONE : (enum kind)item->kind;
            c->forgotten += !late_withdraw(&r->state, kind, item->start_ms, x->rev);
        } else if (x->found != SIZE_MAX && x->trip) {
            late_again(&r->state, KIND_NONE, r->trips[x->found].entry.trip.start_ms);
        } else if (x->found != SIZE_MAX) {
            const struct transition *t = &r->episodes[x->found].last;
            late_again(&r->state, t->kind, t->start_ms);
        }
    }
}

/* What goes on goes on with the next number of its id, however often the redo told of it. */
static void set_revisions(const struct corrections *c, struct redo *r, const struct said *said)
{
    char id[VIOLATION_ID_LENGTH + 1];
    for (uint32_t i = 0; i < r->state.episode_count; i++) {
        struct episode *e = &r->state.episodes[i];
        if (e->phase != EPISODE_OPEN)
            continue;
        episode_id_write(&r->state, e, r->names, id);
        e->rev = revision_of(c, said, id, e->rev);
    }
}

void corrections_find(struct corrections *c, struct redo *r, const struct said *said)
{
    struct entry *scratch = malloc(sizeof *scratch);
    *c = (struct corrections){.begin_before_ms = TIME_NONE, .failed = scratch == NULL};
    c->found = r->episode_count + r->trip_count + r->work_count;
    c->said = said->count;
    for (size_t i = 0; i < said->count && !c->failed; i++)
        look_at_said(c, r, said, i);
    for (size_t i = 0; i < r->episode_count && !c->failed; i++)
        look_at_episode(c, r, said, i, scratch);
    for (size_t i = 0; i < r->trip_count && !c->failed; i++)
        look_at_trip(c, r, said, i, scratch);
    if (!c->failed)
        corrections_find_work(c, r, said, scratch);
    free(scratch);
    if (c->failed || c->begin_before_ms != TIME_NONE)
        return;
    if (c->count > 0)
        qsort(c->list, c->count, sizeof *c->list, by_order);
    tell_heirs(c);
    set_revisions(c, r, said);
    remember_withdrawn(c, r, said);
}
