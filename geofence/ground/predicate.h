/*
 * predicate: on which side of a line a point lies, without error.
 *
 * Nearly always a computation in doubles with an error bound decides; otherwise the result is computed
 * exactly (Shewchuk, "Adaptive precision floating-point arithmetic and fast robust geometric predicates",
 * 1997).
 */
#ifndef MW_GEO_PREDICATE_H
#define MW_GEO_PREDICATE_H

/* A place in degrees. */
struct geo_xy {
    double x, y; /* longitude, latitude */
};

/* Positive when c is left of the line from a to b, negative when right, zero when on it; only the sign has a
 * meaning. Exact as long as no product underflows: no two coordinates differ by less than 1e-140. */
double geo_orient(struct geo_xy a, struct geo_xy b, struct geo_xy c);

#endif
