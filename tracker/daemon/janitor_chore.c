/*
 * janitor_chore: one stream that is looked at, from question to question, until nothing is left in it that may go.
 */
#include "janitor.h"

#include "commit.h"
#include "reply_fields.h"

#include <stdio.h>

enum { PAGE = 100 /* violations taken in a step, and actions */ };

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

/* The newest entry that would go; of a stream that goes by count, and of the watch, the newest of all. */
static void ask_newest(struct janitor *j, struct shared *s, struct chore *c)
{
    char id[48], exclusive[52] = "+";
    if (c->what == CHORE_BY_AGE) {
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
    bool there = reply->type == REPLY_ARRAY && reply->count > 0;
    if (there && c->what == CHORE_OF_WATCH) {
        keep_from(c, stream_id_read(reply_at(&entry, 0).text));
        ask_groups(j, s, c);
        return;
    }
    if (!there || !is_archived(j, c, &entry))
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

/* A page of actions: those of alerts that are over go. */
static void ask_actions(struct janitor *j, struct shared *s, struct chore *c, uint32_t partition)
{
    char alerts[MW_KEY_MAX], from[48] = "-", keep[48], keep_ms[24], page[16];
    snprintf(alerts, sizeof alerts, MW_KEY_ALERT, (unsigned)partition, 0, "");
    if (j->actions_to.ms > 0)
        id_write(j->actions_to, from);
    id_write(c->keep, keep);
    snprintf(keep_ms, sizeof keep_ms, "%lld", (long long)c->keep.ms);
    snprintf(page, sizeof page, "%d", PAGE);
    const struct text argv[] = {TEXT("EVAL"),    {let_go_script, let_go_script_len},
                                TEXT("1"),       text_of(c->key),
                                text_of(alerts), text_of(from),
                                text_of(keep),   text_of(keep_ms),
                                text_of(page)};
    c->step = CHORE_ACTIONS;
    ask(j, s, c, sizeof argv / sizeof *argv, argv);
}

/* On while something goes: what stays is looked at a page a turn, round after round. */
static void on_actions(struct janitor *j, struct shared *s, struct chore *c, const struct reply *reply,
                       uint32_t partition)
{
    bool understood = reply->type == REPLY_ARRAY && reply->count == 3;
    bool full = understood && reply_at(reply, 1).integer >= PAGE;
    j->actions_to = full ? stream_id_read(reply_at(reply, 2).text) : (struct stream_id){0, 0};
    if (full && reply_at(reply, 0).integer > 0)
        ask_actions(j, s, c, partition);
    else
        end(c);
}

static void let_go(struct janitor *j, struct shared *s, struct chore *c, uint32_t partition)
{
    if (c->failed || c->keep.ms <= 0)
        end(c);
    else if (c->what == CHORE_OF_ACTIONS)
        ask_actions(j, s, c, partition);
    else if (c->what == CHORE_OF_VIOLATIONS)
        ask_page(j, s, c);
    else
        trim(j, s, c);
}

static void on_pending(struct janitor *j, struct shared *s, struct chore *c, const struct reply *reply,
                       uint32_t partition)
{
    if (reply->type != REPLY_ARRAY)
        c->failed = true;
    /* count, smallest id, largest id, consumers */
    else if (reply_at(reply, 0).integer > 0)
        keep_from(c, stream_id_read(reply_at(reply, 1).text));
    if (--c->groups_open == 0)
        let_go(j, s, c, partition);
}

static void on_groups(struct janitor *j, struct shared *s, struct chore *c, const struct reply *reply,
                      uint32_t partition)
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
        let_go(j, s, c, partition);
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

void chore_answered(struct janitor *j, struct shared *s, struct chore *c, uint32_t partition,
                    const struct reply *reply)
{
    switch (c->step) {
    case CHORE_NEWEST:
        on_newest(j, s, c, reply);
        break;
    case CHORE_GROUPS:
        on_groups(j, s, c, reply, partition);
        break;
    case CHORE_PENDING:
        on_pending(j, s, c, reply, partition);
        break;
    case CHORE_PAGE:
        on_page(j, s, c, reply, partition);
        break;
    case CHORE_UNLINK:
        if (reply->type == REPLY_INTEGER)
            trim(j, s, c);
        else
            end(c);
        break;
    case CHORE_ACTIONS:
        on_actions(j, s, c, reply, partition);
        break;
    case CHORE_TRIM:
        on_trimmed(j, s, c, reply);
        break;
    case CHORE_FREE:
        break;
    }
}

/* ---- beginning ---- */

void chore_begin_by_age(struct janitor *j, struct shared *s, struct chore *c, int64_t keep_ms)
{
    bool waits = j->archived.there, by_id = c->of_archive < ARCHIVED_STREAMS;
    c->keep = (struct stream_id){s->now.wall.ms - keep_ms, 0};
    if (waits && by_id)
        keep_from(c, id_after(j->archived.last[c->of_archive]));
    else if (waits)
        keep_from(c, (struct stream_id){j->archived.upto_ms, 0});
    if ((waits && !by_id) || c->what == CHORE_OF_WATCH)
        ask_newest(j, s, c);
    else
        ask_groups(j, s, c);
}

void chore_begin_by_count(struct janitor *j, struct shared *s, struct chore *c, uint32_t keep_count)
{
    c->keep_count = keep_count;
    if (j->archived.there && c->of_archive < ARCHIVED_STREAMS)
        ask_newest(j, s, c);
    else
        trim(j, s, c);
}
