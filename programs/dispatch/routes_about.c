/*
 * What an alert does not say itself: how its kind is judged, the permits that the files give its vehicle, each with what stood against it when the
 * alert began, and what became of the warnings to its cab. Whoever may know of the alert may know all of it.
 *
 * Rule and permits are those of the world that the alert was opened under, which its first entry names; where store and archive have let go of that
 * entry, or of that world, they are of the world in force, and the answer says so. An alert that memory does not have any more is looked for behind
 * it, as routes_alert.c does.
 *
 * Warnings are looked for where they are written: from some minutes before the alert was told to two minutes behind its first entry, and as long
 * behind its last one. What the store has let go of is not there.
 */
#include "about_words.h"
#include "alert_query.h"
#include "alerts_answer.h"
#include "gateway.h"
#include "handlers.h"
#include "json_tree.h"
#include "json_write.h"
#include "past_reading.h"
#include "ruleset.h"
#include "store_json.h"
#include "web_problem.h"
#include "world_then.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

/* A warning comes before its violation by as much as that takes to be confirmed, and is written within a minute. */
enum { BEFORE_MS = 300000, BEHIND_MS = 120000, NAME_BYTES = 65 };
#define READ_MAX TEXT("5000")

struct about {
    struct gateway *g;
    uint64_t ticket;
    char id[DESK_ID_LENGTH];
    char vehicle[NAME_BYTES], kind[NAME_BYTES], hash[RULESET_NAME_SIZE];
    int64_t start_ms;
    size_t waiting;
    bool failed;
    struct buf warnings;
};

/* ---- the answer ---- */

static void write_about(const struct about *a, const struct world *world, bool then, struct buf *out)
{
    buf_puts(out, "{\"world\":");
    if (world != NULL)
        buf_printf(out, "{\"ruleset\":\"%s\",\"then\":%s}", world->hash, then ? "true" : "false");
    else
        buf_puts(out, "null");
    buf_puts(out, ",\"rule\":");
    about_write_rule(world, text_of(a->kind), text_of(a->vehicle), out);
    buf_puts(out, ",\"permits\":");
    about_write_permits(world, text_of(a->vehicle), a->start_ms, out);
    buf_puts(out, ",\"warnings\":[");
    buf_put_text(out, buf_text(&a->warnings));
    buf_puts(out, "]}");
}

/* NULL: that of then is not kept. */
static void finish(struct about *a, const struct world *then, struct web_answer *out)
{
    if (a->failed || !buf_ok(&a->warnings)) {
        web_answer_field(out, "Retry-After", TEXT("5"));
        web_problem(out, 503, "the store is away");
    } else {
        write_about(a, then != NULL ? then : a->g->following.world, then != NULL, &out->body);
        out->status = 200;
        out->type = "application/json";
    }
    buf_fini(&a->warnings);
    free(a);
}

static void on_world(void *arg, const struct world *then)
{
    struct about *a = arg;
    struct gateway *g = a->g;
    uint64_t ticket = a->ticket;
    struct web_answer answer;
    web_answer_init(&answer);
    finish(a, then, &answer);
    gateway_answer(g, ticket, &answer);
    web_answer_fini(&answer);
}

/* Answers come in the order of the questions; the last one goes on. */
static void answered(struct about *a)
{
    if (--a->waiting > 0)
        return;
    if (a->failed)
        on_world(a, NULL);
    else
        world_then_find(a->g, text_of(a->hash), on_world, a);
}

/* ---- the first entry ---- */

static void on_first(void *arg, const struct redis_reply *reply)
{
    struct about *a = arg;
    const struct redis_reply *entry = redis_reply_at(reply, 0);
    a->failed = a->failed || redis_reply_type(reply) != REDIS_ARRAY;
    if (redis_reply_count(reply) > 0) {
        struct text hash = fields_value(memory_fields(a->g, redis_reply_at(entry, 1)), "ruleset");
        if (ruleset_name_valid(hash))
            memcpy(a->hash, hash.data, hash.len);
    }
    answered(a);
}

static void ask_first(struct about *a, uint32_t partition, const struct register_line *line)
{
    char key[64], id[48];
    snprintf(key, sizeof key, "muck:{%u}:violations", partition);
    snprintf(id, sizeof id, "%lld-%u", (long long)line->ms, line->n);
    const struct text words[] = {TEXT("XRANGE"), text_of(key), text_of(id), text_of(id)};
    if (redis_send(a->g->redis, 4, words, on_first, a))
        a->waiting++;
    else
        a->failed = true;
}

/* ---- warnings ---- */

static void take_warnings(struct about *a, const struct redis_reply *reply)
{
    const struct text wanted = {a->id, sizeof a->id};
    struct json_writer w;
    for (size_t i = 0; i < redis_reply_count(reply); i++) {
        const struct redis_reply *entry = redis_reply_at(reply, i);
        struct fields fields = memory_fields(a->g, redis_reply_at(entry, 1));
        if (!text_equal(fields_value(fields, "id"), wanted))
            continue;
        if (a->warnings.len > 0)
            buf_put_char(&a->warnings, ',');
        json_writer_init(&w, &a->warnings);
        store_json_write_entry(&w, redis_reply_text(redis_reply_at(entry, 0)), fields);
    }
}

static void on_warnings(void *arg, const struct redis_reply *reply)
{
    struct about *a = arg;
    a->failed = a->failed || redis_reply_type(reply) != REDIS_ARRAY;
    if (!a->failed)
        take_warnings(a, reply);
    answered(a);
}

static void ask_between(struct about *a, uint32_t partition, int64_t from_ms, int64_t to_ms)
{
    char key[64], from[24], to[24];
    snprintf(key, sizeof key, "muck:{%u}:warnings", partition);
    snprintf(from, sizeof from, "%lld", (long long)from_ms);
    snprintf(to, sizeof to, "%lld", (long long)to_ms);
    const struct text words[] = {TEXT("XRANGE"), text_of(key),  text_of(from),
                                 text_of(to),    TEXT("COUNT"), READ_MAX};
    if (redis_send(a->g->redis, 6, words, on_warnings, a))
        a->waiting++;
    else
        a->failed = true;
}

/* ---- the question ---- */

static void ask(struct about *a, const struct register_book *book, uint32_t number, uint32_t partition)
{
    const struct register_line *lines, *first = NULL;
    size_t count = register_lines(book, number, &lines);
    int64_t last_ms = 0;
    for (size_t i = 0; i < count; i++) {
        if (lines[i].action)
            continue;
        first = first == NULL ? &lines[i] : first;
        last_ms = lines[i].ms;
    }
    if (first == NULL)
        return;
    int64_t end_ms = first->ms + BEHIND_MS;
    ask_first(a, partition, first);
    ask_between(a, partition, first->ms - BEFORE_MS, end_ms);
    if (last_ms + BEHIND_MS > end_ms)
        ask_between(a, partition, last_ms > end_ms ? last_ms : end_ms + 1, last_ms + BEHIND_MS);
}

/* By which world it was opened, as the first entry says that was read from behind memory. */
static void take_hash(struct about *a, const struct past_lines *lines)
{
    struct json_tree tree = {0};
    size_t first = 0;
    while (first < lines->count && lines->items[first].at.action)
        first++;
    if (first == lines->count)
        return;
    if (json_tree_read(&tree, buf_text(&lines->items[first].json), NULL) == JSON_TREE_OK) {
        const struct json_node *hash = json_node_member(tree.nodes, "ruleset");
        if (json_node_is(hash, JSON_NODE_STRING) && ruleset_name_valid(json_node_text(hash)))
            memcpy(a->hash, json_node_text(hash).data, json_node_text(hash).len);
    }
    json_tree_fini(&tree);
}

void handle_about(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    struct register_book *book = g->memory.book;
    const struct past_book *past = NULL;
    const struct register_scope everything = {NULL, NULL};
    struct register_alert alert;
    uint32_t number;
    if (!alerts_are_whole(g, out))
        return;
    if (!register_look(book, match->ids[0], everything, &number)) {
        past = past_one_of(g, match, PAST_ALERTS, out);
        if (past == NULL)
            return;
        book = past->alerts;
    }
    if (!register_look(book, match->ids[0], alert_scope(match->request->who), &number)) {
        web_problem(out, 404, "there is no such alert");
        return;
    }
    struct about *a = calloc(1, sizeof *a);
    if (a == NULL) {
        web_problem(out, 503, "there is no memory for it");
        return;
    }
    register_alert(book, number, &alert);
    *a = (struct about){.g = g, .ticket = match->request->ticket, .start_ms = alert.start_ms};
    memcpy(a->id, alert.id, sizeof a->id);
    snprintf(a->vehicle, sizeof a->vehicle, "%.*s", TEXT_ARG(register_of(book, number, COLUMN_VEHICLE)));
    snprintf(a->kind, sizeof a->kind, "%.*s", TEXT_ARG(register_of(book, number, COLUMN_KIND)));
    buf_init(&a->warnings, WEB_ANSWER_MAX / 4);
    if (past != NULL)
        take_hash(a, &past->lines);
    ask(a, book, number, alert.partition);
    out->later = a->waiting > 0;
    if (!out->later)
        finish(a, NULL, out);
}
