/* commit: the operations of a batch, carried out on a small store of the test's own, must leave there what
 * the contract says: the vehicle as it stands, the violation as its last entry tells it, and nothing of
 * before. */
#include "commit.h"
#include "commit_late.h"
#include "commit_vehicle.h"
#include "sensor_words.h"
#include "shown_fields.h"

#include "../cmocka_all.h"
#include "random.h"
#include "sample_transitions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 400, WORDS_MAX = 512 };

struct store {
    struct {
        char key[128], field[96], value[4096];
    } fields[FIELDS_MAX];
    unsigned count;
    bool known; /* nothing may be taken out that is not there */
};

/* ---- reading RESP, and carrying out ---- */

struct words {
    struct text list[WORDS_MAX];
    unsigned count;
};

static void read_words(struct text bytes, struct words *out)
{
    const char *p = bytes.data, *end = bytes.data + bytes.len;
    out->count = 0;
    while (p < end) {
        char *digits_end;
        assert_int_equal(*p, '$');
        size_t len = strtoul(p + 1, &digits_end, 10);
        assert_memory_equal(digits_end, "\r\n", 2);
        assert_true(out->count < WORDS_MAX && digits_end + 2 + len + 2 <= end);
        out->list[out->count++] = (struct text){digits_end + 2, len};
        p = digits_end + 2 + len;
        assert_memory_equal(p, "\r\n", 2);
        p += 2;
    }
}

static unsigned find(const struct store *s, const char *key, const char *field)
{
    unsigned i = 0;
    while (i < s->count && (strcmp(s->fields[i].key, key) != 0 || strcmp(s->fields[i].field, field) != 0))
        i++;
    return i;
}

static const char *value_of(const struct store *s, const char *key, const char *field)
{
    unsigned i = find(s, key, field);
    return i < s->count ? s->fields[i].value : NULL;
}

static void set(struct store *s, const char *key, struct text field, struct text value)
{
    char name[96];
    snprintf(name, sizeof name, "%.*s", TEXT_ARG(field));
    unsigned i = find(s, key, name);
    assert_true(i < FIELDS_MAX && value.len < sizeof s->fields[0].value);
    s->count += i == s->count;
    snprintf(s->fields[i].key, sizeof s->fields[i].key, "%s", key);
    snprintf(s->fields[i].field, sizeof s->fields[i].field, "%s", name);
    snprintf(s->fields[i].value, sizeof s->fields[i].value, "%.*s", TEXT_ARG(value));
}

static void take_out(struct store *s, const char *key, struct text field)
{
    char name[96];
    snprintf(name, sizeof name, "%.*s", TEXT_ARG(field));
    unsigned i = find(s, key, name);
    if (i < s->count)
        s->fields[i] = s->fields[--s->count];
    else if (s->known && strncmp(name, "live_", 5) != 0) /* after a start nobody knows of that */
        fail_msg("%s of %s is taken out, and is not there", name, key);
}

static unsigned number_of(struct text t)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%.*s", TEXT_ARG(t));
    return (unsigned)strtoul(digits, NULL, 10);
}

static void carry_out_one(struct store *s, struct text op, struct text tail, const struct text *args,
                          unsigned n)
{
    char key[128];
    snprintf(key, sizeof key, "%.*s", TEXT_ARG(tail));
    assert_true(n > 0);
    if (text_equal(op, TEXT("HSET")) || text_equal(op, TEXT("STATE")) || text_equal(op, TEXT("XADD"))) {
        assert_int_equal(n % 2, 0);
        for (unsigned i = 0; i < n; i += 2)
            set(s, key, args[i], args[i + 1]);
    } else if (text_equal(op, TEXT("ZADD"))) {
        assert_int_equal(n, 2);
        set(s, key, args[1], args[0]);
    } else if (text_equal(op, TEXT("GEO"))) {
        assert_int_equal(n, 3);
        set(s, key, args[2],
            (struct text){args[0].data, (size_t)(args[1].data + args[1].len - args[0].data)});
    } else if (text_equal(op, TEXT("DEL"))) {
        for (unsigned i = 0; i < s->count;)
            if (strcmp(s->fields[i].key, key) == 0)
                s->fields[i] = s->fields[--s->count];
            else
                i++;
    } else if (text_equal(op, TEXT("MOVE"))) {
        set(s, key, TEXT("row"), args[0]);
    } else {
        assert_true(text_equal(op, TEXT("HDEL")) || text_equal(op, TEXT("ZREM")));
        for (unsigned i = 0; i < n; i++)
            take_out(s, key, args[i]);
    }
}

static void carry_out(struct store *s, struct commit_group *g)
{
    struct words w;
    read_words(buf_text(&g->ops), &w);
    assert_int_equal(w.count, g->args);
    for (unsigned i = 0; i < w.count;) {
        unsigned n = number_of(w.list[i + 2]);
        assert_true(i + 3 + n <= w.count);
        carry_out_one(s, w.list[i], w.list[i + 1], &w.list[i + 3], n);
        i += 3 + n;
    }
    commit_group_clear(g);
    assert_int_equal(g->args, 0);
}

/* ---- the vehicle as it stands ---- */

static void expect(const struct store *s, const char *key, const char *field, bool there, const char *want)
{
    const char *got = value_of(s, key, field);
    if (!there && got != NULL)
        fail_msg("%s has %s %s, and should have none", key, field, got);
    if (there && (got == NULL || strcmp(got, want) != 0))
        fail_msg("%s: %s is %s, not %s", key, field, got == NULL ? "absent" : got, want);
}

static void expect_number(const struct store *s, const char *field, bool there, int decimals, double want)
{
    char text[64];
    snprintf(text, sizeof text, "%.*f", decimals, want);
    if (strtod(text, NULL) == 0 && text[0] == '-')
        memmove(text, text + 1, strlen(text));
    const char *got = value_of(s, "vehicle:t1", field);
    /* Halves may be rounded either way. */
    bool near = got != NULL && fabs(strtod(got, NULL) - want) <= 0.5001 * pow(10, -decimals);
    expect(s, "vehicle:t1", field, there, there && near ? got : text);
}

/* ---- worlds ---- */

enum { WORLDS = 4, HOLDING = 18 };

static struct mw_shape holding_circle(void)
{
    static const struct mw_point at = {31, 121};
    static const struct mw_part part = {.points = &at, .count = 1};
    return (struct mw_shape){.kind = MW_SHAPE_CIRCLE, .parts = &part, .part_count = 1, .radius_m = 5000};
}

/* Two of them know the vehicle; in one it is held by more fences than are named, one of them valid no more. */
static struct world *make_world(int which)
{
    struct world_error error;
    struct world *w;
    struct world_builder *b = world_builder_new(sample_names);
    const struct text vehicle = TEXT("t1"), route[] = {TEXT("f0"), TEXT("f1")};
    assert_int_equal(world_builder_zone(b, TEXT("UTC"), mw_zone_fixed(0)), WORLD_OK);
    for (int i = 0; i < (which & 2 ? HOLDING : 2); i++) {
        char id[16];
        snprintf(id, sizeof id, "f%d", i);
        struct fence_spec spec = {
            .id = text_of(id), .kind = i < 2 ? FENCE_ROUTE : FENCE_DISTRICT, .shape = holding_circle()};
        if (i == 1 && which & 2)
            spec.valid_to = (struct when_spec){.type = WHEN_INSTANT, .instant = {1600000000000}};
        assert_int_equal(world_builder_fence(b, &spec, &error), WORLD_OK);
    }
    const struct vehicle_spec known = {.id = vehicle,
                                       .plate = TEXT("A 1"),
                                       .class_name = TEXT("sweeper"),
                                       .company = TEXT("Nord"),
                                       .waste = TEXT("muck")};
    if (which & 1)
        assert_int_equal(world_builder_vehicle(b, &known, &error), WORLD_OK);
    const struct permit_spec permit = {
        .id = TEXT("p1"), .vehicles = &vehicle, .vehicle_count = 1, .routes = route, .route_count = 2};
    if (which & 1)
        assert_int_equal(world_builder_permit(b, &permit, &error), WORLD_OK);
    if (world_builder_build(b, &w, &error) != WORLD_OK)
        fail_msg("%s", error.text);
    world_builder_free(b);
    return w;
}

/* A vehicle of which anything may be known. */
static void random_vehicle(struct random *r, struct vehicle_state *s)
{
    uint32_t symbol = s->vehicle;
    int64_t live_ms = s->live_ms;
    vehicle_init(s, symbol);
    s->flags = random_below(r, 4) ? VEHICLE_SEEN : 0;
    s->flags |= (random_below(r, 2) ? VEHICLE_ONLINE : 0) | (random_below(r, 3) ? 0 : VEHICLE_OFF);
    s->flags |= (random_below(r, 2) ? VEHICLE_MOVED : 0) | (random_below(r, 2) ? VEHICLE_PLACED : 0);
    s->time_ms = 1700000000000 + random_below(r, 100000);
    s->live_ms = live_ms;
    s->received_ms = random_below(r, 4) ? s->time_ms + 5 : TIME_NONE;
    s->place_ms = random_below(r, 4) ? s->time_ms : TIME_NONE;
    s->lat_deg = random_below(r, 2) ? 31 : random_between(r, -90, 90);
    s->lon_deg = s->lat_deg == 31 ? 121 : random_between(r, -180, 180);
    s->speed_mps = random_below(r, 3) ? (float)random_between(r, 0, 40) : NAN;
    s->track_deg = random_below(r, 3) ? (float)random_between(r, 0, 359) : NAN;
    s->eph_m = random_below(r, 2) ? (float)random_between(r, 1, 40) : 0;
    s->mode = (uint8_t)random_below(r, FIX_MODE_3D + 1);
    s->trip.phase = (uint8_t)random_below(r, TRIP_ARRIVED + 1);
    s->trip.start_ms = s->trip.phase >= TRIP_HAULING ? 1699999999000 + random_below(r, 2) : TIME_NONE;
    s->trip.loaded_ms = random_below(r, 2) ? s->trip.start_ms : TIME_NONE;
    s->trip.permit = random_below(r, 2) ? sample_name("p1") : 0;
    s->trip.site = random_below(r, 2) ? sample_name("site") : 0;
    s->trip.disposal = random_below(r, 2) ? sample_name("tip") : 0;
    s->trip.distance_m = random_below(r, 9000);
    s->sensors.cover = (uint8_t)random_below(r, COVER_FAULT + 1);
    s->sensors.body = (uint8_t)random_below(r, BODY_FAULT + 1);
    s->sensors.load = (uint8_t)random_below(r, LOAD_FAULT + 1);
    s->sensors.spill = (uint8_t)random_below(r, FLAG_TRUE + 1);
    s->sensors.ignition = (uint8_t)random_below(r, FLAG_TRUE + 1);
    s->sensors.work = (uint8_t)random_below(r, WORK_COLLECTING + 1);
    s->sensors.power = (uint8_t)random_below(r, POWER_BACKUP + 1);
    s->sensors.antenna = (uint8_t)random_below(r, ANTENNA_SHORT + 1);
    s->sensors.load_kg = random_below(r, 2) ? (float)random_below(r, 30000) : NAN;
    s->sensors.height_m = random_below(r, 2) ? 3.75f : NAN;
    s->said = sensor_words_of(&s->sensors) & (uint16_t)random_below(r, 4096);
    s->episode_count = (uint8_t)random_below(r, 4);
    for (unsigned i = 0; i < s->episode_count; i++) {
        s->episodes[i].phase = random_below(r, 2) ? EPISODE_OPEN : EPISODE_CONFIRMING;
        s->episodes[i].severity = (uint8_t)(1 + random_below(r, 3));
    }
}

/* Whether what was there for good is there by now. */
struct lasting {
    bool seen, received, placed;
    int64_t time_ms, received_ms;
    double lat_deg, lon_deg;
};

static const char *word(const char *const *words, uint8_t n)
{
    return n == 0 ? "" : words[n - 1];
}

static void check_sensors(const struct store *store, const struct vehicle_state *s)
{
    static const char *const covers[] = {"open", "closed", "fault"},
                             *const bodies[] = {"raised", "down", "fault"},
                             *const loads[] = {"empty", "loaded", "over", "fault"},
                             *const flags[] = {"0", "1"}, *const powers[] = {"main", "backup"},
                             *const antennas[] = {"ok", "cut", "short"},
                             *const works[] = {"off", "sweeping", "washing", "spraying", "collecting"};
    const struct sensors *w = &s->sensors;
    char at[512] = "{", *end = at + 1;
    expect(store, "vehicle:t1", "cover", w->cover != 0, word(covers, w->cover));
    expect(store, "vehicle:t1", "body", w->body != 0, word(bodies, w->body));
    expect(store, "vehicle:t1", "load", w->load != 0, word(loads, w->load));
    expect(store, "vehicle:t1", "spill", w->spill != 0, word(flags, w->spill));
    expect(store, "vehicle:t1", "ignition", w->ignition != 0, word(flags, w->ignition));
    expect(store, "vehicle:t1", "power", w->power != 0, word(powers, w->power));
    expect(store, "vehicle:t1", "antenna", w->antenna != 0, word(antennas, w->antenna));
    expect(store, "vehicle:t1", "work", w->work != 0, word(works, w->work));
    expect_number(store, "load_kg", !isnan(w->load_kg), 1, (double)w->load_kg);
    expect_number(store, "height_m", !isnan(w->height_m), 2, (double)w->height_m);
    for (int i = 0; i < VEHICLE_SENSORS; i++)
        if (s->said >> i & 1)
            end += sprintf(end, "%s\"%s\":%lld", end[-1] == '{' ? "" : ",", sensor_words_names[i],
                           (long long)s->time_ms);
    bool cover = w->cover == COVER_FAULT, body = w->body == BODY_FAULT, load = w->load == LOAD_FAULT;
    if (cover || body || load)
        end += sprintf(end, "%s\"faults\":[%s%s%s%s%s]", end[-1] == '{' ? "" : ",", cover ? "\"cover\"" : "",
                       cover && (body || load) ? "," : "", body ? "\"body\"" : "", body && load ? "," : "",
                       load ? "\"load\"" : "");
    strcpy(end, "}");
    expect(store, "vehicle:t1", "sensors_at", sensor_words_of(w) != 0, at);
}

static void check_files(const struct store *store, const struct vehicle_state *s, int world, bool placed)
{
    static const char some[] = "[\"f0\",\"f1\"]";
    static const char many[] = "[\"f0\",\"f10\",\"f11\",\"f12\",\"f13\",\"f14\",\"f15\",\"f16\",\"f17\","
                               "\"f2\",\"f3\",\"f4\",\"f5\",\"f6\",\"f7\",\"f8\",1]";
    bool known = world & 1, held = placed && s->lat_deg == 31;
    expect(store, "vehicle:t1", "plate", known, "A 1");
    expect(store, "vehicle:t1", "company", known, "Nord");
    expect(store, "vehicle:t1", "class", known, "sweeper");
    expect(store, "vehicle:t1", "waste", known, "muck");
    expect(store, "vehicle:t1", "fences", held, world & 2 ? many : some);
}

static void check_haul(const struct store *store, const struct vehicle_state *s, int world)
{
    char trip[VIOLATION_ID_LENGTH + 1] = "", number[32] = "";
    const struct trip *t = &s->trip;
    bool hauls = t->phase >= TRIP_HAULING;
    unsigned fields = 0;
    if (hauls)
        trip_id_write(TEXT("t1"), t->start_ms, trip);
    expect(store, "vehicle:t1", "trip", hauls, trip);
    expect(store, "trip:t1", "trip", hauls, trip);
    expect(store, "trip:t1", "permit", hauls && t->permit != 0, "p1");
    expect(store, "trip:t1", "site", hauls && t->site != 0, "site");
    expect(store, "trip:t1", "disposal", hauls && t->disposal != 0, "tip");
    expect(store, "trip:t1", "route", hauls && t->permit != 0 && world & 1, "[\"f0\",\"f1\"]");
    snprintf(number, sizeof number, "%lld", (long long)t->start_ms);
    expect(store, "trip:t1", "departed", hauls, number);
    expect(store, "trip:t1", "loaded_at", hauls && t->loaded_ms != TIME_NONE, number);
    snprintf(number, sizeof number, "%.1f", t->distance_m);
    expect(store, "trip:t1", "distance_m", hauls, number);
    for (unsigned i = 0; i < store->count; i++)
        fields += strcmp(store->fields[i].key, "trip:t1") == 0;
    assert_true(hauls || fields == 0);
}

static void check_vehicle(const struct store *store, const struct vehicle_state *s, int world,
                          const struct lasting *l)
{
    static const char *const severities[] = {"minor", "major", "critical"};
    unsigned open = 0;
    uint8_t worst = 0;
    for (unsigned i = 0; i < s->episode_count; i++)
        if (s->episodes[i].phase == EPISODE_OPEN) {
            open++;
            worst = s->episodes[i].severity > worst ? s->episodes[i].severity : worst;
        }
    expect_number(store, "time", l->seen, 0, (double)l->time_ms);
    expect_number(store, "received", l->received, 0, (double)l->received_ms);
    expect_number(store, "lat", l->placed, 7, l->lat_deg);
    expect_number(store, "lon", l->placed, 7, l->lon_deg);
    expect_number(store, "speed", !isnan(s->speed_mps), 1, (double)s->speed_mps * 3.6);
    expect_number(store, "track", !isnan(s->track_deg), 1, (double)s->track_deg);
    expect_number(store, "eph", s->eph_m > 0, 1, (double)s->eph_m);
    expect_number(store, "mode", s->mode != 0, 0, s->mode);
    bool online = (s->flags & VEHICLE_ONLINE) && !(s->flags & VEHICLE_OFF);
    expect(store, "vehicle:t1", "online", true, online ? "1" : "0");
    expect_number(store, "open", true, 0, open);
    expect(store, "vehicle:t1", "worst", worst > 0, word(severities, worst));
    check_sensors(store, s);
    check_files(store, s, world, s->place_ms != TIME_NONE);
    check_haul(store, s, world);
}

static void expect_null_or(const char **at, bool known, const char *format, double value)
{
    char want[48] = "null";
    if (known)
        snprintf(want, sizeof want, format, value);
    size_t n = strcspn(*at, ",]");
    double got = strtod(*at, NULL);
    if (known ? fabs(got - value) > 0.0501 : n != 4 || memcmp(*at, "null", 4) != 0)
        fail_msg("%.*s, not %s", (int)n, *at, want);
    *at += n + 1;
}

/* The row, and a live position in the hash: that goes with a judged fix that is not older. */
static void check_row(const struct store *store, const struct vehicle_state *s,
                      const struct commit_live *live, bool live_there)
{
    const char *row = value_of(store, "live", "row");
    bool shown = live->time_ms != TIME_NONE && live->time_ms > s->time_ms,
         placed = shown || s->place_ms != TIME_NONE;
    assert_non_null(row);
    assert_memory_equal(row, "[\"t1\",", 6);
    row += 6;
    expect_null_or(&row, placed, "%.7f", shown ? live->lat_deg : s->lat_deg);
    expect_null_or(&row, placed, "%.7f", shown ? live->lon_deg : s->lon_deg);
    expect_null_or(&row, shown || !isnan(s->speed_mps), "%.1f", shown ? 36 : (double)s->speed_mps * 3.6);
    expect_null_or(&row, !shown && !isnan(s->track_deg), "%.1f", (double)s->track_deg);
    expect_null_or(&row, true, "%.0f", (double)(shown ? live->time_ms : s->time_ms));
    unsigned flags = (unsigned)strtoul(row, NULL, 10);
    assert_int_equal(flags >> 10 & 1, shown);
    assert_int_equal(flags & 1, strcmp(value_of(store, "vehicle:t1", "online"), "1") == 0);
    assert_int_equal(flags >> 1 & 1, (s->flags & VEHICLE_MOVED) != 0);
    assert_int_equal(flags >> 2 & 1, (s->flags & VEHICLE_PLACED) != 0);
    assert_int_equal(flags >> 3 & 1, s->sensors.ignition == FLAG_TRUE);
    assert_int_equal(flags >> 4 & 1, s->sensors.cover == COVER_OPEN);
    assert_int_equal(flags >> 5 & 1, s->sensors.body == BODY_RAISED);
    assert_int_equal(flags >> 6 & 1, s->sensors.load == LOAD_LOADED || s->sensors.load == LOAD_OVER);
    assert_int_equal(flags >> 7 & 1, s->sensors.spill == FLAG_TRUE);
    assert_int_equal(flags >> 8 & 1, s->sensors.work > WORK_OFF);
    assert_int_equal(flags >> 9 & 1, s->trip.phase >= TRIP_HAULING);
    const char *worst = value_of(store, "vehicle:t1", "worst");
    assert_int_equal(flags >> 11 & 3, worst == NULL ? 0 : worst[1] == 'i' ? 1 : worst[0] == 'm' ? 2 : 3);
    assert_int_equal(flags >> 13, s->sensors.cover == COVER_FAULT || s->sensors.body == BODY_FAULT ||
                                      s->sensors.load == LOAD_FAULT);
    assert_int_equal(value_of(store, "vehicle:t1", "live_time") != NULL, live_there);
}

static void note_lasting(struct lasting *l, const struct vehicle_state *s)
{
    if (s->flags & VEHICLE_SEEN) {
        l->seen = true;
        l->time_ms = s->time_ms;
    }
    if ((s->flags & VEHICLE_SEEN) && s->received_ms != TIME_NONE) {
        l->received = true;
        l->received_ms = s->received_ms;
    }
    if (s->place_ms != TIME_NONE) {
        l->placed = true;
        l->lat_deg = s->lat_deg;
        l->lon_deg = s->lon_deg;
    }
}

/* In `positions` is where it was last below 85 degrees. */
static void check_position(const struct store *store, const struct vehicle_state *s, char last[64])
{
    if (s->place_ms != TIME_NONE && fabs(s->lat_deg) <= 85)
        snprintf(last, 64, "%.5f %.5f", s->lon_deg, s->lat_deg);
    const char *got = value_of(store, "positions", "t1");
    if (last[0] == '\0') {
        assert_null(got);
        return;
    }
    assert_non_null(got);
    assert_true(fabs(strtod(got, NULL) - strtod(last, NULL)) < 1e-4);
    assert_true(fabs(strtod(strrchr(got, '\n') + 1, NULL) - strtod(strchr(last, ' '), NULL)) < 1e-4);
}

static void test_vehicle_as_it_stands(void **state)
{
    struct random r = random_seeded(31);
    struct store *store = calloc(1, sizeof *store);
    struct vehicle_state s = {.vehicle = sample_name("t1"), .live_ms = TIME_NONE};
    struct world *worlds[WORLDS];
    struct lasting l = {0};
    struct commit_group g;
    int world = 0;
    bool live_there = false;
    commit_group_init(&g, 1 << 20);
    for (int i = 0; i < WORLDS; i++)
        worlds[i] = make_world(i);
    struct commit_shown shown = commit_shown_unknown;
    char last[64] = "";
    for (int i = 0; i < 5000; i++) {
        struct commit_live live = {.time_ms = TIME_NONE};
        store->known = i > 0 && random_below(&r, 50) != 0;
        if (!store->known)
            shown = commit_shown_unknown; /* another tracker, which does not know what the hash has */
        if (random_below(&r, 10) == 0)
            world = (int)random_below(&r, WORLDS);
        random_vehicle(&r, &s);
        if (random_below(&r, 3) == 0) {
            live = (struct commit_live){1700000000000 + random_below(&r, 200000), 10.5, 20.5, 10, NAN};
            s.live_ms = live.time_ms;
            commit_put_live(&g, TEXT("t1"), &live, &shown);
            live_there = true;
        }
        live_there &= s.live_ms > s.time_ms;
        const struct commit_vehicle v = {&s, worlds[world], sample_names, live};
        commit_put_vehicle(&g, &v, &shown);
        commit_put_haul(&g, &v, &shown);
        commit_put_move(&g, &v);
        carry_out(store, &g);
        note_lasting(&l, &s);
        check_vehicle(store, &s, world, &l);
        check_position(store, &s, last);
        check_row(store, &s, &live, live_there);
    }
    for (int i = 0; i < WORLDS; i++)
        world_free(worlds[i]);
    commit_group_fini(&g);
    free(store);
}

/* What has not changed is not written again, but once in ten minutes. */
static void test_what_stays_is_written_once(void **state)
{
    struct vehicle_state s;
    struct world *world = make_world(1);
    struct commit_shown shown = commit_shown_unknown;
    struct commit_group g;
    commit_group_init(&g, 1 << 20);
    vehicle_init(&s, sample_name("t1"));
    s.flags = VEHICLE_SEEN | VEHICLE_ONLINE;
    const struct commit_vehicle v = {&s, world, sample_names, {.time_ms = TIME_NONE}};
    for (int i = 0; i < 200; i++) {
        s.time_ms = 1700000000000 + 10000 * i;
        commit_put_vehicle(&g, &v, &shown);
        commit_put_haul(&g, &v, &shown);
        buf_put_char(&g.ops, '\0');
        bool all = i == 0 || s.time_ms / 600000 != (s.time_ms - 10000) / 600000;
        assert_int_equal(strstr(g.ops.data, "plate") != NULL, all);
        assert_non_null(strstr(g.ops.data, "time"));
        commit_group_clear(&g);
    }
    world_free(world);
    commit_group_fini(&g);
}

/* ---- the violation as its last entry tells it ---- */

static void check_violation(const struct store *store, const struct entry *e, const char *opened_at,
                            bool open)
{
    char key[64], value[4096];
    unsigned fields = 0;
    snprintf(key, sizeof key, "violation:%.*s", TEXT_ARG(entry_value(e, "id")));
    for (uint32_t i = 0; i < e->count; i++) {
        snprintf(value, sizeof value, "%.*s", TEXT_ARG(e->fields[i].value));
        expect(store, key, e->fields[i].name, true, value);
        expect(store, "violations", e->fields[i].name, true, value);
    }
    expect(store, key, "opened_at", true, opened_at);
    for (unsigned i = 0; i < store->count; i++)
        fields += strcmp(store->fields[i].key, key) == 0;
    assert_int_equal(fields, e->count + 1); /* nothing of an earlier entry */
    snprintf(value, sizeof value, "%.*s", TEXT_ARG(entry_value(e, "start")));
    expect(store, "open", key + strlen("violation:"), open, value);
}

static void test_violation_as_last_told(void **state)
{
    struct store *store = calloc(1, sizeof *store);
    struct commit_group g;
    commit_group_init(&g, 1 << 20);
    for (enum kind kind = KIND_NONE + 1; kind < KIND_COUNT; kind++) {
        static struct entry e;
        char opened_at[32];
        store->count = 0;
        struct transition t = sample_transition(kind), later;
        sample_at_fence(&t, "f1", "", "");
        t.department = TEXT("traffic");
        entry_of_transition(&e, &t, sample_names);
        snprintf(opened_at, sizeof opened_at, "%.*s", TEXT_ARG(entry_value(&e, "at")));
        commit_put_violation(&g, &t, &e);
        carry_out(store, &g);
        check_violation(store, &e, opened_at, true);

        later = sample_turned(t, TRANSITION_UPDATED, CLOSE_NONE);
        later.department = TEXT(""); /* another world no longer names one */
        later.has_position = false;
        entry_of_transition(&e, &later, sample_names);
        commit_put_violation(&g, &later, &e);
        carry_out(store, &g);
        check_violation(store, &e, opened_at, true);

        later = sample_turned(t, TRANSITION_CLOSED, CLOSE_CLEARED);
        entry_of_transition(&e, &later, sample_names);
        commit_put_violation(&g, &later, &e);
        for (uint32_t i = 0; i < store->count; i++)
            if (strcmp(store->fields[i].key, "violations") == 0)
                store->fields[i--] = store->fields[--store->count];
        carry_out(store, &g);
        check_violation(store, &e, opened_at, false);
    }
    commit_group_fini(&g);
    free(store);
}

/* ---- streams and calls ---- */

static void expect_words(struct buf *bytes, const char *want)
{
    struct words w;
    char got[2048];
    size_t at = 0;
    read_words(buf_text(bytes), &w);
    for (unsigned i = 0; i < w.count; i++)
        at += (size_t)snprintf(got + at, sizeof got - at, "%s%.*s", i == 0 ? "" : " ", TEXT_ARG(w.list[i]));
    assert_string_equal(got, want);
    buf_clear(bytes);
}

static void test_streams(void **state)
{
    struct commit_group g;
    commit_group_init(&g, 1 << 16);
    struct commit_track track = {.fix = TEXT("{}"), .received = {17}, .batch = 9};
    commit_put_track(&g, TEXT("t1"), &track);
    assert_int_equal(g.args, 9);
    expect_words(&g.ops, "XADD track:t1 6 fix {} received 17 batch 9");
    track.late = "clock";
    commit_put_track(&g, TEXT("t1"), &track);
    expect_words(&g.ops, "XADD track:t1 8 fix {} received 17 batch 9 late clock");
    track.hole_from = 3;
    track.hole_to = 7;
    commit_put_track(&g, TEXT("t1"), &track);
    expect_words(&g.ops, "XADD track:t1 10 fix {} received 17 batch 9 late clock hole 3-7");
    struct attended_mark mark = {.running = true, .received_ms = 1000, .clock_ms = 50};
    commit_put_mark(&g, &mark, 4);
    expect_words(&g.ops, "XADD attended 8 received 1000 clock 50 runs 1 batch 4");
    mark.running = false;
    commit_put_mark(&g, &mark, 4);
    expect_words(&g.ops, "XADD attended 8 received 1000 clock 50 runs 0 batch 4");
    mark.held = true;
    mark.fired_ms = 45;
    commit_put_mark(&g, &mark, 4);
    expect_words(&g.ops, "XADD attended 10 received 1000 clock 50 runs 0 batch 4 fired 45");
    static struct entry life;
    entry_of_life(&life, TEXT("t1"), (struct life){.clock_ms = 40, .received_ms = 990}, 4);
    commit_put_entry(&g, "marks", &life);
    expect_words(&g.ops, "XADD marks 10 kind life vehicle t1 received 990 clock 40 batch 4");
    commit_put_ruleset(&g, TEXT("abc"), (struct wall){5}, 6);
    expect_words(&g.ops, "XADD rulesets 6 ruleset abc received 5 batch 6");
    struct commit_live live = {.time_ms = 77, .lat_deg = 31.5, .lon_deg = -121.25};
    struct commit_shown shown = commit_shown_unknown;
    commit_put_live(&g, TEXT("t1"), &live, &shown);
    expect_words(&g.ops, "HSET vehicle:t1 6 live_time 77 live_lat 31.5000000 live_lon -121.2500000");
    commit_group_fini(&g);
}

/* ---- what is kept so that late data can be judged ---- */

static void test_past(void **state)
{
    struct commit_group g;
    commit_group_init(&g, 1 << 16);
    struct commit_past past = {.vehicle = TEXT("t1"),
                               .state = TEXT("s"),
                               .ruleset = TEXT("abc"),
                               .upto_ms = 70,
                               .settled_ms = 60,
                               .stored_ms = 50,
                               .batch = 9,
                               .keep_ms = 40000,
                               .keep_most = 30,
                               .keep_from_ms = 20,
                               .said_from_ms = 10};
    commit_put_past(&g, &past);
    expect_words(&g.ops, "XADD past:t1 12 upto 70 settled 60 stored 50 batch 9 ruleset abc state s "
                         "XTRIM past:t1 2 20 30 ZTRIM said:t1 1 10 EXPIRE past:t1 1 40 EXPIRE said:t1 1 40");
    past.upto_ms = past.settled_ms = TIME_NONE;
    past.stored_ms = 0;
    past.keep_from_ms = past.said_from_ms = -5; /* a clock that is not set yet */
    commit_put_past(&g, &past);
    expect_words(&g.ops, "XADD past:t1 6 batch 9 ruleset abc state s "
                         "XTRIM past:t1 2 0 30 ZTRIM said:t1 1 0 EXPIRE past:t1 1 40 EXPIRE said:t1 1 40");
    commit_drop_past(&g, TEXT("t1"), TEXT("5-6"));
    expect_words(&g.ops, "XDEL past:t1 1 5-6");
    struct commit_redo redo = {
        .vehicle = TEXT("t1"), .received = {8}, .clock_ms = 7, .from_ms = 6, .begin_ms = 5, .batch = 4};
    commit_put_redo(&g, &redo);
    expect_words(&g.ops, "XADD marks 14 kind redo vehicle t1 received 8 clock 7 from 6 begin 5 batch 4");
    redo.begin_ms = TIME_NONE;
    commit_put_redo(&g, &redo);
    expect_words(&g.ops, "XADD marks 12 kind redo vehicle t1 received 8 clock 7 from 6 batch 4");
    redo.left = 3;
    commit_put_redo(&g, &redo);
    expect_words(&g.ops, "XADD marks 14 kind redo vehicle t1 received 8 clock 7 from 6 left 3 batch 4");
    commit_group_fini(&g);
}

static void test_said(void **state)
{
    static struct entry e;
    struct commit_group g;
    commit_group_init(&g, 1 << 16);
    entry_begin(&e);
    entry_add(&e, "id", TEXT("i"), false);
    entry_add(&e, "start", TEXT("3"), true);
    commit_put_said(&g, TEXT("t1"), &e);
    expect_words(&g.ops, "ZADD said:t1 2 3 i");
    entry_begin(&e);
    entry_add(&e, "trip", TEXT("i"), false);
    entry_add(&e, "departed", TEXT("3"), true);
    commit_put_said_trip(&g, TEXT("t1"), &e, 77, 9000);
    expect_words(&g.ops, "ZADD said:t1 2 3 t-i DEL ledger:i 1 1 HSET ledger:i 6 trip i departed 3 at 77 "
                         "EXPIRE ledger:i 1 9");
    commit_group_fini(&g);
}

static void forget_stream(struct store *store)
{
    for (uint32_t i = 0; i < store->count; i++)
        if (strcmp(store->fields[i].key, "violations") == 0)
            store->fields[i--] = store->fields[--store->count];
}

/* It goes on, or not: it is among the open ones or no longer, and its hash says what the entry says. */
static void test_corrected(void **state)
{
    static struct entry e;
    struct commit_group g;
    commit_group_init(&g, 1 << 16);
    struct store *store = calloc(1, sizeof *store);
    struct transition t = sample_transition(KIND_OVERSTAY), later;
    char opened_at[32];
    assert_non_null(store);
    entry_of_transition(&e, &t, sample_names);
    snprintf(opened_at, sizeof opened_at, "%.*s", TEXT_ARG(entry_value(&e, "at")));
    commit_put_violation(&g, &t, &e);
    carry_out(store, &g);
    for (int round = 0; round < 2; round++) {
        later = sample_turned(t, TRANSITION_CLOSED, CLOSE_CLEARED);
        entry_of_transition(&e, &later, sample_names);
        commit_put_corrected(&g, &e, false);
        forget_stream(store);
        carry_out(store, &g);
        check_violation(store, &e, opened_at, false);
        later = sample_turned(t, TRANSITION_UPDATED, CLOSE_NONE);
        entry_of_transition(&e, &later, sample_names);
        if (round == 0)
            commit_put_corrected(&g, &e, true);
        else
            commit_put_violation(&g, &later, &e); /* found again by what came in order */
        forget_stream(store);
        carry_out(store, &g);
        check_violation(store, &e, opened_at, true);
    }
    commit_group_fini(&g);
    free(store);
}

static void expect_call(struct buf *bytes, const char *want)
{
    char *end;
    assert_int_equal(bytes->data[0], '*');
    unsigned words = (unsigned)strtoul(bytes->data + 1, &end, 10), spaces = 0;
    for (const char *c = want; *c != '\0'; c++)
        spaces += *c == ' ';
    assert_int_equal(words, spaces + 1);
    size_t head = (size_t)(end + 2 - bytes->data);
    memmove(bytes->data, bytes->data + head, bytes->len - head);
    bytes->len -= head;
    expect_words(bytes, want);
}

static void test_calls(void **state)
{
    struct commit_header h = {.partition = 3, .epoch = 2, .number = 41, .clock_ms = 99, .token = TEXT("tk")};
    struct commit_group a, b;
    struct buf out;
    commit_group_init(&a, 1 << 16);
    commit_group_init(&b, 1 << 16);
    buf_init(&out, 1 << 16);
    commit_put_ruleset(&a, TEXT("x"), (struct wall){5}, 41);
    commit_put_ruleset(&b, TEXT("y"), (struct wall){5}, 41);
    const struct commit_group *groups[] = {&a, &b};
    commit_write_call(&h, groups, 2, &out);
    expect_call(
        &out,
        "FCALL muckwatch_v4_commit 1 muck:{3}:owner 2 41 99 tk XADD rulesets 6 ruleset x received 5 batch 41 "
        "XADD rulesets 6 ruleset y received 5 batch 41");
    commit_write_beat(&h, &out);
    expect_call(&out, "FCALL muckwatch_v4_beat 1 muck:{3}:owner 2 41 99 tk");
    struct commit_claim claim = {
        .partition = 3, .instance = TEXT("me"), .token = TEXT("tk"), .hold_ms = 15000};
    commit_write_claim(&claim, &out);
    expect_call(&out, "FCALL muckwatch_v4_claim 1 muck:{3}:owner me 15000 0 tk");
    claim.take_over = true;
    commit_write_claim(&claim, &out);
    expect_call(&out, "FCALL muckwatch_v4_claim 1 muck:{3}:owner me 15000 1 tk");
    buf_fini(&out);
    commit_group_fini(&a);
    commit_group_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vehicle_as_it_stands),
        cmocka_unit_test(test_what_stays_is_written_once),
        cmocka_unit_test(test_violation_as_last_told),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_past),
        cmocka_unit_test(test_said),
        cmocka_unit_test(test_corrected),
    };
    return cmocka_run_group_tests(tests, sample_set_up, sample_tear_down);
}
