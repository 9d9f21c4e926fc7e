#include "fences_page.h"

#include "fence_outline.h"
#include "fence_times.h"

#include <math.h>
#include <stdlib.h>

/* Of the equator, in a map of 512 pixels (MapLibre's); GEO_EQUATOR_M * 2 pi / 512. */
#define PIXEL_M   78271.51696402048
#define RAD_DEG   0.017453292519943295769
#define LAT_DRAWN 85.0 /* where such maps end */

struct shown {
    uint32_t fence;
    double extent; /* the sum of its sides, in degrees */
};

static double width_of(struct mw_bounds b)
{
    double east = mw_east_deg(b.south_west, b.north_east);
    return east < 0 ? east + 360 : east;
}

/* Whether two stretches of longitudes meet: each begins in the west and goes so far to the east. */
static bool lon_meets(double west, double width, double other_west, double other_width)
{
    double gap = fmod(other_west - west + 720, 360);
    return gap <= width || 360 - gap <= other_width;
}

static bool is_in(const struct fences_asked *a, struct mw_bounds b)
{
    double width = a->east < a->west ? a->east - a->west + 360 : a->east - a->west;
    return b.south_west.lat_deg <= a->north && b.north_east.lat_deg >= a->south &&
           lon_meets(a->west, width, b.south_west.lon_deg, width_of(b));
}

static int by_extent(const void *a, const void *b)
{
    const struct shown *x = a, *y = b;
    if (x->extent != y->extent)
        return x->extent > y->extent ? -1 : 1;
    return x->fence < y->fence ? -1 : x->fence > y->fence;
}

static int by_number(const void *a, const void *b)
{
    const struct shown *x = a, *y = b;
    return x->fence < y->fence ? -1 : x->fence > y->fence;
}

/* NULL without memory. */
static struct shown *choose(const struct world *world, const struct fences_asked *a, size_t *out_count,
                            size_t *out_all)
{
    struct shown *items = calloc((size_t)world->fence_count + 1, sizeof *items);
    size_t all = 0;
    for (uint32_t i = 0; items != NULL && i < world->fence_count; i++) {
        struct mw_bounds b = mw_index_fence_bounds(world->index, i);
        if (is_in(a, b))
            items[all++] = (struct shown){i, width_of(b) + b.north_east.lat_deg - b.south_west.lat_deg};
    }
    *out_all = all;
    *out_count = all < FENCES_PAGE_MAX ? all : FENCES_PAGE_MAX;
    if (items != NULL && all > FENCES_PAGE_MAX) {
        qsort(items, all, sizeof *items, by_extent);
        qsort(items, *out_count, sizeof *items, by_number); /* as the files have them */
    }
    return items;
}

static void put_text(struct json_writer *w, const char *key, struct text value)
{
    if (value.len == 0)
        return;
    json_write_key(w, key);
    json_write_string(w, value);
}

static void put_number(struct json_writer *w, const char *key, double value)
{
    if (value <= 0)
        return;
    json_write_key(w, key);
    json_write_double(w, value);
}

static void put_time(struct json_writer *w, const char *key, int64_t ms)
{
    if (ms == INT64_MIN || ms == INT64_MAX)
        return;
    json_write_key(w, key);
    json_write_i64(w, ms);
}

static void write_properties(const struct world *world, const struct fence *f, int64_t at_ms,
                             struct json_writer *w)
{
    static const char *const shapes[] = {"", "polygon", "circle", "corridor"};
    const struct mw_fence_info info = mw_index_fence_info(world->index, (uint32_t)(f - world->fences));
    int64_t next = fence_next_change_ms(world, f, at_ms);
    json_write_key(w, "properties");
    json_write_begin_object(w);
    put_text(w, "kind", text_of(fence_kind_name(f->kind)));
    put_text(w, "shape", text_of(shapes[info.kind]));
    put_number(w, "radius_m", info.kind == MW_SHAPE_POLYGON ? 0 : info.radius_m);
    put_text(w, "name", f->name);
    put_text(w, "name_en", f->name_en);
    put_text(w, "company", names_text(world->names, f->company));
    put_text(w, "jurisdiction", f->jurisdiction);
    put_text(w, "hours", f->hours_text);
    put_text(w, "waste", f->waste);
    put_text(w, "road_class", f->road_class);
    put_text(w, "reason", f->reason);
    put_number(w, "speed_limit_kmh", f->speed_limit_kmh);
    put_time(w, "valid_from", f->valid_from_ms);
    put_time(w, "valid_to", f->valid_to_ms);
    json_write_key(w, "in_force");
    json_write_bool(w, fence_in_force(world, f, at_ms));
    json_write_key(w, "next_change");
    if (next == INT64_MAX)
        json_write_null(w);
    else
        json_write_i64(w, next);
    json_write_end_object(w);
}

static bool write_feature(const struct world *world, struct outliner *o, uint32_t number,
                          const struct fences_asked *a, struct json_writer *w)
{
    const struct fence *f = &world->fences[number];
    struct mw_bounds b = mw_index_fence_bounds(world->index, number);
    double lat_deg = fmin(fabs(b.south_west.lat_deg + b.north_east.lat_deg) / 2, LAT_DRAWN);
    double pixel_m = PIXEL_M * cos(lat_deg * RAD_DEG) / exp2(a->zoom);
    json_write_begin_object(w);
    json_write_key(w, "type");
    json_write_string(w, TEXT("Feature"));
    json_write_key(w, "id");
    json_write_string(w, names_text(world->names, f->id));
    bool ok = outline_write(o, world->index, number, pixel_m, w);
    write_properties(world, f, a->at_ms, w);
    json_write_end_object(w);
    return ok;
}

bool fences_page_write(const struct world *world, const struct fences_asked *asked, struct buf *out)
{
    struct json_writer w;
    size_t count, all;
    struct shown *items = choose(world, asked, &count, &all);
    struct outliner *o = outliner_new();
    bool ok = items != NULL && o != NULL;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    json_write_key(&w, "type");
    json_write_string(&w, TEXT("FeatureCollection"));
    json_write_key(&w, "world");
    json_write_string(&w, text_of(world->hash));
    json_write_key(&w, "at");
    json_write_i64(&w, asked->at_ms);
    json_write_key(&w, "more");
    json_write_u64(&w, all - count);
    json_write_key(&w, "features");
    json_write_begin_array(&w);
    for (size_t i = 0; ok && i < count; i++)
        ok = write_feature(world, o, items[i].fence, asked, &w);
    json_write_end_array(&w);
    json_write_end_object(&w);
    outliner_free(o);
    free(items);
    return ok && buf_ok(out);
}
