/* Any bytes as fences and questions: nothing may break, and the index must say what the scan says. */
#include "index.h"
#include "scan.h"

#include <muckwatch/coords.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_MAX 200
#define PARTS_MAX  6
#define HITS_MAX   64

struct input {
    const uint8_t *at, *end;
};

static unsigned take_byte(struct input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

/* Mostly places of a small lattice, so that shapes are valid often enough; sometimes any double. */
static double take_deg(struct input *in, double middle)
{
    unsigned kind = take_byte(in);
    if (kind == 255) {
        double any = 0;
        size_t size = (size_t)(in->end - in->at) < sizeof any ? (size_t)(in->end - in->at) : sizeof any;
        memcpy(&any, in->at, size);
        in->at += size;
        return any;
    }
    double step = kind & 128 ? 1e-7 : 1e-4;
    return middle + step * (double)((kind & 127) * 4 + take_byte(in) % 4);
}

static struct mw_point take_point(struct input *in)
{
    double lat = take_deg(in, 31);
    return (struct mw_point){lat, take_deg(in, 121)};
}

static void add_fence(struct mw_builder *builder, struct input *in)
{
    static struct mw_point points[PARTS_MAX][POINTS_MAX];
    struct mw_part parts[PARTS_MAX];
    unsigned flags = take_byte(in);
    struct mw_shape shape = {(enum mw_shape_kind)(flags % 5), parts, 1 + flags / 5 % PARTS_MAX, 0};
    shape.radius_m = 1 + 3 * take_byte(in);
    for (uint32_t p = 0; p < shape.part_count; p++) {
        uint32_t count = take_byte(in) % (POINTS_MAX - 1);
        for (uint32_t i = 0; i < count; i++)
            points[p][i] = take_point(in);
        if (count && shape.kind == MW_SHAPE_POLYGON && take_byte(in) % 8) {
            points[p][count] = points[p][0];
            count++;
        }
        parts[p] =
            (struct mw_part){points[p], shape.kind == MW_SHAPE_CIRCLE && count ? 1 : count, p && flags & 64};
    }
    struct mw_shape_error error;
    if (mw_builder_add(builder, &shape, NULL, &error) == MW_BAD_SHAPE &&
        strlen(mw_shape_problem_text(error.problem)) < 5)
        abort();
}

static void ask(const struct mw_index *index, struct mw_point p, struct mw_point q)
{
    uint32_t found[HITS_MAX], expected[HITS_MAX], first[3];
    struct mw_crossing crossings[HITS_MAX];
    struct mw_hit hits[HITS_MAX];
    size_t count = geo_scan_point(&index->store, p, expected, HITS_MAX);
    if (mw_index_point(index, p, found, HITS_MAX) != count ||
        memcmp(found, expected, (count < HITS_MAX ? count : HITS_MAX) * sizeof *found) != 0)
        abort();
    if (mw_index_point_detail(index, p, hits, HITS_MAX) != count ||
        mw_index_points(index, (const struct mw_point[]){p, q}, 2, first, found, HITS_MAX) < count ||
        first[1] != count)
        abort();
    /* The scan knows no antimeridian. */
    bool over = fabs(q.lon_deg - p.lon_deg) > 180 && fabs(p.lon_deg) <= 180 && fabs(q.lon_deg) <= 180;
    size_t met = mw_index_path(index, p, q, crossings, HITS_MAX);
    if (!over && met != geo_scan_path(&index->store, p, q, NULL, 0))
        abort();
    for (size_t i = 1; i < met && i < HITS_MAX; i++)
        if (crossings[i].fence <= crossings[i - 1].fence)
            abort();
    for (uint32_t i = 0; i < mw_index_fence_count(index); i++) {
        struct mw_distance distance;
        bool told = mw_index_distance(index, i, p, 100, &distance);
        bool held = false;
        for (size_t k = 0; k < count && k < HITS_MAX; k++)
            held = held || expected[k] == i;
        if (count <= HITS_MAX && (held ? !told || !distance.within : told && distance.within))
            abort();
    }
    (void)mw_coords_wgs84_from_bd09(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    struct mw_builder *builder = mw_builder_new();
    for (unsigned fences = take_byte(&in) % 24; fences && in.at < in.end; fences--)
        add_fence(builder, &in);
    struct mw_index *index;
    if (mw_builder_build(builder, &index) != MW_OK)
        abort();
    for (int i = 0; i < 16; i++) {
        struct mw_point p = take_point(&in), q = take_point(&in);
        ask(index, p, q);
        if (mw_index_fence_count(index)) /* on a vertex */
            ask(index, mw_index_part_point(index, 0, 0, 0), p);
    }
    mw_index_free(index);
    mw_builder_free(builder);
    return 0;
}
