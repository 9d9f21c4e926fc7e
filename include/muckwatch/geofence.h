/* Fences and the questions asked of them.
 *
 * A fence is a polygon (holes, several parts), a circle or a corridor (everything within a half-width of a
 * line). Fences are collected in a builder, which checks and copies them, and built into an index that never
 * changes afterwards. The index answers which fences hold a point, which a path crosses, and how far a point
 * is from one of them.
 *
 * Geometry. Edges are straight in longitude and latitude (RFC 7946). Distances are metres on the WGS-84
 * ellipsoid by a local metric: within 1 cm of the geodesic up to 1 km from the line, within 0.1 % beyond that
 * up to 100 km, between 70 degrees south and north. A point on the border is inside, also on the border of a
 * hole and on an edge that two fences share. Nothing crosses the antimeridian: a shape that does is refused
 * and is to be cut there, as RFC 7946 asks.
 *
 * Not here: reading files, names of fences, hours, any state of a vehicle.
 *
 * Threads. An index is immutable: any number of threads may query it. A builder belongs to one thread at a
 * time. Memory. Everything given is copied; queries allocate nothing. */
#ifndef MUCKWATCH_GEOFENCE_H
#define MUCKWATCH_GEOFENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum mw_error {
    MW_OK = 0,
    MW_NO_MEMORY, /* an allocation failed; nothing has changed */
    MW_BAD_SHAPE, /* the shape is refused; struct mw_shape_error says why and where */
    MW_TOO_LARGE, /* more than MW_FENCES_MAX fences, 2^31 points, or 2 GiB of index without geometry */
};

/* One line of English. */
const char *mw_error_text(enum mw_error error);

#define MW_FENCES_MAX   16777216u /* fences in an index */
#define MW_RADIUS_MAX_M 100000.0  /* of a circle; half-width of a corridor */

/* WGS-84 degrees, latitude first. */
struct mw_point {
    double lat_deg;
    double lon_deg;
};

enum mw_shape_kind {
    MW_SHAPE_NONE = 0,
    MW_SHAPE_POLYGON,
    MW_SHAPE_CIRCLE,
    MW_SHAPE_CORRIDOR,
};

/* A ring of a polygon, a line of a corridor, or the centre of a circle. */
struct mw_part {
    const struct mw_point *points; /* a ring repeats its first point at the end; either winding */
    uint32_t count;
    bool hole; /* polygon: a hole in the nearest part before it that is not one */
};

struct mw_shape {
    enum mw_shape_kind kind;
    const struct mw_part *parts;
    uint32_t part_count;
    double radius_m; /* circle: radius; corridor: half-width; polygon: ignored */
};

enum mw_shape_problem {
    MW_SHAPE_FINE = 0,
    MW_SHAPE_NO_PARTS,
    MW_SHAPE_NOT_FINITE,
    MW_SHAPE_OUT_OF_RANGE,
    MW_SHAPE_SWAPPED, /* out of range, but in range with latitude and longitude swapped */
    MW_SHAPE_UNCLOSED,
    MW_SHAPE_TOO_FEW_POINTS,
    MW_SHAPE_NO_AREA,
    MW_SHAPE_SELF_CROSSING,
    MW_SHAPE_CROSSES_ANTIMERIDIAN,
    MW_SHAPE_HOLE_FIRST,
    MW_SHAPE_HOLE_OUTSIDE,
    MW_SHAPE_BAD_RADIUS,
    MW_SHAPE_NEAR_POLE, /* a circle or corridor that reaches beyond 89 degrees */
    MW_SHAPE_UNKNOWN_KIND,
    MW_SHAPE_BEYOND_180,    /* a longitude that counts on beyond the antimeridian */
    MW_SHAPE_NOT_DEGREES,   /* so far out of range that it is in metres, most likely */
    MW_SHAPE_TRACED_TWICE,  /* a ring that runs round more than once: by even and odd it holds nothing */
    MW_SHAPE_HOLE_IN_HOLE,  /* a hole that has a place in common with another */
    MW_SHAPE_HOLE_FILLS,    /* with this hole nothing is left of the outer ring */
    MW_SHAPE_HOLES_TANGLED, /* thousands of holes, each of which reaches beside all others along both axes */
};

struct mw_shape_error {
    enum mw_shape_problem problem;
    uint32_t part;      /* index into the shape's parts */
    uint32_t point;     /* index into that part's points; for a crossing, the start of one of the two edges */
    struct mw_point at; /* that point, or where two edges cross */
};

/* One line of English without the place. */
const char *mw_shape_problem_text(enum mw_shape_problem problem);

struct mw_builder;
struct mw_index;

/* NULL when there is no memory. */
struct mw_builder *mw_builder_new(void);
void mw_builder_free(struct mw_builder *builder);

/* Checks and copies one shape; fences are numbered from 0 in the order of adding.
 * Points that repeat the one before are dropped, winding is put right.
 * MW_BAD_SHAPE (out_error is set), MW_NO_MEMORY, MW_TOO_LARGE: the builder is as before.
 * out_fence and out_error may be NULL. O(n log n) for ordinary rings of n points; the check for
 * self-crossing is quadratic for a ring all of whose edges pass the same place. */
enum mw_error mw_builder_add(struct mw_builder *builder, const struct mw_shape *shape, uint32_t *out_fence,
                             struct mw_shape_error *out_error);

/* Numbers the fences anew: the one that was order[i] becomes i. `order` has every number once.
 * MW_NO_MEMORY: the builder is as before. */
enum mw_error mw_builder_renumber(struct mw_builder *builder, const uint32_t *order);

/* Builds the index of all fences added, and empties the builder. No fences is legal.
 * MW_NO_MEMORY, MW_TOO_LARGE: the builder is as before. */
enum mw_error mw_builder_build(struct mw_builder *builder, struct mw_index **out_index);
void mw_index_free(struct mw_index *index);

/* The fences that hold the point, in ascending order. Returns how many there are; writes the first cap of
 * them; places behind the answer may be overwritten. A point that is not finite or off the globe is in no
 * fence. */
size_t mw_index_point(const struct mw_index *index, struct mw_point point, uint32_t *out_fences, size_t cap);

struct mw_hit {
    uint32_t fence;
    float distance_m; /* corridor: to the line; circle: to the centre; polygon: 0 */
    float progress_m; /* corridor: along the line to the nearest place, lines counted on; else 0 */
};

/* The same with distance and progress. Of two places equally near the earlier one counts. */
size_t mw_index_point_detail(const struct mw_index *index, struct mw_point point, struct mw_hit *out_hits,
                             size_t cap);

/* The same as mw_index_point for many points, several times faster a point: the waiting for memory overlaps.
 * The fences of point i are out_fences[out_first[i]] to out_fences[out_first[i + 1] - 1]; out_first has
 * count + 1 places. Returns the sum of all; what does not fit in cap is counted, not written. Places
 * behind the answer may be overwritten. */
size_t mw_index_points(const struct mw_index *index, const struct mw_point *points, size_t count,
                       uint32_t *out_first, uint32_t *out_fences, size_t cap);

struct mw_crossing {
    uint32_t fence;
    bool inside_from; /* as mw_index_point says of the path's start */
    bool inside_to;   /* and of its end */
    double enter;     /* where the path is first inside, as a fraction of it: 0 at the start */
    double leave;     /* where it is last inside */
    double inside_m;  /* length of the path inside */
};

/* The fences that the straight path between two points meets, in ascending order: those that hold one of its
 * ends and those whose border it crosses. Returns how many; writes the first cap. A path of more than 180
 * degrees of longitude is the one over the antimeridian. */
size_t mw_index_path(const struct mw_index *index, struct mw_point from, struct mw_point to,
                     struct mw_crossing *out_crossings, size_t cap);

/* Whether the path meets one fence: whether mw_index_path would tell of it. Costs as much as the fence is large where the
 * path is, however many others lie there. */
bool mw_index_path_meets(const struct mw_index *index, uint32_t fence, struct mw_point from,
                         struct mw_point to);

struct mw_distance {
    double distance_m; /* to the border, negative inside */
    double progress_m; /* corridor: along the line to the nearest place; else 0 */
    bool within;       /* the point is in the fence */
};

/* Signed distance of a point to one fence. False, and nothing written, when the point lies outside by more
 * than max_m (or is off the globe). */
bool mw_index_distance(const struct mw_index *index, uint32_t fence, struct mw_point point, double max_m,
                       struct mw_distance *out_distance);
/* Whether mw_index_distance would tell a distance; and whether the point is in the fence and farther than
 * depth_m from its border, by that distance. Neither looks for the nearest place of the border, so they cost
 * less. */
bool mw_index_near(const struct mw_index *index, uint32_t fence, struct mw_point point, double max_m);
bool mw_index_deep(const struct mw_index *index, uint32_t fence, struct mw_point point, double depth_m);

/* Degrees of longitude from one point to the other, the short way round: over the antimeridian where that is
 * shorter. */
double mw_east_deg(struct mw_point from, struct mw_point to);

/* Metres between two points by the local metric, the short way round. */
double mw_distance_m(struct mw_point a, struct mw_point b);

/* Tells of all fences that mw_index_near may say are near, without knowing their numbers: those that one of four lines
 * through the point meets, to 1.25 times reach_m on either side; one of several lines as often. One that is smaller
 * than its distance may be missed. False when there was no memory for all that a line met, and only some were told. */
bool mw_index_look_around(const struct mw_index *index, struct mw_point point, double reach_m,
                          void (*met)(void *context, uint32_t fence), void *context);

#define MW_AROUND_MAX 1024

/* Of these the ones that are near, each once, in no order to rely on. *out_more: there are more than MW_AROUND_MAX, or
 * there was no memory. */
size_t mw_index_around(const struct mw_index *index, struct mw_point point, double reach_m,
                       uint32_t out_fences[MW_AROUND_MAX], bool *out_more);

uint32_t mw_index_fence_count(const struct mw_index *index);

/* All memory the index holds, geometry included. */
size_t mw_index_memory_bytes(const struct mw_index *index);

struct mw_bounds {
    struct mw_point south_west;
    struct mw_point north_east;
};

/* A box around the fence, at most 2e-7 degrees larger than need be for polygons; for circles and corridors
 * it covers the whole width. */
struct mw_bounds mw_index_fence_bounds(const struct mw_index *index, uint32_t fence);

struct mw_fence_info {
    enum mw_shape_kind kind;
    uint32_t part_count;
    double radius_m;
};

struct mw_fence_info mw_index_fence_info(const struct mw_index *index, uint32_t fence);

/* Iterates: number of points of one part as the index keeps it (a ring's first point is not repeated), and
 * each point, to the bit as it was given. */
uint32_t mw_index_part_count(const struct mw_index *index, uint32_t fence, uint32_t part, bool *out_hole);
struct mw_point mw_index_part_point(const struct mw_index *index, uint32_t fence, uint32_t part,
                                    uint32_t point);

#ifdef __cplusplus
}
#endif

#endif
