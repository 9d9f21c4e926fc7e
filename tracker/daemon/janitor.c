#include "janitor.h"

#include "reply_fields.h"
#include "telemetry.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    PASS_S = 600, /* every track is looked at about once in this time */
    PAGE = 100,   /* violations taken in a step */
    MEMORY_EVERY = 10,
    MARKS_MAX = 10000,
    MEMORY_ALARM_PERCENT = 80,
};

static void ask(struct janitor *j, struct shared *s, const struct chore *c, size_t argc,
                const struct text *argv)
{
    actions_send(&s->actions, (struct sending){.ask = ASK_CHORE, .slot = (uint32_t)(c - j->chores)}, argc,
                 argv);
}

static void end(struct chore *c)
{
    c->step = CHORE_FREE;
}

/* ---- what may go ---- */

static void id_write(struct stream_id id, char out[48])
{
    snprintf(out, 48, "%lld-%llu", (long long)id.ms, (unsigned long long)id.seq);
}

static struct stream_id id_after(struct stream_id id)
{
    return (struct stream_id){id.ms, id.seq + 1};
}

static void keep_from(struct chore *c, struct stream_id id)
{
    if (id.ms < c->keep.ms || (id.ms == c->keep.ms && id.seq < c->keep.seq))
        c->keep = id;
}

/* One step of letting go; its answer says how many went. */
static void trim(struct janitor *j, struct shared *s, struct chore *c)
{
    char bound[48];
    if (c->what == CHORE_BY_COUNT)
        snprintf(bound, sizeof bound, "%u", c->keep_count);
    else
        id_write(c->what == CHORE_OF_VIOLATIONS ? c->page_to : c->keep, bound);
    const struct text argv[] = {TEXT("XTRIM"), text_of(c->key),
                                c->what == CHORE_BY_COUNT ? TEXT("MAXLEN") : TEXT("MINID"),
                                c->what == CHORE_OF_VIOLATIONS ? TEXT("=") : TEXT("~"), text_of(bound)};
    c->step = CHORE_TRIM;
    ask(j, s, c, sizeof argv / sizeof *argv, argv);
}

/* ---- what the archive has ---- */

static void ask_groups(struct janitor *j, struct shared *s, struct chore *c)
{
    const struct text argv[] = {TEXT("XINFO"), TEXT("GROUPS"), text_of(c->key)};
    c->step = CHORE_GROUPS;
    ask(j, s, c, 3, argv);
}

/* The newest entry that would go; of a stream that goes by count, the newest of all. */
static void ask_newest(struct janitor *j, struct shared *s, struct chore *c)
{
    char id[48], exclusive[52] = "+";
    if (c->what != CHORE_BY_COUNT) {
        id_write(c->keep, id);
        snprintf(exclusive, sizeof exclusive, "(%s", id);
    }
    const struct text argv[] = {TEXT("XREVRANGE"), text_of(c->key), text_of(exclusive),
                                TEXT("-"),         TEXT("COUNT"),   TEXT("1")};
    c->step = CHORE_NEWEST;
    ask(j, s, c, sizeof argv / sizeof *argv, argv);
}

static bool is_archived(const struct janitor *j, const struct chore *c, const struct reply *entry)
{
    const struct reply id = reply_at(entry, 0), fields = reply_at(entry, 1);
    if (c->what != CHORE_BY_COUNT)
        return reply_number_of(&fields, "batch") <= j->archived.batch;
    struct stream_id newest = stream_id_read(id.text), last = j->archived.last[ARCHIVED_ATTENDED];
    return newest.ms < last.ms || (newest.ms == last.ms && newest.seq <= last.seq);
}

static void on_newest(struct janitor *j, struct shared *s, struct chore *c, const struct reply *reply)
{
    const struct reply entry = reply_at(reply, 0);
    if (reply->type != REPLY_ARRAY || reply->count == 0 || !is_archived(j, c, &entry))
        end(c);
    else if (c->what == CHORE_BY_COUNT)
        trim(j, s, c);
    else
        ask_groups(j, s, c);
}

/* ---- answers ---- */

/* The oldest violations that may go. */
static void ask_page(struct janitor *j, struct shared *s, struct chore *c)
{
    char id[48], page[16], exclusive[52];
    id_write(c->keep, id);
    snprintf(page, sizeof page, "%d", PAGE);
    snprintf(exclusive, sizeof exclusive, "(%s", id);
    const struct text argv[] = {TEXT("XRANGE"),     text_of(c->key), TEXT("-"),
                                text_of(exclusive), TEXT("COUNT"),   text_of(page)};
    c->step = CHORE_PAGE;
    ask(j, s, c, sizeof argv / sizeof *argv, argv);
}

/* A closed violation takes its hash along: first, so that no hash outlives its entry. */
/* Closed, or corrected to be over, or withdrawn: its hash goes with the entry. */
static bool is_over(const struct reply *fields)
{
    return reply_field_of(fields, "end").len > 0 ||
           text_equal(reply_field_of(fields, "event"), TEXT("closed")) ||
           text_equal(reply_field_of(fields, "event"), TEXT("withdrawn"));
}

static void on_page(struct janitor *j, struct shared *s, struct chore *c, const struct reply *reply,
                    uint32_t partition)
{
    char keys[PAGE][MW_KEY_MAX];
    struct text argv[1 + PAGE] = {TEXT("UNLINK")};
    size_t argc = 1;
    if (reply->type != REPLY_ARRAY || reply->count == 0 || reply->count > PAGE) {
        end(c);
        return;
    }
    for (size_t i = 0; i < reply->count; i++) {
        const struct reply fields = reply_at(&reply->items[i], 1);
        struct text id = reply_field_of(&fields, "id");
        if (!is_over(&fields) || id.len > VIOLATION_ID_LENGTH)
            continue;
        snprintf(keys[argc - 1], sizeof keys[0], MW_KEY_VIOLATION, (unsigned)partition, TEXT_ARG(id));
        argv[argc] = text_of(keys[argc - 1]);
        argc++;
    }
    c->page_to = id_after(stream_id_read(reply_at(&reply->items[reply->count - 1], 0).text));
    c->page_full = reply->count == PAGE;
    if (argc == 1) {
        trim(j, s, c);
        return;
    }
    c->step = CHORE_UNLINK;
    ask(j, s, c, argc, argv);
}

static void let_go(struct janitor *j, struct shared *s, struct chore *c)
{
    if (c->failed || c->keep.ms <= 0)
        end(c);
    else if (c->what == CHORE_OF_VIOLATIONS)
        ask_page(j, s, c);
    else
        trim(j, s, c);
}

static void on_pending(struct janitor *j, struct shared *s, struct chore *c, const struct reply *reply)
{
    if (reply->type != REPLY_ARRAY)
        c->failed = true;
    /* count, smallest id, largest id, consumers */
    else if (reply_at(reply, 0).integer > 0)
        keep_from(c, stream_id_read(reply_at(reply, 1).text));
    if (--c->groups_open == 0)
        let_go(j, s, c);
}

static void on_groups(struct janitor *j, struct shared *s, struct chore *c, const struct reply *reply)
{
    c->failed = reply->type != REPLY_ARRAY; /* also where there is no such stream */
    c->groups_open = reply->count;
    for (size_t i = 0; i < reply->count; i++) {
        const struct reply *group = &reply->items[i];
        keep_from(c, id_after(stream_id_read(reply_field_of(group, "last-delivered-id"))));
        const struct text argv[] = {TEXT("XPENDING"), text_of(c->key), reply_field_of(group, "name")};
        c->step = CHORE_PENDING;
        ask(j, s, c, 3, argv);
    }
    if (c->groups_open == 0)
        let_go(j, s, c);
}

/* Redis lets go of some 10,000 entries in a call, so that nobody waits: as often as there is something. */
static void on_trimmed(struct janitor *j, struct shared *s, struct chore *c, const struct reply *reply)
{
    bool went = reply->type == REPLY_INTEGER && reply->integer > 0;
    if (went && c->what != CHORE_OF_VIOLATIONS)
        trim(j, s, c);
    else if (went && c->page_full)
        ask_page(j, s, c);
    else
        end(c);
}

static void look_at_tracks(struct janitor *j, struct shared *s, const struct partition *p);

void janitor_answered(struct janitor *j, struct shared *s, uint32_t slot, const struct partition *p,
                      const struct reply *reply)
{
    assert(slot < JANITOR_CHORES);
    struct chore *c = &j->chores[slot];
    switch (c->step) {
    case CHORE_NEWEST:
        on_newest(j, s, c, reply);
        break;
    case CHORE_GROUPS:
        on_groups(j, s, c, reply);
        break;
    case CHORE_PENDING:
        on_pending(j, s, c, reply);
        break;
    case CHORE_PAGE:
        on_page(j, s, c, reply, p->number);
        break;
    case CHORE_UNLINK:
        if (reply->type == REPLY_INTEGER)
            trim(j, s, c);
        else
            end(c);
        break;
    case CHORE_TRIM:
        on_trimmed(j, s, c, reply);
        break;
    case CHORE_FREE:
        break;
    }
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

/* Of a stream of which the archive registers its last id, or of a track. */
static void begin_by_age(struct janitor *j, struct shared *s, struct chore *c, int64_t keep_ms)
{
    c->keep = (struct stream_id){s->now.wall.ms - keep_ms, 0};
    if (!j->archived.there) {
        ask_groups(j, s, c);
        return;
    }
    if (c->of_archive < ARCHIVED_STREAMS) {
        keep_from(c, id_after(j->archived.last[c->of_archive]));
        ask_groups(j, s, c);
        return;
    }
    keep_from(c, (struct stream_id){j->archived.upto_ms, 0});
    ask_newest(j, s, c);
}

static void begin_by_count(struct janitor *j, struct shared *s, struct chore *c, uint32_t keep_count)
{
    c->keep_count = keep_count;
    if (j->archived.there && c->of_archive < ARCHIVED_STREAMS)
        ask_newest(j, s, c);
    else
        trim(j, s, c);
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
    {JANITOR_REJECTS, CHORE_BY_COUNT, ARCHIVED_STREAMS, MW_KEY_REJECTS},
    {JANITOR_MARKS, CHORE_BY_AGE, ARCHIVED_MARKS, MW_KEY_MARKS},
    {JANITOR_ATTENDED, CHORE_BY_COUNT, ARCHIVED_ATTENDED, MW_KEY_ATTENDED},
};

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
            begin_by_count(j, s, c, slot == JANITOR_REJECTS ? r->rejects_max : MARKS_MAX);
        else
            begin_by_age(j, s, c,
                         slot == JANITOR_VIOLATIONS                          ? r->violations_ms
                         : slot == JANITOR_TRIPS || slot == JANITOR_WARNINGS ? r->trips_ms
                         : slot == JANITOR_WORK                              ? r->duties_ms
                                                                             : r->track_ms);
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
        begin_by_age(j, s, c, j->retention.track_ms);
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
