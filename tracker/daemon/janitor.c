#include "janitor.h"

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

enum { STREAM_VIOLATIONS, STREAM_TRIPS, STREAM_REJECTS, STREAM_MARKS, STREAMS };

static void ask(struct janitor *j, struct shared *s, enum ask what, size_t argc, const struct text *argv)
{
    j->waiting++;
    actions_send(&s->actions, (struct sending){.ask = what}, argc, argv);
}

static void ask_chore(struct janitor *j, struct shared *s, const struct chore *c, size_t argc,
                      const struct text *argv)
{
    j->waiting++;
    actions_send(&s->actions, (struct sending){.ask = ASK_CHORE, .slot = (uint32_t)(c - j->chores)}, argc,
                 argv);
}

static void end(struct chore *c)
{
    c->step = CHORE_FREE;
}

/* ---- what may go ---- */

static void id_write(const struct chore *c, char out[48])
{
    snprintf(out, 48, "%lld-%llu", (long long)c->before_ms, (unsigned long long)c->seq);
}

/* Lowers the bound to an id of Redis'. */
static void keep_from(struct chore *c, struct text id, bool itself)
{
    char bytes[48] = "";
    memcpy(bytes, id.data, id.len < sizeof bytes - 1 ? id.len : sizeof bytes - 1);
    char *dash = NULL;
    int64_t ms = strtoll(bytes, &dash, 10);
    uint64_t seq = *dash == '-' ? strtoull(dash + 1, NULL, 10) : 0;
    if (!itself)
        seq++;
    if (ms < c->before_ms || (ms == c->before_ms && seq < c->seq)) {
        c->before_ms = ms;
        c->seq = seq;
    }
}

static void trim(struct janitor *j, struct shared *s, const struct chore *c)
{
    char id[48];
    id_write(c, id);
    const struct text argv[] = {TEXT("XTRIM"), text_of(c->key), TEXT("MINID"),
                                c->violations ? TEXT("=") : TEXT("~"), text_of(id)};
    ask(j, s, ASK_TRIM, sizeof argv / sizeof *argv, argv);
}

static struct text field_of(const struct reply *fields, const char *name)
{
    for (size_t i = 0; i + 1 < fields->count; i += 2)
        if (text_equal(fields->items[i].text, text_of(name)))
            return fields->items[i + 1].text;
    return TEXT("");
}

/* ---- answers ---- */

/* The oldest violations: a closed one takes its hash along. */
static void on_violations(struct janitor *j, struct shared *s, struct chore *c, const struct reply *reply,
                          uint32_t partition)
{
    for (size_t i = 0; i < reply->count; i++) {
        const struct reply fields = reply_at(&reply->items[i], 1);
        char key[MW_KEY_MAX];
        struct text id = field_of(&fields, "id");
        if (!text_equal(field_of(&fields, "event"), TEXT("closed")) || id.len > VIOLATION_ID_LENGTH)
            continue;
        snprintf(key, sizeof key, MW_KEY_VIOLATION, (unsigned)partition, TEXT_ARG(id));
        const struct text argv[] = {TEXT("UNLINK"), text_of(key)};
        ask(j, s, ASK_TRIM, 2, argv);
    }
    if (reply->count > 0) {
        keep_from(c, reply_at(&reply->items[reply->count - 1], 0).text, false);
        trim(j, s, c);
    }
    end(c);
}

static void let_go(struct janitor *j, struct shared *s, struct chore *c)
{
    char id[48], page[16], exclusive[52];
    if (c->failed || c->before_ms <= 0 || !c->violations) {
        if (!c->failed && c->before_ms > 0)
            trim(j, s, c);
        end(c);
        return;
    }
    id_write(c, id);
    snprintf(page, sizeof page, "%d", PAGE);
    snprintf(exclusive, sizeof exclusive, "(%s", id);
    const struct text argv[] = {TEXT("XRANGE"),     text_of(c->key), TEXT("-"),
                                text_of(exclusive), TEXT("COUNT"),   text_of(page)};
    c->step = CHORE_VIOLATIONS;
    ask_chore(j, s, c, sizeof argv / sizeof *argv, argv);
}

static void on_pending(struct janitor *j, struct shared *s, struct chore *c, const struct reply *reply)
{
    if (reply->type != REPLY_ARRAY)
        c->failed = true;
    /* count, smallest id, largest id, consumers */
    else if (reply_at(reply, 0).integer > 0)
        keep_from(c, reply_at(reply, 1).text, true);
    if (--c->groups_open == 0)
        let_go(j, s, c);
}

static void on_groups(struct janitor *j, struct shared *s, struct chore *c, const struct reply *reply)
{
    c->step = CHORE_PENDING;
    c->failed = reply->type != REPLY_ARRAY; /* also where there is no such stream */
    c->groups_open = reply->count;
    for (size_t i = 0; i < reply->count; i++) {
        const struct reply *group = &reply->items[i];
        keep_from(c, field_of(group, "last-delivered-id"), false);
        const struct text argv[] = {TEXT("XPENDING"), text_of(c->key), field_of(group, "name")};
        ask_chore(j, s, c, 3, argv);
    }
    if (c->groups_open == 0)
        let_go(j, s, c);
}

void janitor_answered(struct janitor *j, struct shared *s, uint32_t slot, const struct partition *p,
                      const struct reply *reply)
{
    assert(slot < JANITOR_WINDOW && j->waiting > 0);
    struct chore *c = &j->chores[slot];
    j->waiting--;
    switch (c->step) {
    case CHORE_GROUPS:
        on_groups(j, s, c, reply);
        break;
    case CHORE_PENDING:
        on_pending(j, s, c, reply);
        break;
    case CHORE_VIOLATIONS:
        on_violations(j, s, c, reply, p->number);
        break;
    case CHORE_FREE:
        break;
    }
}

void janitor_trimmed(struct janitor *j)
{
    assert(j->waiting > 0);
    j->waiting--;
}

/* ---- a turn ---- */

/* A stream, and how long its entries are kept. */
struct stream {
    const char *key;
    int64_t keep_ms;
    bool violations;
};

static void look_at(struct janitor *j, struct shared *s, struct stream stream)
{
    struct chore *c = j->chores;
    while (c < j->chores + JANITOR_WINDOW && c->step != CHORE_FREE)
        c++;
    if (c == j->chores + JANITOR_WINDOW)
        return; /* next time */
    *c = (struct chore){
        .step = CHORE_GROUPS, .violations = stream.violations, .before_ms = s->now.wall.ms - stream.keep_ms};
    snprintf(c->key, sizeof c->key, "%s", stream.key);
    const struct text argv[] = {TEXT("XINFO"), TEXT("GROUPS"), text_of(c->key)};
    ask_chore(j, s, c, 3, argv);
}

static void trim_by_count(struct janitor *j, struct shared *s, uint32_t partition, uint32_t rejects_max)
{
    char key[MW_KEY_MAX], max[16];
    snprintf(key, sizeof key, MW_KEY_REJECTS, (unsigned)partition);
    snprintf(max, sizeof max, "%u", rejects_max);
    const struct text argv[] = {TEXT("XTRIM"), text_of(key), TEXT("MAXLEN"), TEXT("~"), text_of(max)};
    ask(j, s, ASK_TRIM, sizeof argv / sizeof *argv, argv);
    /* Marks are written at starts, stops and jumps only; the last ones serve whatever track is left. */
    snprintf(key, sizeof key, MW_KEY_ATTENDED, (unsigned)partition);
    snprintf(max, sizeof max, "%d", MARKS_MAX);
    const struct text marks[] = {TEXT("XTRIM"), text_of(key), TEXT("MAXLEN"), TEXT("~"), text_of(max)};
    ask(j, s, ASK_TRIM, sizeof marks / sizeof *marks, marks);
}

static void look_at_next(struct janitor *j, struct shared *s, const struct partition *p,
                         const struct retention_config *keep)
{
    uint32_t count = fleet_count(p->fleet);
    char key[MW_KEY_MAX];
    uint32_t next = j->next++;
    if (next >= STREAMS + count)
        next = j->next = 0;
    if (next == STREAM_VIOLATIONS) {
        snprintf(key, sizeof key, MW_KEY_VIOLATIONS, (unsigned)p->number);
        look_at(j, s, (struct stream){key, keep->violations_ms, true});
    } else if (next == STREAM_TRIPS) {
        snprintf(key, sizeof key, MW_KEY_TRIPS, (unsigned)p->number);
        look_at(j, s, (struct stream){key, keep->trips_ms, false});
    } else if (next == STREAM_REJECTS) {
        trim_by_count(j, s, p->number, keep->rejects_max);
    } else if (next == STREAM_MARKS) {
        snprintf(key, sizeof key, MW_KEY_MARKS, (unsigned)p->number);
        look_at(j, s, (struct stream){key, keep->track_ms, false});
    } else {
        struct text vehicle = names_text(s->names, fleet_state(p->fleet, next - STREAMS)->vehicle);
        snprintf(key, sizeof key, MW_KEY_TRACK, (unsigned)p->number, TEXT_ARG(vehicle));
        look_at(j, s, (struct stream){key, keep->track_ms, false});
    }
}

static double number_after(struct text text, const char *key)
{
    const char *at = text.len > 0 ? strstr(text.data, key) : NULL;
    return at != NULL ? (double)strtoll(at + strlen(key), NULL, 10) : 0;
}

void janitor_memory(struct janitor *j, struct shared *s, const struct reply *reply)
{
    struct text info = reply->text;
    j->waiting--;
    if (reply->type != REPLY_TEXT)
        return;
    double used = number_after(info, "\r\nused_memory:"), limit = number_after(info, "\r\nmaxmemory:");
    metrics_set(s->metrics, METRIC_STORE_MEMORY, 0, used);
    metrics_set(s->metrics, METRIC_STORE_MEMORY_LIMIT, 0, limit);
    if (limit > 0 && used * 100 >= limit * MEMORY_ALARM_PERCENT)
        tell_warn(&s->actions, "store_memory", LOG_REAL("used_percent", used * 100 / limit));
}

void janitor_run(struct janitor *j, struct shared *s, const struct partition *p,
                 const struct retention_config *keep)
{
    uint32_t streams = 4 + fleet_count(p->fleet) / PASS_S;
    for (uint32_t i = 0; i < streams && j->waiting < JANITOR_WINDOW; i++)
        look_at_next(j, s, p, keep);
    if (j->turn++ % MEMORY_EVERY == 0) {
        const struct text argv[] = {TEXT("INFO"), TEXT("memory")};
        ask(j, s, ASK_MEMORY, 2, argv);
    }
}
