#include "commit.h"

#include "state_codec.h"

#include <muckwatch/contract.h>

#include <assert.h>

void commit_put_entry(struct commit_group *g, const char *stream, const struct entry *entry)
{
    op_begin(g, "XADD", text_of(stream), entry->count * 2);
    op_put_fields(g, entry);
}

/* The hash holds the fields of the last entry: what an earlier one had and this one has not is taken out. */
static void take_out_absent(struct commit_group *g, struct text id, const struct entry *entry)
{
    const char *absent[ENTRY_FIELDS_MAX];
    uint32_t count = 0;
    for (const char *const *field = entry_passing_fields; *field != NULL; field++)
        if (entry_value(entry, *field).len == 0)
            absent[count++] = *field;
    if (count == 0)
        return;
    op_begin_of(g, "HDEL", "violation:", id, count);
    for (uint32_t i = 0; i < count; i++)
        op_put_word(g, absent[i]);
}

void commit_put_as_it_stands(struct commit_group *g, const struct entry *entry)
{
    struct text id = entry_value(entry, "id");
    bool opened = text_equal(entry_value(entry, "event"), TEXT("opened"));
    op_begin_of(g, "HSET", "violation:", id, entry->count * 2 + (opened ? 2u : 0u));
    op_put_fields(g, entry);
    if (opened) {
        op_put_word(g, "opened_at");
        op_put(g, entry_value(entry, "at"));
    } else {
        take_out_absent(g, id, entry);
    }
}

void commit_put_violation(struct commit_group *g, const struct transition *t, const struct entry *entry)
{
    struct text id = entry_value(entry, "id");
    bool again = t->event == TRANSITION_UPDATED && t->rev > 1; /* it may have been withdrawn: late.h */
    commit_put_entry(g, "violations", entry);
    commit_put_as_it_stands(g, entry);
    if (t->event == TRANSITION_OPENED || again) {
        op_begin(g, "ZADD", TEXT("open"), 2);
        op_put(g, entry_value(entry, "start"));
        op_put(g, id);
    }
    if (t->event == TRANSITION_CLOSED) {
        op_begin(g, "ZREM", TEXT("open"), 1);
        op_put(g, id);
    }
}

static void put_batch(struct commit_group *g, uint64_t batch)
{
    op_put_word(g, "batch");
    resp_put_i64(&g->ops, (int64_t)batch);
}

void commit_put_mark(struct commit_group *g, const struct attended_mark *mark, uint64_t batch)
{
    op_begin(g, "XADD", TEXT("attended"), mark->held ? 10 : 8);
    op_put_word(g, "received");
    resp_put_i64(&g->ops, mark->received_ms);
    op_put_word(g, "clock");
    resp_put_i64(&g->ops, mark->clock_ms);
    op_put_word(g, "runs");
    op_put_word(g, mark->running ? "1" : "0");
    put_batch(g, batch);
    if (mark->held) {
        op_put_word(g, "fired");
        resp_put_i64(&g->ops, mark->fired_ms);
    }
}

void commit_put_ruleset(struct commit_group *g, struct text hash, struct wall received, uint64_t batch)
{
    op_begin(g, "XADD", TEXT("rulesets"), 6);
    op_put_word(g, "ruleset");
    op_put(g, hash);
    op_put_word(g, "received");
    resp_put_i64(&g->ops, received.ms);
    put_batch(g, batch);
}

void commit_put_track(struct commit_group *g, struct text vehicle, const struct commit_track *track)
{
    bool hole = track->hole_to != 0;
    bool fix = track->fix.len > 0;
    op_begin_of(g, "XADD", "track:", vehicle,
                4u + (fix ? 2u : 0u) + (track->late != NULL ? 2u : 0u) + (hole ? 2u : 0u) +
                    (track->hole_seen ? 2u : 0u));
    if (fix) {
        op_put_word(g, "fix");
        op_put(g, track->fix);
    }
    op_put_word(g, "received");
    resp_put_i64(&g->ops, track->received.ms);
    put_batch(g, track->batch);
    if (track->late != NULL) {
        op_put_word(g, "late");
        op_put_word(g, track->late);
    }
    if (hole) {
        char range[48];
        struct buf b = {.data = range, .cap = sizeof range, .limit = sizeof range};
        buf_put_u64(&b, track->hole_from);
        buf_put_char(&b, '-');
        buf_put_u64(&b, track->hole_to);
        op_put_word(g, "hole");
        op_put(g, buf_text(&b));
    }
    if (track->hole_seen) {
        op_put_word(g, "seen");
        op_put_word(g, "1");
    }
}

void commit_put_state(struct commit_group *g, const struct vehicle_state *state, const struct names *names)
{
    char bytes[STATE_BYTES_MAX];
    struct buf blob = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    state_write(state, names, &blob);
    assert(buf_ok(&blob));
    op_begin(g, "STATE", TEXT("state"), 2);
    op_put(g, names_text(names, state->vehicle));
    op_put(g, buf_text(&blob));
}

/* ---- calls ---- */

enum { HEADER_ARGS = 4 };

static void put_call(struct buf *out, const char *function, uint32_t partition, size_t args)
{
    char bytes[MW_KEY_MAX];
    struct buf key = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    buf_printf(&key, MW_KEY_OWNER, partition);
    resp_put_command(out, 4 + args);
    resp_put_text(out, TEXT("FCALL"));
    resp_put_text(out, text_of(function));
    resp_put_text(out, TEXT("1"));
    resp_put_text(out, buf_text(&key));
}

static void put_header(struct buf *out, const struct commit_header *h)
{
    resp_put_i64(out, h->epoch);
    resp_put_i64(out, (int64_t)h->number);
    resp_put_i64(out, h->clock_ms);
    resp_put_text(out, h->token);
}

void commit_write_call(const struct commit_header *header, const struct commit_group *const *groups,
                       size_t count, struct buf *out)
{
    size_t args = HEADER_ARGS;
    for (size_t i = 0; i < count; i++)
        args += groups[i]->args;
    put_call(out, "muckwatch_v4_commit", header->partition, args);
    put_header(out, header);
    for (size_t i = 0; i < count; i++)
        buf_put_text(out, buf_text(&groups[i]->ops));
}

void commit_write_beat(const struct commit_header *header, struct buf *out)
{
    put_call(out, "muckwatch_v4_beat", header->partition, HEADER_ARGS);
    put_header(out, header);
}

void commit_write_claim(const struct commit_claim *claim, struct buf *out)
{
    put_call(out, "muckwatch_v4_claim", claim->partition, 4);
    resp_put_text(out, claim->instance);
    resp_put_i64(out, claim->hold_ms);
    resp_put_text(out, claim->take_over ? TEXT("1") : TEXT("0"));
    resp_put_text(out, claim->token);
}
