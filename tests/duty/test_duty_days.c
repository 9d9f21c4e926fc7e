/*
 * Duties over days, on virtual time: a vehicle drives and stops, `muckctl replay`'s own machine tells what its duties come
 * to. And the book alone: fed the entries in any order, and with its bytes written and read back at any place, it ends
 * with the same.
 */
#include "cmocka_all.h"

#include "../codec/city_files.h"
#include "duty_book.h"
#include "duty_bytes.h"
#include "duty_entry.h"
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct city_files files;
static struct names *names;
static struct world *world;
static struct buf out;

/* 2026-05-01, a Friday, 00:00 UTC. */
#define DAY_MS INT64_C(1777593600000)
#define MINUTE INT64_C(60000)

#define CIRCLE(id, lon)                                                                                      \
    "{\"type\":\"Feature\",\"id\":\"" id                                                                     \
    "\",\"properties\":{\"kind\":\"collection\"},\"geometry\":{\"type\":"                                    \
    "\"Point\",\"coordinates\":[" lon ",30]}}"
#define FENCES                                                                                               \
    "{\"type\":\"FeatureCollection\",\"features\":[" CIRCLE("c1", "112.002") "," CIRCLE(                     \
        "c2", "112.012") ","                                                                                 \
                         "{\"type\":\"Feature\",\"id\":\"r1\",\"properties\":{\"kind\":\"sweep\"},"          \
                         "\"geometry\":{\"type\":"                                                           \
                         "\"LineString\",\"coordinates\":[[112,30.1],[112.002,30.1]]}}]}"
#define FLEET(days)                                                                                          \
    "{\"vehicles\":[{\"id\":\"v1\",\"plate\":\"P1\",\"class\":\"compactor\"},{\"id\":\"v2\",\"class\":"      \
    "\"compactor\"},{\"id\":\"s1\",\"class\":\"sweeper\"}],\"duties\":["                                     \
    "{\"id\":\"eve\",\"type\":\"collection\",\"vehicles\":[\"v1\",\"v2\"],\"company\":\"Clean\",\"waste\":"  \
    "\"food\",\"days\":\"" days "\",\"points\":[{\"fence\":\"c1\",\"window\":\"18:05-18:15\"},"              \
    "{\"fence\":\"c2\",\"window\":\"18:30-18:40\"}]},"                                                       \
    "{\"id\":\"road\",\"type\":\"sweeping\",\"vehicles\":[\"s1\"],\"segments\":[{\"fence\":\"r1\","          \
    "\"sides\":\"right\"}],\"windows\":[\"03:00-04:00\"]}]}"

static void load(const char *fleet)
{
    struct problem problem;
    names = names_new(1000);
    buf_init(&out, 8 << 20);
    city_files_write(&files, "g.json", FENCES);
    city_files_write(&files, "f.json", fleet);
    world = city_files_load(&files, "city: {fences: [g.json], fleet: [f.json], timezone: UTC}\n", names, NULL,
                            &problem);
    assert_non_null(world);
}

static void unload(void)
{
    buf_fini(&out);
    world_free(world);
    names_free(names);
}

/* A fix each 20 s from one time to another, at one place. */
static void stay(struct replay *r, const char *vehicle, int64_t from_ms, int64_t to_ms, double lon,
                 double mps)
{
    for (int64_t ms = from_ms; ms <= to_ms; ms += 20000) {
        char line[300];
        snprintf(
            line, sizeof line,
            "{\"time\":%lld.%03lld,\"lat\":30,\"lon\":%.7f,\"speed\":%.1f,\"track\":90,\"eph\":4,\"mode\":3,"
            "\"vehicle\":\"%s\",\"received\":%lld}",
            (long long)ms / 1000, (long long)ms % 1000, lon + (double)(ms % 40000) * 1e-10, mps, vehicle,
            (long long)ms + 500);
        assert_int_equal(replay_line(r, text_of(line), &out), REPLAY_OK);
    }
}

static int count(const char *stream, const char *one, const char *two)
{
    int n = 0;
    char head[64];
    buf_put_char(&out, '\0');
    out.len--;
    snprintf(head, sizeof head, "{\"stream\":\"%s\"", stream);
    for (char *line = out.data; line < out.data + out.len; line = strchr(line, '\n') + 1) {
        char *end = strchr(line, '\n');
        *end = '\0';
        n += strncmp(line, head, strlen(head)) == 0 && strstr(line, one) != NULL && strstr(line, two) != NULL;
        *end = '\n';
    }
    return n;
}

#define AT(hour, minute) (DAY_MS + ((hour)*60 + (minute)) * MINUTE)

static struct replay *begin(void)
{
    return replay_new(names, world, &(struct replay_options){.vehicle_limit = 10});
}

static const double c1_lon = 112.002, c2_lon = 112.012, away_lon = 112.006;

/* One in time, one late after its deadline; the finding between is opened and cleared. */
static void test_in_time_and_late(void **state)
{
    (void)state;
    load(FLEET("Mo-Su"));
    struct replay *r = begin();
    stay(r, "v1", AT(17, 30), AT(18, 5), away_lon, 8);
    stay(r, "v1", AT(18, 6), AT(18, 8), c1_lon, 0);
    stay(r, "v1", AT(18, 9), AT(19, 10), away_lon, 8);
    assert_int_equal(count("collections", "\"event\":\"visited\"", "\"state\":\"on_time\""), 1);
    assert_int_equal(count("collections", "\"point\":\"c1\"", "\"arrived\":1777658760000"), 1);
    assert_int_equal(count("collections", "\"event\":\"missed\"", "\"point\":\"c2\""), 1);
    assert_int_equal(count("violations", "\"event\":\"opened\"", "\"kind\":\"missed_collection\""), 1);
    /* 18:40, 5 min of grace; judged 15 min later. */
    assert_int_equal(count("violations", "\"start\":1777661100000", "\"at\":1777662000000"), 1);
    assert_int_equal(count("violations", "\"duty\":\"eve\"", "\"company\":\"Clean\""), 1);
    assert_int_equal(count("violations", "missed_collection", "\"vehicle\""), 0);
    stay(r, "v1", AT(19, 20), AT(19, 22), c2_lon, 0);
    stay(r, "v1", AT(19, 23), AT(19, 24), away_lon, 8);
    assert_int_equal(count("collections", "\"event\":\"visited\"", "\"state\":\"late\""), 1);
    assert_int_equal(count("violations", "\"kind\":\"missed_collection\"", "\"reason\":\"cleared\""), 1);
    assert_int_equal(count("violations", "missed_collection", "\"no_data\""), 0);
    replay_free(r);
    unload();
}

/* Nobody is heard of: the silence is told as the reason, and the finding closes when the day is over. */
static void test_no_data(void **state)
{
    (void)state;
    load(FLEET("Mo-Su"));
    struct replay *r = begin();
    stay(r, "v1", AT(17, 0), AT(17, 30), away_lon, 0);
    replay_until(r, AT(19, 30), &out);
    assert_int_equal(count("violations", "\"event\":\"opened\"", "\"reason\":\"no_data\""), 2);
    assert_int_equal(count("collections", "\"event\":\"missed\"", ""), 2);
    replay_until(r, AT(33, 0), &out);
    assert_int_equal(count("violations", "\"event\":\"closed\"", "\"reason\":\"window\""), 2);
    replay_free(r);
    unload();
}

/* A second vehicle is heard of and behind: nothing is missed before its clock is past as well. */
static void test_every_clock(void **state)
{
    (void)state;
    load(FLEET("Mo-Su"));
    struct replay *r = begin();
    stay(r, "v1", AT(17, 30), AT(17, 40), away_lon, 8);
    stay(r, "v2", AT(17, 41), AT(18, 7), away_lon, 8);
    stay(r, "v2", AT(18, 8), AT(18, 12), c1_lon,
         0); /* swapped in the middle: it does the one, v1 the other */
    stay(r, "v1", AT(18, 32), AT(18, 36), c2_lon, 0);
    stay(r, "v1", AT(18, 37), AT(19, 30), away_lon, 8);
    stay(r, "v2", AT(19, 31), AT(19, 32), away_lon, 8);
    assert_int_equal(
        count("collections", "\"event\":\"visited\"", "\"state\":\"on_time\",\"vehicle\":\"v2\""), 1);
    assert_int_equal(
        count("collections", "\"event\":\"visited\"", "\"state\":\"on_time\",\"vehicle\":\"v1\""), 1);
    assert_int_equal(count("violations", "missed_collection", ""), 0);
    replay_free(r);
    unload();
}

/* On a day without service nothing is expected, and who comes is entered. */
static void test_days_off(void **state)
{
    (void)state;
    load(FLEET("Mo-Th"));
    struct replay *r = begin();
    stay(r, "v1", AT(17, 30), AT(18, 5), away_lon, 8);
    stay(r, "v1", AT(18, 6), AT(18, 8), c1_lon, 0);
    stay(r, "v1", AT(18, 9), AT(20, 0), away_lon, 8);
    assert_int_equal(count("collections", "\"state\":\"extra\"", "\"point\":\"c1\""), 1);
    assert_int_equal(count("collections", "", ""), 1);
    assert_int_equal(count("violations", "missed_collection", ""), 0);
    replay_free(r);
    unload();
}

static void test_unswept(void **state)
{
    (void)state;
    load(FLEET("Mo-Su"));
    struct replay *r = begin();
    stay(r, "s1", AT(2, 0), AT(5, 0), away_lon, 8);
    assert_int_equal(count("coverage", "\"event\":\"closed\"", "\"done_m\":0.0"), 1);
    assert_int_equal(count("coverage", "\"unswept\":\"r1/right\"", "\"unswept_n\":1"), 1);
    assert_int_equal(count("violations", "\"kind\":\"unswept\"", "\"value\":0,\"limit\":90,\"unit\":\"%\""),
                     1);
    replay_free(r);
    unload();
}

/* ---- the book alone ---- */

struct hearing {
    uint32_t told;
    struct buf lines; /* what was told, if it has room */
};

static void hear(void *context, const struct duty_telling *telling)
{
    static struct entry e;
    struct hearing *h = context;
    const char *stream = duty_entry(&e, telling, world, names);
    h->told++;
    if (h->lines.limit > 0)
        entry_write_json(&e, stream, &h->lines);
}

static struct duty_ledger *copy(const struct duty_ledger *l)
{
    struct buf head, page;
    buf_init(&head, 1 << 20);
    buf_init(&page, 1 << 20);
    duty_head_write(l, names, &head);
    struct duty_ledger *read = duty_head_read(buf_text(&head), names);
    assert_non_null(read);
    for (size_t i = 0; i * LEDGER_PAGE_ITEMS < l->count; i++) {
        buf_clear(&page);
        duty_page_write(l, i, &page);
        assert_true(duty_page_read(read, i, buf_text(&page)));
    }
    buf_fini(&head);
    buf_fini(&page);
    return read;
}

/* As who starts again reads it. */
static void start_again(struct duty_book *b)
{
    struct duty_book again;
    uint32_t damaged = 0;
    duty_book_init(&again, names, b->judge.listener);
    for (size_t i = 0; i < b->clocks.cap; i++)
        if (b->clocks.of[i].ms != DUTY_NEVER)
            assert_true(duty_book_restore_clock(&again, (uint32_t)i, b->clocks.of[i].ms));
    for (size_t i = 0; i < b->since.cap; i++)
        if (b->since.of[i].ms != DUTY_NEVER)
            assert_true(duty_book_restore_since(&again, (uint32_t)i, b->since.of[i].ms));
    for (size_t i = 0; i < b->count; i++)
        assert_true(duty_book_restore_ledger(&again, copy(b->ledgers[i])));
    assert_true(duty_book_restored(&again, &damaged));
    assert_int_equal(damaged, 0);
    assert_true(duty_book_set_world(&again, world));
    duty_book_fini(b);
    *b = again;
}

enum { WORKS = 60, RUNS = 200 };

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Stops of two vehicles and how far their clocks come, over an evening. */
static void make_works(struct duty_work *works, uint32_t *seed)
{
    uint32_t v[2] = {names_find(names, TEXT("v1")), names_find(names, TEXT("v2"))};
    for (int i = 0; i < WORKS; i++) {
        int64_t at_ms = AT(17, 55) + i * 2 * MINUTE;
        bool clock = i % 3 == 0;
        works[i] =
            (struct duty_work){.type = clock ? DUTY_WORK_CLOCK : DUTY_WORK_STOP,
                               .vehicle = v[i % 2],
                               .rev = 1,
                               .start_ms = clock ? DUTY_NEVER : at_ms - (int64_t)(next_random(seed) % 90000),
                               .end_ms = at_ms,
                               .heard_ms = at_ms - 5000,
                               .received_ms = at_ms,
                               .lat_deg = 30,
                               .lon_deg = next_random(seed) % 2 ? c1_lon : c2_lon,
                               .error_m = 4};
    }
}

static void dump(const struct duty_book *b, struct buf *into)
{
    for (int32_t day = (int32_t)(DAY_MS / 86400000) - 2; day < (int32_t)(DAY_MS / 86400000) + 3; day++)
        for (uint32_t i = 0; i < world->duty_count; i++) {
            struct duty_ledger *l = duty_book_find(b, world->duties[i].id, day);
            for (uint32_t p = 0; l != NULL && p < l->point_count; p++) {
                const struct said_point *said = &l->points[p];
                /* What was withdrawn stands as little as what was never said. */
                bool stands = said->violation.standing != VIOLATION_WITHDRAWN;
                buf_printf(into, "%d/%u/%u: %d %lld %lld %.*s %d %d %lld\n", (int)day, i, p, said->state,
                           (long long)said->arrived_ms, (long long)said->left_ms,
                           TEXT_ARG(names_text(names, said->vehicle)),
                           stands ? said->violation.standing : VIOLATION_NONE,
                           stands && said->violation.cleared,
                           stands ? (long long)said->violation.end_ms : 0LL);
            }
        }
}

/* Killed and started again 200 times, anywhere: what is told, and what stands, is that of a run without. */
static void test_restarts(void **state)
{
    (void)state;
    load(FLEET("Mo-Su"));
    for (uint32_t run = 0; run < RUNS; run++) {
        uint32_t seed = run + 1;
        struct duty_work works[WORKS];
        struct hearing whole = {0}, cut = {0};
        struct duty_book a, b;
        struct buf first, second;
        buf_init(&first, 1 << 20);
        buf_init(&second, 1 << 20);
        buf_init(&whole.lines, 8 << 20);
        buf_init(&cut.lines, 8 << 20);
        make_works(works, &seed);
        duty_book_init(&a, names, (struct duty_listener){&whole, hear});
        duty_book_init(&b, names, (struct duty_listener){&cut, hear});
        assert_true(duty_book_set_world(&a, world) && duty_book_set_world(&b, world));
        for (int i = 0; i < WORKS; i++) {
            assert_true(duty_book_take(&a, &works[i]));
            if (next_random(&seed) % 7 == 0)
                start_again(&b);
            assert_true(duty_book_take(&b, &works[i]));
        }
        dump(&a, &first);
        dump(&b, &second);
        assert_true(first.len > 100);
        assert_int_equal(first.len, second.len);
        assert_memory_equal(first.data, second.data, first.len);
        assert_int_equal(whole.told, cut.told);
        assert_int_equal(whole.lines.len, cut.lines.len);
        assert_memory_equal(whole.lines.data, cut.lines.data, whole.lines.len);
        buf_fini(&whole.lines);
        buf_fini(&cut.lines);
        buf_fini(&first);
        buf_fini(&second);
        duty_book_fini(&a);
        duty_book_fini(&b);
    }
    unload();
}

/* Entries that came in another order come to the same, once all clocks are there. */
static void test_any_order(void **state)
{
    (void)state;
    load(FLEET("Mo-Su"));
    for (uint32_t run = 0; run < RUNS; run++) {
        uint32_t seed = run + 1000;
        struct duty_work works[WORKS];
        struct hearing none = {0};
        struct buf first, second;
        buf_init(&first, 1 << 20);
        buf_init(&second, 1 << 20);
        make_works(works, &seed);
        for (int shuffled = 0; shuffled < 2; shuffled++) {
            struct duty_book b;
            duty_book_init(&b, names, (struct duty_listener){&none, hear});
            assert_true(duty_book_set_world(&b, world));
            /* The duty is known before anything else comes, and all clocks have come far behind all else. */
            struct duty_work clock = {
                .type = DUTY_WORK_CLOCK, .start_ms = DUTY_NEVER, .received_ms = DUTY_NEVER};
            clock.vehicle = names_find(names, TEXT("v1"));
            clock.end_ms = clock.heard_ms = AT(17, 0);
            assert_true(duty_book_take(&b, &clock));
            clock.vehicle = names_find(names, TEXT("v2"));
            assert_true(duty_book_take(&b, &clock));
            for (int i = WORKS - 1; i > 0 && shuffled; i--) {
                int k = (int)(next_random(&seed) % (uint32_t)(i + 1));
                struct duty_work w = works[i];
                works[i] = works[k];
                works[k] = w;
            }
            for (int i = 0; i < WORKS; i++)
                assert_true(duty_book_take(&b, &works[i]));
            dump(&b, shuffled ? &second : &first);
            duty_book_fini(&b);
        }
        assert_true(first.len > 100);
        if (first.len != second.len || memcmp(first.data, second.data, first.len) != 0)
            fail_msg("run %u:\n%.*s\n%.*s", run, TEXT_ARG(buf_text(&first)), TEXT_ARG(buf_text(&second)));
        buf_fini(&first);
        buf_fini(&second);
    }
    unload();
}

static int lines_with(const struct buf *lines, const char *one, const char *two)
{
    int n = 0;
    const char *at = lines->data, *end = lines->data + lines->len;
    while (at < end) {
        const char *close = memchr(at, '}', (size_t)(end - at));
        char line[2000];
        snprintf(line, sizeof line, "%.*s", (int)(close - at), at);
        n += strstr(line, one) != NULL && strstr(line, two) != NULL;
        at = close + 1;
    }
    return n;
}

static void tell_clock(struct duty_book *b, struct text vehicle, int64_t ms)
{
    const struct duty_work clock = {.type = DUTY_WORK_CLOCK,
                                    .vehicle = names_find(names, vehicle),
                                    .start_ms = DUTY_NEVER,
                                    .end_ms = ms,
                                    .heard_ms = ms,
                                    .received_ms = DUTY_NEVER};
    assert_true(duty_book_take(b, &clock));
}

/* Nothing is judged before the last of its vehicles has come so far. */
static void test_slowest_clock(void **state)
{
    (void)state;
    load(FLEET("Mo-Su"));
    struct hearing heard = {0};
    struct duty_book b;
    buf_init(&heard.lines, 8 << 20);
    duty_book_init(&b, names, (struct duty_listener){&heard, hear});
    assert_true(duty_book_set_world(&b, world));
    tell_clock(&b, TEXT("v1"), AT(17, 0));
    tell_clock(&b, TEXT("v2"), AT(17, 1));
    tell_clock(&b, TEXT("v1"), AT(19, 20));
    assert_int_equal(heard.told, 0);
    tell_clock(&b, TEXT("v2"), AT(19, 20));
    assert_int_equal(lines_with(&heard.lines, "\"event\":\"missed\"", ""), 2);
    duty_book_fini(&b);
    buf_fini(&heard.lines);
    unload();
}

/* What was taken out and is put back expects what begins from then on, and nothing of when it was not there. */
static void test_put_back(void **state)
{
    (void)state;
    struct problem problem;
    load(FLEET("Mo-Su"));
    struct world *with = world;
    city_files_write(&files, "f.json", "{\"vehicles\":[{\"id\":\"v1\",\"class\":\"compactor\"}]}");
    struct world *without = city_files_load(
        &files, "city: {fences: [g.json], fleet: [f.json], timezone: UTC}\n", names, NULL, &problem);
    struct hearing heard = {0};
    struct duty_book b;
    assert_non_null(without);
    buf_init(&heard.lines, 8 << 20);
    duty_book_init(&b, names, (struct duty_listener){&heard, hear});
    assert_true(duty_book_set_world(&b, with));
    tell_clock(&b, TEXT("v1"), AT(17, 0));
    world = without;
    assert_true(duty_book_set_world(&b, without));
    tell_clock(&b, TEXT("v1"), AT(18, 4));
    world = with;
    assert_true(duty_book_set_world(&b, with));
    tell_clock(&b, TEXT("v1"), AT(18, 20)); /* the first point's window began at 18:05 */
    tell_clock(&b, TEXT("v1"), AT(19, 20));
    assert_int_equal(lines_with(&heard.lines, "\"event\":\"missed\"", ""), 1);
    assert_int_equal(lines_with(&heard.lines, "\"event\":\"missed\"", "\"point\":\"c2\""), 1);
    duty_book_fini(&b);
    buf_fini(&heard.lines);
    world_free(without);
    unload();
}

static int set_up(void **state)
{
    (void)state;
    city_files_init(&files);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    city_files_fini(&files);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_time_and_late), cmocka_unit_test(test_no_data),
        cmocka_unit_test(test_every_clock),      cmocka_unit_test(test_days_off),
        cmocka_unit_test(test_unswept),          cmocka_unit_test(test_restarts),
        cmocka_unit_test(test_any_order),        cmocka_unit_test(test_put_back),
        cmocka_unit_test(test_slowest_clock),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
