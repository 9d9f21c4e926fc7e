/*
 * A scenario's worlds. The lines before the first `world NAME` are the world at the start; a later world is
 * that one with its own lines in place of those about the same thing, and without what it says is `without`.
 */
#include "scenario.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct build {
    const struct scenario *s;
    struct world_builder *builder;
    struct rule_settings rules[KIND_COUNT];
    size_t from, to; /* lines of its own; none for the first world */
    size_t first_to; /* the first world's lines end here */
};

static void need(const struct build *b, const struct line *line, enum world_status status,
                 const struct world_error *error)
{
    if (status != WORLD_OK)
        scenario_fail(b->s, line, "%s", status == WORLD_BAD ? error->text : "no memory");
}

static bool is(const struct line *line, const char *word)
{
    return strcmp(line->tokens[0], word) == 0;
}

/* Whether a line of the first world stands in this one. */
static bool stands(const struct build *b, const struct line *line)
{
    for (size_t i = b->from; i < b->to; i++) {
        const struct line *own = &b->s->lines[i];
        if (own->count < 2 || line->count < 2 || strcmp(own->tokens[1], line->tokens[1]) != 0)
            continue;
        if (is(own, "without") || is(own, line->tokens[0]))
            return false;
    }
    return true;
}

static void each(struct build *b, const char *word, void (*take)(struct build *, const struct line *))
{
    for (size_t i = 0; i < b->to; i++) {
        const struct line *line = &b->s->lines[i];
        bool first = i < b->first_to, own = i >= b->from;
        if (is(line, word) && (own || (first && stands(b, line))))
            take(b, line);
    }
}

static struct text value_text(const struct line *line, const char *key)
{
    const char *value = line_value(line, key);
    return value == NULL ? TEXT("") : text_of(value);
}

static struct when_spec value_when(const struct build *b, const struct line *line, const char *key)
{
    const char *value = line_value(line, key);
    if (value == NULL)
        return (struct when_spec){0};
    if (strchr(value, ':') != NULL)
        return (struct when_spec){.type = WHEN_INSTANT,
                                  .instant = {parse_time(b->s, line, value, b->s->first_day)}};
    struct when_spec when = {.type = WHEN_DATE};
    mw_civil_from_days(parse_date(b->s, line, value), &when.year, &when.month, &when.day);
    return when;
}

static void set_own(struct build *b, const struct line *line, enum kind kind, struct rule_settings *r)
{
    const struct own_setting *own = kind_row(kind)->own;
    for (int i = 0; i < KIND_OWN_MAX && own[i].name != NULL; i++)
        r->own[i] = line_number(b->s, line, own[i].name, r->own[i]);
}

static bool rule_word(enum kind kind, const char *word)
{
    static const char *const words[] = {"confirm_fixes", "confirm_s", "clear_fixes", "clear_s",
                                        "severity",      "major",     "enabled",     "class"};
    size_t n = strcspn(word, "=");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i]) == n && strncmp(words[i], word, n) == 0)
            return true;
    const struct own_setting *own = kind_row(kind)->own;
    for (int i = 0; i < KIND_OWN_MAX && own[i].name != NULL; i++)
        if (strlen(own[i].name) == n && strncmp(own[i].name, word, n) == 0)
            return true;
    return false;
}

static void take_rule(struct build *b, const struct line *line)
{
    enum kind kind = line->count < 2 ? KIND_NONE : kind_find(text_of(line->tokens[1]));
    if (kind == KIND_NONE)
        scenario_fail(b->s, line, "no such kind");
    for (unsigned i = 2; i < line->count; i++)
        if (!rule_word(kind, line->tokens[i]))
            scenario_fail(b->s, line, "\"%s\" is no setting of this kind", line->tokens[i]);
    struct rule_settings r = b->rules[kind];
    r.confirm_fixes = (uint32_t)line_number(b->s, line, "confirm_fixes", r.confirm_fixes);
    r.clear_fixes = (uint32_t)line_number(b->s, line, "clear_fixes", r.clear_fixes);
    r.confirm_ms = (int64_t)(line_number(b->s, line, "confirm_s", (double)r.confirm_ms / 1000) * 1000);
    r.clear_ms = (int64_t)(line_number(b->s, line, "clear_s", (double)r.clear_ms / 1000) * 1000);
    r.major = line_number(b->s, line, "major", r.major);
    r.enabled = line_number(b->s, line, "enabled", r.enabled) != 0;
    if (line_value(line, "severity") != NULL)
        r.severity = severity_find(text_of(line_value(line, "severity")));
    set_own(b, line, kind, &r);
    if (line_value(line, "class") == NULL)
        b->rules[kind] = r;
    struct world_error error;
    need(b, line, world_builder_rule(b->builder, kind, value_text(line, "class"), &r, &error), &error);
}

/* Only these kinds are judged. */
static void take_kinds(struct build *b, const struct line *line)
{
    bool on[KIND_COUNT] = {false};
    for (unsigned i = 1; i < line->count; i++) {
        enum kind kind = kind_find(text_of(line->tokens[i]));
        if (kind == KIND_NONE)
            scenario_fail(b->s, line, "\"%s\" is no kind", line->tokens[i]);
        on[kind] = true;
    }
    for (enum kind k = KIND_NONE + 1; k < KIND_COUNT; k++) {
        struct world_error error;
        b->rules[k].enabled = on[k];
        need(b, line, world_builder_rule(b->builder, k, TEXT(""), &b->rules[k], &error), &error);
    }
}

static void take_common(struct build *b, const struct line *line)
{
    struct common_settings c = common_settings_initial();
    c.gap_ms = (int64_t)(line_number(b->s, line, "gap_s", (double)c.gap_ms / 1000) * 1000);
    c.hole_ms = (int64_t)(line_number(b->s, line, "hole_s", (double)c.hole_ms / 1000) * 1000);
    c.moving_kmh = line_number(b->s, line, "moving_kmh", c.moving_kmh);
    c.stopped_kmh = line_number(b->s, line, "stopped_kmh", c.stopped_kmh);
    c.eph_default_m = line_number(b->s, line, "eph_default_m", c.eph_default_m);
    c.trip_ms = (int64_t)(line_number(b->s, line, "trip_s", (double)c.trip_ms / 1000) * 1000);
    c.crossing = line_number(b->s, line, "crossing", c.crossing) != 0;
    world_builder_common(b->builder, &c);
}

/*
 * circle EAST,NORTH RADIUS · line HALF_WIDTH PLACE PLACE... · box SOUTH_WEST NORTH_EAST · poly PLACE PLACE
 * PLACE... (closed by itself). Places end at the first key=value.
 */
static void read_shape(struct build *b, const struct line *line, struct mw_shape *shape, struct mw_part *part,
                       struct mw_point *points)
{
    const struct scenario *s = b->s;
    const char *type = line->count > 3 ? line->tokens[3] : "";
    unsigned at = 4;
    if (strcmp(type, "line") == 0)
        shape->radius_m = parse_number(s, line, line->tokens[at++]);
    uint32_t n = 0;
    for (; at < line->count && strchr(line->tokens[at], '=') == NULL && strchr(line->tokens[at], ',') != NULL;
         at++)
        points[n++] = parse_place(s, line, line->tokens[at]);
    if (strcmp(type, "circle") == 0 && n == 1 && at < line->count) {
        shape->kind = MW_SHAPE_CIRCLE;
        shape->radius_m = parse_number(s, line, line->tokens[at]);
    } else if (strcmp(type, "line") == 0) {
        shape->kind = MW_SHAPE_CORRIDOR;
    } else if (strcmp(type, "box") == 0 && n == 2) {
        shape->kind = MW_SHAPE_POLYGON;
        struct mw_point sw = points[0], ne = points[1];
        points[1] = (struct mw_point){sw.lat_deg, ne.lon_deg};
        points[2] = ne;
        points[3] = (struct mw_point){ne.lat_deg, sw.lon_deg};
        points[4] = sw;
        n = 5;
    } else if (strcmp(type, "poly") == 0) {
        shape->kind = MW_SHAPE_POLYGON;
        points[n++] = points[0];
    } else {
        scenario_fail(s, line, "expected circle, line, box or poly and its numbers");
    }
    *part = (struct mw_part){.points = points, .count = n};
    shape->parts = part;
    shape->part_count = 1;
}

static void take_fence(struct build *b, const struct line *line)
{
    struct mw_part part;
    struct mw_point points[LINE_TOKENS_MAX + 2];
    struct text classes[16];
    struct fence_spec f = {0};
    read_shape(b, line, &f.shape, &part, points);
    f.id = text_of(line->tokens[1]);
    f.kind = fence_kind_find(text_of(line->tokens[2]));
    if (f.kind == FENCE_NONE)
        scenario_fail(b->s, line, "\"%s\" is no kind of fence", line->tokens[2]);
    f.name = value_text(line, "name");
    f.hours = value_text(line, "hours");
    f.company = value_text(line, "company");
    f.waste = value_text(line, "waste");
    f.road_class = value_text(line, "road_class");
    f.jurisdiction = value_text(line, "jurisdiction");
    f.valid_from = value_when(b, line, "from");
    f.valid_to = value_when(b, line, "to");
    f.speed_limit_kmh = line_number(b->s, line, "limit", 0);
    f.classes = classes;
    f.class_count = split_list(b->s, line, line_value(line, "classes"), classes, 16);
    struct world_error error;
    need(b, line, world_builder_fence(b->builder, &f, &error), &error);
}

static void take_vehicle(struct build *b, const struct line *line)
{
    char twin[WORLD_ID_MAX];
    snprintf(twin, sizeof twin, "%s" TWIN, line->tokens[1]);
    struct vehicle_spec v = {.id = text_of(line->tokens[1])};
    v.plate = value_text(line, "plate");
    v.class_name = value_text(line, "class");
    v.company = value_text(line, "company");
    v.waste = value_text(line, "waste");
    v.max_load_kg = line_number(b->s, line, "max_load_kg", 0);
    v.max_height_m = line_number(b->s, line, "max_height_m", 0);
    struct world_error error;
    need(b, line, world_builder_vehicle(b->builder, &v, &error), &error);
    v.id = text_of(twin);
    need(b, line, world_builder_vehicle(b->builder, &v, &error), &error);
}

static void take_permit(struct build *b, const struct line *line)
{
    struct text vehicles[16], disposals[16], routes[16];
    char twins[8][WORLD_ID_MAX];
    struct permit_spec p = {.id = text_of(line->tokens[1])};
    p.vehicle_count = split_list(b->s, line, line_value(line, "vehicles"), vehicles, 8);
    for (size_t i = 0, n = p.vehicle_count; i < n; i++) {
        snprintf(twins[i], sizeof twins[i], "%.*s" TWIN, TEXT_ARG(vehicles[i]));
        vehicles[p.vehicle_count++] = text_of(twins[i]);
    }
    p.vehicles = vehicles;
    p.disposals = disposals;
    p.disposal_count = split_list(b->s, line, line_value(line, "disposals"), disposals, 16);
    p.routes = routes;
    p.route_count = split_list(b->s, line, line_value(line, "routes"), routes, 16);
    p.site = value_text(line, "site");
    p.hours = value_text(line, "hours");
    p.valid_from = value_when(b, line, "from");
    p.valid_to = value_when(b, line, "to");
    const char *status = line_value(line, "status");
    if (status != NULL)
        p.status = strcmp(status, "suspended") == 0 ? PERMIT_SUSPENDED
                   : strcmp(status, "revoked") == 0 ? PERMIT_REVOKED
                                                    : PERMIT_ACTIVE;
    struct world_error error;
    need(b, line, world_builder_permit(b->builder, &p, &error), &error);
}

static struct mw_calendar *calendar_of(struct build *b)
{
    struct mw_calendar *c = mw_calendar_new();
    for (size_t i = 0; i < b->s->run_at; i++) {
        const struct line *line = &b->s->lines[i];
        bool off = is(line, "holiday"), school = is(line, "school_holiday");
        if (is(line, "year"))
            mw_calendar_add_year(c, (int)parse_number(b->s, line, line->tokens[1]));
        if (is(line, "school_year"))
            mw_calendar_add_school_year(c, (int)parse_number(b->s, line, line->tokens[1]));
        if (!off && !school && !is(line, "workday"))
            continue;
        int y, m, d;
        mw_civil_from_days(parse_date(b->s, line, line->tokens[1]), &y, &m, &d);
        if (school)
            mw_calendar_add_school_day(c, y, m, d, true);
        else
            mw_calendar_add_day(c, y, m, d, off);
    }
    return c;
}

static bool known_word(const char *word)
{
    static const char *const words[] = {"origin",  "day",         "offset",         "year",   "holiday",
                                        "workday", "school_year", "school_holiday", "kinds",  "common",
                                        "rule",    "fence",       "vehicle",        "permit", "world",
                                        "without", "check",       "purpose",        "restart"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

static void find_lines(struct build *b, const char *name)
{
    const struct scenario *s = b->s;
    b->first_to = s->run_at;
    bool found = name == NULL;
    b->from = b->to = s->run_at;
    for (size_t i = 0; i < s->run_at; i++) {
        const struct line *line = &s->lines[i];
        if (!known_word(line->tokens[0]))
            scenario_fail(s, line, "\"%s\" is no declaration", line->tokens[0]);
        if (!is(line, "world"))
            continue;
        if (b->first_to == s->run_at)
            b->first_to = i;
        if (found && name != NULL && b->to == s->run_at && i >= b->from)
            b->to = i;
        if (name != NULL && line->count == 2 && strcmp(line->tokens[1], name) == 0) {
            found = true;
            b->from = i + 1;
        }
    }
    if (name == NULL)
        b->from = b->to = b->first_to;
    if (!found)
        scenario_fail(s, NULL, "no world \"%s\"", name);
}

struct world *scenario_world(const struct scenario *s, struct names *names, const char *name)
{
    struct build b = {.s = s, .builder = world_builder_new(names)};
    find_lines(&b, name);
    for (enum kind k = KIND_NONE + 1; k < KIND_COUNT; k++)
        b.rules[k] = kind_settings_initial(k);
    world_builder_zone(b.builder, TEXT("scenario"), mw_zone_fixed(s->offset_s));
    world_builder_calendar(b.builder, calendar_of(&b));
    each(&b, "common", take_common);
    each(&b, "kinds", take_kinds);
    each(&b, "rule", take_rule);
    each(&b, "fence", take_fence);
    each(&b, "vehicle", take_vehicle);
    each(&b, "permit", take_permit);
    struct world *world;
    struct world_error error;
    need(&b, NULL, world_builder_build(b.builder, &world, &error), &error);
    world_builder_free(b.builder);
    snprintf(world->hash, sizeof world->hash, "%s", name == NULL ? "first" : name);
    return world;
}
