/*
 * vehicle_scope: of which vehicles somebody may know: of those whose company, by the world's fleet, and whose place now, by its
 * districts, their scope covers. Who leaves the district is gone from the list of whoever may know that district alone.
 *
 * What a vehicle is said to have open, and how grave the worst is, counts all districts: it is not told to whose scope names some.
 */
#ifndef MW_VEHICLE_SCOPE_H
#define MW_VEHICLE_SCOPE_H

#include "fleet_now.h"
#include "gateway.h"

/* Whether it can be judged: a scope that leaves something out wants a world. */
bool vehicles_can_be_judged(const struct gateway *g, const struct person *who);
/* Whether all vehicles have been met, and can be judged. False, with a problem, where not. */
bool vehicles_are_known(const struct gateway *g, const struct person *who, struct web_answer *out);
/* The vehicle's place is looked up, once. */
bool vehicle_covered(struct gateway *g, const struct person *who, struct vehicle_now *v);
/* Whether what counts all districts may be told. */
bool vehicle_sums_told(const struct person *who);
/* The file's words of it. Never NULL where there is a world. */
const struct vehicle_info *vehicle_info_of(const struct gateway *g, struct text id);
/* A row of `live` of one that is covered, and what the fleet's file says. */
void vehicle_row_write(struct gateway *g, const struct person *who, const struct vehicle_now *v,
                       struct json_writer *w);

#endif
