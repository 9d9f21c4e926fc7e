#include "world_roads.h"

#include <stdlib.h>

static bool asked_for(const struct world *world)
{
    for (uint32_t i = 0; i < world->duty_count; i++)
        if (world->duties[i].type == DUTY_SWEEPING)
            return true;
    return false;
}

static uint32_t count_points(const struct world *world, uint32_t *out_lines)
{
    uint32_t points = 0;
    *out_lines = 0;
    for (uint32_t i = 0; i < world->of_kind[FENCE_SWEEP].count; i++) {
        uint32_t fence = world->of_kind[FENCE_SWEEP].numbers[i];
        if (world->fences[fence].line_m == 0)
            continue;
        points += mw_index_part_count(world->index, fence, 0, NULL);
        ++*out_lines;
    }
    return points;
}

/* Fills the specs, with the points behind one another. */
static void list_lines(struct world *world, struct road_spec *specs, struct mw_point *points,
                       uint32_t *symbols)
{
    uint32_t lines = 0;
    for (uint32_t i = 0; i < world->of_kind[FENCE_SWEEP].count; i++) {
        uint32_t number = world->of_kind[FENCE_SWEEP].numbers[i];
        struct fence *f = &world->fences[number];
        if (f->line_m == 0)
            continue;
        uint32_t count = mw_index_part_count(world->index, number, 0, NULL);
        for (uint32_t k = 0; k < count; k++)
            points[k] = mw_index_part_point(world->index, number, 0, k);
        specs[lines] = (struct road_spec){
            .fence = number, .count = count, .points = points, .oneway = f->oneway, .width_m = f->width_m};
        symbols[lines++] = f->id;
        f->road = lines;
        points += count;
    }
}

bool world_make_roads(struct world *world, struct arena *arena)
{
    uint32_t lines;
    if (!asked_for(world))
        return true;
    uint32_t count = count_points(world, &lines);
    struct road_spec *specs = malloc(((size_t)lines + 1) * sizeof *specs);
    struct mw_point *points = malloc(((size_t)count + 1) * sizeof *points);
    uint32_t *symbols = arena_take(arena, lines, sizeof *symbols);
    bool ok = specs != NULL && points != NULL && symbols != NULL;
    if (ok) {
        list_lines(world, specs, points, symbols);
        world->roads = roads_make(specs, lines, arena);
        world->road_symbols = symbols;
        ok = world->roads != NULL;
    }
    free(specs);
    free(points);
    return ok;
}
