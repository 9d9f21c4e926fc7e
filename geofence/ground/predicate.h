/*
 * predicate: on which side of a line a point lies, without error.
 *
 * Doubles with an error bound decide nearly always; what they cannot decide is computed exactly (Shewchuk,
 * "Adaptive precision floating-point arithmetic and fast robust geometric predicates", 1997).
 */
#ifndef MW_GEO_PREDICATE_H
#define MW_GEO_PREDICATE_H

/* Positive when c is left of the line from a to b, negative when right, zero when on it. The size means
 * nothing. Exact as long as no product underflows: no two coordinates differ by less than 1e-140. */
double geo_orient(double ax, double ay, double bx, double by, double cx, double cy);

#endif
