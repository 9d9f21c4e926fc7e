/*
 * A sweep: all hashes of a partition's vehicles, from which memory has those of whom `live` has not told: at start, and when rows of
 * `live` were missed. Keys come a page at a time, and a hundred hashes are asked for at once. A sweep that the store interrupts
 * begins anew.
 */
#include "gateway.h"

#include "array.h"
#include "log.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

enum { ASKED_AT_ONCE = 100, SWEEP_EACH_MS = 30000 };

static void ask_hashes(struct memory_reader *r);

static void give_up(struct memory_reader *r)
{
    r->sweep.under_way = false;
    r->sweep.wanted = true;
}

static void end(struct memory_reader *r)
{
    r->sweep.under_way = false;
    r->sweep.done = true;
    fleet_now_sweep_end(r->g->memory.fleet, r->walk.partition);
    log_info("vehicles_known", LOG_INT("partition", r->walk.partition),
             LOG_INT("vehicles", fleet_now_figures(r->g->memory.fleet).vehicles));
}

/* ---- keys ---- */

/* The id in the key of a vehicle's hash. */
static bool take_key(struct memory_reader *r, struct text key)
{
    struct sweep *s = &r->sweep;
    char before[MW_KEY_MAX];
    size_t len = (size_t)snprintf(before, sizeof before, MW_KEY_VEHICLE, r->walk.partition, 0, "");
    if (key.len <= len || key.len - len > VEHICLE_NOW_ID_MAX)
        return true;
    if (!array_reserve(&s->ids, &s->id_cap, s->id_count + 1, sizeof *s->ids))
        return false;
    snprintf(s->ids[s->id_count++], sizeof *s->ids, "%.*s", (int)(key.len - len), key.data + len);
    return true;
}

static void on_keys(void *arg, const struct redis_reply *reply)
{
    struct memory_reader *r = arg;
    struct sweep *s = &r->sweep;
    const struct redis_reply *keys = redis_reply_at(reply, 1);
    if (redis_reply_type(reply) != REDIS_ARRAY || redis_reply_count(reply) != 2 || s->failed) {
        if (redis_reply_type(reply) == REDIS_ERROR)
            log_error("sweep_refused", LOG_TEXT("said", redis_reply_text(reply)));
        give_up(r);
        return;
    }
    snprintf(s->cursor, sizeof s->cursor, "%.*s", TEXT_ARG(redis_reply_text(redis_reply_at(reply, 0))));
    s->id_count = s->id_at = s->answered = 0;
    for (size_t i = 0; i < redis_reply_count(keys); i++)
        if (!take_key(r, redis_reply_text(redis_reply_at(keys, i)))) {
            give_up(r);
            return;
        }
    ask_hashes(r);
}

static void ask_keys(struct memory_reader *r)
{
    char pattern[MW_KEY_MAX];
    snprintf(pattern, sizeof pattern, MW_KEY_VEHICLE, r->walk.partition, 1, "*");
    const struct text words[] = {
        TEXT("SCAN"), text_of(r->sweep.cursor), TEXT("MATCH"), text_of(pattern), TEXT("COUNT"), TEXT("500")};
    if (!redis_send(r->g->redis, 6, words, on_keys, r))
        give_up(r);
}

/* ---- hashes ---- */

/* Answers come in the order of the questions. */
static void on_vehicle(void *arg, const struct redis_reply *reply)
{
    struct memory_reader *r = arg;
    struct sweep *s = &r->sweep;
    size_t at = s->answered++;
    bool ok = !s->failed && redis_reply_type(reply) == REDIS_ARRAY &&
              fleet_now_take_hash(r->g->memory.fleet, r->walk.partition, text_of(s->ids[at]),
                                  memory_fields(r->g, reply));
    s->failed = s->failed || !ok;
    if (s->answered < s->id_at)
        return;
    if (s->failed)
        give_up(r);
    else
        ask_hashes(r);
}

static void ask_hashes(struct memory_reader *r)
{
    struct sweep *s = &r->sweep;
    char key[MW_KEY_MAX];
    for (size_t n = 0; n < ASKED_AT_ONCE && s->id_at < s->id_count; n++) {
        snprintf(key, sizeof key, MW_KEY_VEHICLE, r->walk.partition, TEXT_ARG(text_of(s->ids[s->id_at])));
        const struct text words[] = {TEXT("HGETALL"), text_of(key)};
        if (!redis_send(r->g->redis, 2, words, on_vehicle, r)) {
            s->failed = true; /* those that were asked for are waited for yet */
            break;
        }
        s->id_at++;
    }
    if (s->answered < s->id_at)
        return;
    if (s->failed)
        give_up(r);
    else if (text_equal(text_of(s->cursor), TEXT("0")))
        end(r);
    else
        ask_keys(r);
}

/* ---- when ---- */

static void begin(struct memory_reader *r)
{
    struct sweep *s = &r->sweep;
    s->wanted = s->failed = false;
    s->under_way = true;
    s->begun_ms = loop_now(r->g->loop).ms;
    snprintf(s->cursor, sizeof s->cursor, "0");
    fleet_now_sweep_begin(r->g->memory.fleet, r->walk.partition);
    ask_keys(r);
}

void memory_sweep(struct memory_reader *r)
{
    struct sweep *s = &r->sweep;
    bool early = s->done && loop_now(r->g->loop).ms - s->begun_ms < SWEEP_EACH_MS;
    s->wanted = s->wanted || r->walk.live_missed;
    r->walk.live_missed = false;
    /* One begins when `live` is followed: what moves from then on is told by rows. */
    if (s->wanted && !s->under_way && !early && r->walk.stage == WALK_WAIT && redis_connected(r->g->redis))
        begin(r);
}

void memory_sweep_anew(struct memory_reader *r)
{
    r->sweep.wanted = true;
    r->sweep.done = false;
    r->sweep.failed = r->sweep.under_way; /* its answers are still to come */
}
