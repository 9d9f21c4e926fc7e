/*
 * breach: under which of its permits a haul may still run.
 *
 * Which permit a haul runs under shows on the way. Until then all that were valid when it left and name one
 * of the sites where it may have been loaded, or none, are candidates, each judged by itself over route and
 * hours:
 *
 *               outside its fences, or moving in its closed hours     for confirm_fixes and confirm_s
 *      unbroken ---------------------------------------------> breach -------------------------------> broken
 *         ^                        in them again                 |
 *         '------------------------------------------------------'
 *
 * A broken one is out for this haul. While one is unbroken the rules judge by the unbroken ones alone, which
 * are broken only where all of them are. When the last is broken, the haul has *fallen*: one finding is
 * raised, in the way in which the one broken least is broken, with the start of that breach, and from then
 * on the haul is judged by that permit alone. Nothing is raised for the others. Which is
 * broken least: haul.h.
 *
 * What is broken is remembered in the vehicle's state; what does not fit in there counts as unbroken, and is
 * told as BOUND_PERMITS.
 */
#ifndef MW_BREACH_H
#define MW_BREACH_H

#include "haul.h"
#include "permit.h"
#include "rule.h"

/* Whether the vehicle drives in hours that are not open. */
struct hours_held {
    enum held held;
    int64_t ended_ms; /* HELD_NO: when a stop that has ended the drive began; TIME_NONE: it does not stand */
    int64_t until_ms; /* when a stop that is a pause so far will be more; TIME_NEVER: it does not stand */
};

/*
 * A stop that is a pause only (moment.h) and a speed that is neither moving nor standing say nothing; a
 * longer stop has ended the drive when it began.
 */
struct hours_held breach_of_hours(const struct moment *m, bool open);
/*
 * Whether so many metres outside are outside. What stands has one place for all its fixes, that of its stop, and
 * its receiver may have been thrown aside just then: within what receivers are allowed beside their error
 * (moment_doubt_m) it says nothing.
 */
enum held breach_of_way(const struct moment *m, double outside_m);
/* Whether it stands no farther outside than a receiver is thrown: then all its fixes are one place, and prove nothing. */
bool breach_may_be_thrown(const struct moment *m, double outside_m);

/* Takes a fix, or a deadline, of a haul under way, before the rules: m->events tells of a breach that is over
 * already and comes to be known. */
void breach_follow(struct vehicle_state *state, struct moment *m);
/* The haul is over, or another begins. */
void breach_forget(struct vehicle_state *state);

/* The finding of a breach that is over already and has come to be known, as m->events tells of it. */
struct finding breach_known(const struct breach *b);

/* What the candidates say of an unloading in one of several disposals. */
struct unload_verdict {
    const struct permit *permit; /* under which it ran; NULL: none fits */
    uint32_t disposal;           /* symbol */
    bool wrong;                  /* the permit does not name it, and none does */
};

/*
 * Of the disposals of the state's haul that have all of `flags`. `sure`: a sensor shows the unloading, so a
 * permit that names the place but was broken on the way may be told of: m->events.
 */
struct unload_verdict breach_unload(struct vehicle_state *state, struct moment *m, unsigned flags, bool sure);

#endif
