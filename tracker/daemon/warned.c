#include "warned.h"

#include "array.h"

#include <assert.h>
#include <stdlib.h>

enum { WARNED_MAX = 1 << 20 };

void warned_fini(struct warned *w)
{
    free(w->list);
    *w = (struct warned){0};
}

bool warned_add(struct warned *w, uint32_t vehicle, const struct batch_warned *about)
{
    if (w->count == WARNED_MAX || !array_reserve(&w->list, &w->cap, w->count + 1, sizeof *w->list))
        return false;
    w->list[w->count++] = (struct warned_row){.vehicle = vehicle, .about = *about, .sent_ms = TIME_NONE};
    return true;
}

static struct warned_row *first_of(struct warned *w, enum warned_step step, int message_id)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->list[i].step == step && w->list[i].message_id == message_id)
            return &w->list[i];
    return NULL;
}

static void told(struct warned *w, const struct fact *f)
{
    struct warned_row *row = first_of(w, WARNED_GOES, 0);
    assert(row != NULL);
    if (f->handing.done && f->handing.message_id != 0) {
        row->step = WARNED_HANDED;
        row->message_id = f->handing.message_id;
        row->handed = f->now.mono;
    } else {
        row->step = WARNED_KNOWN;
        row->sent_ms = f->handing.done ? f->now.wall.ms : TIME_NONE;
    }
}

static void taken(struct warned *w, const struct fact *f)
{
    struct warned_row *row = first_of(w, WARNED_HANDED, f->handing.message_id);
    if (row == NULL)
        return; /* of one that has expired */
    row->step = WARNED_KNOWN;
    row->sent_ms = f->now.wall.ms;
}

void warned_hear(struct warned *w, const struct fact *f)
{
    if (f->kind == FACT_WARNED)
        told(w, f);
    else
        taken(w, f);
}

bool warned_waits(struct warned *w, struct mono now)
{
    bool waits = false;
    for (size_t i = 0; i < w->count; i++) {
        struct warned_row *row = &w->list[i];
        if (row->step == WARNED_HANDED && now.ms - row->handed.ms > WARNED_WAIT_MS)
            row->step = WARNED_KNOWN;
        waits |= row->step == WARNED_KNOWN;
    }
    return waits;
}

static void write_row(struct shared *s, struct batch_group *g, const struct warned_row *row, uint64_t batch)
{
    entry_begin(&s->entry);
    entry_add(&s->entry, "id", text_of(row->about.id), false);
    entry_add(&s->entry, "vehicle", names_text(s->names, row->vehicle), false);
    entry_add(&s->entry, "kind", text_of(kind_row(row->about.kind)->name), false);
    entry_add(&s->entry, "event", text_of(transition_event_name(row->about.event)), false);
    entry_add_number(&s->entry, "at", row->about.at_ms);
    if (row->sent_ms != TIME_NONE)
        entry_add_number(&s->entry, "sent", row->sent_ms);
    else
        entry_add(&s->entry, "sent", TEXT("expired"), false);
    entry_add_number(&s->entry, "batch", (int64_t)batch);
    commit_put_entry(&g->ops, "warnings", &s->entry);
}

void warned_write(struct warned *w, struct shared *s, struct batch_group *g, uint64_t batch)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->list[i].step == WARNED_KNOWN) {
            write_row(s, g, &w->list[i], batch);
            w->list[i].step = WARNED_IN_BATCH;
        }
}

void warned_durable(struct warned *w)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->count; i++)
        if (w->list[i].step != WARNED_IN_BATCH)
            w->list[kept++] = w->list[i];
    w->count = kept;
}

void warned_given_up(struct warned *w)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->list[i].step == WARNED_IN_BATCH)
            w->list[i].step = WARNED_KNOWN;
}
