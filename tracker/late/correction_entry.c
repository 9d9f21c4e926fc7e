/*
 * The words of a correction: the entry of what was found, or of what was said, told once more.
 */
#include "correction.h"

#include <string.h>

static const char *const events[CORRECTION_COUNT] = {
    [CORRECTION_WITHDRAWN] = "withdrawn",
    [CORRECTION_UPDATED] = "updated",
    [CORRECTION_REOPENED] = "updated",
    [CORRECTION_LATE_DATA] = "updated",
};

static void tell_late(const struct correction *c, struct entry *e)
{
    if (entry_value(e, "cause").len == 0)
        entry_add(e, "cause", TEXT("late"), false);
    if (c->other[0] != '\0')
        entry_add(e, c->type == CORRECTION_WITHDRAWN ? "replaced_by" : "replaces", text_of(c->other), false);
    if (c->type == CORRECTION_LATE_DATA)
        entry_add(e, "late_data", TEXT("1"), true);
}

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(name, *names) != 0)
        names++;
    return *names != NULL;
}

/* Of what goes on after all its end is not true, nor are the words that tell it, nor the reason. */
static bool is_of_the_end(const char *name)
{
    static const char *const names[] = {"end", "reason", "text", "text_zh", "text_en", NULL};
    return is_one_of(name, names);
}

/* The entry as it was said, with the next revision. */
static void tell_again(const struct correction *c, const struct said *said, struct entry *e)
{
    static const char *const left_out[] = {"event", "rev", "received", "replaces", "replaced_by", NULL};
    const struct said_item *item = &said->items[c->said];
    struct said_field field;
    entry_begin(e);
    if (c->trip)
        entry_add(e, "trip", text_of(c->id), false);
    entry_add(e, "event", text_of(events[c->type]), false);
    if (!c->trip)
        entry_add(e, "id", text_of(c->id), false);
    entry_add_number(e, "rev", c->rev);
    for (size_t cursor = 0; said_next(said, item, &cursor, &field);) {
        bool skip =
            strcmp(field.name, c->trip ? "trip" : "id") == 0 || (c->trip && strcmp(field.name, "at") == 0);
        skip |= strcmp(field.name, "cause") == 0 && text_equal(field.value, TEXT("late"));
        skip |= !c->trip && !entry_has_field(field.name); /* others keep more beside it */
        skip |=
            is_one_of(field.name, left_out) || (c->type == CORRECTION_REOPENED && is_of_the_end(field.name));
        if (!skip)
            entry_add(e, field.name, field.value, field.number);
    }
}

static void tell_trip(const struct correction *c, const struct redo *r, struct entry *e)
{
    entry_of_trip(e, &r->trips[c->found].entry, r->names);
    if (events[c->type] != NULL)
        entry_add(e, "event", text_of(events[c->type]), false);
    entry_add_number(e, "rev", c->rev);
}

void correction_entry(const struct correction *c, const struct redo *r, const struct said *said,
                      struct entry *e)
{
    if (c->work) {
        correction_entry_of_work(c, r, said, e);
    } else if (c->found == SIZE_MAX) {
        tell_again(c, said, e);
    } else if (c->trip) {
        tell_trip(c, r, e);
    } else {
        const struct found_episode *found = &r->episodes[c->found];
        struct transition t = c->type == CORRECTION_OPENED && found->has_opened ? found->opened : found->last;
        t.rev = c->rev;
        entry_of_transition(e, &t, r->names);
        if (events[c->type] != NULL)
            e->fields[0].value = text_of(events[c->type]);
    }
    tell_late(c, e);
}
