#include "duty_json.h"

#include "city_doubts.h"
#include "vehicle_id.h"

#include <math.h>

static const char *const duty_keys[] = {"id",       "type",    "vehicles", "classes", "company",
                                        "waste",    "days",    "order",    "points",  "mode",
                                        "segments", "windows", "rate_of",  NULL};
static const char *const point_keys[] = {"fence", "window", "grace_min", "min_stop_s", NULL};
static const char *const segment_keys[] = {"fence", "sides", "passes", NULL};

static const double grace_min = 5, grace_max_min = 720, min_stop_s = 20, stop_max_s = 7200, passes_max = 20;

/* A duty being read. */
struct reading {
    struct city_load *load;
    struct duty_spec spec;
    struct text *fences;
};

/* A word of a list; `words` ends with NULL, and the first is what an absent member means. */
static bool read_word(struct city_load *load, const struct json_node *object, const char *key,
                      const char *const *words, unsigned *out)
{
    struct text word = text_of(words[0]);
    char all[80];
    struct buf b = {.data = all, .cap = sizeof all, .limit = sizeof all};
    if (!city_text(load, object, key, &word))
        return false;
    for (*out = 0; words[*out] != NULL; ++*out) {
        if (text_equal(word, text_of(words[*out])))
            return true;
        buf_printf(&b, "%s%s", *out > 0 ? ", " : "", words[*out]);
    }
    return city_fail_at(load, json_node_member(object, key), "%s \"%.*s\": expected one of %.*s", key,
                        PROBLEM_ARG(word), (int)b.len, all);
}

/* "HH:MM", at most 29:59; -1: it is none. */
static int minute_at(struct text t, size_t at)
{
    for (size_t i = at; i < at + 5; i++)
        if (i >= t.len || (i == at + 2 ? t.data[i] != ':' : t.data[i] < '0' || t.data[i] > '9'))
            return -1;
    int hour = (t.data[at] - '0') * 10 + t.data[at + 1] - '0';
    int minute = (t.data[at + 3] - '0') * 10 + t.data[at + 4] - '0';
    return minute > 59 || hour * 60 + minute > DUTY_MINUTE_MAX ? -1 : hour * 60 + minute;
}

/* A window whose end is before its begin runs past midnight. */
static bool take_window(struct city_load *load, const struct json_node *at, struct text t,
                        struct duty_window *out)
{
    int from = minute_at(t, 0), to = minute_at(t, 6);
    bool formed = t.len == 11 && t.data[5] == '-' && from >= 0 && to >= 0;
    if (formed && to < from)
        to += 1440;
    if (!formed || to > DUTY_MINUTE_MAX)
        return city_fail_at(load, at,
                            "window \"%.*s\": expected HH:MM-HH:MM within 00:00 to 29:59, as in 23:50-24:17",
                            PROBLEM_ARG(t));
    *out = (struct duty_window){(uint16_t)from, (uint16_t)to};
    return true;
}

static bool take_fence(struct reading *r, const struct json_node *object, const char *what, uint32_t *out)
{
    struct city_load *load = r->load;
    struct text fence = {0};
    if (!json_node_is(object, JSON_NODE_OBJECT))
        return city_fail_at(load, object, "%ss: expected a list of objects with \"fence\"", what);
    if (!city_id(load, object, "fence", &fence))
        return false;
    if (fence.len == 0)
        return city_fail_at(load, object, "%s number %zu: fence is missing", what, r->spec.fence_count + 1);
    *out = (uint32_t)r->spec.fence_count;
    r->fences[r->spec.fence_count++] = fence;
    return true;
}

static bool take_point(struct reading *r, const struct json_node *object, struct duty_point *out)
{
    struct city_load *load = r->load;
    struct text window = {0};
    double grace = grace_min, stop = min_stop_s;
    if (!take_fence(r, object, "point", &out->fence) || !city_text(load, object, "window", &window))
        return false;
    city_warn_keys(load, object, point_keys);
    if (window.len == 0)
        return city_fail_at(load, object, "point number %zu: window is missing", r->spec.fence_count);
    if (!take_window(load, json_node_member(object, "window"), window, &out->window) ||
        !city_number(load, object, "grace_min", (struct city_range){0, grace_max_min}, &grace) ||
        !city_number(load, object, "min_stop_s", (struct city_range){0, stop_max_s}, &stop))
        return false;
    out->grace_ms = (int64_t)llround(grace * 60000);
    out->min_stop_ms = (int64_t)llround(stop * 1000);
    return true;
}

static bool take_segment(struct reading *r, const struct json_node *object, struct duty_segment *out)
{
    static const char *const sides[] = {"both", "left", "right", NULL};
    static const uint8_t bits[] = {SIDES_BOTH, SIDES_LEFT, SIDES_RIGHT};
    double passes = 1;
    unsigned side;
    if (!take_fence(r, object, "segment", &out->fence) ||
        !read_word(r->load, object, "sides", sides, &side) ||
        !city_number(r->load, object, "passes", (struct city_range){1, passes_max}, &passes))
        return false;
    city_warn_keys(r->load, object, segment_keys);
    if (passes != floor(passes))
        return city_fail_at(r->load, json_node_member(object, "passes"),
                            "passes: %g, expected a whole number", passes);
    out->sides = bits[side];
    out->passes = (uint8_t)passes;
    return true;
}

/* A list of the duty that has to have something in it. */
static bool begin_list(struct city_load *load, const struct json_node *object, const char *key,
                       size_t *out_count)
{
    const struct json_node *list = json_node_member(object, key);
    if (list != NULL && !json_node_is(list, JSON_NODE_ARRAY))
        return city_fail_at(load, list, "%s: expected a list", key);
    *out_count = json_node_length(list);
    if (*out_count == 0)
        return city_fail(load, "%s is missing: nothing would be expected", key);
    return *out_count <= DUTY_PARTS_MAX ||
           city_fail_at(load, list, "%s: %zu, at most %d are allowed", key, *out_count, DUTY_PARTS_MAX);
}

static bool take_room(struct reading *r, size_t count)
{
    r->fences = arena_take(&r->load->scratch, count, sizeof *r->fences);
    r->spec.fences = r->fences;
    return r->fences != NULL || city_fail_memory(r->load);
}

static bool read_points(struct reading *r, const struct json_node *object)
{
    size_t count;
    if (!begin_list(r->load, object, "points", &count) || !take_room(r, count))
        return false;
    struct duty_point *points = arena_take(&r->load->scratch, count, sizeof *points);
    if (points == NULL)
        return city_fail_memory(r->load);
    const struct json_node *point = json_node_first(json_node_member(object, "points"));
    bool ok = true;
    for (size_t i = 0; i < count && city_step(r->load, ok); i++, point = json_node_next(point))
        ok = take_point(r, point, &points[i]) && ok;
    r->spec.points = points;
    r->spec.point_count = count;
    return ok;
}

static bool read_segments(struct reading *r, const struct json_node *object)
{
    size_t count;
    if (!begin_list(r->load, object, "segments", &count) || !take_room(r, count))
        return false;
    struct duty_segment *segments = arena_take(&r->load->scratch, count, sizeof *segments);
    if (segments == NULL)
        return city_fail_memory(r->load);
    const struct json_node *segment = json_node_first(json_node_member(object, "segments"));
    bool ok = true;
    for (size_t i = 0; i < count && city_step(r->load, ok); i++, segment = json_node_next(segment))
        ok = take_segment(r, segment, &segments[i]) && ok;
    r->spec.segments = segments;
    r->spec.segment_count = count;
    return ok;
}

static bool read_windows(struct reading *r, const struct json_node *object)
{
    struct city_load *load = r->load;
    const struct text *texts = NULL;
    size_t count;
    if (!begin_list(load, object, "windows", &count) || !city_texts(load, object, "windows", &texts, &count))
        return false;
    struct duty_window *windows = arena_take(&load->scratch, count, sizeof *windows);
    if (windows == NULL)
        return city_fail_memory(load);
    const struct json_node *at = json_node_member(object, "windows");
    bool ok = true;
    for (size_t i = 0; i < count && city_step(load, ok); i++) {
        bool good = take_window(load, at, texts[i], &windows[i]);
        if (good && windows[i].from_min == windows[i].to_min)
            good = city_fail_at(load, at, "window \"%.*s\": ends as it begins", PROBLEM_ARG(texts[i]));
        ok = good && ok;
    }
    r->spec.windows = windows;
    r->spec.window_count = count;
    return ok;
}

static bool read_collection(struct reading *r, const struct json_node *object)
{
    static const char *const orders[] = {"fixed", "free", NULL};
    unsigned order = 0;
    bool ok = read_word(r->load, object, "order", orders, &order);
    r->spec.free_order = order == 1;
    return city_step(r->load, ok) && read_points(r, object) && ok;
}

static bool read_sweeping(struct reading *r, const struct json_node *object)
{
    static const char *const words[] = {"sweeping", "washing", "spraying", NULL}, *const rates[] = {
                                                                                      "length", "area", NULL};
    unsigned mode = 0, rate = 0;
    bool ok = read_word(r->load, object, "mode", words, &mode);
    ok = city_step(r->load, ok) && read_word(r->load, object, "rate_of", rates, &rate) && ok;
    r->spec.mode = MODE_SWEEPING + mode;
    r->spec.by_area = rate == 1;
    ok = city_step(r->load, ok) && read_windows(r, object) && ok;
    return city_step(r->load, ok) && read_segments(r, object) && ok;
}

/* `days` selects whole days: a time in it would have no meaning. */
static bool read_days(struct reading *r, const struct json_node *object)
{
    struct text days = {0};
    if (!city_text(r->load, object, "days", &days))
        return false;
    for (size_t i = 1; i + 1 < days.len; i++)
        if (days.data[i] == ':' && days.data[i - 1] >= '0' && days.data[i - 1] <= '9' &&
            days.data[i + 1] >= '0' && days.data[i + 1] <= '9')
            return city_fail_at(r->load, json_node_member(object, "days"),
                                "days \"%.*s\": expected days without times: these stand in the windows",
                                PROBLEM_ARG(days));
    r->spec.days = days;
    return true;
}

static bool read_whose(struct reading *r, const struct json_node *object)
{
    struct city_load *load = r->load;
    struct duty_spec *s = &r->spec;
    bool ok = city_ids(load, object, "vehicles", &s->vehicles, &s->vehicle_count);
    ok = city_step(load, ok) && city_texts(load, object, "classes", &s->classes, &s->class_count) && ok;
    ok = city_step(load, ok) && city_text(load, object, "company", &s->company) && ok;
    ok = city_step(load, ok) && city_text(load, object, "waste", &s->waste) && ok;
    for (size_t i = 0; i < s->vehicle_count && city_step(load, ok); i++)
        if (!vehicle_id_valid(s->vehicles[i]))
            ok = city_fail(load, "vehicles: \"%.*s\" is no id for a vehicle", PROBLEM_ARG(s->vehicles[i]));
    if (ok && s->vehicle_count == 0 && s->class_count == 0)
        ok = city_fail(load, "names neither vehicles nor classes: nobody could do it");
    return ok;
}

/* What the builder finds wrong with the duty in hand, one by one. */
static void hear(void *load, const struct world_error *error)
{
    city_built(load, WORLD_BAD, error);
}

static bool build(struct reading *r)
{
    struct world_error error;
    if (r->load->all)
        world_builder_tell(r->load->builder, hear, r->load);
    enum world_status status = world_builder_duty(r->load->builder, &r->spec, &error);
    world_builder_tell(r->load->builder, NULL, NULL);
    return r->load->all && status == WORLD_BAD ? false : city_built(r->load, status, &error);
}

bool duty_json_load(struct city_load *load, const struct json_node *object)
{
    static const char *const types[] = {"collection", "sweeping", NULL};
    struct reading r = {.load = load, .spec = {.id = load->id}};
    const struct json_node *type = json_node_member(object, "type");
    unsigned number;
    if (type == NULL || type->type == JSON_NODE_NULL) {
        city_warn(load, "says no type (collection or sweeping): nothing is expected of it");
        return true;
    }
    if (!read_word(load, object, "type", types, &number))
        return false;
    r.spec.type = DUTY_COLLECTION + number;
    city_warn_keys(load, object, duty_keys);
    bool ok = read_whose(&r, object);
    ok = city_step(load, ok) && read_days(&r, object) && ok;
    ok = city_step(load, ok) &&
         (r.spec.type == DUTY_COLLECTION ? read_collection(&r, object) : read_sweeping(&r, object)) && ok;
    city_facts_duty(load, &r.spec);
    return ok && build(&r);
}
