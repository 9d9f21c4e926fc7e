#include "shapes.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

uint64_t rng_next(struct rng *rng)
{
    /* splitmix64 */
    uint64_t z = (rng->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

double rng_unit(struct rng *rng)
{
    return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

double rng_between(struct rng *rng, double low, double high)
{
    return low + (high - low) * rng_unit(rng);
}

uint32_t rng_below(struct rng *rng, uint32_t bound)
{
    return (uint32_t)(rng_next(rng) % bound);
}

double maybe_round7(struct rng *rng, double deg)
{
    return rng_below(rng, 4) ? nearbyint(deg * 1e7) / 1e7 : deg;
}

static struct mw_point put(struct owned_shape *s, uint32_t part, double lat, double lon)
{
    bool as_given = s->as_given && (part == 0 || part % 3);
    struct mw_point p = {as_given ? lat : nearbyint(lat * 1e7) / 1e7,
                         as_given ? lon : nearbyint(lon * 1e7) / 1e7};
    struct mw_part *at = &s->parts[part];
    s->points[part][at->count++] = p;
    return p;
}

static void close_ring(struct owned_shape *s, uint32_t part)
{
    s->points[part][s->parts[part].count] = s->points[part][0];
    s->parts[part].count++;
}

/* Star-shaped about its middle: never crosses itself. Roughness makes spikes. */
static void star(struct rng *rng, struct owned_shape *s, uint32_t part, struct mw_point c, double size,
                 uint32_t count)
{
    double rough = rng_unit(rng), flat = rng_below(rng, 3) ? 1 : pow(10, rng_between(rng, -4, 0));
    bool clockwise = rng_below(rng, 2);
    for (uint32_t i = 0; i < count; i++) {
        double angle = 2 * PI * i / count * (clockwise ? -1 : 1), r = size * (1 - rough * rng_unit(rng));
        put(s, part, c.lat_deg + flat * r * sin(angle), c.lon_deg + r * cos(angle));
    }
    close_ring(s, part);
}

/* A square on a coarse lattice, so that neighbours share edges and corners. */
static void lattice_square(struct rng *rng, struct owned_shape *s, struct mw_point c, double size)
{
    double step = size / 4, lat = nearbyint(c.lat_deg / step) * step,
           lon = nearbyint(c.lon_deg / step) * step;
    double h = step * (1 + rng_below(rng, 3)), w = step * (1 + rng_below(rng, 3));
    put(s, 0, lat, lon);
    put(s, 0, lat, lon + w);
    put(s, 0, lat + h, lon + w);
    put(s, 0, lat + h, lon);
    close_ring(s, 0);
}

/* A comb: many edges that run close to each other, and spikes of no width. */
static void comb(struct rng *rng, struct owned_shape *s, struct mw_point c, double size)
{
    uint32_t teeth = 2 + rng_below(rng, 40);
    bool no_width = rng_below(rng, 3) == 0;
    put(s, 0, c.lat_deg, c.lon_deg);
    for (uint32_t i = 0; i < teeth; i++) {
        double lon = c.lon_deg + size * (i + 1) / (teeth + 1), gap = no_width ? 0 : size / (teeth + 1) * 0.4;
        put(s, 0, c.lat_deg, lon);
        put(s, 0, c.lat_deg + size * rng_between(rng, 0.3, 1), lon + gap);
        put(s, 0, c.lat_deg, lon + gap);
    }
    put(s, 0, c.lat_deg, c.lon_deg + size * 1.1);
    put(s, 0, c.lat_deg - size / 2, c.lon_deg + size * 1.1);
    put(s, 0, c.lat_deg - size / 2, c.lon_deg);
    close_ring(s, 0);
}

/* An outer ring with holes that touch each other or it in a point. */
static void holed(struct rng *rng, struct owned_shape *s, struct mw_point c, double size)
{
    uint32_t holes = 1 + rng_below(rng, 4);
    double u = size / 10;
    put(s, 0, c.lat_deg - 5 * u, c.lon_deg - 5 * u);
    put(s, 0, c.lat_deg - 5 * u, c.lon_deg + 5 * u);
    put(s, 0, c.lat_deg + 5 * u, c.lon_deg + 5 * u);
    put(s, 0, c.lat_deg + 5 * u, c.lon_deg - 5 * u);
    close_ring(s, 0);
    for (uint32_t k = 0; k < holes; k++) {
        uint32_t part = s->shape.part_count++;
        double west = c.lon_deg + (-5 + 2.5 * k) * u, east = west + 2.5 * u, lat = c.lat_deg;
        s->parts[part].hole = true;
        put(s, part, lat, west); /* touches the ring, or the hole before */
        put(s, part, lat + 2 * u, (west + east) / 2);
        put(s, part, lat, east);
        put(s, part, lat - 2 * u, (west + east) / 2);
        close_ring(s, part);
    }
}

static void several(struct rng *rng, struct owned_shape *s, struct mw_point c, double size)
{
    uint32_t count = 2 + rng_below(rng, SHAPE_PARTS_MAX - 2);
    for (uint32_t part = 0; part < count; part++) {
        struct mw_point at = {c.lat_deg + rng_between(rng, -size, size),
                              c.lon_deg + rng_between(rng, -size, size)};
        star(rng, s, part, at, size / 3, 3 + rng_below(rng, 20));
    }
    s->shape.part_count = count;
}

/* Wanders, doubles back, or turns on the spot. */
static void line(struct rng *rng, struct owned_shape *s, uint32_t part, struct mw_point c, double size)
{
    uint32_t count = 2 + rng_below(rng, 60), style = rng_below(rng, 3);
    double heading = rng_between(rng, 0, 2 * PI), lat = c.lat_deg, lon = c.lon_deg,
           step = size / (count / 2 + 1);
    for (uint32_t i = 0; i < count; i++) {
        put(s, part, lat, lon);
        heading += style == 0   ? rng_between(rng, -0.4, 0.4)
                   : style == 1 ? PI + rng_between(rng, -0.05, 0.05)
                                : rng_between(rng, -PI, PI);
        double length = step * rng_between(rng, 0.1, 1.9);
        lat += length * sin(heading);
        lon += length * cos(heading);
    }
    put(s, part, lat, lon + size / 50);
}

void shape_random(struct rng *rng, struct mw_point c, double size, struct owned_shape *s)
{
    memset(s, 0, sizeof *s);
    for (uint32_t part = 0; part < SHAPE_PARTS_MAX; part++)
        s->parts[part].points = s->points[part];
    s->shape = (struct mw_shape){MW_SHAPE_POLYGON, s->parts, 1, 0};
    s->as_given = rng_below(rng, 5) == 0;
    uint32_t kind = rng_below(rng, 10);
    if (kind < 3) {
        star(rng, s, 0, c, size / 2, 3 + rng_below(rng, kind == 2 ? 300 : 30));
    } else if (kind == 3) {
        lattice_square(rng, s, c, size);
    } else if (kind == 4) {
        comb(rng, s, c, size);
    } else if (kind == 5) {
        holed(rng, s, c, size);
    } else if (kind == 6) {
        several(rng, s, c, size);
    } else if (kind == 7) {
        s->shape.kind = MW_SHAPE_CIRCLE;
        s->shape.radius_m = size * 111000 * rng_between(rng, 0.01, 0.5);
        put(s, 0, c.lat_deg, c.lon_deg);
    } else {
        s->shape.kind = MW_SHAPE_CORRIDOR;
        s->shape.radius_m = size * 111000 * rng_between(rng, 0.005, 0.1);
        s->shape.part_count = 1 + rng_below(rng, 3);
        for (uint32_t part = 0; part < s->shape.part_count; part++) {
            struct mw_point at = {c.lat_deg + rng_between(rng, -size, size) / 3,
                                  c.lon_deg + rng_between(rng, -size, size) / 3};
            line(rng, s, part, at, size);
        }
    }
    s->shape.radius_m = fmin(s->shape.radius_m, MW_RADIUS_MAX_M);
}

struct mw_point point_random(struct rng *rng, const struct owned_shape *s)
{
    uint32_t part = rng_below(rng, s->shape.part_count), i = rng_below(rng, s->parts[part].count);
    struct mw_point a = s->points[part][i], b = s->points[part][i + 1 < s->parts[part].count ? i + 1 : 0];
    double t = rng_unit(rng), reach = 1.2 * s->shape.radius_m / 111000 + 1e-5;
    struct mw_point p = {a.lat_deg + t * (b.lat_deg - a.lat_deg), a.lon_deg + t * (b.lon_deg - a.lon_deg)};
    switch (rng_below(rng, 7)) {
    case 0:
        return a;
    case 1:
        return p;
    case 2: /* beside an edge: from the last bit to a metre */
        reach = pow(10, rng_between(rng, -15, -5));
        break;
    case 3: /* at the height of a vertex, where the ray passes it */
        return (struct mw_point){a.lat_deg, a.lon_deg + rng_between(rng, -0.01, 0.01)};
    case 4: /* near the border of what has a radius */
        reach = s->shape.radius_m / 111000;
        break;
    case 5:
        reach = rng_between(rng, 0, 0.02);
        break;
    default:
        break;
    }
    p.lat_deg = maybe_round7(rng, p.lat_deg + rng_between(rng, -reach, reach));
    p.lon_deg = maybe_round7(rng, p.lon_deg + rng_between(rng, -reach, reach));
    return p;
}
