/* builder: checks fences, collects them, and hands them over to an index. */
#include "eval.h"
#include "grow.h"
#include "index.h"
#include "shape.h"

#include <stdlib.h>

struct mw_builder {
    struct geo_store store;
    struct geo_scratch scratch;
};

const char *mw_error_text(enum mw_error error)
{
    static const char *const text[] = {
        [MW_OK] = "no error",
        [MW_NO_MEMORY] = "out of memory",
        [MW_BAD_SHAPE] = "the shape is not valid",
        [MW_TOO_LARGE] = "too many fences or points",
    };
    return (size_t)error < sizeof text / sizeof *text ? text[error] : "unknown error";
}

const char *mw_shape_problem_text(enum mw_shape_problem problem)
{
    static const char *const text[] = {
        [MW_SHAPE_FINE] = "nothing wrong",
        [MW_SHAPE_NO_PARTS] = "has no coordinates",
        [MW_SHAPE_NOT_FINITE] = "coordinate is not a finite number",
        [MW_SHAPE_OUT_OF_RANGE] = "coordinate is out of range: latitude -90 to 90, longitude -180 to 180",
        [MW_SHAPE_SWAPPED] =
            "latitude is out of range: longitude and latitude look swapped (GeoJSON puts longitude first)",
        [MW_SHAPE_UNCLOSED] = "ring is not closed: its last point must repeat its first",
        [MW_SHAPE_TOO_FEW_POINTS] =
            ("too few different points: a ring needs three and its closing point, a line two, "
             "a circle one"),
        [MW_SHAPE_NO_AREA] = "ring has no area",
        [MW_SHAPE_SELF_CROSSING] = "edges cross each other",
        [MW_SHAPE_CROSSES_ANTIMERIDIAN] =
            "crosses the antimeridian: cut it at 180 degrees into several parts",
        [MW_SHAPE_HOLE_FIRST] = "a hole comes before any outer ring",
        [MW_SHAPE_HOLE_OUTSIDE] = "hole lies outside its outer ring",
        [MW_SHAPE_BAD_RADIUS] = "radius or half-width must be above 0 and at most 100000 m",
        [MW_SHAPE_NEAR_POLE] = "circle or corridor reaches beyond 89 degrees of latitude",
        [MW_SHAPE_UNKNOWN_KIND] = "kind of shape does not fit its coordinates",
        [MW_SHAPE_BEYOND_180] =
            "longitude beyond 180: east of the antimeridian it goes on at -180 (take 360 off, or add it); "
            "cut there what lies on both sides",
        [MW_SHAPE_NOT_DEGREES] =
            "coordinate is no degrees but, it seems, metres of a map projection: export in EPSG:4326",
        [MW_SHAPE_TRACED_TWICE] = "ring runs round more than once: draw its outline once",
        [MW_SHAPE_HOLE_IN_HOLE] = "hole overlaps another hole, or lies in it: make them one",
        [MW_SHAPE_HOLE_FILLS] = "hole leaves nothing of its outer ring",
        [MW_SHAPE_HOLES_TANGLED] = "thousands of holes run beside each other, too many to tell them apart: "
                                   "cut the polygon into several",
    };
    return (size_t)problem < sizeof text / sizeof *text ? text[problem] : "unknown problem";
}

struct mw_builder *mw_builder_new(void)
{
    return calloc(1, sizeof(struct mw_builder));
}

void mw_builder_free(struct mw_builder *builder)
{
    if (builder != NULL) {
        geo_store_fini(&builder->store);
        geo_scratch_fini(&builder->scratch);
        free(builder);
    }
}

enum mw_error mw_builder_add(struct mw_builder *builder, const struct mw_shape *shape, uint32_t *out_fence,
                             struct mw_shape_error *out_error)
{
    struct mw_shape_error unused;
    uint32_t fence = builder->store.fence_count;
    enum mw_error error =
        geo_shape_append(&builder->store, &builder->scratch, shape, out_error != NULL ? out_error : &unused);
    if (!error && out_fence != NULL)
        *out_fence = fence;
    return error;
}

enum mw_error mw_builder_renumber(struct mw_builder *builder, const uint32_t *order)
{
    return geo_store_renumber(&builder->store, order);
}

enum mw_error mw_builder_build(struct mw_builder *builder, struct mw_index **out_index)
{
    struct mw_index *index = calloc(1, sizeof *index);
    if (index == NULL)
        return MW_NO_MEMORY;
    enum mw_error error = geo_tree_build(&builder->store, &index->tree);
    if (error) {
        free(index);
        return error;
    }
    geo_store_shrink(&builder->store);
    index->store = builder->store;
    index->eval = geo_eval_best();
    builder->store = (struct geo_store){0};
    *out_index = index;
    return MW_OK;
}
