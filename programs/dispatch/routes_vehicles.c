/*
 * Vehicles as they stand: lists from memory; of one all that the store has, of the moment.
 */
#include "gateway.h"
#include "handlers.h"
#include "json_write.h"
#include "store_json.h"
#include "text_fold.h"
#include "vehicle_scope.h"
#include "web_problem.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

enum { LIMIT_USUAL = 100, FOLD_MAX = 256, LOOKED_AT_MAX = 20000 };

static void say_json(struct web_answer *out)
{
    out->status = 200;
    out->type = "application/json";
}

/* ---- the list ---- */

struct vehicle_query {
    const struct web_match *match;
    char part[FOLD_MAX];
    size_t part_len;
};

static bool has_part(struct text whole, const struct vehicle_query *q)
{
    char folded[FOLD_MAX];
    whole.len = whole.len < sizeof folded ? whole.len : sizeof folded;
    size_t len = text_fold(whole, TEXT_FOLD_CASE | TEXT_FOLD_MARKS, folded);
    for (size_t at = 0; len >= q->part_len && at <= len - q->part_len; at++)
        if (memcmp(folded + at, q->part, q->part_len) == 0)
            return true;
    return false;
}

static bool fits(const struct gateway *g, const struct vehicle_query *q, const struct vehicle_now *v)
{
    const struct vehicle_info *info = vehicle_info_of(g, text_of(v->id));
    struct text said, company = info != NULL ? info->company_name : (struct text){0};
    struct text plate = info != NULL && info->plate.len > 0 ? info->plate : text_of(v->id);
    bool any = web_match_text(q->match, "company", 0).data == NULL;
    for (size_t n = 0; !any && (said = web_match_text(q->match, "company", n)).data != NULL; n++)
        any = text_equal(said, company);
    return any && (q->part_len == 0 || has_part(plate, q));
}

/* A page that is being made. A filter may leave out all but a few: after LOOKED_AT_MAX vehicles others are served. */
struct listing {
    struct gateway *g;
    uint64_t ticket;
    struct loop_timer *timer;
    char looked[VEHICLE_NOW_ID_MAX + 1], last[VEHICLE_NOW_ID_MAX + 1]; /* at up to here; shown last */
    size_t shown;
    bool more, reached;
    struct buf rows;
    struct json_writer writer;
    struct listing *next;
};

static struct listing **listing_of(struct gateway *g, uint64_t ticket)
{
    struct listing **l = &g->listings;
    while (*l != NULL && (*l)->ticket != ticket)
        l = &(*l)->next;
    return l;
}

static void listing_end(struct listing **at)
{
    struct listing *l = *at;
    *at = l->next;
    if (l->timer != NULL)
        loop_timer_free(l->timer);
    buf_fini(&l->rows);
    free(l);
}

void listings_unmake(struct gateway *g)
{
    while (g->listings != NULL)
        listing_end(&g->listings);
}

/* Whoever asked has gone, or may not ask any more, where the handler is not reached. */
static void on_listing(void *arg)
{
    struct listing *l = arg;
    struct gateway *g = l->g;
    uint64_t ticket = l->ticket;
    l->reached = false;
    web_server_ask_again(g->server, ticket);
    struct listing **at = listing_of(g, ticket);
    if (*at != NULL && !(*at)->reached)
        listing_end(at);
}

static struct listing *listing_new(struct gateway *g, const struct web_match *match)
{
    struct listing *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    l->g = g;
    l->ticket = match->request->ticket;
    l->timer = loop_timer_new(g->loop, on_listing, l);
    l->next = g->listings;
    g->listings = l;
    snprintf(l->looked, sizeof l->looked, "%.*s", TEXT_ARG(web_match_text(match, "cursor", 0)));
    buf_init(&l->rows, WEB_ANSWER_MAX);
    json_writer_init(&l->writer, &l->rows);
    json_write_begin_array(&l->writer);
    return l;
}

/* Whether the page is whole. */
static bool look_on(struct listing *l, const struct web_match *match)
{
    struct gateway *g = l->g;
    const struct person *who = match->request->who;
    struct vehicle_query q = {.match = match};
    struct text part = web_match_text(match, "plate", 0);
    size_t count, limit = (size_t)web_match_number(match, "limit", LIMIT_USUAL);
    q.part_len = part.len > 0 ? text_fold(part, TEXT_FOLD_CASE | TEXT_FOLD_MARKS, q.part) : 0;
    struct vehicle_now *const *all = fleet_now_all(g->memory.fleet, &count);
    size_t i = fleet_now_behind(g->memory.fleet, text_of(l->looked));
    size_t end = count - i > LOOKED_AT_MAX ? i + LOOKED_AT_MAX : count;
    for (; i < end && !l->more; i++) {
        memcpy(l->looked, all[i]->id, sizeof l->looked);
        if (!vehicle_covered(g, who, all[i]) || !fits(g, &q, all[i]))
            continue;
        l->more = l->shown == limit;
        if (l->more)
            break;
        vehicle_row_write(g, who, all[i], &l->writer);
        memcpy(l->last, all[i]->id, sizeof l->last);
        l->shown++;
    }
    return l->more || i == count;
}

/* By id; a cursor is the id of the last one. It says nothing that its owner did not have. */
static void put_page(struct listing *l, struct web_answer *out)
{
    struct json_writer w;
    json_write_end_array(&l->writer);
    json_writer_init(&w, &out->body);
    json_write_begin_object(&w);
    json_write_key(&w, "items");
    json_write_raw(&w, buf_text(&l->rows));
    json_write_key(&w, "next");
    if (l->more)
        json_write_string(&w, text_of(l->last));
    else
        json_write_null(&w);
    json_write_key(&w, "truncated");
    json_write_bool(&w, fleet_now_figures(l->g->memory.fleet).truncated);
    json_write_end_object(&w);
    out->body.failed = out->body.failed || !buf_ok(&l->rows);
    say_json(out);
}

void handle_vehicles(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    struct listing **at = listing_of(g, match->request->ticket);
    bool known = vehicles_are_known(g, match->request->who, out);
    if (known && *at == NULL) {
        listing_new(g, match);
        at = &g->listings;
    }
    struct listing *l = known ? *at : NULL;
    if (known && (l == NULL || l->timer == NULL))
        web_problem(out, 503, "there is no memory for it");
    else if (known && look_on(l, match))
        put_page(l, out);
    else if (known) {
        l->reached = out->later = true;
        loop_timer_set(l->timer, 0);
        return;
    }
    at = listing_of(g, match->request->ticket);
    if (*at != NULL)
        listing_end(at);
}

/* ---- one ---- */

struct looking {
    struct gateway *g;
    uint64_t ticket;
    char id[VEHICLE_NOW_ID_MAX + 1], who[PERSON_NAME_MAX + 1];
    struct buf vehicle;
    bool covered, failed;
};

/* Wherever the hash says that it is has to be covered: the last judged fix, and the live position. */
static bool hash_covered(struct gateway *g, const struct person *who, struct text id, struct fields hash)
{
    struct vehicle_now now, judged;
    struct field without[64];
    size_t kept = 0;
    for (size_t i = 0; i < hash.count && kept < sizeof without / sizeof *without; i++)
        if (!text_equal(hash.items[i].name, TEXT("live_time")))
            without[kept++] = hash.items[i];
    return hash.count > 0 && vehicle_now_read_hash(id, hash, &now) &&
           vehicle_now_read_hash(id, (struct fields){without, kept}, &judged) &&
           vehicle_covered(g, who, &now) && vehicle_covered(g, who, &judged);
}

static const struct person *person_now(const struct looking *l)
{
    const struct person *who = people_find(&l->g->people, text_of(l->who));
    return who != NULL && who->role != ROLE_NOBODY && vehicles_can_be_judged(l->g, who) ? who : NULL;
}

static void on_vehicle(void *arg, const struct redis_reply *reply)
{
    struct looking *l = arg;
    const struct person *who = person_now(l);
    struct json_writer w;
    l->failed = redis_reply_type(reply) != REDIS_ARRAY || who == NULL;
    if (l->failed)
        return;
    struct fields hash = memory_fields(l->g, reply);
    l->covered = hash_covered(l->g, who, text_of(l->id), hash);
    json_writer_init(&w, &l->vehicle);
    json_write_begin_object(&w);
    json_write_key(&w, "id");
    json_write_string(&w, text_of(l->id));
    for (size_t i = 0; i < hash.count; i++) {
        struct text name = hash.items[i].name;
        bool sum = text_equal(name, TEXT("open")) || text_equal(name, TEXT("worst"));
        if (!sum || vehicle_sums_told(who))
            store_json_write(&w, hash.items[i]);
    }
    json_write_end_object(&w);
}

static void on_haul(void *arg, const struct redis_reply *reply)
{
    struct looking *l = arg;
    struct web_answer out;
    struct json_writer w;
    web_answer_init(&out);
    if (l->failed || redis_reply_type(reply) != REDIS_ARRAY || !buf_ok(&l->vehicle)) {
        web_answer_field(&out, "Retry-After", TEXT("5"));
        web_problem(&out, 503, "the store did not answer");
    } else if (!l->covered) {
        web_problem(&out, 404, "there is no such vehicle");
    } else {
        struct fields haul = memory_fields(l->g, reply);
        json_writer_init(&w, &out.body);
        json_write_begin_object(&w);
        json_write_key(&w, "vehicle");
        json_write_raw(&w, buf_text(&l->vehicle));
        json_write_key(&w, "haul");
        if (haul.count > 0)
            store_json_write_all(&w, haul);
        else
            json_write_null(&w);
        json_write_end_object(&w);
        say_json(&out);
    }
    gateway_answer(l->g, l->ticket, &out);
    web_answer_fini(&out);
    buf_fini(&l->vehicle);
    free(l);
}

/* Both hashes, of one moment but for a commit between the two. */
static bool ask(struct looking *l, uint32_t partition)
{
    char vehicle[MW_KEY_MAX], haul[MW_KEY_MAX];
    snprintf(vehicle, sizeof vehicle, MW_KEY_VEHICLE, partition, TEXT_ARG(text_of(l->id)));
    snprintf(haul, sizeof haul, MW_KEY_TRIP, partition, TEXT_ARG(text_of(l->id)));
    const struct text first[] = {TEXT("HGETALL"), text_of(vehicle)};
    const struct text second[] = {TEXT("HGETALL"), text_of(haul)};
    if (!redis_send(l->g->redis, 2, first, on_vehicle, l))
        return false;
    if (redis_send(l->g->redis, 2, second, on_haul, l))
        return true;
    redis_drop(l->g->redis, "a question could not be sent");
    return true;
}

void handle_vehicle(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    const struct web_request *r = match->request;
    if (!vehicles_are_known(g, r->who, out))
        return;
    struct vehicle_now *v = fleet_now_find(g->memory.fleet, match->ids[0]);
    if (v == NULL || !vehicle_covered(g, r->who, v)) {
        web_problem(out, 404, "there is no such vehicle");
        return;
    }
    struct looking *l = calloc(1, sizeof *l);
    if (l != NULL) {
        *l = (struct looking){.g = g, .ticket = r->ticket};
        snprintf(l->id, sizeof l->id, "%s", v->id);
        snprintf(l->who, sizeof l->who, "%.*s", TEXT_ARG(r->who->name));
        buf_init(&l->vehicle, WEB_ANSWER_MAX / 4);
        out->later = ask(l, v->partition);
    }
    if (out->later)
        return;
    free(l);
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, "the store is away");
}
