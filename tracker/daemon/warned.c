#include "warned.h"

#include "array.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

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
    w->list[w->count++] = (struct warned_row){vehicle, *about, TIME_NONE};
    return true;
}

void warned_told(struct warned *w, bool sent, struct wall now)
{
    assert(w->known < w->count);
    w->list[w->known++].sent_ms = sent ? now.ms : TIME_NONE;
}

bool warned_waits(const struct warned *w)
{
    return w->known > w->in_batch;
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
    for (; w->in_batch < w->known; w->in_batch++)
        write_row(s, g, &w->list[w->in_batch], batch);
}

void warned_durable(struct warned *w)
{
    if (w->in_batch == 0)
        return;
    memmove(w->list, w->list + w->in_batch, (w->count - w->in_batch) * sizeof *w->list);
    w->count -= w->in_batch;
    w->known -= w->in_batch;
    w->in_batch = 0;
}

void warned_given_up(struct warned *w)
{
    w->in_batch = 0;
}
