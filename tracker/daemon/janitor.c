#include "janitor.h"

#include "reply_fields.h"
#include "telemetry.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    PASS_S = 600, /* every track is looked at about once in this time */
    MEMORY_EVERY = 10,
    MARKS_MAX = 10000,
    MEMORY_ALARM_PERCENT = 80,
};

static void look_at_tracks(struct janitor *j, struct shared *s, const struct partition *p);

void janitor_answered(struct janitor *j, struct shared *s, uint32_t slot, const struct partition *p,
                      const struct reply *reply)
{
    assert(slot < JANITOR_CHORES);
    struct chore *c = &j->chores[slot];
    chore_answered(j, s, c, p->number, reply);
    if (slot >= JANITOR_SHARED && c->step == CHORE_FREE && reply->type != REPLY_NOTHING)
        look_at_tracks(j, s, p);
}

/* ---- a turn ---- */

/* The chore of a slot begins anew, unless the one before is not done. */
static struct chore *begin(struct janitor *j, uint32_t slot, enum chore_of what)
{
    struct chore *c = &j->chores[slot];
    if (c->step != CHORE_FREE)
        return NULL;
    *c = (struct chore){.what = what};
    return c;
}

/* What all vehicles write to; marks are written at starts, stops and jumps only, and the last ones serve whatever track
 * is left. */
static const struct {
    uint32_t slot;
    enum chore_of what;
    enum archived_stream of_archive;
    const char *key;
} shared_streams[JANITOR_SHARED] = {
    {JANITOR_VIOLATIONS, CHORE_OF_VIOLATIONS, ARCHIVED_VIOLATIONS, MW_KEY_VIOLATIONS},
    {JANITOR_TRIPS, CHORE_BY_AGE, ARCHIVED_TRIPS, MW_KEY_TRIPS},
    {JANITOR_WARNINGS, CHORE_BY_AGE, ARCHIVED_WARNINGS, MW_KEY_WARNINGS},
    {JANITOR_WORK, CHORE_BY_AGE, ARCHIVED_WORK, MW_KEY_WORK},
    {JANITOR_COLLECTIONS, CHORE_BY_AGE, ARCHIVED_COLLECTIONS, MW_KEY_COLLECTIONS},
    {JANITOR_COVERAGE, CHORE_BY_AGE, ARCHIVED_COVERAGE, MW_KEY_COVERAGE},
    {JANITOR_ACTIONS, CHORE_OF_ACTIONS, ARCHIVED_ACTIONS, MW_KEY_ACTIONS},
    {JANITOR_WATCH, CHORE_OF_WATCH, ARCHIVED_SHIFTS, MW_KEY_SHIFTS},
    {JANITOR_AUDIT, CHORE_BY_AGE, ARCHIVED_AUDIT, MW_KEY_AUDIT},
    {JANITOR_REJECTS, CHORE_BY_COUNT, ARCHIVED_STREAMS, MW_KEY_REJECTS},
    {JANITOR_MARKS, CHORE_BY_AGE, ARCHIVED_MARKS, MW_KEY_MARKS},
    {JANITOR_ATTENDED, CHORE_BY_COUNT, ARCHIVED_ATTENDED, MW_KEY_ATTENDED},
};

static int64_t keep_ms_of(const struct retention_config *r, uint32_t slot)
{
    switch (slot) {
    case JANITOR_VIOLATIONS:
    case JANITOR_ACTIONS:
    case JANITOR_WATCH:
        return r->violations_ms;
    case JANITOR_TRIPS:
    case JANITOR_WARNINGS:
        return r->trips_ms;
    case JANITOR_WORK:
    case JANITOR_COLLECTIONS:
    case JANITOR_COVERAGE:
        return r->duties_ms;
    case JANITOR_AUDIT:
        return r->audit_ms;
    default:
        return r->track_ms;
    }
}

static void look_at_shared(struct janitor *j, struct shared *s, uint32_t partition)
{
    const struct retention_config *r = &j->retention;
    for (size_t i = 0; i < JANITOR_SHARED; i++) {
        uint32_t slot = shared_streams[i].slot;
        struct chore *c = begin(j, slot, shared_streams[i].what);
        if (c == NULL)
            continue;
        c->of_archive = shared_streams[i].of_archive;
        snprintf(c->key, sizeof c->key, shared_streams[i].key, (unsigned)partition);
        if (c->what == CHORE_BY_COUNT)
            chore_begin_by_count(j, s, c, slot == JANITOR_REJECTS ? r->rejects_max : MARKS_MAX);
        else
            chore_begin_by_age(j, s, c, keep_ms_of(r, slot));
    }
}

/* As many tracks as are owed and there are slots for. */
static void look_at_tracks(struct janitor *j, struct shared *s, const struct partition *p)
{
    uint32_t count = fleet_count(p->fleet);
    for (uint32_t slot = JANITOR_SHARED; slot < JANITOR_CHORES && j->owed > 0 && count > 0; slot++) {
        struct chore *c = begin(j, slot, CHORE_BY_AGE);
        if (c == NULL)
            continue;
        if (j->next >= count)
            j->next = 0;
        struct text vehicle = names_text(s->names, fleet_state(p->fleet, j->next)->vehicle);
        snprintf(c->key, sizeof c->key, MW_KEY_TRACK, (unsigned)p->number, TEXT_ARG(vehicle));
        c->of_archive = ARCHIVED_STREAMS;
        chore_begin_by_age(j, s, c, j->retention.track_ms);
        j->next++;
        j->owed--;
    }
}

static double number_after(struct text text, const char *key)
{
    const char *at = text.len > 0 ? strstr(text.data, key) : NULL;
    return at != NULL ? (double)strtoll(at + strlen(key), NULL, 10) : 0;
}

void janitor_memory(struct shared *s, const struct reply *reply)
{
    struct text info = reply->text;
    if (reply->type != REPLY_TEXT)
        return;
    double used = number_after(info, "\r\nused_memory:"), limit = number_after(info, "\r\nmaxmemory:");
    metrics_set(s->metrics, METRIC_STORE_MEMORY, 0, used);
    metrics_set(s->metrics, METRIC_STORE_MEMORY_LIMIT, 0, limit);
    if (limit > 0 && used * 100 >= limit * MEMORY_ALARM_PERCENT)
        tell_warn(&s->actions, "store_memory", LOG_REAL("used_percent", used * 100 / limit));
}

static void ask_keeper(struct shared *s, enum ask what, const char *key)
{
    const struct text question[] = {TEXT("HGETALL"), text_of(key)};
    actions_send(&s->actions, (struct sending){.ask = what}, 2, question);
}

void janitor_run(struct janitor *j, struct shared *s, const struct partition *p,
                 const struct retention_config *retention)
{
    char archive[MW_KEY_MAX], evidence[MW_KEY_MAX];
    uint32_t count = fleet_count(p->fleet);
    j->retention = *retention;
    j->owed += 1 + count / PASS_S;
    if (j->owed > count)
        j->owed = count; /* a store that cannot follow is asked for no more than one pass */
    snprintf(archive, sizeof archive, MW_KEY_ARCHIVE, (unsigned)p->number);
    snprintf(evidence, sizeof evidence, MW_KEY_EVIDENCE, (unsigned)p->number);
    ask_keeper(s, ASK_ARCHIVE, archive);
    ask_keeper(s, ASK_EVIDENCE, evidence);
    if (j->turn++ % MEMORY_EVERY == 0) {
        const struct text argv[] = {TEXT("INFO"), TEXT("memory")};
        actions_send(&s->actions, (struct sending){.ask = ASK_MEMORY}, 2, argv);
    }
}

static void tell_lag(struct shared *s, const struct archived *a, struct archived_watch *watch,
                     const char *event)
{
    if (archived_lag_is_due(a, watch, s->now))
        tell_warn(&s->actions, event, LOG_INT("batch", a->batch),
                  LOG_INT("behind_s", (s->now.wall.ms - a->behind_since_ms) / 1000),
                  LOG_STR("meaning", "nothing is let go of that it does not have"));
}

void janitor_archived(struct janitor *j, struct shared *s, const struct reply *reply)
{
    archived_read(&j->archive, &j->archive_watch, reply, s->now);
    if (!j->archive.known)
        return;
    metrics_set(s->metrics, METRIC_ARCHIVE_REGISTERED, 0, j->archive.there);
    metrics_set(s->metrics, METRIC_ARCHIVE_LAG, 0,
                j->archive.there ? (double)(s->now.wall.ms - j->archive.behind_since_ms) / 1000 : 0);
    tell_lag(s, &j->archive, &j->archive_watch, "archive_lags");
}

/* What is not known lets nothing go: the next turn asks again. */
void janitor_kept(struct janitor *j, struct shared *s, const struct partition *p, const struct reply *reply)
{
    struct archived evidence;
    archived_read(&evidence, &j->evidence_watch, reply, s->now);
    j->archived = archived_both(&j->archive, &evidence);
    j->archive.known = false; /* of this turn alone */
    if (!j->archived.known)
        return;
    tell_lag(s, &evidence, &j->evidence_watch, "evidence_lags");
    look_at_shared(j, s, p->number);
    look_at_tracks(j, s, p);
}
