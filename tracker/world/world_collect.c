/*
 * world_collect: takes fences, vehicles, permits and settings into a world to be.
 *
 * Texts go straight into the arena of the world; references between things are kept as symbols until all are
 * there (world_links), since a permit may come before its fences. Every message names the thing by its id,
 * the value and what was expected; the loader puts the file in front.
 */
#include "array.h"
#include "world_take.h"

#include <assert.h>

static int64_t when_ms(const struct world_builder *b, const struct when_spec *when, bool is_end, int64_t none)
{
    if (when->type == WHEN_INSTANT)
        return when->instant.ms;
    if (when->type != WHEN_DATE)
        return none;
    /* A date that ends something includes that whole local day. */
    int32_t days = mw_civil_to_days(when->year, when->month, when->day) + (is_end ? 1 : 0);
    return mw_zone_day_start_ms(b->store->world.zone, days);
}

static enum world_status take_validity(struct world_steps *s, const struct when_spec *from,
                                       const struct when_spec *to, int64_t *out_from_ms, int64_t *out_to_ms)
{
    *out_from_ms = when_ms(s->b, from, false, INT64_MIN);
    *out_to_ms = when_ms(s->b, to, true, INT64_MAX);
    if (*out_from_ms >= *out_to_ms)
        return world_fail(&s->now, "%s \"%.*s\": valid_to is not after valid_from", s->what, TEXT_ARG(s->id));
    return WORLD_OK;
}

static enum world_status take_classes(struct world_builder *b, const struct fence_spec *spec,
                                      uint64_t *out_mask, struct world_error *out_error)
{
    *out_mask = spec->class_count == 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < spec->class_count; i++) {
        uint32_t number;
        enum world_status status = world_take_class(b, spec->classes[i], &number, out_error);
        if (status != WORLD_OK)
            return status;
        assert(number <= WORLD_CLASS_MAX); /* a bit each */
        *out_mask |= UINT64_C(1) << number;
    }
    return WORLD_OK;
}

static enum world_status take_shape(struct world_builder *b, const struct fence_spec *spec,
                                    struct world_error *out_error)
{
    struct mw_shape_error error;
    uint32_t number;
    switch (mw_builder_add(b->shapes, &spec->shape, &number, &error)) {
    case MW_OK:
        assert(number == b->store->world.fence_count || b->bad);
        if (spec->kind == FENCE_BANNED &&
            mw_builder_add(b->banned, &spec->shape, NULL, NULL) != MW_OK) /* only memory can fail again */
            return WORLD_NO_MEMORY;
        return WORLD_OK;
    case MW_BAD_SHAPE:
        world_fail(out_error, "fence \"%.*s\": %s", TEXT_ARG(spec->id), mw_shape_problem_text(error.problem));
        out_error->shape = error;
        return WORLD_BAD;
    case MW_TOO_LARGE:
        return world_fail(out_error, "fence \"%.*s\": too many fences or points", TEXT_ARG(spec->id));
    default:
        return WORLD_NO_MEMORY;
    }
}

static enum world_status take_limit(const struct fence_spec *spec, struct world_error *out_error)
{
    if (spec->kind == FENCE_SPEED && !(spec->speed_limit_kmh > 0))
        return world_fail(out_error, "fence \"%.*s\": a speed fence needs speed_limit_kmh",
                          TEXT_ARG(spec->id));
    return WORLD_OK;
}

/* Length of a shape that is one line; else 0. */
static float line_m(const struct mw_shape *shape)
{
    double sum_m = 0;
    if (shape->kind != MW_SHAPE_CORRIDOR || shape->part_count != 1)
        return 0;
    for (uint32_t i = 1; i < shape->parts[0].count; i++)
        sum_m += mw_distance_m(shape->parts[0].points[i - 1], shape->parts[0].points[i]);
    return (float)sum_m;
}

enum world_status world_builder_fence(struct world_builder *b, const struct fence_spec *spec,
                                      struct world_error *out_error)
{
    struct world *w = &b->store->world;
    struct fence f = {.kind = spec->kind,
                      .buffer_m = spec->shape.radius_m,
                      .speed_limit_kmh = spec->speed_limit_kmh,
                      .line_m = line_m(&spec->shape),
                      .width_m = (float)spec->width_m,
                      .oneway = (int8_t)spec->oneway,
                      .level = (uint8_t)spec->level};
    if (!array_reserve(&b->fences, &b->fence_cap, w->fence_count + 1, sizeof *b->fences))
        return WORLD_NO_MEMORY;
    struct world_steps s = {.b = b, .what = "fence", .id = spec->id, .out_error = out_error};
    bool more = world_step(&s, world_take_id(b, "fence", spec->id, &f.id, &s.now)) &&
                world_step(&s, world_take_hours(&s, "hours", spec->hours, &f.hours, &f.hours_slot)) &&
                world_step(&s, take_validity(&s, &spec->valid_from, &spec->valid_to, &f.valid_from_ms,
                                             &f.valid_to_ms)) &&
                world_step(&s, take_classes(b, spec, &f.classes, &s.now)) &&
                world_step(&s, take_limit(spec, &s.now)) && world_step(&s, take_shape(b, spec, &s.now));
    if (!more || s.status != WORLD_OK)
        return s.status;
    if (!world_take_name(b, spec->company, &f.company) || !world_take_text(b, spec->name, &f.name) ||
        !world_take_text(b, spec->name_en, &f.name_en) || !world_take_text(b, spec->group, &f.group) ||
        !world_take_text(b, spec->waste, &f.waste) || !world_take_text(b, spec->road_class, &f.road_class) ||
        !world_take_text(b, spec->jurisdiction, &f.jurisdiction) ||
        !world_take_text(b, spec->reason, &f.reason) || !world_take_text(b, spec->hours, &f.hours_text))
        return WORLD_NO_MEMORY;
    b->fences[w->fence_count++] = f;
    return WORLD_OK;
}

enum world_status world_builder_vehicle(struct world_builder *b, const struct vehicle_spec *spec,
                                        struct world_error *out_error)
{
    struct world *w = &b->store->world;
    struct vehicle_info v = {.max_load_kg = spec->max_load_kg, .max_height_m = spec->max_height_m};
    if (!array_reserve(&b->vehicles, &b->vehicle_cap, w->vehicle_count + 1, sizeof *b->vehicles))
        return WORLD_NO_MEMORY;
    enum world_status status = world_take_id(b, "vehicle", spec->id, &v.id, out_error);
    if (status == WORLD_OK)
        status = world_take_class(b, spec->class_name, &v.class_number, out_error);
    if (status != WORLD_OK)
        return status;
    if (!world_take_name(b, spec->company, &v.company) || !world_take_text(b, spec->plate, &v.plate) ||
        !world_take_text(b, spec->company, &v.company_name) ||
        !world_take_text(b, spec->class_name, &v.class_name) || !world_take_text(b, spec->waste, &v.waste))
        return WORLD_NO_MEMORY;
    b->vehicles[w->vehicle_count++] = v;
    return WORLD_OK;
}

enum world_status world_builder_permit(struct world_builder *b, const struct permit_spec *spec,
                                       struct world_error *out_error)
{
    struct world *w = &b->store->world;
    struct permit p = {.status = spec->status == PERMIT_NONE ? PERMIT_ACTIVE : spec->status,
                       .vehicle_count = (uint32_t)spec->vehicle_count,
                       .disposal_count = (uint32_t)spec->disposal_count,
                       .route_count = (uint32_t)spec->route_count};
    struct permit_refs r = {0};
    uint32_t *vehicles = NULL;
    if (!array_reserve(&b->permits, &b->permit_cap, w->permit_count + 1, sizeof *b->permits) ||
        !array_reserve(&b->refs, &b->refs_cap, w->permit_count + 1, sizeof *b->refs))
        return WORLD_NO_MEMORY;
    struct world_steps s = {.b = b, .what = "permit", .id = spec->id, .out_error = out_error};
    bool more =
        world_step(&s, world_take_id(b, "permit", spec->id, &p.id, &s.now)) &&
        world_step(&s, world_take_hours(&s, "hours", spec->hours, &p.hours, &p.hours_slot)) &&
        world_step(&s,
                   take_validity(&s, &spec->valid_from, &spec->valid_to, &p.valid_from_ms, &p.valid_to_ms)) &&
        world_step(&s, world_take_ids(&s, "vehicle", spec->vehicles, spec->vehicle_count, &vehicles)) &&
        world_step(&s, world_take_ids(&s, "fence", spec->disposals, spec->disposal_count, &r.disposals)) &&
        world_step(&s, world_take_ids(&s, "fence", spec->routes, spec->route_count, &r.routes)) &&
        (spec->site.len == 0 || world_step(&s, world_take_id(b, "fence", spec->site, &r.site, &s.now)));
    if (!more || s.status == WORLD_NO_MEMORY)
        return s.status;
    if (!world_take_text(b, spec->material, &p.material))
        return WORLD_NO_MEMORY;
    world_sort_symbols(vehicles, spec->vehicle_count);
    p.vehicles = vehicles;
    b->permits[w->permit_count] = p;
    b->refs[w->permit_count++] = r;
    return s.status;
}

enum world_status world_builder_rule(struct world_builder *b, enum kind kind, struct text class_name,
                                     const struct rule_settings *settings, struct world_error *out_error)
{
    uint32_t number = 0;
    enum world_status status = world_take_class(b, class_name, &number, out_error);
    if (status != WORLD_OK)
        return status;
    struct rule_settings s = *settings;
    if (!world_take_text(b, settings->event_code, &s.event_code) ||
        !world_take_text(b, settings->department, &s.department))
        return WORLD_NO_MEMORY;
    if (number > 0) {
        b->store->rules[number][kind] = s;
        return WORLD_OK;
    }
    /* For every class: also for those that a fence or vehicle has brought up already. */
    for (uint32_t c = 0; c < b->store->world.class_count; c++)
        b->store->rules[c][kind] = s;
    return WORLD_OK;
}
