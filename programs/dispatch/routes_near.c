/*
 * Who else was there: the passes of vehicles by a place, from the archive where there is one, else from the tracks that the store keeps.
 * That it is asked is written down first.
 *
 * A scope covers a pass by the company of its vehicle, and by the district of its nearest place.
 */
#include "array.h"
#include "fix_json.h"
#include "gateway.h"
#include "handlers.h"
#include "json_members.h"
#include "near_tracks.h"
#include "place_words.h"
#include "vehicle_scope.h"
#include "web_problem.h"
#include "who_search.h"

#include <muckwatch/contract.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    FOLDER_MAX = 4096,
    RADIUS_USUAL_M = 100,
    GAP_MS = 300000,
    ASKED_AT_ONCE = 32,
    TRACK_ENTRIES_MAX = 20000,
    PASSES_MAX = 5000
};
#define SPAN_MAX_MS       (INT64_C(31) * 86400000)
#define STORE_SPAN_MAX_MS INT64_C(3600000)
#define STORE_ENTRIES_MAX 2000000          /* that are read for one question */
#define STORE_LATE_MS     INT64_C(3600000) /* what came later than this is not found in the store */
#define NAMES_LIMIT       200000
#define KMH               3.6

/* A vehicle whose track is to be read. */
struct wanted {
    char id[VEHICLE_NOW_ID_MAX + 1];
    uint32_t partition;
};

struct near {
    struct gateway *g;
    uint64_t ticket;
    char who[PERSON_NAME_MAX + 1], archive[FOLDER_MAX];
    struct passing_question question;
    struct who_found found;
    bool failed, truncated, wants_tracks;
    struct near_tracks tracks;

    /* From the store. Answers come in the order of the questions. */
    struct wanted *vehicles;
    size_t count, asked, answered;
    uint64_t entries;
    uint32_t reading; /* the vehicle in hand, as a symbol of `found` */
};

/* ---- the answer ---- */

static void write_pass(const struct near *n, const struct who_pass *one, struct json_writer *w)
{
    const struct vehicle_info *info = vehicle_info_of(n->g, one->vehicle);
    const struct pass *pass = &one->pass;
    json_write_begin_object(w);
    json_write_table(
        w, JSON_TEXT("vehicle", one->vehicle), JSON_TEXT("plate", info->plate),
        JSON_TEXT("company", info->company_name), JSON_WHOLE("entered", pass->entered_ms),
        JSON_WHOLE("left", pass->left_ms), JSON_WHOLE("nearest", pass->nearest_ms),
        JSON_FIXED("metres", pass->nearest_m, 1), JSON_FIXED("lat", pass->lat_deg, 7),
        JSON_FIXED("lon", pass->lon_deg, 7), JSON_FIXED("speed", (double)pass->speed_mps * KMH, 1),
        JSON_WORD("load", pass_load_word(pass->load)), JSON_WORD("cover", pass_cover_word(pass->cover)),
        JSON_WORD("body", pass_body_word(pass->body)), JSON_FIXED("load_kg", (double)pass->load_kg, 1));
    json_write_end_object(w);
}

static bool covered(const struct near *n, const struct person *person, const struct who_pass *one)
{
    struct text place = {0};
    if (person->scope.jurisdictions.count > 0)
        place = place_jurisdiction(n->g->following.world,
                                   (struct mw_point){one->pass.lat_deg, one->pass.lon_deg});
    return scope_covers(&person->scope, place, vehicle_info_of(n->g, one->vehicle)->company_name);
}

static void write_passes(const struct near *n, const struct person *person, struct web_answer *out)
{
    struct json_writer w;
    size_t told = 0;
    bool more = n->truncated || n->tracks.more;
    json_writer_init(&w, &out->body);
    json_write_begin_object(&w);
    json_write_table(&w, JSON_WORD("source", n->archive[0] != '\0' ? "archive" : "store"));
    json_write_key(&w, "items");
    json_write_begin_array(&w);
    for (size_t i = 0; i < n->found.count; i++) {
        if (!covered(n, person, &n->found.items[i]))
            continue;
        more = more || told == PASSES_MAX;
        if (told == PASSES_MAX)
            break;
        write_pass(n, &n->found.items[i], &w);
        told++;
    }
    json_write_end_array(&w);
    if (n->wants_tracks) {
        json_write_key(&w, "tracks");
        json_write_begin_array(&w);
        if (n->tracks.json.len > 0)
            json_write_raw(&w, buf_text(&n->tracks.json));
        json_write_end_array(&w);
    }
    json_write_table(&w, JSON_WORD("next", NULL), JSON_TRUTH("truncated", more));
    json_write_end_object(&w);
    out->status = 200;
    out->type = "application/json";
}

/* By what the person may know now: it may have been changed meanwhile. `why`: tracks could not be read. */
static void finish(struct near *n, const char *why)
{
    struct web_answer answer;
    const struct person *person = people_find(&n->g->people, text_of(n->who));
    web_answer_init(&answer);
    if (person == NULL || person->role == ROLE_NOBODY)
        web_problem(&answer, 401, "you are signed out");
    else if (n->failed || n->g->following.world == NULL)
        web_problem(&answer, 503, n->archive[0] != '\0' ? "the archive cannot be read" : "the store is away");
    else if (why != NULL || !buf_ok(&n->tracks.json))
        web_problem(&answer, 503, "%s", why != NULL ? why : "there is no memory for it");
    else
        write_passes(n, person, &answer);
    gateway_answer(n->g, n->ticket, &answer);
    web_answer_fini(&answer);
    if (n->vehicles != NULL)
        n->g->near_reading = false;
    who_found_fini(&n->found);
    buf_fini(&n->tracks.json);
    free(n->vehicles);
    free(n);
}

static void on_tracks(void *arg, const char *why)
{
    finish(arg, why);
}

/* All passes are known. */
static void go_on(struct near *n)
{
    const struct person *person = people_find(&n->g->people, text_of(n->who));
    bool may = person != NULL && person->role != ROLE_NOBODY && !n->failed && n->g->following.world != NULL;
    for (size_t i = 0; n->wants_tracks && may && i < n->found.count; i++)
        if (covered(n, person, &n->found.items[i]))
            near_tracks_add(&n->tracks, n->found.items[i].vehicle);
    if (n->tracks.count > 0)
        near_tracks_read(&n->tracks);
    else
        finish(n, NULL);
}

/* ---- from the archive, on the thread ---- */

static bool nobody_told(void *arg, const char *file, const char *wrong)
{
    (void)arg, (void)file, (void)wrong;
    return true;
}

static void search(void *arg)
{
    struct near *n = arg;
    struct archive_look *look;
    char why[256];
    const struct archive_look_listener listener = {nobody_told, NULL};
    if (archive_look_open(n->archive, listener, &look, why, sizeof why) != ARCHIVE_LOOK_OK)
        return;
    const struct who_asked asked = {.look = look, .question = n->question};
    n->failed = !who_search(&asked, &n->found);
    archive_look_close(look);
}

static void on_searched(void *near)
{
    go_on(near);
}

/* ---- from the store ---- */

static void on_pass(void *context, const struct pass *pass)
{
    struct near *n = context;
    struct who_found *f = &n->found;
    if (!array_reserve(&f->items, &f->cap, f->count + 1, sizeof *f->items)) {
        n->failed = true;
        return;
    }
    f->items[f->count++] = (struct who_pass){names_text(f->names, n->reading), *pass};
}

static bool read_fix(const struct redis_reply *entry, struct passing_fix *out)
{
    const struct redis_reply *fields = redis_reply_at(entry, 1);
    struct text text = {0};
    struct fix_reader reader;
    struct fix_item item;
    for (size_t i = 0; i + 1 < redis_reply_count(fields); i += 2) {
        struct text name = redis_reply_text(redis_reply_at(fields, i));
        struct text value = redis_reply_text(redis_reply_at(fields, i + 1));
        if (text_equal(name, TEXT("fix")))
            text = value;
        else if (text_equal(name, TEXT("late")) && text_equal(value, TEXT("clock")))
            return false;
    }
    fix_reader_init(&reader, text);
    if (text.len == 0 || !fix_reader_next(&reader, &item) || item.error != FIX_OK)
        return false;
    *out = passing_fix_of(&item.fix);
    return true;
}

static void take_track(struct near *n, const struct wanted *vehicle, const struct redis_reply *reply)
{
    size_t count = redis_reply_count(reply), kept = 0;
    struct passing_fix *fixes = calloc(count + 1, sizeof *fixes);
    struct passing passing;
    n->entries += count;
    n->truncated = n->truncated || count == TRACK_ENTRIES_MAX;
    if (fixes == NULL || !names_intern(n->found.names, text_of(vehicle->id), &n->reading)) {
        n->failed = true;
        free(fixes);
        return;
    }
    for (size_t i = 0; i < count; i++)
        kept += read_fix(redis_reply_at(reply, i), &fixes[kept]);
    n->failed = n->failed || !passing_sort(fixes, kept);
    passing_begin(&passing, &n->question, on_pass, n);
    for (size_t i = 0; i < kept; i++)
        passing_add(&passing, &fixes[i]);
    passing_end(&passing);
    free(fixes);
}

static void ask_more(struct near *n);

static void on_track(void *arg, const struct redis_reply *reply)
{
    struct near *n = arg;
    const struct wanted *vehicle = &n->vehicles[n->answered++];
    if (redis_reply_type(reply) == REDIS_ARRAY && !n->failed)
        take_track(n, vehicle, reply);
    else
        n->failed = true;
    ask_more(n);
}

static bool ask_track(struct near *n, const struct wanted *vehicle)
{
    char key[MW_KEY_MAX], from[24], to[24], count[16];
    const struct passing_question *q = &n->question;
    int64_t reach_ms = passing_reach_ms(q->gap_ms);
    snprintf(key, sizeof key, MW_KEY_TRACK, vehicle->partition, TEXT_ARG(text_of(vehicle->id)));
    snprintf(from, sizeof from, "%lld", (long long)(q->from_ms > reach_ms ? q->from_ms - reach_ms : 0));
    snprintf(to, sizeof to, "%lld", (long long)(q->to_ms + reach_ms + STORE_LATE_MS));
    snprintf(count, sizeof count, "%d", TRACK_ENTRIES_MAX);
    const struct text words[] = {TEXT("XRANGE"), text_of(key),  text_of(from),
                                 text_of(to),    TEXT("COUNT"), text_of(count)};
    return redis_send(n->g->redis, 6, words, on_track, n);
}

static int by_entry(const void *a, const void *b)
{
    const struct who_pass *x = a, *y = b;
    if (x->pass.entered_ms != y->pass.entered_ms)
        return x->pass.entered_ms < y->pass.entered_ms ? -1 : 1;
    return text_compare(x->vehicle, y->vehicle);
}

static void ask_more(struct near *n)
{
    if (n->entries >= STORE_ENTRIES_MAX && n->asked < n->count) {
        n->truncated = true;
        n->count = n->asked;
    }
    while (!n->failed && n->asked < n->count && n->asked - n->answered < ASKED_AT_ONCE) {
        n->failed = !ask_track(n, &n->vehicles[n->asked]);
        n->asked += !n->failed;
    }
    if (n->answered < n->asked)
        return;
    if (n->found.count > 0)
        qsort(n->found.items, n->found.count, sizeof *n->found.items, by_entry);
    go_on(n);
}

/* Those whose company the person may know of. False without memory. */
static bool choose(struct near *n, const struct person *person)
{
    const struct scope companies = {.companies = person->scope.companies};
    size_t count;
    struct vehicle_now *const *all = fleet_now_all(n->g->memory.fleet, &count);
    n->vehicles = calloc(count + 1, sizeof *n->vehicles);
    n->found.names = names_new(NAMES_LIMIT);
    for (size_t i = 0; n->vehicles != NULL && i < count; i++) {
        if (!scope_covers(&companies, (struct text){0},
                          vehicle_info_of(n->g, text_of(all[i]->id))->company_name))
            continue;
        struct wanted *vehicle = &n->vehicles[n->count++];
        snprintf(vehicle->id, sizeof vehicle->id, "%s", all[i]->id);
        vehicle->partition = all[i]->partition;
    }
    return n->vehicles != NULL && n->found.names != NULL;
}

/* ---- the question ---- */

static bool wants_tracks(const struct web_match *match)
{
    return text_equal(web_match_text(match, "tracks", 0), TEXT("true"));
}

static bool read_question(const struct gateway *g, const struct web_match *match, struct passing_question *q,
                          struct web_answer *out)
{
    bool archived = g->config.archive.dir.len > 0;
    *q = (struct passing_question){.lat_deg = web_match_number(match, "lat", 0),
                                   .lon_deg = web_match_number(match, "lon", 0),
                                   .radius_m = web_match_number(match, "radius", RADIUS_USUAL_M),
                                   .from_ms = (int64_t)web_match_number(match, "from", 0),
                                   .to_ms = (int64_t)web_match_number(match, "to", 0),
                                   .gap_ms = GAP_MS};
    if (q->to_ms < q->from_ms)
        web_problem_at(out, 400, NULL, "to", TEXT("it is before `from`"));
    else if (archived && q->to_ms - q->from_ms > SPAN_MAX_MS)
        web_problem_at(out, 400, NULL, "to", TEXT("at most 31 days can be asked at once"));
    else if (!archived && q->to_ms - q->from_ms > STORE_SPAN_MAX_MS)
        web_problem_at(out, 400, NULL, "to", TEXT("without an archive at most an hour can be asked at once"));
    else if (wants_tracks(match) && q->to_ms - q->from_ms > NEAR_TRACKS_SPAN_MS)
        web_problem_at(out, 400, NULL, "to", TEXT("with tracks at most 6 hours can be asked at once"));
    return out->status == 0;
}

static bool begin(struct near *n, const struct person *person)
{
    const struct job job = {search, on_searched, n};
    if (n->archive[0] != '\0') {
        n->failed = true; /* until it is read */
        return jobs_add(&n->g->jobs, &job);
    }
    if (n->g->near_reading || !redis_connected(n->g->redis) || !choose(n, person))
        return false;
    n->g->near_reading = true;
    return true;
}

void handle_near(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    const struct web_request *r = match->request;
    struct passing_question question;
    if (!read_question(g, match, &question, out))
        return;
    bool known = g->following.world != NULL && memory_knows_vehicles(g);
    struct near *n = known ? calloc(1, sizeof *n) : NULL;
    if (n != NULL) {
        *n = (struct near){
            .g = g,
            .ticket = r->ticket,
            .question = question,
            .wants_tracks = wants_tracks(match),
            .tracks = {
                .g = g, .from_ms = question.from_ms, .to_ms = question.to_ms, .done = on_tracks, .arg = n}};
        buf_init(&n->tracks.json, WEB_ANSWER_MAX / 2);
        snprintf(n->tracks.who, sizeof n->tracks.who, "%.*s", TEXT_ARG(r->who->name));
        snprintf(n->who, sizeof n->who, "%.*s", TEXT_ARG(r->who->name));
        snprintf(n->archive, sizeof n->archive, "%.*s", TEXT_ARG(g->config.archive.dir));
        if (begin(n, r->who)) {
            out->later = true;
            if (n->vehicles != NULL)
                ask_more(n);
            return;
        }
        who_found_fini(&n->found);
        free(n->vehicles);
        free(n);
    }
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, known ? "others are asking, or the store is away" : "no world is known yet");
}
