/*
 * What is read before a vehicle is judged again: which world was in force from which batch on, the vehicle's
 * checkpoints, its track, and what was said.
 */
#include "redoing.h"

#include "array.h"
#include "reply_fields.h"
#include "state_codec.h"
#include "telemetry.h"
#include "track_entry.h"

#include <muckwatch/contract.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REIGNS_PAGE = 256, WORDS_AT_A_TIME = 32, IDS_MAX = 1024 };

static void ask(struct redoing *r, struct redoing_slot *slot, struct shared *s, size_t argc,
                const struct text *argv)
{
    slot->open++;
    actions_send(&s->actions, (struct sending){.ask = ASK_LATE, .slot = (uint32_t)(slot - r->slots)}, argc,
                 argv);
}

static struct text vehicle_of(const struct redoing_slot *slot, const struct shared *s,
                              const struct partition *p)
{
    return names_text(s->names, fleet_state(p->fleet, slot->place)->vehicle);
}

static void keep_id(char out[REDOING_ID_MAX], struct text id)
{
    snprintf(out, REDOING_ID_MAX, "%.*s", TEXT_ARG(id));
}

/* Of an id of a stream. */
static uint64_t ms_of(struct text id)
{
    return (uint64_t)text_whole(id);
}

/* ---- worlds ---- */

void redoing_read(struct redoing *r, struct redoing_slot *slot, struct shared *s, const struct partition *p)
{
    char key[MW_KEY_MAX], count[16];
    slot->step = REDOING_REIGNS;
    snprintf(key, sizeof key, MW_KEY_RULESETS, (unsigned)p->number);
    snprintf(count, sizeof count, "%d", REIGNS_PAGE);
    const struct text argv[] = {TEXT("XREVRANGE"), text_of(key),  TEXT("+"),
                                TEXT("-"),         TEXT("COUNT"), text_of(count)};
    ask(r, slot, s, sizeof argv / sizeof *argv, argv);
}

/*
 * The first batch of the reign of a world, entries from *at on, the newest first; a start under the same world says so
 * once more. UINT64_MAX: it is not that world's. One that began before the page begins with it.
 */
static uint64_t reign(const struct reply *reply, const char *hash, size_t *at)
{
    uint64_t batch = UINT64_MAX;
    for (; *at < reply->count; ++*at) {
        const struct reply fields = reply_at(&reply->items[*at], 1);
        if (!text_equal(reply_field_of(&fields, "ruleset"), text_of(hash)))
            return batch;
        batch = (uint64_t)reply_number_of(&fields, "batch");
    }
    return reply->count < REIGNS_PAGE && batch != UINT64_MAX ? 0 : batch;
}

/* ---- checkpoints ---- */

static void ask_past(struct redoing *r, struct redoing_slot *slot, struct shared *s,
                     const struct partition *p)
{
    char key[MW_KEY_MAX];
    slot->step = REDOING_PAST;
    snprintf(key, sizeof key, MW_KEY_PAST, (unsigned)p->number, TEXT_ARG(vehicle_of(slot, s, p)));
    const struct text argv[] = {TEXT("XRANGE"), text_of(key), TEXT("-"), TEXT("+")};
    ask(r, slot, s, 4, argv);
}

static void on_reigns(struct redoing *r, struct redoing_slot *slot, struct shared *s,
                      const struct partition *p, const struct reply *reply)
{
    size_t at = 0;
    slot->now_batch = reign(reply, s->world->hash, &at);
    slot->before_batch = r->before != NULL ? reign(reply, r->before->hash, &at) : UINT64_MAX;
    if (slot->now_batch == UINT64_MAX)
        redoing_drop_slot(r, slot, p); /* a batch has still to say so */
    else
        ask_past(r, slot, s, p);
}

static void ask_track(struct redoing *r, struct redoing_slot *slot, struct shared *s,
                      const struct partition *p)
{
    char key[MW_KEY_MAX], count[16];
    slot->step = REDOING_TRACK;
    snprintf(key, sizeof key, MW_KEY_TRACK, (unsigned)p->number, TEXT_ARG(vehicle_of(slot, s, p)));
    snprintf(count, sizeof count, "%u", (unsigned)r->track_page);
    const struct text argv[] = {TEXT("XRANGE"), text_of(key),  text_of(slot->cursor),
                                TEXT("+"),      TEXT("COUNT"), text_of(count)};
    ask(r, slot, s, sizeof argv / sizeof *argv, argv);
}

struct past {
    int64_t upto_ms, settled_ms;
    uint32_t world;
    bool usable;
};

/* An entry is of the world of its hash, but not of a reign of it that another has ended. */
static struct past read_past(const struct redoing *r, const struct redoing_slot *slot, const struct shared *s,
                             const struct reply *fields)
{
    uint64_t batch = (uint64_t)reply_number_of(fields, "batch");
    struct text ruleset = reply_field_of(fields, "ruleset");
    bool seen = reply_field_of(fields, "upto").len > 0, settled = reply_field_of(fields, "settled").len > 0;
    bool now = batch >= slot->now_batch && commit_past_is_of(ruleset, text_of(s->world->hash));
    bool before = slot->before_batch != UINT64_MAX && batch >= slot->before_batch &&
                  commit_past_is_of(ruleset, text_of(r->before->hash));
    return (struct past){.upto_ms = seen ? reply_number_of(fields, "upto") : TIME_NONE,
                         .settled_ms = settled && now ? reply_number_of(fields, "settled") : TIME_NONE,
                         .world = slot->before_batch != UINT64_MAX && now,
                         .usable = (now || before) && !settled};
}

/* The last that ends before the first late fix, or else the first: what lies before that stays as it is. */
static const struct reply *choose(const struct redoing *r, const struct redoing_slot *slot,
                                  const struct shared *s, const struct reply *reply, struct past *out)
{
    const struct reply *best = NULL, *first = NULL;
    struct past best_past = {0}, first_past = {0};
    for (size_t i = 0; i < reply->count; i++) {
        const struct reply fields = reply_at(&reply->items[i], 1);
        struct past past = read_past(r, slot, s, &fields);
        if (!past.usable)
            continue;
        if (first == NULL || past.upto_ms < first_past.upto_ms) {
            first = &reply->items[i];
            first_past = past;
        }
        if (past.upto_ms < slot->begin_before_ms && (best == NULL || past.upto_ms >= best_past.upto_ms)) {
            best = &reply->items[i];
            best_past = past;
        }
    }
    *out = best != NULL ? best_past : first_past;
    return best != NULL ? best : first;
}

static bool keep_points(struct redoing_slot *slot, const struct reply *reply)
{
    slot->point_count = 0;
    for (size_t i = 0; i < reply->count; i++) {
        const struct reply fields = reply_at(&reply->items[i], 1);
        if (reply_field_of(&fields, "settled").len > 0)
            continue; /* when a world came stays true */
        if (!array_reserve(&slot->points, &slot->point_cap, slot->point_count + 1, sizeof *slot->points))
            return false;
        struct redoing_point *point = &slot->points[slot->point_count++];
        bool seen = reply_field_of(&fields, "upto").len > 0;
        keep_id(point->id, reply_at(&reply->items[i], 0).text);
        point->upto_ms = seen ? reply_number_of(&fields, "upto") : TIME_NONE;
    }
    return true;
}

/* Of the world in force: when it came. What was noted once more, after a start, is of later. */
static int64_t first_settled_ms(const struct redoing *r, const struct redoing_slot *slot,
                                const struct shared *s, const struct reply *reply)
{
    for (size_t i = 0; i < reply->count; i++) {
        const struct reply fields = reply_at(&reply->items[i], 1);
        struct past past = read_past(r, slot, s, &fields);
        if (past.settled_ms != TIME_NONE)
            return past.settled_ms;
    }
    return TIME_NONE;
}

static void on_past(struct redoing *r, struct redoing_slot *slot, struct shared *s, struct partition *p,
                    const struct reply *reply)
{
    struct past past;
    const struct reply *entry = choose(r, slot, s, reply, &past);
    if (entry == NULL) {
        redoing_leave(slot, s, REDO_NOT_WORLD);
        return;
    }
    const struct reply fields = reply_at(entry, 1);
    struct checkpoint from = {.upto_ms = past.upto_ms, .world = past.world};
    uint32_t vehicle = fleet_state(p->fleet, slot->place)->vehicle;
    if (!keep_points(slot, reply) ||
        state_read(reply_field_of(&fields, "state"), vehicle, s->names, &from.state) != STATE_OK) {
        redoing_leave(slot, s, REDO_NOT_READ);
        return;
    }
    redo_init(&slot->redo, s->names, &from, &s->outcome);
    slot->redo.checkpoint_ms = r->settings.checkpoint_ms;
    slot->redo.horizon_ms = r->settings.horizon_ms;
    const struct redo_world worlds[REDO_WORLDS] = {
        {r->engines[0], 0, TIME_NONE}, {r->engines[1], slot->now_batch, first_settled_ms(r, slot, s, reply)}};
    if (slot->before_batch != UINT64_MAX)
        redo_set_worlds(&slot->redo, worlds, REDO_WORLDS);
    else
        redo_set_worlds(&slot->redo, worlds + 1, 1);
    uint64_t stored_ms = (uint64_t)reply_number_of(&fields, "stored");
    slot->least_stored_ms = stored_ms > 0 ? stored_ms : ms_of(reply_at(entry, 0).text);
    slot->last_stored_ms = slot->least_stored_ms;
    snprintf(slot->cursor, sizeof slot->cursor, "%llu", (unsigned long long)slot->least_stored_ms);
    ask_track(r, slot, s, p);
}

/* ---- the track ---- */

/* What is too much stays so; memory may come back. */
static void give_up(struct redoing *r, struct redoing_slot *slot, struct shared *s, const struct partition *p)
{
    if (slot->redo.too_much)
        redoing_leave(slot, s, REDO_NOT_HELD);
    else
        redoing_drop_slot(r, slot, p);
}

static void ask_said(struct redoing *r, struct redoing_slot *slot, struct shared *s,
                     const struct partition *p)
{
    char key[MW_KEY_MAX], from[24] = "-inf";
    slot->step = REDOING_SAID;
    snprintf(key, sizeof key, MW_KEY_SAID, (unsigned)p->number, TEXT_ARG(vehicle_of(slot, s, p)));
    if (slot->redo.from.upto_ms != TIME_NONE)
        snprintf(from, sizeof from, "%lld", (long long)(slot->redo.from.upto_ms - REDOING_SAID_OLDER_MS));
    const struct text argv[] = {TEXT("ZRANGEBYSCORE"), text_of(key), text_of(from), TEXT("+inf")};
    ask(r, slot, s, 4, argv);
}

static void on_track(struct redoing *r, struct redoing_slot *slot, struct shared *s, struct partition *p,
                     const struct reply *reply)
{
    bool more = reply->count == r->track_page;
    for (size_t i = 0; i < reply->count; i++) {
        const struct reply fields = reply_at(&reply->items[i], 1);
        struct track_entry entry;
        struct text id = reply_at(&reply->items[i], 0).text;
        if ((uint64_t)reply_number_of(&fields, "batch") > slot->stored_batch) {
            more = false; /* from here on it was handed in */
            break;
        }
        snprintf(slot->cursor, sizeof slot->cursor, "(%.*s",
                 (int)(id.len < REDOING_ID_MAX - 1 ? id.len : REDOING_ID_MAX - 1), id.data);
        slot->last_stored_ms = ms_of(id);
        if (!track_entry_read(&fields, &entry))
            continue;
        const struct late_fix fix = {.fix = entry.fix,
                                     .received_ms = entry.received_ms,
                                     .batch = entry.batch,
                                     .stored = ms_of(id),
                                     .mark = entry.verdict == VERDICT_LATE    ? LATE_LATE
                                             : entry.verdict == VERDICT_CLOCK ? LATE_CLOCK
                                                                              : LATE_NOT};
        if (!redo_add(&slot->redo, &fix)) {
            give_up(r, slot, s, p);
            return;
        }
    }
    if (more)
        ask_track(r, slot, s, p);
    else
        ask_said(r, slot, s, p);
}

/* ---- what was said ---- */

static bool want_id(struct redoing_slot *slot, struct text id)
{
    slot->redo.too_much |= slot->id_count == IDS_MAX;
    if (id.len >= sizeof slot->ids[0] || slot->redo.too_much ||
        !array_reserve(&slot->ids, &slot->id_cap, slot->id_count + 1, sizeof *slot->ids))
        return false;
    char *to = slot->ids[slot->id_count++];
    memcpy(to, id.data, id.len);
    to[id.len] = '\0';
    return true;
}

/* All is there: the fixes in order. */
static void plan(struct redoing_slot *slot, struct shared *s)
{
    for (size_t i = 0; i < slot->news_count; i++) {
        slot->news[i].stored = slot->last_stored_ms;
        redo_add(&slot->redo, &slot->news[i]);
    }
    slot->news_count = 0;
    if (slot->redo.too_much) {
        redoing_leave(slot, s, REDO_NOT_HELD);
    } else if (redo_plan(&slot->redo) == 0) {
        redoing_leave(slot, s, REDO_NOT_NEW);
    } else {
        slot->step = REDOING_RUNS;
        actions_set_timer(&s->actions, TIMER_REDO, 0);
    }
}

static void ask_words(struct redoing *r, struct redoing_slot *slot, struct shared *s,
                      const struct partition *p)
{
    slot->step = REDOING_WORDS;
    while (slot->open < WORDS_AT_A_TIME && slot->id_next < slot->id_count) {
        char key[MW_KEY_MAX];
        struct text id = text_of(slot->ids[slot->id_next++]);
        bool trip = id.len > 2 && memcmp(id.data, "t-", 2) == 0;
        struct text rest = trip ? (struct text){id.data + 2, id.len - 2} : id;
        snprintf(key, sizeof key, trip ? MW_KEY_LEDGER : MW_KEY_VIOLATION, (unsigned)p->number,
                 TEXT_ARG(rest));
        const struct text argv[] = {TEXT("HGETALL"), text_of(key)};
        ask(r, slot, s, 2, argv);
    }
    if (slot->open == 0)
        plan(slot, s);
}

static void on_said(struct redoing *r, struct redoing_slot *slot, struct shared *s, const struct partition *p,
                    const struct reply *reply)
{
    bool ok = true;
    char id[VIOLATION_ID_LENGTH + 1];
    struct work_said work;
    for (size_t i = 0; i < reply->count && ok; i++)
        ok = work_said_read(reply->items[i].text, &work) ? said_put_work(&slot->said, &work)
                                                         : want_id(slot, reply->items[i].text);
    const struct vehicle_state *from = &slot->redo.from.state;
    for (uint32_t i = 0; i < from->episode_count && ok; i++) {
        if (from->episodes[i].phase != EPISODE_OPEN)
            continue;
        episode_id_write(from, &from->episodes[i], s->names, id);
        ok = want_id(slot, text_of(id));
    }
    if (ok)
        ask_words(r, slot, s, p);
    else
        give_up(r, slot, s, p);
}

static void on_words(struct redoing *r, struct redoing_slot *slot, struct shared *s,
                     const struct partition *p, const struct reply *reply)
{
    bool trip = reply_field_of(reply, "id").len == 0;
    said_begin(&slot->said, trip ? TOLD_IN_TRIPS : TOLD_IN_VIOLATIONS);
    for (size_t i = 0; i + 1 < reply->count; i += 2)
        said_add(&slot->said, reply->items[i].text, reply->items[i + 1].text, false);
    /* One that others alone have written to has no id. What is not known to be said would be said anew. */
    if (reply->count > 0 && !said_end(&slot->said) && slot->said.item.id[0] != '\0')
        redoing_drop_slot(r, slot, p);
    else
        ask_words(r, slot, s, p);
}

void redoing_answered(struct redoing *r, struct shared *s, struct partition *p, uint32_t slot_number,
                      const struct reply *reply)
{
    assert(slot_number < REDOING_AT_A_TIME && r->slots[slot_number].open > 0);
    struct redoing_slot *slot = &r->slots[slot_number];
    slot->open--;
    if (slot->step == REDOING_DROPPED) {
        slot->step = slot->open > 0 ? REDOING_DROPPED : REDOING_FREE;
        return;
    }
    if (reply->type != REPLY_ARRAY) {
        if (reply->type == REPLY_ERROR)
            tell_error(&s->actions, "store_refuses", LOG_STR("what", "reading what is to be judged again"),
                       LOG_TEXT("reply", reply->text));
        redoing_drop_slot(r, slot, p);
        return;
    }
    switch (slot->step) {
    case REDOING_REIGNS:
        on_reigns(r, slot, s, p, reply);
        break;
    case REDOING_PAST:
        on_past(r, slot, s, p, reply);
        break;
    case REDOING_TRACK:
        on_track(r, slot, s, p, reply);
        break;
    case REDOING_SAID:
        on_said(r, slot, s, p, reply);
        break;
    case REDOING_WORDS:
        on_words(r, slot, s, p, reply);
        break;
    case REDOING_FREE:
    case REDOING_DROPPED:
    case REDOING_WAITS:
    case REDOING_RUNS:
    case REDOING_READY:
        break;
    }
}
