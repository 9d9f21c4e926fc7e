/* bounds: whether the ordinary run asks that the rules hold, or only that the fleet drives as it should. */
#ifndef MW_HONEST_BOUNDS_H
#define MW_HONEST_BOUNDS_H

/* One constant: until the rules keep the bounds, their figures are printed and not asked for. */
enum { BOUNDS_HOLD = 0 };

/* In some 700 vehicle-hours of the honest fleet. */
enum { FINDINGS_MAX = 1, WARNINGS_MAX = 2 };
/* Of what is planted, in percent. */
enum { FOUND_MIN = 97, AGAIN_MAX = 1, OTHERS_MAX = 1 };

#endif
