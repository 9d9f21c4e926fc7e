/*
 * What an alert does not say itself: the permits that the files give its vehicle, each with what stood against it when the alert began, and what
 * became of the warnings to its cab. Whoever may know of the alert may know both.
 *
 * Warnings are looked for where they are written: from some minutes before the alert was told to two minutes behind its first entry, and as long
 * behind its last one. What the store has let go of is not there.
 */
#include "alert_query.h"
#include "alerts_answer.h"
#include "gateway.h"
#include "handlers.h"
#include "json_write.h"
#include "store_json.h"
#include "vehicle_scope.h"
#include "web_problem.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

/* A warning comes before its violation by as much as that takes to be confirmed, and is written within a minute. */
enum { BEFORE_MS = 300000, BEHIND_MS = 120000 };
#define READ_MAX TEXT("5000")

struct about {
    struct gateway *g;
    uint64_t ticket;
    char id[DESK_ID_LENGTH];
    size_t waiting;
    bool failed;
    struct buf permits, warnings;
};

/* ---- permits ---- */

static void write_fence_named(const struct world *world, uint32_t number, struct json_writer *w)
{
    const struct fence *f = &world->fences[number];
    json_write_begin_object(w);
    json_write_key(w, "id");
    json_write_string(w, names_text(world->names, f->id));
    json_write_key(w, "name");
    json_write_string(w, f->name);
    json_write_key(w, "name_en");
    json_write_string(w, f->name_en);
    json_write_end_object(w);
}

static void write_fences(const struct world *world, const char *key, const uint32_t *numbers, size_t count,
                         struct json_writer *w)
{
    json_write_key(w, key);
    json_write_begin_array(w);
    for (size_t i = 0; i < count; i++)
        write_fence_named(world, numbers[i], w);
    json_write_end_array(w);
}

static void write_time(struct json_writer *w, const char *key, int64_t ms)
{
    json_write_key(w, key);
    if (ms == INT64_MIN || ms == INT64_MAX)
        json_write_null(w);
    else
        json_write_i64(w, ms);
}

static const char *status_word(enum permit_status status)
{
    return status == PERMIT_SUSPENDED ? "suspended" : status == PERMIT_REVOKED ? "revoked" : "active";
}

static bool is_within_hours(const struct world *world, const struct permit *p, int64_t at_ms)
{
    struct mw_hours_answer answer;
    if (p->hours == NULL)
        return true;
    mw_hours_at(p->hours, world->calendar, world->zone, at_ms, &answer);
    return answer.open;
}

static void write_permit(const struct world *world, const struct permit *p, int64_t at_ms,
                         struct json_writer *w)
{
    uint32_t site = p->site - 1;
    json_write_begin_object(w);
    json_write_key(w, "id");
    json_write_string(w, names_text(world->names, p->id));
    json_write_key(w, "status");
    json_write_string(w, text_of(status_word(p->status)));
    json_write_key(w, "valid");
    json_write_bool(w, at_ms >= p->valid_from_ms && at_ms < p->valid_to_ms);
    json_write_key(w, "within_hours");
    json_write_bool(w, is_within_hours(world, p, at_ms));
    write_time(w, "valid_from", p->valid_from_ms);
    write_time(w, "valid_to", p->valid_to_ms);
    json_write_key(w, "material");
    json_write_string(w, p->material);
    write_fences(world, "sites", &site, p->site > 0, w);
    write_fences(world, "disposals", p->disposals, p->disposal_count, w);
    write_fences(world, "routes", p->routes, p->route_count, w);
    json_write_end_object(w);
}

static void write_permits(struct gateway *g, struct text vehicle, int64_t at_ms, struct buf *out)
{
    const struct world *world = g->following.world;
    const struct vehicle_info *info = world == NULL ? NULL : vehicle_info_of(g, vehicle);
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_array(&w);
    for (uint32_t i = 0; info != NULL && i < info->permit_count; i++)
        write_permit(world, &world->permits[info->permits[i]], at_ms, &w);
    json_write_end_array(&w);
}

/* ---- warnings ---- */

static void finish(struct about *a, struct web_answer *out)
{
    if (a->failed || !buf_ok(&a->permits) || !buf_ok(&a->warnings)) {
        web_answer_field(out, "Retry-After", TEXT("5"));
        web_problem(out, 503, "the store is away");
    } else {
        buf_puts(&out->body, "{\"permits\":");
        buf_put_text(&out->body, buf_text(&a->permits));
        buf_puts(&out->body, ",\"warnings\":[");
        buf_put_text(&out->body, buf_text(&a->warnings));
        buf_puts(&out->body, "]}");
        out->status = 200;
        out->type = "application/json";
    }
    buf_fini(&a->permits);
    buf_fini(&a->warnings);
    free(a);
}

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

/* Answers come in the order of the questions. */
static void on_warnings(void *arg, const struct redis_reply *reply)
{
    struct about *a = arg;
    struct gateway *g = a->g;
    uint64_t ticket = a->ticket;
    struct web_answer answer;
    a->failed = a->failed || redis_reply_type(reply) != REDIS_ARRAY;
    if (!a->failed)
        take_warnings(a, reply);
    if (--a->waiting > 0)
        return;
    web_answer_init(&answer);
    finish(a, &answer);
    gateway_answer(g, ticket, &answer);
    web_answer_fini(&answer);
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

static void ask_warnings(struct about *a, uint32_t number, uint32_t partition)
{
    const struct register_line *lines;
    size_t count = register_lines(a->g->memory.book, number, &lines);
    int64_t first_ms = 0, last_ms = 0;
    for (size_t i = 0; i < count; i++) {
        if (lines[i].action)
            continue;
        first_ms = first_ms == 0 ? lines[i].ms : first_ms;
        last_ms = lines[i].ms;
    }
    if (first_ms == 0)
        return;
    int64_t end_ms = first_ms + BEHIND_MS;
    ask_between(a, partition, first_ms - BEFORE_MS, end_ms);
    if (last_ms + BEHIND_MS > end_ms)
        ask_between(a, partition, last_ms > end_ms ? last_ms : end_ms + 1, last_ms + BEHIND_MS);
}

void handle_about(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    struct register_alert alert;
    uint32_t number;
    if (!alerts_are_whole(g, out))
        return;
    if (!register_look(g->memory.book, match->ids[0], alert_scope(match->request->who), &number)) {
        web_problem(out, 404, "there is no such alert");
        return;
    }
    struct about *a = calloc(1, sizeof *a);
    if (a == NULL) {
        web_problem(out, 503, "there is no memory for it");
        return;
    }
    *a = (struct about){.g = g, .ticket = match->request->ticket};
    register_alert(g->memory.book, number, &alert);
    memcpy(a->id, alert.id, sizeof a->id);
    buf_init(&a->permits, WEB_ANSWER_MAX / 4);
    buf_init(&a->warnings, WEB_ANSWER_MAX / 4);
    write_permits(g, register_of(g->memory.book, number, COLUMN_VEHICLE), alert.start_ms, &a->permits);
    ask_warnings(a, number, alert.partition);
    out->later = a->waiting > 0;
    if (!out->later)
        finish(a, out);
}
