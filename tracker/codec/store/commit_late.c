#include "commit_late.h"

#include "work_said.h"

/* Of a hash, that tell the few worlds apart that checkpoints are of. */
enum { RULESET_DIGITS = 16 };

static void put_number(struct commit_group *g, const char *name, int64_t value)
{
    op_put_word(g, name);
    resp_put_i64(&g->ops, value);
}

static void trim(struct commit_group *g, const char *op, const char *key, struct text vehicle, int64_t bound)
{
    op_begin_of(g, op, key, vehicle, 1);
    resp_put_i64(&g->ops, bound > 0 ? bound : 0);
}

void commit_put_past(struct commit_group *g, const struct commit_past *p)
{
    bool seen = p->upto_ms != TIME_NONE, settled = p->settled_ms != TIME_NONE;
    uint32_t fields = 3u + seen + settled + (p->stored_ms > 0);
    op_begin_of(g, "XADD", "past:", p->vehicle, 2 * fields);
    if (seen)
        put_number(g, "upto", p->upto_ms);
    if (settled)
        put_number(g, "settled", p->settled_ms);
    if (p->stored_ms > 0)
        put_number(g, "stored", (int64_t)p->stored_ms);
    put_number(g, "batch", (int64_t)p->batch);
    op_put_word(g, "ruleset");
    op_put(g,
           (struct text){p->ruleset.data, p->ruleset.len < RULESET_DIGITS ? p->ruleset.len : RULESET_DIGITS});
    op_put_word(g, "state");
    op_put(g, p->state);
    op_begin_of(g, "XTRIM", "past:", p->vehicle, 2);
    resp_put_i64(&g->ops, p->keep_from_ms > 0 ? p->keep_from_ms : 0);
    resp_put_i64(&g->ops, p->keep_most);
    trim(g, "ZTRIM", "said:", p->vehicle, p->said_from_ms);
    trim(g, "EXPIRE", "past:", p->vehicle, p->keep_ms / 1000);
    trim(g, "EXPIRE", "said:", p->vehicle, p->keep_ms / 1000);
}

bool commit_past_is_of(struct text ruleset, struct text hash)
{
    return ruleset.len >= RULESET_DIGITS && ruleset.len <= hash.len &&
           memcmp(ruleset.data, hash.data, ruleset.len) == 0;
}

void commit_drop_past(struct commit_group *g, struct text vehicle, struct text id)
{
    op_begin_of(g, "XDEL", "past:", vehicle, 1);
    op_put(g, id);
}

static void put_said(struct commit_group *g, struct text vehicle, struct text start, const char *before,
                     struct text id)
{
    char bytes[2 + VIOLATION_ID_LENGTH];
    struct buf member = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    buf_puts(&member, before);
    buf_put_text(&member, id);
    op_begin_of(g, "ZADD", "said:", vehicle, 2);
    op_put(g, start);
    op_put(g, buf_text(&member));
}

void commit_put_said(struct commit_group *g, struct text vehicle, const struct entry *entry)
{
    put_said(g, vehicle, entry_value(entry, "start"), "", entry_value(entry, "id"));
}

void commit_put_said_trip(struct commit_group *g, struct text vehicle, const struct entry *entry,
                          int64_t told_ms, int64_t keep_ms)
{
    struct text id = entry_value(entry, "trip");
    put_said(g, vehicle, entry_value(entry, "departed"), "t-", id);
    op_begin_of(g, "DEL", "ledger:", id, 1);
    op_put_word(g, "1"); /* an operation has an argument */
    op_begin_of(g, "HSET", "ledger:", id, 2 * (entry->count + 1));
    op_put_fields(g, entry);
    put_number(g, "at", told_ms);
    op_begin_of(g, "EXPIRE", "ledger:", id, 1);
    resp_put_i64(&g->ops, keep_ms / 1000);
}

void commit_put_said_work(struct commit_group *g, struct text vehicle, const struct entry *entry,
                          int64_t at_ms)
{
    struct buf member;
    struct text start = entry_value(entry, "start");
    buf_init(&member, ENTRY_STORE_MAX);
    work_said_write(&member, entry, at_ms);
    op_begin_of(g, "ZADD", "said:", vehicle, 2);
    op_put(g, start.len > 0 ? start : entry_value(entry, "end"));
    op_put(g, buf_text(&member));
    g->ops.failed |= !buf_ok(&member);
    buf_fini(&member);
}

void commit_put_corrected(struct commit_group *g, const struct entry *entry, bool open)
{
    struct text id = entry_value(entry, "id");
    commit_put_entry(g, "violations", entry);
    commit_put_as_it_stands(g, entry);
    op_begin(g, open ? "ZADD" : "ZREM", TEXT("open"), open ? 2 : 1);
    if (open)
        op_put(g, entry_value(entry, "start"));
    op_put(g, id);
}

void commit_put_redo(struct commit_group *g, const struct commit_redo *r)
{
    bool begins = r->begin_ms != TIME_NONE;
    op_begin(g, "XADD", TEXT("marks"), 12 + (begins ? 2u : 0) + (r->left > 0 ? 2u : 0));
    op_put_word(g, "kind");
    op_put_word(g, "redo");
    op_put_word(g, "vehicle");
    op_put(g, r->vehicle);
    put_number(g, "received", r->received.ms);
    put_number(g, "clock", r->clock_ms);
    put_number(g, "from", r->from_ms);
    if (begins)
        put_number(g, "begin", r->begin_ms);
    if (r->left > 0)
        put_number(g, "left", r->left);
    put_number(g, "batch", (int64_t)r->batch);
}
