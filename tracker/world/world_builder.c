/*
 * world_builder: begins a world, and ends it: checks what only the whole can tell, and builds.
 *
 * world_collect takes what the world is made of, world_order puts it in order, world_links finds what refers
 * to what; here the indexes are made over it.
 */
#include "array.h"
#include "duty_day.h"
#include "site_wash.h"
#include "things.h"
#include "world_duties.h"
#include "world_links.h"
#include "world_order.h"
#include "world_roads.h"
#include "world_steps.h"

#include <assert.h>
#include <stdlib.h>

struct world_builder *world_builder_new(struct names *names)
{
    struct world_builder *b = calloc(1, sizeof *b);
    if (b == NULL)
        return NULL;
    b->names = names;
    b->store = calloc(1, sizeof *b->store);
    b->shapes = mw_builder_new();
    b->banned = mw_builder_new();
    if (b->store == NULL || b->shapes == NULL || b->banned == NULL) {
        world_builder_free(b);
        return NULL;
    }
    struct world *w = &b->store->world;
    w->names = names;
    w->common = common_settings_initial();
    w->class_count = 1;
    w->classes[0] = TEXT("");
    arena_init(&b->store->arena);
    for (enum kind k = KIND_NONE + 1; k < KIND_COUNT; k++)
        b->store->rules[0][k] = kind_settings_initial(k);
    return b;
}

void world_builder_free(struct world_builder *b)
{
    if (b == NULL)
        return;
    if (b->store != NULL)
        world_free(&b->store->world);
    mw_builder_free(b->shapes);
    mw_builder_free(b->banned);
    free(b->refs);
    free(b->lost);
    free(b->fences);
    free(b->permits);
    free(b->vehicles);
    free(b->duties);
    free(b);
}

void world_builder_tell(struct world_builder *b, void (*tell)(void *context, const struct world_error *error),
                        void *context)
{
    b->tell = tell;
    b->tell_context = context;
}

void world_builder_lost(struct world_builder *b, struct text id)
{
    uint32_t symbol = 0;
    bool kept = id.len > 0 && id.len <= WORLD_ID_MAX && names_intern(b->names, id, &symbol) &&
                array_reserve(&b->lost, &b->lost_cap, b->lost_count + 1, sizeof *b->lost);
    if (kept)
        b->lost[b->lost_count++] = symbol;
    b->any_lost = b->any_lost || !kept;
    b->bad = true;
}

enum world_status world_builder_zone(struct world_builder *b, struct text timezone, struct mw_zone *take_zone)
{
    mw_zone_free(b->store->world.zone);
    b->store->world.zone = take_zone;
    return arena_copy_text(&b->store->arena, timezone, &b->store->world.timezone) ? WORLD_OK
                                                                                  : WORLD_NO_MEMORY;
}

void world_builder_calendar(struct world_builder *b, struct mw_calendar *take_calendar)
{
    mw_calendar_free(b->store->world.calendar);
    b->store->world.calendar = take_calendar;
}

void world_builder_common(struct world_builder *b, const struct common_settings *settings)
{
    b->store->world.common = *settings;
}

static bool list_kinds(struct world_builder *b)
{
    struct world *w = &b->store->world;
    uint32_t *numbers = arena_take(&b->store->arena, w->fence_count, sizeof *numbers);
    if (numbers == NULL)
        return false;
    for (int kind = 0; kind < FENCE_KIND_COUNT; kind++) {
        struct fence_list *list = &w->of_kind[kind];
        list->numbers = numbers;
        for (uint32_t i = 0; i < w->fence_count; i++)
            if ((int)b->fences[i].kind == kind)
                numbers[list->count++] = i;
        numbers += list->count;
    }
    assert(numbers == w->of_kind[0].numbers + w->fence_count); /* each fence is of one kind */
    return true;
}

/* All fences of one kind. */
static bool fill_kind(struct world *w, struct kind_grid_boxes *boxes, enum fence_kind kind, struct arena *a)
{
    const struct fence_list *list = &w->of_kind[kind];
    kind_grid_boxes_clear(boxes);
    for (uint32_t i = 0; i < list->count; i++)
        kind_grid_boxes_add(boxes, &w->grid, mw_index_fence_bounds(w->index, list->numbers[i]),
                            list->numbers[i]);
    if (list->count > 0)
        kind_grid_put(&w->grid, boxes, kind);
    return kind != FENCE_BANNED || list->count == 0 || kind_grid_put_lone(&w->grid, boxes, a);
}

static bool fill_grid(struct world *w, struct arena *a)
{
    struct kind_grid_boxes boxes;
    if (!kind_grid_make(&w->grid, w->index, a))
        return false;
    bool ok = kind_grid_boxes_init(&boxes);
    for (int kind = 0; kind < FENCE_KIND_COUNT && ok && w->fence_count > 0; kind++)
        ok = fill_kind(w, &boxes, (enum fence_kind)kind, a);
    kind_grid_boxes_fini(&boxes);
    for (uint32_t i = 0; i < w->fence_count; i++)
        if (w->fences[i].speed_limit_kmh > 0)
            w->limited_kinds |= 1u << w->fences[i].kind;
    return ok;
}

static enum world_status link_fences(struct world_builder *b, struct world_error *out_error)
{
    struct world *w = &b->store->world;
    struct world_steps s = {.b = b, .out_error = out_error};
    if (world_step(&s, site_wash_link(w, &b->store->arena, &s.now)))
        world_step(&s, things_link(w, &s.now));
    return s.status;
}

static enum world_status finish(struct world_builder *b, struct world_error *out_error)
{
    struct world *w = &b->store->world;
    struct arena *a = &b->store->arena;
    w->fences = arena_take(a, w->fence_count, sizeof *w->fences);
    w->vehicles = arena_take(a, w->vehicle_count, sizeof *w->vehicles);
    w->duties = arena_take(a, w->duty_count, sizeof *w->duties);
    if (w->fences == NULL || w->vehicles == NULL || w->duties == NULL || !list_kinds(b) ||
        mw_builder_build(b->shapes, &w->index) != MW_OK || mw_builder_build(b->banned, &w->banned) != MW_OK)
        return WORLD_NO_MEMORY;
    if (w->fence_count > 0)
        memcpy(w->fences, b->fences, w->fence_count * sizeof *w->fences);
    if (w->vehicle_count > 0)
        memcpy(w->vehicles, b->vehicles, w->vehicle_count * sizeof *w->vehicles);
    if (w->duty_count > 0)
        memcpy(w->duties, b->duties, w->duty_count * sizeof *w->duties);
    return fill_grid(w, a) && world_make_roads(w, a) && duty_days_make(w, a) ? link_fences(b, out_error)
                                                                             : WORLD_NO_MEMORY;
}

/* Permits first; what is wrong with duties is told behind it, to who wants all of it. */
static enum world_status link_all(struct world_builder *b, struct world_error *out_error)
{
    struct world_error further;
    enum world_status status = world_link(b, out_error);
    if (status == WORLD_OK)
        return world_link_duties(b, out_error);
    if (status == WORLD_BAD && b->tell != NULL)
        return world_link_duties(b, &further) == WORLD_NO_MEMORY ? WORLD_NO_MEMORY : WORLD_BAD;
    return status;
}

enum world_status world_builder_check(struct world_builder *b, struct world_error *out_error)
{
    b->bad = true;
    return link_all(b, out_error);
}

enum world_status world_builder_build(struct world_builder *b, struct world **out_world,
                                      struct world_error *out_error)
{
    assert(!b->bad);
    enum world_status status = world_order_fences(b) ? link_all(b, out_error) : WORLD_NO_MEMORY;
    if (status == WORLD_OK)
        status = finish(b, out_error);
    if (status != WORLD_OK)
        return status;
    *out_world = &b->store->world;
    b->store = NULL;
    return WORLD_OK;
}
