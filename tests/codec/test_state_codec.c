#define _GNU_SOURCE /* memmem */
#include "../cmocka_all.h"
#include "random.h"
#include "sensor_words.h"
#include "state_codec_private.h"
#include "work.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct names *names;

static int setup(void **state)
{
    names = names_new(400000);
    return names == NULL;
}

static int teardown(void **state)
{
    names_free(names);
    return 0;
}

static uint32_t random_name(struct random *r, unsigned max_len)
{
    char text[NAMES_TEXT_MAX];
    unsigned len = 1 + random_below(r, max_len);
    for (unsigned i = 0; i < len; i++)
        text[i] = (char)('a' + random_below(r, 26));
    uint32_t symbol = 0;
    assert_true(names_intern(names, (struct text){text, len}, &symbol));
    return symbol;
}

static int64_t random_time(struct random *r, int64_t around_ms)
{
    if (around_ms == TIME_NONE)
        around_ms = 0;
    switch (random_below(r, 5)) {
    case 0:
        return TIME_NONE;
    case 1:
        return TIME_NEVER;
    case 2:
        return around_ms - (int64_t)random_below(r, 100000);
    case 3:
        return (int64_t)(random_next(r) >> 20);
    default:
        return around_ms + (int64_t)random_below(r, 100000);
    }
}

static float random_float(struct random *r)
{
    return random_below(r, 3) == 0 ? NAN : (float)random_between(r, -1e6, 1e6);
}

static double random_degrees(struct random *r)
{
    double deg = random_between(r, -180, 180);
    return random_below(r, 2) == 0 ? deg : (double)llround(deg * 1e7) / 1e7;
}

static void random_sensors(struct random *r, struct sensors *s)
{
    s->cover = (uint8_t)random_below(r, COVER_FAULT + 1);
    s->body = (uint8_t)random_below(r, BODY_FAULT + 1);
    s->load = (uint8_t)random_below(r, LOAD_FAULT + 1);
    s->spill = (uint8_t)random_below(r, 3);
    s->discharge = (uint8_t)random_below(r, 3);
    s->wash = (uint8_t)random_below(r, 3);
    s->ignition = (uint8_t)random_below(r, 3);
    s->work = (uint8_t)random_below(r, WORK_COLLECTING + 1);
    s->power = (uint8_t)random_below(r, POWER_BACKUP + 1);
    s->antenna = (uint8_t)random_below(r, ANTENNA_SHORT + 1);
    s->load_kg = random_float(r);
    s->height_m = random_float(r);
}

static void random_times_of_sensors(struct random *r, struct vehicle_state *s)
{
    uint16_t known = sensor_words_of(&s->sensors);
    s->said = known & (uint16_t)random_below(r, 1 << VEHICLE_SENSORS);
    for (int i = 0; i < VEHICLE_SENSORS; i++)
        if ((known & ~s->said) >> i & 1)
            s->said_ms[i] = random_time(r, s->time_ms);
}

static void random_journal(struct random *r, struct journal_mark *j)
{
    j->boot_len = (uint8_t)random_below(r, FIX_BOOT_MAX + 1);
    for (int i = 0; i < j->boot_len; i++)
        j->boot[i] = (char)random_below(r, 256);
    j->seq = random_next(r) >> random_below(r, 64);
    j->hole_clock_ms = random_time(r, 0);
    for (unsigned i = 0, n = random_below(r, JOURNAL_RANGES_MAX + 1); i < n; i++) {
        j->holes[i] = (struct seq_range){random_next(r) >> 1, (random_next(r) >> 1) + 1};
        j->skips[i] = (struct seq_range){random_next(r) >> 1, (random_next(r) >> 1) + 1};
    }
    if (j->boot_len == 0)
        return;
    for (unsigned i = 0, n = random_below(r, JOURNAL_SEEN_MAX + 1); i < n; i++)
        j->seen[i] = (struct seq_seen){.boot = random_below(r, 2) ? random_next(r) : 0,
                                       .from = random_next(r) >> 1,
                                       .to = (random_next(r) >> 1) + 1,
                                       .newest_ms = random_time(r, 0),
                                       .left = random_below(r, 3)};
    j->restarted = random_below(r, 2) != 0;
    j->beyond = random_below(r, 2) ? random_next(r) : 0;
    if (random_below(r, 2) == 0) {
        j->told_boot = random_next(r) | 1;
        j->told_first = random_next(r);
    }
}

static void random_episode(struct random *r, struct episode *e, int64_t time_ms, unsigned name_len)
{
    e->kind = (uint8_t)random_below(r, KIND_COUNT);
    e->phase = (uint8_t)random_below(r, 3);
    e->severity = (uint8_t)random_below(r, 4);
    e->flags = (uint8_t)random_below(r, 256);
    e->repeat = (uint8_t)random_below(r, 256);
    e->start_ms = random_time(r, time_ms);
    e->clear_ms = random_time(r, time_ms);
    e->trip_ms = random_time(r, time_ms);
    e->fence = random_name(r, name_len);
    e->permit = random_below(r, 2) ? random_name(r, name_len) : 0;
    enum subject_type type = kind_row((enum kind)e->kind)->subject;
    e->subject = type == SUBJECT_CAUSE || type == SUBJECT_REASON ? random_below(r, 8)
                 : random_below(r, 2)                            ? e->fence
                                                                 : random_name(r, name_len);
    e->rev = (uint32_t)random_next(r);
    e->value = random_float(r);
    e->limit = random_float(r);
    e->held_fixes = (uint16_t)random_next(r);
    e->sure_fixes = (uint16_t)random_next(r);
    e->clear_fixes = (uint16_t)random_next(r);
    e->held_ms = random_time(r, time_ms);
    e->unknown_ms = random_below(r, 2) ? 0 : (int64_t)random_next(r) >> 20;
    e->unheld_ms = (int64_t)random_next(r) >> 20;
    e->error_m = random_float(r);
    e->limit_now = random_float(r);
    e->start_lat_deg = random_degrees(r);
    e->start_lon_deg = random_degrees(r);
    e->key = type == SUBJECT_CAUSE || type == SUBJECT_REASON ? e->subject : e->fence;
    for (unsigned i = 0, n = random_below(r, 3); i < n; i++)
        e->pieces[e->piece_count++] = e->last_piece = i == 0 ? e->fence : random_name(r, name_len);
    if (e->phase != EPISODE_OPEN)
        e->way = (struct way_in){random_degrees(r),
                                 random_degrees(r),
                                 random_time(r, time_ms),
                                 random_time(r, time_ms),
                                 random_time(r, time_ms),
                                 random_float(r),
                                 random_float(r),
                                 random_float(r),
                                 random_float(r),
                                 {(uint8_t)random_below(r, 256), 0, (uint8_t)random_below(r, 256)},
                                 (uint8_t)random_below(r, 256),
                                 (uint8_t)random_below(r, 2),
                                 {0}};
}

static void random_rest(struct random *r, struct vehicle_state *s, unsigned name_len)
{
    s->trip.phase = (uint8_t)random_below(r, 4);
    s->trip.flags = (uint8_t)random_below(r, 256);
    s->trip.start_ms = random_time(r, s->time_ms);
    s->trip.loaded_ms = random_time(r, s->time_ms);
    s->trip.arrived_ms = random_time(r, s->time_ms);
    s->trip.unloaded_ms = random_time(r, s->time_ms);
    s->trip.edge_ms = random_time(r, s->time_ms);
    s->trip.ending = (uint8_t)random_below(r, TRIP_END_COUNT);
    s->trip.edge_fixes = (uint8_t)random_below(r, 256);
    s->trip.covered_ms = (int64_t)random_next(r);
    s->trip.distance_m = random_between(r, 0, 1e6);
    s->trip.site = random_name(r, name_len);
    s->trip.disposal = random_below(r, 2) ? s->trip.site : 0;
    s->trip.permit = random_name(r, name_len);
    s->trip.load_kg = random_float(r);
    s->trip.violations = (uint16_t)random_next(r);
    s->trust.jump_lat_deg = random_degrees(r);
    s->trust.jump_lon_deg = random_degrees(r);
    s->trust.jump_ms = random_time(r, s->time_ms);
    s->trust.jump_fixes = (uint16_t)random_next(r);
    s->trust.frozen_fixes = (uint16_t)random_next(r);
    s->trust.frozen_ms = random_time(r, s->time_ms);
    s->trust.drove_ms = random_time(r, s->time_ms);
    s->trust.held_ms = random_time(r, s->time_ms);
    s->trust.held_fixes = (uint16_t)random_next(r);
    s->trust.held_lat_deg = random_degrees(r);
    s->trust.frozen_way_m = random_float(r);
    for (int i = 0; i < 3; i++)
        s->warned_s[random_below(r, KIND_COUNT)] = (uint32_t)random_next(r);
    s->said_lat_deg = random_below(r, 2) ? s->lat_deg : random_degrees(r);
    s->said_lon_deg = random_below(r, 2) ? s->lon_deg : random_degrees(r);
    s->trip.world = (uint32_t)random_next(r);
    s->habits.stop_lat_deg = random_degrees(r);
    s->habits.stop_lon_deg = random_degrees(r);
    s->habits.stopped_ms = random_time(r, s->time_ms);
    s->habits.visit_ms = random_time(r, s->time_ms);
    s->habits.left_ms = random_time(r, s->time_ms);
    s->habits.change_ms = random_time(r, s->time_ms);
    s->habits.contradict_ms = random_time(r, s->time_ms);
    s->habits.load_word_ms = random_time(r, s->time_ms);
    s->habits.body_ms = random_time(r, s->time_ms);
    s->habits.kinds = (uint16_t)random_next(r);
    s->habits.change_kinds = (uint16_t)random_next(r);
    s->habits.contradict_kinds = (uint16_t)random_next(r);
    s->habits.visit_phase = (uint8_t)random_below(r, VISIT_LEAVING + 1);
    s->habits.visit_flags = (uint8_t)random_below(r, 256);
    s->habits.visit_fixes = (uint8_t)random_below(r, 256);
    s->habits.start_fixes = (uint8_t)random_below(r, 256);
    s->habits.load = (uint8_t)random_below(r, LOAD_FAULT + 1);
    s->habits.load_samples = (uint8_t)random_below(r, 256);
    s->habits.load_flags = (uint8_t)random_below(r, 256);
    s->habits.body_fixes = (uint8_t)random_below(r, 256);
}

static void random_yards(struct random *r, struct yards *p, unsigned count, unsigned name_len)
{
    memset(p, 0, sizeof *p);
    for (; p->count < count; p->count++) {
        p->list[p->count].fence = random_name(r, name_len);
        p->list[p->count].flags = (uint8_t)random_below(r, 256);
    }
    p->more = (uint8_t)random_below(r, 2);
}

static void random_haul(struct random *r, struct vehicle_state *s, unsigned places, unsigned breaches,
                        unsigned name_len)
{
    memset(&s->haul, 0, sizeof s->haul);
    random_yards(r, &s->sites, random_below(r, places + 1), name_len);
    random_yards(r, &s->haul.origins, random_below(r, places + 1), name_len);
    random_yards(r, &s->haul.tips, random_below(r, places + 1), name_len);
    s->haul.breach_count = random_below(r, breaches + 1);
    for (uint32_t i = 0; i < s->haul.breach_count; i++)
        s->haul.breaches[i] = (struct breach){
            .since_ms = random_time(r, s->time_ms),
            .over_ms = random_time(r, s->time_ms),
            .unknown_ms = (uint32_t)random_next(r),
            .permit = random_name(r, name_len),
            .worst_m = random_float(r),
            .fixes = (uint16_t)random_next(r),
            .kind = (uint8_t)random_below(r, KIND_COUNT),
            .flags = (uint8_t)random_below(r, 256),
        };
}

static int64_t random_lag_ms(struct random *r)
{
    return (int64_t)(random_next(r) >> 34) - (1 << 28);
}

static void random_lag(struct random *r, struct vehicle_state *s, int64_t t)
{
    struct lag_watch *w = &s->lag;
    w->silent_to_ms = random_time(r, t);
    if (w->silent_to_ms != TIME_NONE)
        w->silent_from_ms = random_time(r, t);
    if (!(s->flags & VEHICLE_LAGS))
        return;
    w->stage = (uint8_t)random_below(r, LAG_STAGE_COUNT);
    w->count = (uint8_t)random_below(r, 256);
    w->since_ms = random_time(r, t);
    w->first_ms = random_time(r, t);
    w->last_ms = random_time(r, t);
    w->last_clock_ms = random_time(r, t);
    w->time_ms = random_time(r, t);
    w->low_ms = random_lag_ms(r);
    w->high_ms = random_lag_ms(r);
    w->least_ms = random_lag_ms(r);
}

static void random_late(struct random *r, struct vehicle_state *s, int64_t t)
{
    for (int i = 0; i < LATE_WITHDRAWN_MAX && (s->flags & VEHICLE_TOOK_BACK); i++)
        s->late.withdrawn[i] = random_below(r, 3) > 0 ? random_next(r) : 0;
    if (!(s->flags & VEHICLE_LATE))
        return;
    s->late.from_ms = random_time(r, t);
    s->late.first_clock_ms = random_time(r, 5000);
    s->late.last_clock_ms = random_time(r, 5000);
}

/* Some of the kinds that may begin in the past, each once. */
static void random_begun(struct random *r, struct vehicle_state *s)
{
    int count = 0;
    for (int kind = 0; kind < KIND_COUNT && (s->flags & VEHICLE_BEGUN); kind++)
        if (kind_row((enum kind)kind)->past && random_below(r, 2) == 0)
            s->begun[count++] = (1700000000000 + (random_next(r) >> 30)) << 8 | (uint64_t)kind;
}

static void random_thrown(struct random *r, struct vehicle_state *s, int64_t t)
{
    if (!(s->flags & VEHICLE_THROWN))
        return;
    s->thrown.ms = random_time(r, t);
    s->thrown.east_m = random_float(r);
    s->thrown.north_m = random_float(r);
}

static void random_work(struct random *r, struct vehicle_state *s, unsigned name_len)
{
    struct work_state *w = &s->work;
    if (!(s->flags & VEHICLE_WORKS))
        return;
    *w = (struct work_state){.ms = random_time(r, s->time_ms),
                             .lat_deg = random_degrees(r),
                             .lon_deg = random_degrees(r),
                             .matched_ms = random_time(r, s->time_ms),
                             .matched_lat_deg = random_degrees(r),
                             .matched_lon_deg = random_degrees(r),
                             .start_ms = random_time(r, s->time_ms),
                             .road = random_below(r, 2) ? random_name(r, name_len) : 0,
                             .steps = (uint32_t)random_next(r),
                             .at_m = random_float(r),
                             .from_m = random_float(r),
                             .to_m = random_float(r),
                             .error_m = random_float(r),
                             .fast_m = random_float(r),
                             .unchanged_s = random_float(r),
                             .aside_m = random_float(r),
                             .dir = random_below(r, 2) ? 1 : -1,
                             .mode = (uint8_t)random_below(r, MODE_COUNT),
                             .how = (uint8_t)random_below(r, HOW_INFERRED + 1),
                             .side = (uint8_t)random_below(r, SIDE_RIGHT + 1),
                             .signal = (uint8_t)random_below(r, WORK_COLLECTING + 1),
                             .flags = (uint8_t)random_below(r, 16)};
    if (!(w->flags & WORK_STANDS))
        return;
    w->stop.from_ms = random_time(r, s->time_ms);
    w->stop.last_ms = random_time(r, s->time_ms);
    w->stop.lat_deg = random_degrees(r);
    w->stop.lon_deg = random_degrees(r);
    w->stop.error_m = random_float(r);
    w->stop.fixes = (uint32_t)random_next(r);
}

static void random_state(struct random *r, struct vehicle_state *s, unsigned name_len)
{
    vehicle_init(s, 1);
    s->flags = random_below(r, 1 << 25);
    random_begun(r, s);
    s->time_ms = random_below(r, 10) == 0 ? TIME_NONE : 1700000000000 + (int64_t)(random_next(r) >> 30);
    int64_t t = s->time_ms == TIME_NONE ? 0 : s->time_ms;
    s->received_ms = random_time(r, t);
    s->clock_ms = random_time(r, 5000);
    s->message_clock_ms = random_time(r, 5000);
    if (random_below(r, 2) == 0)
        s->heard = (struct life){5000 + random_below(r, 100), 1700000000000 + random_below(r, 1000)};
    s->lat_deg = random_degrees(r);
    s->lon_deg = random_degrees(r);
    s->place_ms = random_time(r, t);
    s->deadline_ms = random_time(r, t);
    s->live_ms = random_time(r, t);
    s->speed_mps = random_float(r);
    s->track_deg = random_float(r);
    s->eph_m = random_float(r);
    s->mode = (uint8_t)random_below(r, 4);
    s->held_kinds = (uint32_t)random_next(r);
    s->clear_kinds = (uint32_t)random_next(r);
    random_sensors(r, &s->sensors);
    random_work(r, s, name_len);
    random_times_of_sensors(r, s);
    random_rest(r, s, name_len);
    random_haul(r, s, YARDS_MAX, BREACHES_MAX, name_len);
    random_journal(r, &s->journal);
    random_lag(r, s, t);
    random_late(r, s, t);
    random_thrown(r, s, t);
    s->recent_count = (uint8_t)random_below(r, VEHICLE_RECENT_MAX + 1);
    s->recent_next = (uint8_t)random_below(r, VEHICLE_RECENT_MAX);
    for (int i = 0; i < s->recent_count; i++)
        s->recent[i] = random_next(r);
    s->opening_count = (uint8_t)random_below(r, VEHICLE_OPENINGS_MAX + 1);
    for (int i = 0; i < s->opening_count; i++)
        s->openings[i] = (uint32_t)random_next(r);
    s->episode_count = (uint8_t)random_below(r, VEHICLE_EPISODES_MAX + 1);
    for (int i = 0; i < s->episode_count; i++)
        random_episode(r, &s->episodes[i], t, name_len);
}

/* What is read back is, byte for byte, what was written. */
static void test_round_trip(void **state)
{
    struct random r = random_seeded(20261123);
    struct buf b;
    buf_init(&b, STATE_BYTES_MAX);
    for (int i = 0; i < 2000; i++) {
        struct vehicle_state in, back;
        random_state(&r, &in, 12);
        buf_clear(&b);
        state_write(&in, names, &b);
        assert_true(buf_ok(&b));
        assert_int_equal(state_read(buf_text(&b), 1, names, &back), STATE_OK);
        assert_memory_equal(&in, &back, sizeof in);
    }
    buf_fini(&b);
}

/* Another process numbers its names differently; the texts are the same. */
static void test_other_names(void **state)
{
    struct random r = random_seeded(7);
    struct names *other = names_new(1000);
    uint32_t ignored;
    assert_true(names_intern(other, TEXT("something else"), &ignored));
    struct vehicle_state in, back;
    random_state(&r, &in, 12);
    struct buf a, b;
    buf_init(&a, STATE_BYTES_MAX);
    buf_init(&b, STATE_BYTES_MAX);
    state_write(&in, names, &a);
    assert_int_equal(state_read(buf_text(&a), 1, other, &back), STATE_OK);
    assert_true(text_equal(names_text(names, in.trip.site), names_text(other, back.trip.site)));
    state_write(&back, other, &b);
    assert_true(text_equal(buf_text(&a), buf_text(&b)));
    buf_fini(&a);
    buf_fini(&b);
    names_free(other);
}

enum { OPEN_MAX = 16 };

/* Open, where units say places with seven decimals, on a fence that is one piece. */
static void as_they_are(struct episode *e)
{
    e->phase = EPISODE_OPEN;
    memset(&e->way, 0, sizeof e->way);
    e->start_lat_deg = (double)llround(e->start_lat_deg * 1e7) / 1e7;
    e->start_lon_deg = (double)llround(e->start_lon_deg * 1e7) / 1e7;
    memset(e->pieces, 0, sizeof e->pieces);
    e->pieces[0] = e->last_piece = e->fence;
    e->piece_count = 1;
}

static void test_sizes(void **state)
{
    struct buf b;
    buf_init(&b, STATE_BYTES_MAX);
    struct vehicle_state s;
    vehicle_init(&s, 1);
    state_write(&s, names, &b);
    print_message("a new vehicle: %zu bytes\n", b.len);
    assert_true(b.len <= 152);

    struct random r = random_seeded(11);
    size_t largest = 0;
    for (int i = 0; i < 500; i++) {
        random_state(&r, &s, 20);
        random_haul(&r, &s, 1, 1, 20); /* in one site or disposal, under one or two permits */
        s.opening_count = VEHICLE_OPENINGS_MAX;
        for (uint32_t k = 0; k < VEHICLE_OPENINGS_MAX; k++) /* of a month, in order */
            s.openings[k] = (490000 + k * 15) << 6 | (k % KIND_COUNT);
        s.episode_count = 0;
        memset(s.episodes, 0, sizeof s.episodes);
        for (; s.episode_count < OPEN_MAX; s.episode_count++) {
            struct episode *e = &s.episodes[s.episode_count];
            random_episode(&r, e, s.time_ms, 20);
            as_they_are(e);
            if (kind_row((enum kind)e->kind)->subject != SUBJECT_CAUSE)
                e->subject = e->fence;
        }
        s.said_lat_deg = s.lat_deg;
        s.said_lon_deg = s.lon_deg;
        memset(&s.journal.seen[1], 0, sizeof s.journal.seen - sizeof s.journal.seen[0]);
        memset(&s.late, 0,
               sizeof s.late); /* nothing came late, or was taken back, and nothing is thrown aside */
        memset(&s.thrown, 0, sizeof s.thrown);
        memset(&s.work, 0, sizeof s.work);
        s.flags &= ~(uint32_t)(VEHICLE_LATE | VEHICLE_TOOK_BACK | VEHICLE_THROWN | VEHICLE_WORKS);
        buf_clear(&b);
        state_write(&s, names, &b);
        assert_true(buf_ok(&b));
        largest = b.len > largest ? b.len : largest;
    }
    print_message("16 episodes, ids of up to 20 bytes: at most %zu bytes\n", largest);
    assert_true(largest <= STATE_TYPICAL_MAX);
    buf_fini(&b);
}

/* Packed it is the same state, in no more bytes than it has zeros for; cut or bent it is refused or read. */
static void test_packed(void **state)
{
    struct random r = random_seeded(17);
    struct vehicle_state in, back;
    struct buf plain, packed;
    buf_init(&plain, STATE_BYTES_MAX);
    buf_init(&packed, STATE_BYTES_MAX);
    size_t sum = 0, sum_packed = 0;
    for (int i = 0; i < 500; i++) {
        buf_clear(&plain);
        buf_clear(&packed);
        if (i % 2 == 0)
            random_state(&r, &in, 20);
        else
            vehicle_init(&in, 1);
        state_write(&in, names, &plain);
        state_write_packed(&in, names, &packed);
        assert_int_equal(state_read(buf_text(&packed), 1, names, &back), STATE_OK);
        assert_memory_equal(&back, &in, sizeof in);
        sum += plain.len;
        sum_packed += packed.len;
        for (size_t len = 0; len < packed.len && i < 4; len++) {
            char *exact = malloc(len + 1);
            memcpy(exact, packed.data, len);
            assert_int_not_equal(state_read((struct text){exact, len}, 1, names, &back), STATE_OK);
            free(exact);
        }
        for (size_t bit = 0; bit < packed.len * 8 && i < 2; bit++) {
            packed.data[bit / 8] = (char)(packed.data[bit / 8] ^ (1 << bit % 8));
            state_read(buf_text(&packed), 1, names, &back);
            packed.data[bit / 8] = (char)(packed.data[bit / 8] ^ (1 << bit % 8));
        }
    }
    assert_true(sum_packed < sum);
    buf_fini(&plain);
    buf_fini(&packed);
}

/* Cut anywhere, or with any one bit turned, it is refused or read; never believed past its end. */
static void test_damage(void **state)
{
    struct random r = random_seeded(99);
    struct vehicle_state in, back;
    random_state(&r, &in, 12);
    struct buf b;
    buf_init(&b, STATE_BYTES_MAX);
    state_write(&in, names, &b);
    for (size_t len = 0; len < b.len; len++) {
        char *exact = malloc(len + 1);
        memcpy(exact, b.data, len);
        assert_int_not_equal(state_read((struct text){exact, len}, 1, names, &back), STATE_OK);
        free(exact);
    }
    buf_put_char(&b, 0);
    assert_int_equal(state_read(buf_text(&b), 1, names, &back), STATE_MALFORMED);
    b.len--;
    for (size_t bit = 0; bit < b.len * 8; bit++) {
        b.data[bit / 8] = (char)(b.data[bit / 8] ^ (1 << bit % 8));
        enum state_error error = state_read(buf_text(&b), 1, names, &back);
        uint8_t version = (uint8_t)b.data[0];
        if (bit < 7 && (version < STATE_VERSION_OLDEST || version > STATE_VERSION))
            assert_int_equal(error, version == 0 || version > STATE_VERSION ? STATE_UNKNOWN_VERSION
                                                                            : STATE_EARLIER_VERSION);
        b.data[bit / 8] = (char)(b.data[bit / 8] ^ (1 << bit % 8));
    }
    char version = b.data[0];
    b.data[0] = 0; /* no program has written one */
    assert_int_equal(state_read(buf_text(&b), 1, names, &back), STATE_UNKNOWN_VERSION);
    b.data[0] = version;
    struct names *full = names_new(1);
    assert_int_equal(state_read(buf_text(&b), 1, full, &back), STATE_NAMES_FULL);
    names_free(full);
    buf_fini(&b);
}

/* A name is referred to by its place among those met so far; one that was not met yet is none. */
static void test_names_not_met_yet(void **state)
{
    struct vehicle_state in, back;
    vehicle_init(&in, 1);
    assert_true(names_intern(names, TEXT("only-name"), &in.trip.site));
    in.trip.disposal = in.trip.site;
    struct buf b;
    buf_init(&b, STATE_BYTES_MAX);
    state_write(&in, names, &b);
    char *name = memmem(b.data, b.len, "only-name", 9);
    assert_non_null(name);
    assert_int_equal(name[9], 2); /* the first that was met */
    for (int reference = 0; reference < 128; reference++) {
        if (reference == 1)
            continue; /* a new name would follow */
        name[9] = (char)reference;
        enum state_error error = state_read(buf_text(&b), 1, names, &back);
        assert_int_equal(error, reference <= 2 ? STATE_OK : STATE_MALFORMED);
        if (error == STATE_OK)
            assert_int_equal(back.trip.disposal, reference == 2 ? in.trip.site : 0);
    }
    buf_fini(&b);
}

static void expect_read(const struct buf *b, enum state_error want)
{
    struct vehicle_state back;
    assert_int_equal(state_read(buf_text(b), 1, names, &back), want);
}

/* A number is read only if it fits where it goes. */
static void test_numbers_that_do_not_fit(void **state)
{
    struct vehicle_state in;
    vehicle_init(&in, 1);
    in.trust.jump_fixes = UINT16_MAX;
    in.trip.world = UINT32_MAX;
    struct buf b;
    buf_init(&b, STATE_BYTES_MAX);
    state_write(&in, names, &b);
    expect_read(&b, STATE_OK);
    unsigned char *two = memmem(b.data, b.len, "\xff\xff\x03", 3);
    unsigned char *four = memmem(b.data, b.len, "\xff\xff\xff\xff\x0f", 5);
    assert_true(two != NULL && four != NULL);
    two[2] = 4;
    expect_read(&b, STATE_MALFORMED);
    two[2] = 3;
    four[4] = 0x10;
    expect_read(&b, STATE_MALFORMED);
    buf_fini(&b);
}

/* As many names as its form allows, and more than any state has. */
static void test_too_many_names(void **state)
{
    struct vehicle_state in;
    struct buf b, more;
    vehicle_init(&in, 1);
    in.episode_count = VEHICLE_EPISODES_MAX;
    for (int i = 0; i < in.episode_count; i++) {
        struct episode *e = &in.episodes[i];
        e->kind = KIND_BANNED_AREA;
        e->phase = EPISODE_OPEN;
        e->clear_ms = e->trip_ms = TIME_NONE;
        e->value = e->limit = e->error_m = e->limit_now = NAN;
        assert_true(names_intern(names, TEXT("piece"), &e->fence));
        e->subject = e->key = e->last_piece = e->fence;
        for (int k = 0; k < EPISODE_PIECES_MAX; k++)
            e->pieces[k] = e->fence;
        e->piece_count = EPISODE_PIECES_MAX;
    }
    buf_init(&b, STATE_BYTES_MAX);
    buf_init(&more, STATE_BYTES_MAX);
    state_write(&in, names, &b);
    expect_read(&b, STATE_OK);
    /* Each reference to the first name becomes a name of its own. */
    static const char listed[] = "\x10\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2\2";
    char own[] = "\1\1a";
    const char *at = b.data, *end = b.data + b.len, *list;
    while ((list = memmem(at, (size_t)(end - at), listed, sizeof listed - 1)) != NULL) {
        buf_put(&more, at, (size_t)(list + 1 - at));
        for (int k = 0; k < EPISODE_PIECES_MAX; k++)
            buf_put(&more, own, 3);
        at = list + sizeof listed - 1;
    }
    buf_put(&more, at, (size_t)(end - at));
    assert_true(buf_ok(&more) && more.len > b.len + 200);
    expect_read(&more, STATE_MALFORMED);
    buf_fini(&b);
    buf_fini(&more);
}

static void put_number(struct buf *b, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        buf_put_char(b, (char)(n | 0x80));
    buf_put_char(b, (char)n);
}

/* No version before 9 knows what of a way lies inside half as far aside as it errs; none before 8 knows of work; version 6 knows not when a sensor spoke; version 5 also of no receiver that was thrown aside, and not how much of a way lies inside put aside; version 4
 * not what began when either, version 3 of nothing late either, and of no sign of life but its messages. All the rest
 * is the same. */
static void test_versions_3_to_6(void **state)
{
    struct random r = random_seeded(3);
    struct vehicle_state s, back;
    struct buf b;
    buf_init(&b, STATE_BYTES_MAX);
    for (int i = 0; i < 200; i++) {
        buf_clear(&b);
        random_state(&r, &s, 20);
        int version = 3 + i % 4;
        s.flags &= ~(uint32_t)VEHICLE_WORKS;
        memset(&s.work, 0, sizeof s.work);
        s.said = 0;
        for (int k = 0; k < VEHICLE_SENSORS; k++)
            s.said_ms[k] = TIME_NONE;
        for (int k = 0; k < s.episode_count; k++)
            memset(s.episodes[k].way.aside + WAY_DIRECTIONS, 0, WAY_PLACES - WAY_DIRECTIONS);
        if (version < 6) {
            s.flags &= ~(uint32_t)VEHICLE_THROWN;
            memset(&s.thrown, 0, sizeof s.thrown);
            for (int k = 0; k < s.episode_count; k++)
                memset(s.episodes[k].way.aside, 0, sizeof s.episodes[k].way.aside);
        }
        if (version < 5) {
            s.flags &= ~(uint32_t)VEHICLE_BEGUN;
            memset(s.begun, 0, sizeof s.begun);
        }
        if (version < 4) {
            s.flags &= ~(uint32_t)(VEHICLE_LATE | VEHICLE_TOOK_BACK);
            memset(&s.late, 0, sizeof s.late);
            s.heard = life_none;
        }
        state_write_version(&s, names, (uint8_t)version, &b);
        assert_int_equal(state_read(buf_text(&b), 1, names, &back), STATE_OK);
        assert_memory_equal(&back, &s, sizeof s);
    }
    buf_fini(&b);
}

/* What the program that had version 5 wrote of this, packed and as it is: kept, so that it goes on being read. */
static void known_state(struct vehicle_state *s)
{
    vehicle_init(s, 1);
    s->flags =
        VEHICLE_SEEN | VEHICLE_PLACED | VEHICLE_ONLINE | VEHICLE_MOVED | VEHICLE_HEADED | VEHICLE_BEGUN;
    s->time_ms = s->place_ms = 1780000000000;
    s->received_ms = s->time_ms + 400;
    s->clock_ms = s->message_clock_ms = 7200000;
    s->deadline_ms = s->time_ms + 300000;
    s->lat_deg = s->said_lat_deg = 31.2304567;
    s->lon_deg = s->said_lon_deg = 121.4737021;
    s->speed_mps = 8.5f;
    s->track_deg = 271.5f;
    s->eph_m = 4;
    s->held_kinds = 1u << KIND_SPEEDING;
    s->begun[0] = UINT64_C(1779999000000) << 8 | KIND_OFF_ROUTE;
    s->openings[0] = 494442 << 6 | KIND_SPEEDING;
    s->openings[1] = 494443 << 6 | KIND_OFF_ROUTE;
    s->opening_count = 2;
    s->journal.boot_len = 5;
    memcpy(s->journal.boot, "boot7", 5);
    s->journal.seq = 300;
    s->recent[0] = UINT64_C(0x1122334455667788);
    s->recent_count = s->recent_next = 1;
    struct episode *e = &s->episodes[s->episode_count++];
    assert_true(names_intern(names, TEXT("slow-1"), &e->fence));
    e->kind = KIND_SPEEDING;
    e->phase = EPISODE_OPEN;
    e->start_ms = s->time_ms - 20000;
    e->held_ms = s->time_ms;
    e->clear_ms = e->trip_ms = TIME_NONE;
    e->rev = 2;
    e->held_fixes = e->sure_fixes = 3;
    e->value = 48.5f;
    e->limit = e->limit_now = 30;
    e->error_m = NAN;
    e->start_lat_deg = 31.2301;
    e->start_lon_deg = 121.4737;
    e->pieces[0] = e->last_piece = e->fence;
    e->piece_count = 1;
}

static void test_bytes_of_version_5(void **state)
{
    static const char plain[] =
        "\5\217\204\200\2\202\240\244\204\316g\242\6\2\302\317$\0\202\364\356\6\202\364\356\6\336\235"
        "\326\323\4\366\323\366\214\22\1\0\0\10A\0\300\207C\0\0\200@\0\200@\0\0\0\0\0\0\0\0\0\0\0\0\300"
        "\177\0\0\300\177\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\300\177\0\0\0\0\0\0\0\0\0\0\0"
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        "\0\0\0\5boot7\254\2\0\0\0\0\0\1\1\210wfUD3\42\21\2\232\352\226\36h\0\1\1\201\211z\1\15\2\0\0"
        "\0\301\270\2\2\0\0\0\1\6slow-1\0\2\3\3\253\0\0BB\0\0\360A\0\0\360A\1\2\1\2\274oT";
    static const char packed[] =
        "\205\217\204\200\2\202\240\244\204\316g\242\6\2\302\317$\0\202\364\356\6\202\364\356\6\336\235"
        "\326\323\4\366\323\366\214\22\1\0\0\10A\0\300\207C\0\0\200@\0\200@\347\14\300\177\0\0\300\177"
        "\347\27\300\177\347<\5boot7\254\2\347\5\1\1\210wfUD3\42\21\2\232\352\226\36h\0\1\1\201\211z\1"
        "\15\2\347\3\301\270\2\2\347\3\1\6slow-1\0\2\3\3\253\0\0BB\0\0\360A\0\0\360A\1\2\1\2\274oT";
    struct vehicle_state want, back;
    known_state(&want);
    assert_int_equal(plain[0], 5);
    assert_int_equal(state_read((struct text){plain, sizeof plain - 1}, 1, names, &back), STATE_OK);
    assert_memory_equal(&back, &want, sizeof want);
    assert_int_equal(state_read((struct text){packed, sizeof packed - 1}, 1, names, &back), STATE_OK);
    assert_memory_equal(&back, &want, sizeof want);
}

/*
 * The journal of version 2 in the place of that of this version: the journal before by its hash and last
 * number, and the last numbers that were not judged. All around it is the same.
 */
static void test_version_before(void **state)
{
    static const uint64_t before = 0x1122334455667788;
    struct vehicle_state s, back;
    struct buf now, old;
    buf_init(&now, STATE_BYTES_MAX);
    buf_init(&old, STATE_BYTES_MAX);
    vehicle_init(&s, 1);
    s.flags = VEHICLE_SEEN;
    s.time_ms = 1780000000000;
    s.journal.boot_len = 5;
    memcpy(s.journal.boot, "boot7", 5);
    s.journal.seq = 300;
    state_write_version(&s, names, 3, &now);
    size_t at = 0;
    while (memcmp(now.data + at, "boot7", 5) != 0)
        at++;
    at += 5 + 2 + 1; /* the number takes two bytes, the clock of no hole one */
    buf_put_char(&old, 2);
    buf_put(&old, now.data + 1, at - 1);
    buf_put(&old, &before, sizeof before);
    put_number(&old, 900);
    buf_put(&old, now.data + at, 2); /* no holes, no skipped numbers */
    buf_put_char(&old, 1);
    put_number(&old, 290);
    put_number(&old, 295);
    buf_put(&old, now.data + at + 3, now.len - at - 3);
    assert_int_equal(state_read(buf_text(&old), 1, names, &back), STATE_OK);
    assert_int_equal(back.journal.seq, 300);
    const struct seq_seen want[2] = {{before, 1, 900, TIME_NEVER, 2}, {0, 290, 295, TIME_NEVER, 0}};
    assert_memory_equal(back.journal.seen, want, sizeof want);
    memset(back.journal.seen, 0, sizeof want);
    assert_memory_equal(&back, &s, sizeof s);
    buf_fini(&now);
    buf_fini(&old);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sizes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damage, setup, teardown),
        cmocka_unit_test_setup_teardown(test_packed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_not_met_yet, setup, teardown),
        cmocka_unit_test_setup_teardown(test_numbers_that_do_not_fit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_many_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_version_before, setup, teardown),
        cmocka_unit_test_setup_teardown(test_versions_3_to_6, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bytes_of_version_5, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
