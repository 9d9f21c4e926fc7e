/*
 * What has to be said of work, now that a stretch was judged again.
 */
#include "correction.h"

#include <stdlib.h>
#include <string.h>

static const char *const events[CORRECTION_COUNT] = {
    [CORRECTION_WITHDRAWN] = "withdrawn", [CORRECTION_UPDATED] = "updated"};

/* What was found by when it began: clocks have it too, of the stop that lasts. */
struct starts {
    int64_t *list;
    size_t count;
};

static int compare_ms(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool list_starts(struct starts *s, const struct redo *r)
{
    s->count = 0;
    s->list = malloc((r->work_count + 1) * sizeof *s->list);
    if (s->list == NULL)
        return false;
    for (size_t i = 0; i < r->work_count; i++)
        if (r->works[i].entry.work.road == UINT32_MAX)
            s->list[s->count++] = r->works[i].entry.work.start_ms;
    if (r->state.work.flags & WORK_STANDS)
        s->list[s->count++] = r->state.work.stop.from_ms;
    if (s->count > 0)
        qsort(s->list, s->count, sizeof *s->list, compare_ms);
    return true;
}

static bool is_clock(const struct said *said, const struct said_item *item)
{
    return text_equal(said_value(said, item, "kind"), TEXT("clock"));
}

/* Places by id. */
struct place {
    const char *id;
    size_t at;
};

struct places {
    struct place *list;
    size_t count;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

static int compare_id(const void *id, const void *place)
{
    return strcmp(id, ((const struct place *)place)->id);
}

/* SIZE_MAX: it is not among them. */
static size_t find(const struct places *p, const char *id)
{
    const struct place *found =
        p->count > 0 ? bsearch(id, p->list, p->count, sizeof *p->list, compare_id) : NULL;
    return found != NULL ? found->at : SIZE_MAX;
}

static bool list_said(struct places *p, const struct said *said)
{
    p->count = 0;
    p->list = malloc((said->count + 1) * sizeof *p->list);
    for (size_t i = 0; i < said->count && p->list != NULL; i++)
        if (said->items[i].work)
            p->list[p->count++] = (struct place){said->items[i].id, i};
    if (p->list != NULL && p->count > 0)
        qsort(p->list, p->count, sizeof *p->list, compare_places);
    return p->list != NULL;
}

static bool list_found(struct places *p, const struct redo *r)
{
    p->count = r->work_count;
    p->list = malloc((r->work_count + 1) * sizeof *p->list);
    for (size_t i = 0; i < r->work_count && p->list != NULL; i++)
        p->list[i] = (struct place){r->works[i].id, i};
    if (p->list != NULL && p->count > 0)
        qsort(p->list, p->count, sizeof *p->list, compare_places);
    return p->list != NULL;
}

/* What is compared. */
struct comparing {
    struct corrections *c;
    const struct redo *r;
    const struct said *said;
    struct entry *scratch;
    struct starts starts;
    struct places told, found; /* of `said`, of what the redo found */
};

static void withdraw(struct corrections *c, const char *id, size_t said, uint32_t rev)
{
    struct correction *x = corrections_add(c, CORRECTION_WITHDRAWN, id);
    if (x == NULL)
        return;
    x->work = true;
    x->said = said;
    x->rev = rev;
}

static bool is_withdrawn(const struct corrections *c, const char *id)
{
    for (size_t i = c->count; i > 0; i--)
        if (c->list[i - 1].type == CORRECTION_WITHDRAWN && strcmp(c->list[i - 1].id, id) == 0)
            return true;
    return false;
}

/* A clock told of a stop that lasted, and it was none. */
static void look_at_clock(const struct comparing *x, size_t i)
{
    char id[VIOLATION_ID_LENGTH + 1];
    int64_t start_ms = x->said->items[i].start_ms;
    const struct starts *s = &x->starts;
    if (start_ms == TIME_NONE ||
        (s->count > 0 && bsearch(&start_ms, s->list, s->count, sizeof *s->list, compare_ms) != NULL))
        return;
    violation_id_write(names_text(x->r->names, x->r->state.vehicle), TEXT("visit"), TEXT(""),
                       (struct wall){start_ms}, id);
    if (find(&x->told, id) == SIZE_MAX && !is_withdrawn(x->c, id)) /* else it is looked at by itself */
        withdraw(x->c, id, i, 1);
}

static void look_at_said(const struct comparing *x, size_t i)
{
    const struct said_item *item = &x->said->items[i];
    bool before = x->r->from.upto_ms != TIME_NONE && item->told_ms <= x->r->from.upto_ms;
    if (!item->work || before || item->withdrawn)
        return;
    if (is_clock(x->said, item))
        look_at_clock(x, i);
    else if (find(&x->found, item->id) == SIZE_MAX)
        withdraw(x->c, item->id, i, item->rev + 1);
}

static bool says_the_same(const struct said *said, const struct said_item *item, const struct entry *e)
{
    for (size_t i = 0; i < WORK_SAID_FIELDS; i++)
        if (!text_equal(said_value(said, item, work_said_fields[i]), entry_value(e, work_said_fields[i])))
            return false;
    return true;
}

static void look_at_found(const struct comparing *x, size_t i)
{
    const struct found_work *found = &x->r->works[i];
    size_t told = find(&x->told, found->id);
    const struct said_item *item = told != SIZE_MAX ? &x->said->items[told] : NULL;
    entry_of_work(x->scratch, &found->entry, x->r->names);
    if (item != NULL && !item->withdrawn && says_the_same(x->said, item, x->scratch))
        return;
    struct correction *c =
        corrections_add(x->c, item != NULL ? CORRECTION_UPDATED : CORRECTION_OPENED, found->id);
    if (c == NULL)
        return;
    c->work = true;
    c->said = told;
    c->found = i;
    c->rev = item != NULL ? item->rev + 1 : 1;
    c->at_ms = found->entry.at_ms;
}

/* Revisions that were told of one, with what is told now. */
static uint8_t revisions_of(const struct comparing *x, const char *kind, struct text segment,
                            int64_t start_ms)
{
    char id[VIOLATION_ID_LENGTH + 1];
    violation_id_write(names_text(x->r->names, x->r->state.vehicle), text_of(kind), segment,
                       (struct wall){start_ms}, id);
    size_t told = find(&x->told, id);
    uint32_t rev = told != SIZE_MAX ? x->said->items[told].rev : 0;
    for (size_t i = x->c->count; i > 0; i--)
        if (strcmp(x->c->list[i - 1].id, id) == 0 && x->c->list[i - 1].rev > rev)
            rev = x->c->list[i - 1].rev;
    return (uint8_t)(rev < UINT8_MAX ? rev : UINT8_MAX);
}

/* What is under way may have been told to be over. */
static void go_on(const struct comparing *x, struct redo *r)
{
    struct work_state *w = &r->state.work;
    w->told = w->stop_told = 0;
    if (w->flags & WORK_OPEN)
        w->told = revisions_of(x, "interval", names_text(r->names, w->road), w->start_ms);
    if (w->flags & WORK_STANDS)
        w->stop_told = revisions_of(x, "visit", TEXT(""), w->stop.from_ms);
}

void corrections_find_work(struct corrections *c, struct redo *r, const struct said *said,
                           struct entry *scratch)
{
    struct comparing x = {.c = c, .r = r, .said = said, .scratch = scratch};
    bool starts = list_starts(&x.starts, r), told = list_said(&x.told, said), found = list_found(&x.found, r);
    c->failed |= !starts || !told || !found;
    for (size_t i = 0; i < said->count && !c->failed; i++)
        look_at_said(&x, i);
    for (size_t i = 0; i < r->work_count && !c->failed; i++)
        look_at_found(&x, i);
    if (!c->failed)
        go_on(&x, r);
    free(x.starts.list);
    free(x.told.list);
    free(x.found.list);
}

static bool is_word(const char *name)
{
    static const char *const words[] = {"kind", "segment", "side", "mode", "how"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], name) == 0)
            return true;
    return false;
}

/* As it was said, with the next revision; of a stop that only a clock told of, a visit. */
static void tell_withdrawn(const struct correction *c, const struct redo *r, const struct said *said,
                           struct entry *e)
{
    const struct said_item *item = &said->items[c->said];
    bool clock = is_clock(said, item);
    entry_begin(e);
    entry_add(e, "id", text_of(c->id), false);
    entry_add_number(e, "rev", c->rev);
    entry_add(e, "event", text_of(events[c->type]), false);
    entry_add(e, "vehicle", names_text(r->names, r->state.vehicle), false);
    for (size_t i = 0; i < WORK_SAID_FIELDS; i++) {
        const char *name = work_said_fields[i];
        struct text value = said_value(said, item, name);
        if (clock && strcmp(name, "kind") == 0)
            value = TEXT("visit");
        if (!clock || strcmp(name, "heard") != 0)
            entry_add(e, name, value, value.len > 0 && !is_word(name));
    }
}

void correction_entry_of_work(const struct correction *c, const struct redo *r, const struct said *said,
                              struct entry *e)
{
    if (c->found == SIZE_MAX) {
        tell_withdrawn(c, r, said, e);
        return;
    }
    struct work_entry found = r->works[c->found].entry;
    found.rev = c->rev;
    entry_of_work(e, &found, r->names);
    for (uint32_t i = 0; i < e->count && events[c->type] != NULL; i++)
        if (strcmp(e->fields[i].name, "event") == 0)
            e->fields[i].value = text_of(events[c->type]);
}
