/* What the loaders note of each thing, for doubts. */
#include "city_doubts.h"

#include "array.h"

#include <stdlib.h>

void city_facts_init(struct city_facts *facts)
{
    *facts = (struct city_facts){0};
    arena_init(&facts->arena);
}

void city_facts_fini(struct city_facts *facts)
{
    arena_fini(&facts->arena);
    free(facts->fences);
    free(facts->vehicles);
    free(facts->permits);
    free(facts->duties);
}

static bool copy(struct city_facts *facts, struct text t, struct text *out)
{
    return t.len == 0 || arena_copy_text(&facts->arena, t, out);
}

static bool copy_all(struct city_facts *facts, const struct text *texts, size_t count,
                     const struct text **out_texts)
{
    struct text *copies = arena_take(&facts->arena, count, sizeof *copies);
    for (size_t i = 0; i < count && copies != NULL; i++)
        if (!copy(facts, texts[i], &copies[i]))
            return false;
    *out_texts = copies;
    return copies != NULL;
}

static bool take_fact(struct city_load *load, struct city_fact *out)
{
    out->what = load->what;
    out->file = load->file;
    out->at = (size_t)(load->at - load->bytes.data);
    return copy(load->facts, load->id, &out->id);
}

static uint64_t mix(uint64_t hash, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    hash = (hash ^ bits) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

static uint64_t outline_of(const struct mw_shape *shape)
{
    uint64_t hash = mix(shape->kind, shape->radius_m);
    for (uint32_t i = 0; i < shape->part_count; i++)
        for (uint32_t k = 0; k < shape->parts[i].count; k++)
            hash = mix(mix(hash, shape->parts[i].points[k].lat_deg), shape->parts[i].points[k].lon_deg);
    return hash;
}

bool fence_kind_single(enum fence_kind kind)
{
    return kind == FENCE_SITE || kind == FENCE_DISPOSAL || kind == FENCE_ROUTE || kind == FENCE_WASH ||
           kind == FENCE_DEPOT;
}

void city_facts_fence(struct city_load *load, const struct fence_spec *spec)
{
    struct city_facts *f = load->facts;
    if (f == NULL)
        return;
    struct fence_fact fact = {.kind = spec->kind, .class_count = spec->class_count};
    const struct mw_shape *shape = &spec->shape;
    fact.fact.placed = shape->part_count > 0 && shape->parts[0].count > 0;
    if (fact.fact.placed) {
        fact.fact.place = shape->parts[0].points[0];
        fact.outline = fence_kind_single(spec->kind) ? outline_of(shape) : 0;
    }
    if (!array_reserve(&f->fences, &f->fence_cap, f->fence_count + 1, sizeof fact) ||
        !take_fact(load, &fact.fact) || !copy(f, spec->name, &fact.name) ||
        !copy(f, spec->company, &fact.company) ||
        (spec->class_count > 0 && !copy_all(f, spec->classes, spec->class_count, &fact.classes))) {
        city_fail_memory(load);
        return;
    }
    f->fences[f->fence_count++] = fact;
}

void city_facts_vehicle(struct city_load *load, const struct vehicle_spec *spec)
{
    struct city_facts *f = load->facts;
    if (f == NULL)
        return;
    struct vehicle_fact fact = {.max_load_kg = spec->max_load_kg, .max_height_m = spec->max_height_m};
    if (!array_reserve(&f->vehicles, &f->vehicle_cap, f->vehicle_count + 1, sizeof fact) ||
        !take_fact(load, &fact.fact) || !copy(f, spec->plate, &fact.plate) ||
        !copy(f, spec->class_name, &fact.class_name) || !copy(f, spec->company, &fact.company)) {
        city_fail_memory(load);
        return;
    }
    f->vehicles[f->vehicle_count++] = fact;
}

void city_facts_permit(struct city_load *load, const struct permit_spec *spec)
{
    struct city_facts *f = load->facts;
    if (f == NULL)
        return;
    struct permit_fact fact = {
        .vehicle_count = spec->vehicle_count, .valid_to = spec->valid_to, .status = spec->status};
    if (!array_reserve(&f->permits, &f->permit_cap, f->permit_count + 1, sizeof fact) ||
        !take_fact(load, &fact.fact) ||
        (spec->vehicle_count > 0 && !copy_all(f, spec->vehicles, spec->vehicle_count, &fact.vehicles))) {
        city_fail_memory(load);
        return;
    }
    f->permits[f->permit_count++] = fact;
}

void city_facts_duty(struct city_load *load, const struct duty_spec *spec)
{
    struct city_facts *f = load->facts;
    if (f == NULL)
        return;
    struct duty_fact fact = {.vehicle_count = spec->vehicle_count, .class_count = spec->class_count};
    if (!array_reserve(&f->duties, &f->duty_cap, f->duty_count + 1, sizeof fact) ||
        !take_fact(load, &fact.fact) || !copy(f, spec->company, &fact.company) ||
        (spec->vehicle_count > 0 && !copy_all(f, spec->vehicles, spec->vehicle_count, &fact.vehicles)) ||
        (spec->class_count > 0 && !copy_all(f, spec->classes, spec->class_count, &fact.classes))) {
        city_fail_memory(load);
        return;
    }
    f->duties[f->duty_count++] = fact;
}
