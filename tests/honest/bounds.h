/* bounds: what the ordinary run asks of the rules, beside that the fleet drives as it should. */
#ifndef MW_HONEST_BOUNDS_H
#define MW_HONEST_BOUNDS_H

/* Until the rules keep a bound, its figures are printed and not asked for: of the honest, of the planted run.
 */
enum { HONEST_HOLDS = 1, PLANTED_HOLDS = 0 };

/* In 480 vehicle-hours of the honest fleet. */
enum { FINDINGS_MAX = 1, WARNINGS_MAX = 2 };
/*
 * Of what is planted in every ninth vehicle for a day, and to be found for sure: a kind has a dozen to a
 * hundred of it, of which three in a hundred may be missed, one at least; all in all few are told twice or as
 * another kind.
 */
enum { MISSED_PERCENT = 3, MISSED_MIN = 1, TWICE_MAX = 5, OTHERS_MAX = 5 };

#endif
