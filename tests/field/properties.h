/*
 * properties: small random cities and drives, told as the texts that a city and its units would give, and
 * what the engine finds in them. properties.c says what is compared with what.
 *
 * All is made in a plane, metres east and north of an origin, and becomes degrees only as it is written; so
 * the same world can be told at another place, and a fence can be cut without leaving its edges. Everything
 * draws its chance from the seed and a key of its own: what is taken out of a world changes nothing about
 * what stays.
 */
#ifndef MW_TEST_PROPERTIES_H
#define MW_TEST_PROPERTIES_H

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

/* Chance of its own for each key below a seed. */
struct chance chance_of(uint64_t seed, uint64_t key);
uint64_t chance_next(struct chance *c);
uint32_t chance_below(struct chance *c, uint32_t bound);
double chance_between(struct chance *c, double low, double high);
/* Once in `n`. */
bool chance_one_in(struct chance *c, uint32_t n);
/* Normal, of standard deviation 1. */
double chance_normal(struct chance *c);

struct spot {
    double x, y; /* m east, m north */
};

/* ---- shapes
 * ------------------------------------------------------------------------------------------------- */

enum { CORNERS_MAX = 16, PARTS_MAX = 24 };

/* A ring (not closed by its first corner again), or the corners of a line. */
struct ring {
    uint32_t count;
    struct spot at[CORNERS_MAX];
};

enum outline { OUTLINE_POLYGON, OUTLINE_LINE, OUTLINE_CIRCLE };

struct shape {
    enum outline outline;
    double size_m; /* half-width of a line, radius of a circle */
    bool whole;    /* told as the ring and its hole; else as its parts, a multipolygon or multiline */
    struct ring ring, hole;
    /* The same in convex parts, or in lines end to end. */
    uint32_t part_count;
    struct ring parts[PARTS_MAX];
};

struct spot spot_towards(struct spot from, struct spot to, double metres);
double spot_apart(struct spot a, struct spot b);

/* Of a size between `low` and `high` metres across. */
void shape_polygon(struct shape *s, struct chance *c, struct spot middle, double low, double high);
/* Long and narrow, for crossing. */
void shape_strip(struct shape *s, struct chance *c, struct spot middle);
void shape_corridor(struct shape *s, struct chance *c, struct spot middle);
void shape_circle(struct shape *s, struct chance *c, struct spot middle);
void shape_line(struct shape *s, const struct spot *corners, uint32_t count, double half_width_m);
void shape_rectangle(struct shape *s, struct spot middle, double course, double half_length,
                     double half_width);
/* Cuts its parts in up to `cuts` places. The area stays the same. */
void shape_cut(struct shape *s, struct chance *c, uint32_t cuts);
/* Takes `metres` off the end of each part of a line but the last: parts that do not touch. */
void shape_gaps(struct shape *s, double metres);
bool shape_holds(const struct shape *s, struct spot p);
/* Metres from its border: below zero inside. Of a polygon outside, to its nearest edge. */
double shape_distance(const struct shape *s, struct spot p);
struct spot shape_middle(const struct shape *s);
double shape_reach(const struct shape *s); /* from the middle to the farthest corner */

/* ---- a city
 * ------------------------------------------------------------------------------------------------- */

enum {
    FENCES_MAX = 320,
    VEHICLES_MAX = 8,
    PERMITS_MAX = 16,
    NAMED_MAX = 8,
    NAME_MAX_BYTES = 24,
    MINUTES = 1440
};

struct made_hours {
    bool given;
    int from_min, to_min; /* of the day */
};

/* The last of each is that of no vehicle. */
enum vehicle_class { CLASS_NONE, CLASS_TRUCK, CLASS_SWEEPER, CLASS_OF_NOBODY, CLASS_COUNT };
enum company { COMPANY_NONE, COMPANY_NORTH, COMPANY_SOUTH, COMPANY_OF_NOBODY, COMPANY_COUNT };

struct made_fence {
    char id[NAME_MAX_BYTES];
    const char *kind;
    uint32_t key;   /* for its chance */
    uint32_t thing; /* which one of the world as it was made it is, or is a piece of: what permits name */
    bool gone;
    char group[NAME_MAX_BYTES]; /* "": none */
    struct shape shape;
    struct made_hours hours;
    int64_t valid_from_ms, valid_to_ms; /* 0: not given */
    uint32_t classes;                   /* bits by enum vehicle_class; 0: all */
    enum company company;
    int limit_kmh;
    const char *reason, *jurisdiction, *road_class; /* NULL: not given */
};

struct made_vehicle {
    char id[NAME_MAX_BYTES];
    enum vehicle_class class;
    enum company company;
    bool gone;
};

struct made_permit {
    char id[NAME_MAX_BYTES];
    bool gone, suspended;
    uint32_t vehicles; /* bits */
    int site;          /* a thing; -1: any */
    uint32_t disposals[NAMED_MAX], disposal_count;
    uint32_t routes[NAMED_MAX], route_count;
    struct made_hours hours;
    int64_t valid_from_ms, valid_to_ms;
};

/* ---- drives
 * ------------------------------------------------------------------------------------------------- */

enum { SECONDS_MAX = 5400 };

enum load { LOAD_UNKNOWN, LOAD_EMPTY, LOAD_LOADED };

/* What was so, and what its receiver made of it, each second. */
struct second {
    struct spot at, told;
    float speed_mps, course_deg;
    uint8_t load, body_up, cover_open;
};

struct drive {
    uint32_t vehicle;
    int64_t start_ms;
    uint32_t every_s;
    uint32_t count;    /* seconds */
    uint32_t from, to; /* of these it tells */
    double error_m;    /* 95 %, as it tells; 0: does not tell */
    bool tells_speed;
    struct second *seconds; /* borrowed from the world */
};

struct world_made {
    uint64_t seed;
    uint32_t fence_count, vehicle_count, permit_count;
    struct made_fence fences[FENCES_MAX];
    struct made_vehicle vehicles[VEHICLES_MAX];
    struct made_permit permits[PERMITS_MAX];
    struct drive drives[VEHICLES_MAX];     /* one a vehicle */
    struct second (*seconds)[SECONDS_MAX]; /* one row a vehicle, shared by copies of the world */
    uint32_t took, tipped; /* things: the route that the haul drives, the disposal it tips in */
};

/* What a world is about. */
enum theme {
    THEME_BANS = 1,
    THEME_LIMITS = 2,
    THEME_AREAS = 4,
    THEME_PLACES = 8, /* depots, districts, no_tipping, ...: allow, or are named */
    THEME_HAULS = 16,
    THEME_PLAIN = 32, /* alone: bans, and drives in which the interval decides nothing */
    THEME_ALL = 31
};

struct second (*seconds_new(void))[SECONDS_MAX];
/* Overwrites all but w->seconds, which has to be there. */
void world_make(struct world_made *w, uint64_t seed, unsigned themes);
/* For the fence added last: beside, over or within another, or somewhere; a shape of any sort there. */
struct spot world_place(const struct world_made *w, struct chance *c);
void world_shape(struct world_made *w, struct made_fence *f, struct chance *c, double low, double high);
/* Adds a fence of a kind; its shape is empty. */
struct made_fence *world_fence(struct world_made *w, const char *kind);
/* A drive among the fences that are there; then of a haul from thing `site`. */
void drive_make(struct world_made *w, uint32_t vehicle, unsigned themes);
void haul_make(struct world_made *w, uint32_t vehicle);
/* A drive and bans of its own, in which the interval of the fixes decides nothing. */
void plain_make(struct world_made *w, uint32_t vehicle);

/* One that writes seconds. */
struct driver {
    struct drive *drive;
    struct chance *chance;
    struct spot at;
    double course_deg, speed_mps;
    uint8_t load, body_up, cover_open;
    uint32_t limit; /* seconds */
};
void driver_begin(struct driver *d, struct drive *drive, struct chance *c, struct spot at, uint32_t fixes);
void driver_go(struct driver *d, struct spot to, double mps);
void driver_stand(struct driver *d, double seconds);
/* What a receiver makes of it: errors of `sigma_m` an axis that last `tau_s`. */
void driver_finish(struct driver *d, double sigma_m, double tau_s);

/* ---- telling it, and what is found
 * -------------------------------------------------------------------------- */

struct telling {
    double lat, lon;  /* of the origin */
    bool south, west; /* mirrored */
    int64_t later_ms, hours_later_ms;
    uint32_t every_s; /* instead of each drive's own; 0 */
    bool fine;        /* fixes with as many decimals as fences */
    bool backwards;   /* the files, and what stands in each */
};

enum { FILES = 5 };

/* muckwatch.yaml, two files of fences, two of the fleet; and the fixes. */
struct telling_texts {
    struct buf files[FILES];
    struct buf fixes;
    int64_t end_ms;
};

extern const char *const file_names[FILES];

void texts_init(struct telling_texts *t);
void texts_fini(struct telling_texts *t);
void texts_tell(struct telling_texts *t, const struct world_made *w, const struct telling *how);
/* What is found, one JSON object a line. False, with a reason on stderr, when the world is refused. */
bool texts_run(const struct telling_texts *t, struct buf *out);

/* ---- comparing
 * ---------------------------------------------------------------------------------------------- */

struct rename {
    char was[NAME_MAX_BYTES], is[NAME_MAX_BYTES];
};

struct sameness {
    bool to_the_byte;
    bool by_summary;             /* only kind, start and end of each finding */
    const char *const *ignored;  /* fields, ended by NULL */
    const char *const *other_id; /* kinds whose ids may differ, ended by NULL; NULL: none; {"*"}: all */
    const char *const *kinds;    /* what is compared, ended by NULL; NULL: all */
    int64_t later_ms;            /* second minus first */
    double north_deg, east_deg;
    bool south, west;
    double within_ms, within, within_deg;
    const struct rename *renames; /* what the second calls otherwise */
    uint32_t rename_count;
};

/* What differs, a line each; nothing when both are the same. Also counts findings of the kinds compared in
 * the first. */
void findings_compare(struct text first, struct text second, const struct sameness *how,
                      struct buf *out_difference, uint32_t *out_count);

/* ---- changes
 * ------------------------------------------------------------------------------------------------ */

/* A change of world and telling after which the same has to be found. */
struct property {
    const char *name, *says;
    unsigned themes;
    bool fine;       /* fixes are told to the nanometre, so that rounding is not what differs */
    uint32_t worlds; /* that the ordinary run tries */
    void (*prepare)(struct world_made *w, struct chance *c); /* before both; may be NULL */
    void (*change)(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how);
    void (*spoil)(struct world_made *w, struct telling *after); /* what one slip would do */
};

/* Whether a fence is there and of one of the kinds, which stand with blanks between them. */
bool made_is_kind(const struct made_fence *f, const char *kinds);

/* Changes that draw fences in other pieces; with what prepares for them, and what a slip would do. */
void cut_bans(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how);
void cut_limits(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how);
void cut_areas(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how);
void cut_places(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how);
void cut_routes(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how);
void part_group(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how);
void take_apart(struct world_made *w, struct chance *c);
void forget_pieces(struct world_made *w, struct telling *after);

extern const struct property properties[];
extern const uint32_t property_count;

#endif
