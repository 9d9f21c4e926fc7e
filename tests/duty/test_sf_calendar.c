/*
 * A real plan: which side of which street of San Francisco is swept when, 489 segments with 1,840 rules by weekday, week of
 * the month and holiday, each as a duty of a world. The planned days of a year are those of an expansion of its own.
 */
#include "cmocka_all.h"

#include "arena.h"
#include "json_tree.h"
#include "names.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

enum { RULES_MAX = 2000, YEAR = 2019, POINTS_MAX = 400 };

struct rule {
    int weekday; /* 0: Monday; -1: holidays */
    bool weeks[5], on_holidays;
};

struct reading {
    struct names *names;
    struct world_builder *b;
    struct arena arena;
    struct rule rules[RULES_MAX];
    uint32_t count, segments, unfit;
};

static const char *const days[] = {"Mon", "Tues", "Wed", "Thu", "Fri", "Sat", "Sun"};
static const char *const words[] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};
static const int holidays[][2] = {{1, 1}, {1, 21}, {5, 27}, {7, 4}, {9, 2}, {11, 28}, {12, 25}};

static struct text member(const struct json_node *object, const char *key)
{
    return json_node_text(json_node_member(object, key));
}

static struct rule rule_of(const struct json_node *schedule)
{
    struct rule r = {.weekday = -1, .on_holidays = text_equal(member(schedule, "holidays"), TEXT("Y"))};
    for (int i = 0; i < 7; i++)
        if (text_equal(member(schedule, "weekday"), text_of(days[i])))
            r.weekday = i;
    assert_true(r.weekday >= 0 || text_equal(member(schedule, "weekday"), TEXT("Holiday")));
    for (int i = 0; i < 5; i++)
        r.weeks[i] = member(schedule, "weeks").data[i] == 'Y';
    return r;
}

static void write_days(const struct rule *r, char out[64])
{
    bool all = true;
    size_t len = (size_t)sprintf(out, "%s", r->weekday < 0 ? "PH" : words[r->weekday]);
    for (int i = 0; i < 5; i++)
        all = all && r->weeks[i];
    for (int i = 0, first = 1; i < 5 && !all; i++)
        if (r->weeks[i]) {
            len += (size_t)sprintf(out + len, "%c%d", first ? '[' : ',', i + 1);
            first = 0;
        }
    len += (size_t)sprintf(out + len, "%s", all ? "" : "]");
    sprintf(out + len, "%s", r->on_holidays || r->weekday < 0 ? "" : "; PH off");
}

static uint16_t minute_of(struct text t)
{
    return (uint16_t)(((t.data[0] - '0') * 10 + t.data[1] - '0') * 60 + (t.data[3] - '0') * 10 + t.data[4] -
                      '0');
}

static void add_duty(struct reading *r, const struct json_node *schedule, struct text segment)
{
    char id[16], selected[64];
    struct world_error error;
    struct text class_name = TEXT("sweeper");
    struct duty_segment part = {
        .sides = text_equal(member(schedule, "side"), TEXT("L")) ? SIDES_LEFT : SIDES_RIGHT, .passes = 1};
    struct duty_window window = {minute_of(member(schedule, "from")), minute_of(member(schedule, "to"))};
    assert_true(r->count < RULES_MAX && window.from_min < window.to_min);
    r->rules[r->count] = rule_of(schedule);
    write_days(&r->rules[r->count], selected);
    snprintf(id, sizeof id, "%04u", r->count++); /* so that their order is that of the rules */
    struct duty_spec spec = {.id = text_of(id),
                             .days = text_of(selected),
                             .type = DUTY_SWEEPING,
                             .mode = MODE_SWEEPING,
                             .classes = &class_name,
                             .class_count = 1,
                             .fences = &segment,
                             .fence_count = 1,
                             .segments = &part,
                             .segment_count = 1,
                             .windows = &window,
                             .window_count = 1};
    enum world_status status = world_builder_duty(r->b, &spec, &error);
    if (status != WORLD_OK)
        fail_msg("%s: %s", selected, error.text);
}

static void read_segment(void *context, const struct json_node *feature, size_t index)
{
    struct reading *r = context;
    struct mw_point points[POINTS_MAX];
    struct world_error error;
    (void)index;
    const struct json_node *lines = json_node_member(json_node_member(feature, "geometry"), "coordinates");
    uint32_t count = json_node_length(lines);
    assert_in_range(count, 2, POINTS_MAX);
    const struct json_node *position = json_node_first(lines);
    for (uint32_t i = 0; i < count; i++, position = json_node_next(position)) {
        const struct json_node *lon = json_node_first(position);
        points[i] = (struct mw_point){json_node_next(lon)->number, lon->number};
    }
    struct mw_part part = {points, count, false};
    double length_m = 0;
    for (uint32_t i = 1; i < count; i++)
        length_m += mw_distance_m(points[i - 1], points[i]);
    if (length_m < SEGMENT_MIN_M || length_m > SEGMENT_MAX_M) {
        r->unfit++;
        return;
    }
    struct fence_spec fence = {
        .id = member(feature, "id"),
        .kind = FENCE_SWEEP,
        .shape = {.kind = MW_SHAPE_CORRIDOR, .parts = &part, .part_count = 1, .radius_m = 10}};
    assert_int_equal(world_builder_fence(r->b, &fence, &error), WORLD_OK);
    r->segments++;
    const struct json_node *schedules =
        json_node_member(json_node_member(feature, "properties"), "schedules");
    const struct json_node *schedule = json_node_first(schedules);
    for (uint32_t i = 0; i < json_node_length(schedules); i++, schedule = json_node_next(schedule))
        add_duty(r, schedule, fence.id);
}

static void read_city(struct reading *r)
{
    FILE *f = fopen(MW_DATA_DIR "/sf-sweeping-sides/segments.geojson", "rb");
    size_t cap = 1 << 20;
    char *bytes = arena_take(&r->arena, cap, 1);
    assert_true(f != NULL && bytes != NULL);
    size_t len = fread(bytes, 1, cap, f);
    fclose(f);
    struct json_tree tree = {0};
    struct json_stream stream = {.key = TEXT("features"), .element = read_segment, .context = r};
    assert_int_equal(json_tree_read(&tree, (struct text){bytes, len}, &stream), JSON_TREE_OK);
    json_tree_fini(&stream.tree);
    json_tree_fini(&tree);
}

static bool is_holiday(int month, int day)
{
    for (size_t i = 0; i < sizeof holidays / sizeof holidays[0]; i++)
        if (holidays[i][0] == month && holidays[i][1] == day)
            return true;
    return false;
}

/* 2019 began with a Tuesday. */
static bool is_planned(const struct rule *r, int day_of_year, int month, int day)
{
    if (r->weekday < 0)
        return is_holiday(month, day);
    return (day_of_year + 1) % 7 == r->weekday && r->weeks[(day - 1) / 7] &&
           (r->on_holidays || !is_holiday(month, day));
}

static void test_a_year(void **state)
{
    (void)state;
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    struct reading r = {.names = names_new(10000)};
    struct mw_calendar *calendar = mw_calendar_new();
    struct world *w = NULL;
    struct world_error error;
    uint32_t planned = 0;
    arena_init(&r.arena);
    r.b = world_builder_new(r.names);
    for (size_t i = 0; i < sizeof holidays / sizeof holidays[0]; i++)
        mw_calendar_add_day(calendar, YEAR, holidays[i][0], holidays[i][1], true);
    mw_calendar_add_year(calendar, YEAR);
    assert_int_equal(world_builder_zone(r.b, TEXT("fixed"), mw_zone_fixed(-8 * 3600)), WORLD_OK);
    world_builder_calendar(r.b, calendar);
    read_city(&r);
    assert_int_equal(r.segments + r.unfit, 489);
    assert_int_equal(world_builder_build(r.b, &w, &error), WORLD_OK);
    assert_int_equal(w->duty_count, r.count);
    assert_int_equal(w->roads->count, r.segments);
    for (int month = 1, n = 0; month <= 12; month++)
        for (int day = 1; day <= length[month - 1]; day++, n++)
            for (uint32_t i = 0; i < r.count; i++) {
                bool want = is_planned(&r.rules[i], n, month, day);
                planned += want;
                if (world_duty_on(w, &w->duties[i], mw_civil_to_days(YEAR, month, day)) != want)
                    fail_msg("rule %u on %d-%d", i, month, day);
            }
    printf("%u segments, %u rules, %u segments that no duty may name, %u rounds planned in %d\n", r.segments,
           r.count, r.unfit, planned, YEAR);
    assert_true(r.unfit * 20 < r.segments && planned > 50000);
    world_free(w);
    world_builder_free(r.b);
    names_free(r.names);
    arena_fini(&r.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_year)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
