/*
 * Late is as in order: crews and a sweeper drive a day, dead zones hold their fixes back, and what stands of their work
 * and their duties in the end is what the same fixes come to in order of time.
 *
 * Drawn from seeds: who stops where and for how long, which points are left out, which zones are dead, and for how long.
 */
#include "cmocka_all.h"

#include "../codec/city_files.h"
#include "dice.h"
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 40, POINTS = 6, FIXES_MAX = 8000, LINE_MAX = 320, IDS_MAX = 400 };

/* 2026-05-01, 00:00 UTC. */
#define DAY_MS INT64_C(1777593600000)
#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

static struct city_files files;
static struct names *names;
static struct world *world;

struct sent {
    int64_t at_ms, received_ms;
    uint32_t number; /* of equal times the order in which they were made */
    char line[LINE_MAX];
};

static struct sent sent[FIXES_MAX];
static uint32_t sent_count;

static void write_city(void)
{
    struct buf fences, fleet;
    buf_init(&fences, 1 << 20);
    buf_init(&fleet, 1 << 20);
    buf_puts(&fences, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (int p = 0; p < POINTS; p++)
        buf_printf(
            &fences,
            "{\"type\":\"Feature\",\"id\":\"c%d\",\"properties\":{\"kind\":\"collection\"},\"geometry\":{"
            "\"type\":\"Point\",\"coordinates\":[%.4f,30]}},",
            p, 112 + p * 0.004);
    for (int k = 0; k < 3; k++)
        buf_printf(&fences,
                   "%s{\"type\":\"Feature\",\"id\":\"r%d\",\"properties\":{\"kind\":\"sweep\"},\"geometry\":{"
                   "\"type\":\"LineString\",\"coordinates\":[[%.4f,30.1],[%.4f,30.1]]}}",
                   k > 0 ? "," : "", k, 112 + k * 0.004, 112 + (k + 1) * 0.004);
    buf_puts(&fences, "]}");
    buf_puts(&fleet,
             "{\"vehicles\":[{\"id\":\"v0\",\"class\":\"compactor\"},{\"id\":\"v1\",\"class\":\"compactor\"},"
             "{\"id\":\"s0\",\"class\":\"sweeper\"}],\"duties\":[{\"id\":\"eve\",\"type\":\"collection\","
             "\"vehicles\":[\"v0\",\"v1\"],\"points\":[");
    for (int p = 0; p < POINTS; p++)
        buf_printf(&fleet, "%s{\"fence\":\"c%d\",\"window\":\"%02d:%02d-%02d:%02d\"}", p > 0 ? "," : "", p,
                   18 + p * 10 / 60, p * 10 % 60, 18 + (p * 10 + 8) / 60, (p * 10 + 8) % 60);
    buf_puts(&fleet,
             "]},{\"id\":\"road\",\"type\":\"sweeping\",\"vehicles\":[\"s0\"],\"windows\":[\"18:00-19:00\"],"
             "\"segments\":[{\"fence\":\"r0\"},{\"fence\":\"r1\"},{\"fence\":\"r2\"}]}]}");
    assert_true(buf_ok(&fences) && buf_ok(&fleet));
    buf_put_char(&fences, '\0');
    buf_put_char(&fleet, '\0');
    city_files_write(&files, "g.json", fences.data);
    city_files_write(&files, "f.json", fleet.data);
    buf_fini(&fences);
    buf_fini(&fleet);
}

/* ---- what was driven ---- */

static void send(const char *vehicle, int64_t at_ms, double lon, double lat, double mps)
{
    struct sent *s = &sent[sent_count];
    assert_true(sent_count < FIXES_MAX);
    s->at_ms = at_ms;
    s->received_ms = at_ms + 300;
    s->number = sent_count++;
    snprintf(s->line, sizeof s->line,
             "{\"time\":%lld.%03lld,\"lat\":%.7f,\"lon\":%.7f,\"speed\":%.1f,\"eph\":4,\"mode\":3,"
             "\"vehicle\":\"%s\"",
             (long long)at_ms / 1000, (long long)at_ms % 1000, lat, lon, mps, vehicle);
}

/* From point to point; some it leaves out, at some it waits, and now and then it comes late. */
static void drive_crew(struct dice *d, const char *vehicle, uint32_t every)
{
    int64_t at_ms = DAY_MS + 17 * HOUR + 40 * MINUTE + dice_below(d, 10000), end_ms = DAY_MS + 20 * HOUR;
    double lon = 111.99;
    for (uint32_t p = 0; p <= POINTS; p++) {
        int64_t goes_ms = DAY_MS + 18 * HOUR + p * 10 * MINUTE + dice_below(d, 12) * MINUTE;
        double goal = p < POINTS ? 112 + p * 0.004 + (dice_below(d, 2) == 0 ? 0.0006 : 0.00004) : 112.04;
        for (; at_ms < (p < POINTS ? goes_ms : end_ms); at_ms += 20000) {
            double step = 0.0015;
            bool there = goal - lon < step;
            lon = there ? goal : lon + step;
            send(vehicle, at_ms, lon + dice_between(d, -1e-5, 1e-5), 30,
                 there && p % every != every - 1 ? 0 : 7);
        }
    }
}

/* Up and down the road at working speed, with pauses. */
static void drive_sweeper(struct dice *d)
{
    double lon = 112.0002, way = 1;
    int64_t at_ms = DAY_MS + 17 * HOUR + 50 * MINUTE;
    for (; at_ms < DAY_MS + 20 * HOUR; at_ms += 10000) {
        bool pauses = at_ms / 600000 % 5 == 4;
        lon += pauses ? 0 : way * 0.00022;
        if (lon > 112.0118 || lon < 112.0002)
            way = -way;
        send("s0", at_ms, lon, 30.1 + (way > 0 ? -2e-5 : 2e-5) + dice_between(d, -1e-5, 1e-5),
             pauses ? 0 : 2.1);
    }
}

static bool is_of(const struct sent *s, const char *vehicle)
{
    return strstr(s->line, vehicle) != NULL;
}

/* What is made in a dead zone comes behind it; sometimes behind what was made after it. */
static uint32_t hold_back(struct dice *d, const char *vehicle)
{
    uint32_t late = 0;
    for (uint32_t zone = 1 + dice_below(d, 3); zone > 0; zone--) {
        int64_t from_ms = DAY_MS + 17 * HOUR + 45 * MINUTE + dice_below(d, 110) * MINUTE;
        int64_t to_ms = from_ms + (1 + dice_below(d, 25)) * MINUTE,
                comes_ms = to_ms + dice_below(d, 40) * MINUTE;
        for (uint32_t i = 0; i < sent_count; i++) {
            bool held = is_of(&sent[i], vehicle) && sent[i].at_ms >= from_ms && sent[i].at_ms < to_ms;
            if (held && sent[i].received_ms < comes_ms + 300)
                sent[i].received_ms = comes_ms + 300;
            late += held;
        }
    }
    return late;
}

static int by_received(const void *a, const void *b)
{
    const struct sent *x = a, *y = b;
    if (x->received_ms != y->received_ms)
        return x->received_ms < y->received_ms ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static int by_time(const void *a, const void *b)
{
    const struct sent *x = a, *y = b;
    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* ---- what comes of it ---- */

static void play(struct buf *stream, struct buf *settled, bool in_order)
{
    struct replay_options options = {
        .vehicle_limit = 10,
        .settled = true,
        .late = {
            .horizon_ms = 24 * HOUR, .quiet_ms = 10000, .max_wait_ms = 60000, .checkpoint_ms = 15 * MINUTE}};
    struct replay *r = replay_new(names, world, &options);
    assert_non_null(r);
    qsort(sent, sent_count, sizeof *sent, in_order ? by_time : by_received);
    for (uint32_t i = 0; i < sent_count; i++) {
        char line[LINE_MAX + 40];
        int64_t received_ms = in_order ? sent[i].at_ms + 300 : sent[i].received_ms;
        snprintf(line, sizeof line, "%s,\"received\":%lld}", sent[i].line, (long long)received_ms);
        assert_int_equal(replay_line(r, text_of(line), stream), REPLAY_OK);
    }
    replay_until(r, DAY_MS + 40 * HOUR, stream);
    assert_true(replay_end(r, stream));
    replay_settled(r, settled);
    assert_true(replay_counts(r)->redos > 0 || in_order);
    assert_true(buf_ok(stream) && buf_ok(settled));
    replay_free(r);
}

/* The value of a member; empty if there is none. */
static struct text member(struct text line, const char *name)
{
    char key[40];
    int n = snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = memmem(line.data, line.len, key, (size_t)n);
    if (at == NULL)
        return TEXT("");
    at += n;
    size_t len = 0;
    while (at[len] != ',' && at[len] != '}')
        len++;
    return (struct text){at, len};
}

static struct text next_line(struct text *rest)
{
    const char *end = memchr(rest->data, '\n', rest->len);
    struct text line = {rest->data, (size_t)(end - rest->data)};
    *rest = (struct text){end + 1, rest->len - line.len - 1};
    return line;
}

static int by_text(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

/* How each point, window and finding of a duty stands: the last that was told of each. And the work, as it is settled. */
static void stand(const struct buf *stream, const struct buf *settled, struct buf *out)
{
    static const char *const fields[] = {"stream", "duty",  "point",  "state",  "vehicle",  "arrived",
                                         "left",   "how",   "done_m", "passes", "vehicles", "unswept",
                                         "kind",   "start", "end",    "reason"};
    struct text last[IDS_MAX], ids[IDS_MAX], lines[IDS_MAX];
    size_t count = 0, kept = 0;
    for (struct text rest = buf_text(stream); rest.len > 0;) {
        struct text line = next_line(&rest), id = member(line, "id");
        if (member(line, "duty").len == 0)
            continue;
        size_t i = 0;
        while (i < count && !text_equal(ids[i], id))
            i++;
        assert_true(i < IDS_MAX);
        count += i == count;
        ids[i] = id;
        last[i] = line;
    }
    size_t begin[IDS_MAX + 1];
    struct buf words;
    buf_init(&words, 1 << 22);
    for (size_t i = 0; i < count; i++) {
        begin[kept] = words.len;
        if (text_equal(member(last[i], "event"), TEXT("\"withdrawn\"")))
            continue;
        for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
            buf_put_text(&words, member(last[i], fields[f]));
            buf_put_char(&words, ' ');
        }
        kept++;
    }
    begin[kept] = words.len;
    for (size_t i = 0; i < kept; i++)
        lines[i] = (struct text){words.data + begin[i], begin[i + 1] - begin[i]};
    qsort(lines, kept, sizeof *lines, by_text);
    for (size_t i = 0; i < kept; i++)
        buf_printf(out, "%.*s\n", TEXT_ARG(lines[i]));
    buf_fini(&words);
    for (struct text rest = buf_text(settled); rest.len > 0;) {
        struct text line = next_line(&rest);
        if (text_equal(member(line, "stream"), TEXT("\"work\"")))
            buf_printf(out, "%.*s\n", TEXT_ARG(line));
    }
}

static void print_differences(struct text a, struct text b)
{
    for (struct text rest = a; rest.len > 0;) {
        struct text line = next_line(&rest);
        if (memmem(b.data, b.len, line.data, line.len) == NULL)
            print_error("in order only: %.*s\n", TEXT_ARG(line));
    }
    for (struct text rest = b; rest.len > 0;) {
        struct text line = next_line(&rest);
        if (memmem(a.data, a.len, line.data, line.len) == NULL)
            print_error("late only:     %.*s\n", TEXT_ARG(line));
    }
}

static int count_of(struct text in, const char *what)
{
    int n = 0;
    for (const char *at = in.data;
         (at = memmem(at, (size_t)(in.data + in.len - at), what, strlen(what))) != NULL; at++)
        n++;
    return n;
}

static void test_late_is_as_in_order(void **state)
{
    (void)state;
    int visits = 0, drives = 0, withdrawn = 0, updated = 0, missed = 0;
    uint32_t late = 0;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        struct dice d = dice_of(19, 100 + seed);
        struct buf stream, settled, expected, found;
        buf_init(&stream, 64 << 20);
        buf_init(&settled, 16 << 20);
        buf_init(&expected, 16 << 20);
        buf_init(&found, 16 << 20);
        sent_count = 0;
        drive_crew(&d, "v0", 3);
        drive_crew(&d, "v1", 2);
        drive_sweeper(&d);
        play(&stream, &settled, true);
        stand(&stream, &settled, &expected);
        buf_clear(&stream);
        buf_clear(&settled);
        late += hold_back(&d, "v0") + hold_back(&d, "v1") + hold_back(&d, "s0");
        play(&stream, &settled, false);
        stand(&stream, &settled, &found);
        visits += count_of(buf_text(&found), "\"kind\":\"visit\"");
        drives += count_of(buf_text(&found), "\"kind\":\"interval\"");
        missed += count_of(buf_text(&found), "\"missed\"");
        withdrawn += count_of(buf_text(&stream), "\"event\":\"withdrawn\"");
        updated += count_of(buf_text(&stream), "\"event\":\"updated\"");
        if (!text_equal(buf_text(&expected), buf_text(&found))) {
            print_differences(buf_text(&expected), buf_text(&found));
            fail_msg("seed %u", seed);
        }
        buf_fini(&stream);
        buf_fini(&settled);
        buf_fini(&expected);
        buf_fini(&found);
    }
    print_message("%u fixes held back; %d visits, %d drives, %d points missed; %d withdrawn, %d updated\n",
                  late, visits, drives, missed, withdrawn, updated);
    assert_true(visits > SEEDS * 5 && drives > SEEDS * 10 && missed > SEEDS / 2 && withdrawn > SEEDS &&
                updated > SEEDS);
}

static int set_up(void **state)
{
    (void)state;
    struct problem problem = {""};
    city_files_init(&files);
    write_city();
    names = names_new(1000);
    world = city_files_load(&files, "city: {fences: [g.json], fleet: [f.json], timezone: UTC}\n", names, NULL,
                            &problem);
    if (world == NULL)
        print_error("%s\n", problem.text);
    return world == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    world_free(world);
    names_free(names);
    city_files_fini(&files);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_late_is_as_in_order)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
