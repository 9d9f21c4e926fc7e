/*
 * driver: what a vehicle truly does, second by second.
 *
 * A truck: out of the depot when its hours open, site, load, wash where there is one, the permitted way, tip,
 * back for the next load while one more surely ends in time, home. A sweeper: tours through its district in
 * its shift. Reds, jams, queues at gates and breaks on the way come by chance; a driver plans with the worst
 * of them. Nothing here knows of receivers or of rules.
 */
#ifndef MW_HONEST_DRIVER_H
#define MW_HONEST_DRIVER_H

#include "dice.h"
#include "motion.h"
#include "town.h"

enum task {
    TASK_PARKED,
    TASK_TO_SITE,
    TASK_LOADING,
    TASK_TO_WASH,
    TASK_WASHING,
    TASK_TO_TIP,
    TASK_TIPPING,
    TASK_HOME,
    TASK_SWEEPING,
    TASK_ROUND, /* from the depot and back, of the planted run */
    TASK_COUNT
};

#define DRIVER_FULL_KG 14500.0

struct haul {
    int permit, disposal; /* place of the latter */
    int variant;
};

struct driver {
    struct town *town;
    const struct town_vehicle *vehicle;
    struct dice dice;
    struct motion motion;
    enum task task;
    struct haul haul;
    double haste;
    int64_t now_ms;
    bool driving;
    int64_t stand_from_ms, stand_to_ms; /* while not driving */
    uint32_t tour_at;
    /* How it is. */
    struct spot at;
    double speed_mps, course_deg;
    uint8_t flags; /* way_flag */
    bool loaded, cover_open;
    double full_kg;
    /* Of the planted run. */
    struct deed_plan plan; /* on this way */
    enum deed haul_deed;   /* about this haul */
    bool haul_deep, out_of_hours;
};

void driver_start(struct driver *d, struct town *town, const struct town_vehicle *vehicle, struct dice dice,
                  int64_t now_ms);
void driver_stop(struct driver *d);
/* One second on, or, where it stands, up to the given instant at once. */
void driver_go_on(struct driver *d, int64_t to_ms);

/* What sensors would see now. */
bool driver_body_raised(const struct driver *d);
bool driver_is_loaded(const struct driver *d);
bool driver_cover_is_open(const struct driver *d);
double driver_load_kg(const struct driver *d);

const char *task_name(enum task task);

/* What may hold a driver up on a leg, beside reds. */
enum chance { CHANCE_JAM = 1, CHANCE_QUEUE = 2, CHANCE_BREAK = 4 };

/* Its parts: the way is laid (driver_way.c), decisions are made (driver.c). */
void driver_way_out(struct driver *d, const struct place *from);
void driver_way_along(struct driver *d, const struct leg *leg, unsigned chances);
void driver_way_to(struct driver *d, const struct place *to, double across_m, double deep_m);
void driver_set_off(struct driver *d, enum task task);
/* The site whose wash bay this haul passes; NULL: none. */
const struct place *driver_wash(const struct driver *d);

/* Deeds (driver_deeds.c): chosen for a haul and for a way, laid into it where it is laid, begun and ended. */
void driver_plan_haul(struct driver *d);
void driver_plan_empty(struct driver *d);
void driver_plan_loaded(struct driver *d);
void driver_deed_lay(struct driver *d, const struct leg *leg, uint32_t i);
double driver_deed_stand_s(const struct driver *d);
void driver_deed_step(struct driver *d);
bool driver_round_fits(struct driver *d);
/* When to drive out of hours next; INT64_MAX: not before the hours open again. */
int64_t driver_illegal_start_ms(struct driver *d);
void driver_round(struct driver *d, enum deed deed);
/* The longest that a leg can take with these chances. */
double driver_bound_s(const struct leg *leg, unsigned chances);

#endif
