/*
 * city_doubts: what a city's files say that is allowed but hardly meant.
 *
 * A ban for `muck_trucks` where every vehicle is a `muck_truck` is never in force, and nobody would know.
 * While the files are read the loaders note what each thing says of others (a hundred bytes a thing); when
 * all is read these notes are held against each other. Nothing here judges, and nothing is refused: each
 * doubt is a warning to who runs a check. Doubts of one kind about one name are told once, with how many
 * things there are and the first of them.
 */
#ifndef MW_CITY_DOUBTS_H
#define MW_CITY_DOUBTS_H

#include "arena.h"
#include "city_load.h"
#include "config.h"
#include "world.h"

#include <muckwatch/zone.h>

/* A thing of the files, and where it stands. */
struct city_fact {
    const char *what; /* as city_load names it; NULL: none, it is about the settings */
    struct text id, file;
    size_t at;
    bool placed;           /* a fence that has points: */
    struct mw_point place; /* the first, in WGS-84 */
};

struct fence_fact {
    struct city_fact fact;
    struct text name, company;
    const struct text *classes;
    size_t class_count;
    enum fence_kind kind;
    uint64_t outline; /* a hash of all its points and its width, where its kind is single */
};

struct vehicle_fact {
    struct city_fact fact;
    struct text plate, class_name, company;
    double max_load_kg, max_height_m;
};

struct permit_fact {
    struct city_fact fact;
    const struct text *vehicles;
    size_t vehicle_count;
    struct when_spec valid_to;
    enum permit_status status;
};

struct duty_fact {
    struct city_fact fact;
    struct text company;
    const struct text *vehicles, *classes;
    size_t vehicle_count, class_count;
};

struct city_facts {
    struct arena arena;
    struct fence_fact *fences;
    struct vehicle_fact *vehicles;
    struct permit_fact *permits;
    struct duty_fact *duties;
    size_t fence_count, vehicle_count, permit_count, duty_count, fence_cap, vehicle_cap, permit_cap, duty_cap;
};

/* Kinds of which two at one place are one too many: sites, disposals, routes, washes, depots. Bans and limits
 * may well share an outline, one for each class or part of the day. */
bool fence_kind_single(enum fence_kind kind);

void city_facts_init(struct city_facts *facts);
void city_facts_fini(struct city_facts *facts);

/* Note the thing in hand, if anybody wants it noted. Memory that is short is told as by all loaders. */
void city_facts_fence(struct city_load *load, const struct fence_spec *spec);
void city_facts_vehicle(struct city_load *load, const struct vehicle_spec *spec);
void city_facts_permit(struct city_load *load, const struct permit_spec *spec);
void city_facts_duty(struct city_load *load, const struct duty_spec *spec);

/* Beside the notes: */
struct city_judging {
    const struct config *config;
    const struct mw_zone *zone; /* NULL: not known */
    int64_t now_ms;
    void (*tell)(void *context, const struct city_fact *fact, const char *reason);
    void *context;
};

/* Once the world stands: sites, disposals and depots that lie in another of their kind, the first of them. */
void city_doubts_of_world(const struct world *world,
                          void (*tell)(void *context, const struct fence *fence, struct mw_point at,
                                       const char *reason),
                          void *context);

/* Once the world stands: two duties that give one side of a road to two modes at once. False without memory. */
bool city_doubts_of_duties(const struct world *world, int64_t now_ms,
                           void (*tell)(void *context, const struct duty *duty, const char *reason),
                           void *context);

/* False without memory. */
bool city_doubts_find(const struct city_facts *facts, const struct city_judging *judging);

#endif
