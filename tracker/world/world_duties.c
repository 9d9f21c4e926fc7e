/* world_duties: takes duties into a world to be, and finds what they refer to once all of it is there. */
#include "world_duties.h"

#include "array.h"
#include "world_links.h"
#include "world_order.h"
#include "world_take.h"

#include <assert.h>

static const char *const modes[MODE_COUNT] = {"", "sweeping", "washing", "spraying"};

const char *work_mode_name(enum work_mode mode)
{
    return modes[mode < MODE_COUNT ? mode : MODE_NONE];
}

enum work_mode work_mode_find(struct text name)
{
    for (enum work_mode mode = MODE_NONE + 1; mode < MODE_COUNT; mode++)
        if (text_equal(name, text_of(modes[mode])))
            return mode;
    return MODE_NONE;
}

static enum world_status take_classes(struct world_steps *s, const struct duty_spec *spec, uint64_t *out_mask)
{
    for (size_t i = 0; i < spec->class_count; i++) {
        uint32_t number;
        enum world_status status = world_take_class(s->b, spec->classes[i], &number, &s->now);
        if (status != WORLD_OK)
            return status;
        assert(number <= WORLD_CLASS_MAX); /* a bit each */
        *out_mask |= UINT64_C(1) << number;
    }
    return WORLD_OK;
}

/* The parts, with the symbols of their fences until these are linked. */
static enum world_status take_parts(struct world_steps *s, const struct duty_spec *spec, struct duty *d)
{
    struct arena *a = &s->b->store->arena;
    uint32_t *fences = NULL;
    if (!world_step(s, world_take_ids(s, "fence", spec->fences, spec->fence_count, &fences)))
        return s->status;
    struct duty_point *points = arena_take(a, spec->point_count, sizeof *points);
    struct duty_segment *segments = arena_take(a, spec->segment_count, sizeof *segments);
    struct duty_window *windows = arena_take(a, spec->window_count, sizeof *windows);
    if (points == NULL || segments == NULL || windows == NULL)
        return WORLD_NO_MEMORY;
    for (size_t i = 0; i < spec->point_count; i++) {
        points[i] = spec->points[i];
        points[i].fence = fences[spec->points[i].fence];
    }
    for (size_t i = 0; i < spec->segment_count; i++) {
        segments[i] = spec->segments[i];
        segments[i].fence = fences[spec->segments[i].fence];
    }
    for (size_t i = 0; i < spec->window_count; i++)
        windows[i] = spec->windows[i];
    d->points = points;
    d->segments = segments;
    d->windows = windows;
    return WORLD_OK;
}

enum world_status world_builder_duty(struct world_builder *b, const struct duty_spec *spec,
                                     struct world_error *out_error)
{
    struct world *w = &b->store->world;
    struct duty d = {.type = spec->type,
                     .mode = spec->mode,
                     .free_order = spec->free_order,
                     .by_area = spec->by_area,
                     .vehicle_count = (uint32_t)spec->vehicle_count,
                     .point_count = (uint32_t)spec->point_count,
                     .segment_count = (uint32_t)spec->segment_count,
                     .window_count = (uint32_t)spec->window_count};
    uint32_t *vehicles = NULL;
    if (!array_reserve(&b->duties, &b->duty_cap, w->duty_count + 1, sizeof *b->duties))
        return WORLD_NO_MEMORY;
    struct world_steps s = {.b = b, .what = "duty", .id = spec->id, .out_error = out_error};
    bool more =
        world_step(&s, world_take_id(b, "duty", spec->id, &d.id, &s.now)) &&
        world_step(&s, world_take_hours(&s, "days", spec->days, &d.days, &d.days_slot)) &&
        world_step(&s, world_take_ids(&s, "vehicle", spec->vehicles, spec->vehicle_count, &vehicles)) &&
        world_step(&s, take_classes(&s, spec, &d.classes)) && world_step(&s, take_parts(&s, spec, &d));
    if (!more || s.status != WORLD_OK)
        return s.status;
    if (!world_take_name(b, spec->company, &d.company) ||
        !world_take_text(b, spec->company, &d.company_name) || !world_take_text(b, spec->waste, &d.waste))
        return WORLD_NO_MEMORY;
    world_sort_symbols(vehicles, spec->vehicle_count);
    d.vehicles = vehicles;
    b->duties[w->duty_count++] = d;
    return WORLD_OK;
}

/* ---- linking ---- */

/* What a part of a duty refers to. */
struct part {
    const char *what; /* "point", "segment" */
    enum fence_kind kind;
    uint32_t symbol;
};

/* What else a fence has to be. NULL: it is. */
static const char *unfit(const struct fence *f)
{
    if (f->kind != FENCE_SWEEP)
        return NULL;
    if (f->line_m == 0)
        return "is no line from junction to junction (a LineString)";
    if (f->line_m < SEGMENT_MIN_M)
        return "is shorter than 20 m";
    return f->line_m > SEGMENT_MAX_M ? "is longer than 2 km" : NULL;
}

static enum world_status resolve(struct world_steps *s, const struct duty *d, struct part part,
                                 uint32_t *out_number)
{
    const struct world_builder *b = s->b;
    struct text duty = names_text(b->names, d->id), fence = names_text(b->names, part.symbol);
    uint32_t number;
    switch (world_find_fence(b, part.symbol, &number)) {
    case WORLD_FENCE_LOST:
        return WORLD_OK; /* it could not be read */
    case WORLD_FENCE_NONE:
        return world_fail(&s->now, "duty \"%.*s\": %s \"%.*s\" is not a fence", TEXT_ARG(duty), part.what,
                          TEXT_ARG(fence));
    default:
        break;
    }
    const struct fence *f = &b->fences[number];
    if (f->kind != part.kind)
        return world_fail(&s->now, "duty \"%.*s\": %s \"%.*s\" is a fence of kind %s, expected %s",
                          TEXT_ARG(duty), part.what, TEXT_ARG(fence), fence_kind_name(f->kind),
                          fence_kind_name(part.kind));
    const char *why = unfit(f);
    if (why != NULL)
        return world_fail(&s->now, "duty \"%.*s\": %s \"%.*s\" %s", TEXT_ARG(duty), part.what,
                          TEXT_ARG(fence), why);
    *out_number = number;
    return WORLD_OK;
}

static enum world_status link_parts(struct world_builder *b, struct world_error *out_error)
{
    struct world_steps s = {.b = b, .out_error = out_error};
    bool more = true;
    for (uint32_t i = 0; i < b->store->world.duty_count && more; i++) {
        struct duty *d = &b->duties[i]; /* its parts are ours until the world stands */
        struct duty_point *points = (struct duty_point *)(uintptr_t)d->points;
        struct duty_segment *segments = (struct duty_segment *)(uintptr_t)d->segments;
        for (uint32_t k = 0; k < d->point_count && more; k++)
            more = world_step(&s, resolve(&s, d, (struct part){"point", FENCE_COLLECTION, points[k].fence},
                                          &points[k].fence));
        for (uint32_t k = 0; k < d->segment_count && more; k++)
            more = world_step(&s, resolve(&s, d, (struct part){"segment", FENCE_SWEEP, segments[k].fence},
                                          &segments[k].fence));
    }
    return s.status;
}

bool world_duty_of(const struct duty *duty, const struct vehicle_info *vehicle)
{
    uint32_t from = 0, to = duty->vehicle_count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (duty->vehicles[middle] == vehicle->id)
            return true;
        *(vehicle->id < duty->vehicles[middle] ? &to : &from) =
            vehicle->id < duty->vehicles[middle] ? middle : middle + 1;
    }
    return (duty->classes >> vehicle->class_number & 1u) != 0 &&
           (duty->company == 0 || duty->company == vehicle->company);
}

static void give_duties(struct world_builder *b)
{
    const struct world *w = &b->store->world;
    for (uint32_t i = 0; i < w->duty_count; i++)
        for (uint32_t v = 0; v < w->vehicle_count; v++) {
            const struct duty *d = &b->duties[i];
            if (!world_duty_of(d, &b->vehicles[v]))
                continue;
            b->vehicles[v].collects = b->vehicles[v].collects || d->type == DUTY_COLLECTION;
            if (d->type == DUTY_SWEEPING)
                b->vehicles[v].work_modes |= (uint8_t)(1u << d->mode);
        }
}

/* A duty may name a vehicle that the fleet file does not. */
static enum world_status add_vehicles(struct world_builder *b)
{
    for (uint32_t i = 0; i < b->store->world.duty_count; i++)
        for (uint32_t k = 0; k < b->duties[i].vehicle_count; k++)
            if (world_add_vehicle(b, b->duties[i].vehicles[k]) != WORLD_OK)
                return WORLD_NO_MEMORY;
    return WORLD_OK;
}

enum world_status world_link_duties(struct world_builder *b, struct world_error *out_error)
{
    if (!world_order_duties(b))
        return WORLD_NO_MEMORY;
    enum world_status status = link_parts(b, out_error);
    if (status == WORLD_OK)
        status = add_vehicles(b);
    if (status == WORLD_OK)
        give_duties(b);
    return status;
}

bool world_duty_on(const struct world *world, const struct duty *duty, int32_t day)
{
    static const int64_t noon_ms = 43200000;
    struct mw_hours_answer answer;
    if (duty->days == NULL)
        return true;
    int64_t local_ms = (int64_t)day * 86400000 + noon_ms;
    mw_hours_at(duty->days, world->calendar, world->zone, mw_zone_local_to_ms(world->zone, local_ms),
                &answer);
    return answer.open;
}
