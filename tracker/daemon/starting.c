#include "starting.h"

#include "refusal.h"
#include "state_codec.h"
#include "telemetry.h"

#include <muckwatch/contract.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum {
    SCAN_COUNT = 1000,
    AGAIN_MS = 500, /* and twice as long each time, up to 8 s */
    AGAIN_DOUBLINGS = 4,
    PROGRESS_EVERY = 100000,
    REDIS_MAJOR_MIN = 7,
    OWNER_HOLD_MS = 5000, /* how long a silent owner keeps its partition */
};

void starting_fini(struct starting *w)
{
    recalling_fini(&w->recalling);
    recording_fini(&w->recording);
}

static struct sending sending(struct starting *w, enum ask ask)
{
    assert(w->in_hand == ASK_NOTHING); /* two walks at once would load states over each other's */
    w->in_hand = ask;
    return (struct sending){.ask = ask};
}

static void again_later(struct starting *w, struct shared *s)
{
    actions_set_timer(&s->actions, TIMER_RETRY, (int64_t)AGAIN_MS << w->vain);
    w->vain += w->vain < AGAIN_DOUBLINGS;
}

void starting_unsent(struct starting *w, struct shared *s)
{
    w->in_hand = ASK_NOTHING;
    if (s->store_up)
        again_later(w, s);
}

static enum starting_step end(struct starting *w, int exit_code)
{
    w->exit_code = exit_code;
    return STARTING_ENDS;
}

/* Where it was not looked at yet, the walk is begun then. */
static bool may_begin(const struct shared *s)
{
    return s->store_up && s->store_looked_at;
}

void starting_begin(struct starting *w, struct shared *s)
{
    static const struct text argv[] = {TEXT("INFO"), TEXT("server")};
    w->awaits_log = false;
    if (!may_begin(s))
        return;
    /* A retry that was set for a commit, or for a walk on the connection before, would begin a second walk. */
    actions_clear_timer(&s->actions, TIMER_RETRY);
    actions_send(&s->actions, sending(w, ASK_INFO), sizeof argv / sizeof *argv, argv);
}

void starting_begin_over(struct starting *w, struct shared *s)
{
    bool at_once = w->vain == 0;
    w->awaits_log = false;
    if (at_once) {
        w->vain = 1;
        starting_begin(w, s);
    } else if (may_begin(s)) {
        again_later(w, s);
    }
}

void starting_agreed(struct starting *w)
{
    w->vain = 0;
}

/* ---- what the store is like ---- */

static enum starting_step on_info(struct starting *w, struct shared *s, const struct reply *reply)
{
    static const char key[] = "redis_version:";
    struct text info = reply->text;
    const char *at = info.len > 0 ? strstr(info.data, key) : NULL; /* a reply's text ends with a zero */
    int major = at != NULL ? atoi(at + sizeof key - 1) : 0;
    if (major < REDIS_MAJOR_MIN) {
        tell_error(&s->actions, "store_too_old", LOG_INT("major", major), LOG_INT("wanted", REDIS_MAJOR_MIN));
        return end(w, EX_CONFIG);
    }
    w->awaits_log = true;
    return STARTING_AWAITS_LOG;
}

void starting_go_on(struct starting *w, struct shared *s)
{
    const struct text argv[] = {
        TEXT("FUNCTION"), TEXT("LOAD"), TEXT("REPLACE"), {commit_library, commit_library_len}};
    w->awaits_log = false;
    actions_send(&s->actions, sending(w, ASK_LIBRARY), 4, argv);
}

/* ---- claiming ---- */

static enum starting_step on_library(struct starting *w, struct shared *s, struct partition *p)
{
    snprintf(p->token, sizeof p->token, "%.*s-%u", TEXT_ARG(w->token), (unsigned)++w->claims);
    const struct commit_claim claim = {.partition = p->number,
                                       .instance = w->instance,
                                       .token = text_of(p->token),
                                       .hold_ms = OWNER_HOLD_MS,
                                       .take_over = w->take_over};
    size_t from = s->actions.bytes.len;
    commit_write_claim(&claim, &s->actions.bytes);
    actions_send_written(&s->actions, sending(w, ASK_CLAIM), from);
    return STARTING_GOES_ON;
}

static enum starting_step on_claimed(struct starting *w, struct shared *s, struct partition *p,
                                     const struct reply *reply)
{
    if (text_equal(reply_at(reply, 0).text, TEXT("held"))) {
        tell_error(&s->actions, "partition_held", LOG_TEXT("by", reply_at(reply, 1).text),
                   LOG_INT("seen_ms_ago", reply_at(reply, 2).integer));
        return end(w, EX_TEMPFAIL);
    }
    const struct partition_claim claim = {.epoch = reply_at(reply, 1).integer,
                                          .committed = (uint64_t)reply_at(reply, 2).integer,
                                          .clock_ms = reply_at(reply, 3).integer};
    tell_info(&s->actions, "claimed", LOG_INT("epoch", claim.epoch),
              LOG_INT("batch", (int64_t)claim.committed));
    partition_claimed(p, &claim);
    recalling_forget(&w->recalling);
    w->outdated = 0;
    w->recorded = 0;
    return STARTING_CLAIMED;
}

/* ---- the texts of the world ---- */

void starting_record(struct starting *w, struct shared *s)
{
    if (w->recorded < w->recording.count) {
        const struct buf *next = &w->recording.commands[w->recorded];
        actions_send_borrowed(&s->actions, sending(w, ASK_RECORD), buf_text(next));
        return;
    }
    char key[MW_KEY_MAX];
    snprintf(key, sizeof key, MW_KEY_RULESET, TEXT_ARG(text_of(s->world->hash)));
    const struct text argv[] = {TEXT("HEXISTS"), text_of(key), TEXT("canonical")};
    actions_send(&s->actions, sending(w, ASK_RECORDED), sizeof argv / sizeof *argv, argv);
}

static enum starting_step on_some_recorded(struct starting *w, struct shared *s)
{
    w->recorded++;
    starting_record(w, s);
    return STARTING_GOES_ON;
}

static void scan(struct starting *w, struct shared *s, const struct partition *p, struct text cursor)
{
    char key[MW_KEY_MAX], count[16];
    snprintf(key, sizeof key, MW_KEY_STATE, (unsigned)p->number);
    snprintf(count, sizeof count, "%d", SCAN_COUNT);
    const struct text argv[] = {TEXT("HSCAN"), text_of(key), cursor, TEXT("COUNT"), text_of(count)};
    actions_send(&s->actions, sending(w, ASK_STATES), sizeof argv / sizeof *argv, argv);
}

/* Our copies of the texts go once the store has them. One that went back may lack them; then the files have
 * to say them again, which takes long: that is done as a reload is, while we run. */
static enum starting_step on_recorded(struct starting *w, struct shared *s, const struct partition *p,
                                      const struct reply *reply)
{
    recording_fini(&w->recording);
    w->texts_lost = reply->integer == 0;
    scan(w, s, p, TEXT("0"));
    return STARTING_GOES_ON;
}

/* ---- the states ---- */

/* False where going on would write over what a later version knows, or lose what there is no room for. */
static bool restore(struct starting *w, struct shared *s, struct partition *p, const struct reply field[2])
{
    uint32_t symbol;
    struct vehicle_state state;
    const struct text vehicle = field[0].text;
    enum state_error error = STATE_NAMES_FULL;
    if (names_intern(s->names, vehicle, &symbol))
        error = state_read(field[1].text, symbol, s->names, &state);
    if (error == STATE_OK && fleet_restore(p->fleet, &state))
        return true;
    /* Where there is room, what failed is memory: that costs the process, and no state. */
    s->actions.failed |= (error == STATE_OK || error == STATE_NAMES_FULL) && !fleet_is_full(p->fleet);
    if (error == STATE_EARLIER_VERSION) {
        /* What an earlier version knew of it cannot be told in the terms of this one. */
        tell_warn(&s->actions, "state_outdated", LOG_TEXT("vehicle", vehicle),
                  LOG_STR("judged", "as if never seen"));
        w->outdated++;
        return recalling_add(&w->recalling, s, p, vehicle);
    }
    tell_error(&s->actions, "state_unreadable", LOG_TEXT("vehicle", vehicle),
               LOG_STR("reason",
                       error == STATE_OK ? "more vehicles than limits.vehicles" : state_error_name(error)));
    /* One damaged state costs itself; a store written by a later version is not ours to judge by. */
    return error == STATE_MALFORMED && recalling_add(&w->recalling, s, p, vehicle);
}

static enum starting_step on_states(struct starting *w, struct shared *s, struct partition *p,
                                    const struct reply *reply)
{
    const struct reply fields = reply_at(reply, 1);
    uint32_t before = fleet_count(p->fleet);
    for (size_t i = 0; i + 1 < fields.count; i += 2)
        if (!restore(w, s, p, &fields.items[i]))
            return end(w, EX_DATAERR);
    uint32_t count = fleet_count(p->fleet);
    if (before / PROGRESS_EVERY != count / PROGRESS_EVERY)
        tell_info(&s->actions, "loading", LOG_INT("vehicles", count));
    struct text cursor = reply_at(reply, 0).text;
    if (!text_equal(cursor, TEXT("0"))) {
        scan(w, s, p, cursor);
        return STARTING_GOES_ON;
    }
    sending(w, ASK_KEYS);
    recalling_scan(s, p, TEXT("0"));
    return STARTING_GOES_ON;
}

/* ---- journals from tracks ---- */

static enum starting_step follow_recall(struct starting *w, struct shared *s, const struct partition *p,
                                        enum recalling_step step)
{
    switch (step) {
    case RECALLING_DONE:
        tell_info(&s->actions, "loaded", LOG_INT("vehicles", fleet_count(p->fleet)),
                  LOG_INT("outdated", w->outdated));
        return STARTING_LOADED;
    case RECALLING_AGAIN:
        if (s->store_up)
            again_later(w, s);
        return STARTING_GOES_ON;
    case RECALLING_GOES_ON:
        break;
    }
    return STARTING_GOES_ON;
}

static enum starting_step on_keys(struct starting *w, struct shared *s, struct partition *p,
                                  const struct reply *reply)
{
    struct text cursor;
    recalling_keys(&w->recalling, s, p, reply, &cursor);
    if (cursor.len == 0)
        return follow_recall(w, s, p, recalling_ask(&w->recalling, s, p));
    sending(w, ASK_KEYS);
    recalling_scan(s, p, cursor);
    return STARTING_GOES_ON;
}

enum starting_step starting_recalled(struct starting *w, struct shared *s, struct partition *p, uint32_t slot,
                                     const struct reply *reply)
{
    return follow_recall(w, s, p, recalling_answered(&w->recalling, s, p, slot, reply));
}

enum starting_step starting_recall_unsent(struct starting *w, struct shared *s, const struct partition *p,
                                          uint32_t slot)
{
    return follow_recall(w, s, p, recalling_unsent(&w->recalling, slot));
}

/* ---- answers ---- */

static const char *const what[ASK_COUNT] = {
    [ASK_INFO] = "INFO",
    [ASK_LIBRARY] = "FUNCTION LOAD",
    [ASK_CLAIM] = "claim",
    [ASK_RECORD] = "recording the texts of the ruleset",
    [ASK_RECORDED] = "looking for the texts of the ruleset",
    [ASK_STATES] = "loading states",
    [ASK_KEYS] = "looking for tracks",
};

/* Whatever it is, somebody mends it at the store and not here: again in a while. */
static enum starting_step refused(struct starting *w, struct shared *s, enum ask ask, struct text error)
{
    telemetry_count_refusal(s->metrics, error);
    tell_error(&s->actions, "store_refuses", LOG_STR("what", what[ask]), LOG_TEXT("reply", error));
    again_later(w, s);
    return STARTING_GOES_ON;
}

enum starting_step starting_answered(struct starting *w, struct shared *s, struct partition *p,
                                     const struct reply *reply)
{
    enum ask ask = w->in_hand;
    w->in_hand = ASK_NOTHING;
    if (reply->type == REPLY_NOTHING)
        return STARTING_GOES_ON; /* the next connection begins anew */
    if (reply->type == REPLY_ERROR)
        return refused(w, s, ask, reply->text);
    switch (ask) {
    case ASK_INFO:
        return on_info(w, s, reply);
    case ASK_LIBRARY:
        return on_library(w, s, p);
    case ASK_CLAIM:
        return on_claimed(w, s, p, reply);
    case ASK_RECORD:
        return on_some_recorded(w, s);
    case ASK_RECORDED:
        return on_recorded(w, s, p, reply);
    case ASK_STATES:
        return on_states(w, s, p, reply);
    case ASK_KEYS:
        return on_keys(w, s, p, reply);
    default:
        return STARTING_GOES_ON; /* none was in hand */
    }
}
