/* bounds: what the ordinary run asks of the rules, beside that the fleet drives as it should. */
#ifndef MW_HONEST_BOUNDS_H
#define MW_HONEST_BOUNDS_H

/* In 480 vehicle-hours of the honest fleet. */
enum { FINDINGS_MAX = 1, WARNINGS_MAX = 2 };
/*
 * Of what is planted in every ninth vehicle for a day, and to be found for sure. Of the whole fleet one in a
 * hundred is missed (docs/TESTING.md); this ninth happens to have all the strips of ban among them, so its own
 * bounds are wider: what it gives, and a little.
 */
enum {
    MISSED_OF_KIND_PERCENT = 15,
    MISSED_OF_KIND_MIN = 2,
    MISSED_PERCENT = 4,
    TWICE_MAX = 5,
    OTHERS_MAX = 5
};

#endif
