/*
 * metric: metres around one point of the WGS-84 ellipsoid.
 *
 * The vector from p to q is taken as
 *
 *     east  = (lon_q - lon_p) * K(lat_m)        K = N(lat) cos(lat), one degree of the parallel in metres
 *     north = (lat_q - lat_p) * M(lat_m)        M = one degree of the meridian in metres
 *
 * at the middle latitude lat_m of the two. That is exact to the third order: the error grows with the cube of
 * the distance, is below a millimetre at 1 km and below 0.01 % at 100 km, up to 70 degrees of latitude. K and
 * M are developed around p once, so that each further point costs a dozen operations. Taking K at p itself,
 * the usual equirectangular shortcut, was rejected: it is off by 20 cm at 1 km at 70 degrees.
 *
 * Only + - * / and sqrt are used, sine and cosine included, so every machine computes the same bits; libm's
 * cosine chooses its code by the processor and does not promise that.
 */
#ifndef MW_GEO_METRIC_H
#define MW_GEO_METRIC_H

#include <math.h>

/* Radius of the equator and first eccentricity squared of WGS-84 (NIMA TR8350.2). */
#define GEO_EQUATOR_M   6378137.0
#define GEO_ECC2        0.00669437999014131699614
#define GEO_RAD_PER_DEG 0.017453292519943295769
/* The smallest radius of curvature that occurs: that of the meridian at the equator. */
#define GEO_RADIUS_MIN_M 6335439.0

struct geo_metric {
    double lon_deg;
    double lat_deg;
    double k0, k1, k2; /* K at half way to a point dlat degrees away: k0 + dlat (k1 + dlat k2) */
    double m0, m1;
};

/* A power series of eleven terms, added in pairs (Estrin, 1960): its chain of dependent operations is a third
 * of that in Horner's scheme. */
static inline double geo_series(const double *c, double z)
{
    double z2 = z * z, z4 = z2 * z2;
    double low = (c[0] + c[1] * z) + (c[2] + c[3] * z) * z2;
    double middle = (c[4] + c[5] * z) + (c[6] + c[7] * z) * z2;
    double high = (c[8] + c[9] * z) + c[10] * z2;
    return low + (middle + high * z4) * z4;
}

/* Sine and cosine of -pi/2 to pi/2 by Taylor's series; the first term left out is below 3e-16. */
static inline void geo_sincos(double x, double *sine, double *cosine)
{
    static const double s[11] = {1,
                                 -1 / 6.0,
                                 1 / 120.0,
                                 -1 / 5040.0,
                                 1 / 362880.0,
                                 -1 / 39916800.0,
                                 1 / 6227020800.0,
                                 -1 / 1307674368000.0,
                                 1 / 355687428096000.0,
                                 -1 / 121645100408832000.0,
                                 1 / 51090942171709440000.0};
    static const double c[11] = {1,
                                 -1 / 2.0,
                                 1 / 24.0,
                                 -1 / 720.0,
                                 1 / 40320.0,
                                 -1 / 3628800.0,
                                 1 / 479001600.0,
                                 -1 / 87178291200.0,
                                 1 / 20922789888000.0,
                                 -1 / 6402373705728000.0,
                                 1 / 2432902008176640000.0};
    *sine = x * geo_series(s, x * x);
    *cosine = geo_series(c, x * x);
}

static inline struct geo_metric geo_metric_at(double lon_deg, double lat_deg)
{
    double s, c;
    geo_sincos(lat_deg * GEO_RAD_PER_DEG, &s, &c);
    /* There is one division only, and the root is computed beside the operations that do not need it. */
    double per_w2 = 1 / (1 - GEO_ECC2 * s * s);
    double n = GEO_EQUATOR_M * sqrt(per_w2);
    double m = n * ((1 - GEO_ECC2) * per_w2);
    double dm = m * (3 * GEO_ECC2 * s * c * per_w2);
    double half = GEO_RAD_PER_DEG / 2;
    return (struct geo_metric){
        .lon_deg = lon_deg,
        .lat_deg = lat_deg,
        .k0 = GEO_RAD_PER_DEG * n * c,
        .k1 = GEO_RAD_PER_DEG * half * -m * s,
        .k2 = GEO_RAD_PER_DEG * half * half / 2 * (-m * c - dm * s),
        .m0 = GEO_RAD_PER_DEG * m,
        .m1 = GEO_RAD_PER_DEG * half * dm,
    };
}

static inline double geo_metric_k(const struct geo_metric *m, double dlat)
{
    return m->k0 + dlat * (m->k1 + dlat * m->k2);
}

static inline double geo_metric_square(const struct geo_metric *m, double dlon, double dlat)
{
    double x = dlon * geo_metric_k(m, dlat);
    double y = dlat * (m->m0 + dlat * m->m1);
    return x * x + y * y;
}

struct geo_near {
    double square_m2; /* distance squared */
    double t;         /* where on the segment: 0 at its start, 1 at its end */
};

/* Nearest place of the segment a b, given in degrees relative to the metric's point. In the plane of the
 * metric the segment bends slightly; two Gauss-Newton steps from the flat solution leave an error of the
 * order of (distance / radius of the Earth) squared. */
static inline struct geo_near geo_metric_near(const struct geo_metric *m, double ax, double ay, double bx,
                                              double by)
{
    double dx = bx - ax, dy = by - ay;
    double gx = dx * m->k0, gy = dy * m->m0;
    double g2 = gx * gx + gy * gy;
    double t = 0;
    if (g2 > 0) {
        t = -(ax * m->k0 * gx + ay * m->m0 * gy) / g2;
        t = t < 0 ? 0 : t > 1 ? 1 : t;
        for (int step = 0; step < 2; step++) {
            double px = ax + t * dx, py = ay + t * dy;
            double k = geo_metric_k(m, py), n = m->m0 + py * m->m1;
            double x = px * k, y = py * n;
            double tx = dx * k + px * dy * (m->k1 + 2 * py * m->k2), ty = dy * (n + py * m->m1);
            double t2 = tx * tx + ty * ty;
            t = t2 > 0 ? t - (x * tx + y * ty) / t2 : t;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
        }
    }
    return (struct geo_near){geo_metric_square(m, ax + t * dx, ay + t * dy), t};
}

#endif
