/*
 * world: everything the rules are judged against: fences, fleet, permits, hours, calendar, settings.
 *
 * Immutable once built, and named by a hash of what it was built from. Built whole by a world_builder, on any
 * thread, or not at all; handed over by pointer between two fixes. Fences, vehicles and permits name
 * themselves and each other by symbols of a table that outlives every world (names.h), so that state can name
 * what a later world no longer has.
 *
 * The builder checks what only the whole can tell (ids unique, references that lead somewhere, hours that
 * parse); the loaders of the codec check the files. All texts are copied.
 */
#ifndef MW_WORLD_H
#define MW_WORLD_H

#include "clock.h"
#include "duty.h"
#include "kind_grid.h"
#include "kinds.h"
#include "names.h"
#include "roads.h"
#include "text.h"

#include <muckwatch/geofence.h>
#include <muckwatch/hours.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fence_kind {
    FENCE_NONE,
    FENCE_SITE,
    FENCE_DISPOSAL,
    FENCE_ROUTE,
    FENCE_BANNED,
    FENCE_NO_TIPPING,
    FENCE_WASH,
    FENCE_DEPOT,
    FENCE_AREA,
    FENCE_SPEED,
    FENCE_COLLECTION,
    FENCE_SWEEP,
    FENCE_DISTRICT,
    FENCE_KIND_COUNT
};

const char *fence_kind_name(enum fence_kind kind);
enum fence_kind fence_kind_find(struct text name); /* FENCE_NONE if there is none */

/* Vehicle classes are words that a city chooses; a world numbers them, and 0 is "no file says". */
#define WORLD_CLASS_MAX 63

/* Longest id of a fence, permit or vehicle: the written state carries them, so they need a bound. */
#define WORLD_ID_MAX 64

enum permit_status { PERMIT_NONE, PERMIT_ACTIVE, PERMIT_SUSPENDED, PERMIT_REVOKED };

/* Numbers of fences, ascending. */
struct fence_list {
    const uint32_t *numbers;
    uint32_t count;
};

struct wash_tie;

/* One fence; its number is its place in world.fences and in world.index. What each fix asks of the fences over
 * its place stands first, in a line of the cache. */
struct fence {
    uint32_t id; /* symbol */
    enum fence_kind kind;
    uint32_t thing;                     /* symbol: what it makes together with others (things.h) */
    uint32_t company;                   /* symbol; 0: every company */
    uint64_t classes;                   /* bit per class; all bits: every class */
    int64_t valid_from_ms, valid_to_ms; /* [from, to); INT64_MIN, INT64_MAX: open */
    const struct mw_hours *hours;       /* NULL: always */
    double speed_limit_kmh;             /* 0: none */
    uint32_t hours_slot;                /* place of `hours` in a cache of answers, see world.hours_count */
    double buffer_m;                    /* half-width of a corridor, radius of a circle, else 0 */
    struct text name, name_en;          /* for people; empty where the file gives none */
    struct text hours_text;             /* as the file has it; empty: always */
    struct text waste, road_class, jurisdiction, reason;
    struct text group; /* fences of one rule that name the same group are one thing, wherever they lie */
    /* Of a site: the wash fences that may belong to it, and the sites around it that may lend theirs
     * (site_wash.h). */
    const struct wash_tie *const *wash_ties;
    uint32_t wash_tie_count;
    struct fence_list wash_lenders;
    /* Of a segment that is swept: */
    float line_m;  /* its length, where it is one line; else 0 */
    float width_m; /* of the road; 0: not known */
    int8_t oneway; /* 1: along the line, -1: against it, 0: both ways */
    uint8_t level; /* of the road, 1 to 4; 0: not known */
    uint32_t road; /* its place in world.roads + 1; 0: none */
};

struct permit {
    uint32_t id;              /* symbol */
    const uint32_t *vehicles; /* symbols, ascending */
    uint32_t vehicle_count;
    uint32_t site;             /* fence number + 1; 0: none named */
    const uint32_t *disposals; /* fence numbers */
    uint32_t disposal_count;
    const uint32_t *routes; /* fence numbers */
    uint32_t route_count;
    const struct mw_hours *hours; /* when work is allowed; NULL: always */
    uint32_t hours_slot;
    int64_t valid_from_ms, valid_to_ms;
    enum permit_status status;
    struct text material;
};

struct vehicle_info {
    uint32_t id; /* symbol; 0 for the vehicle that no file names */
    uint32_t class_number;
    uint32_t company; /* symbol or 0 */
    struct text plate, company_name, class_name, waste;
    double max_load_kg, max_height_m; /* 0: no limit known */
    const uint32_t *permits;          /* places in world.permits, by id's text */
    uint32_t permit_count;
    uint8_t work_modes;     /* bit per enum work_mode of which a duty expects it of this vehicle */
    bool collects;          /* so does a duty of collection */
    const uint32_t *duties; /* places in world.duties, ascending */
    uint32_t duty_count;
};

struct world {
    const struct names *names;
    struct text timezone;
    struct mw_zone *zone;
    struct mw_calendar *calendar;
    struct mw_index *index;
    struct mw_index *banned; /* the banned fences alone, in the order of of_kind: asked about every path */
    struct fence *fences;
    uint32_t fence_count;
    struct permit *permits; /* by id's text */
    uint32_t permit_count;
    struct vehicle_info *vehicles;
    uint32_t vehicle_count;
    struct duty *duties; /* by id's text */
    uint32_t duty_count;
    /* What duties expect at each fence: of fence i from fence_parts_first[i] on, and one more. */
    const uint32_t *fence_parts_first;
    const struct duty_part *fence_parts;
    const struct roads *roads;    /* that are swept; NULL: no duty asks for it */
    const uint32_t *road_symbols; /* of their fences */
    struct fence_list of_kind[FENCE_KIND_COUNT];
    struct kind_grid grid;  /* where fences of each kind may be */
    uint32_t limited_kinds; /* bit per enum fence_kind of which one has a speed limit */
    uint32_t hours_count;   /* how many hours_slots there are */
    struct text classes[WORLD_CLASS_MAX + 1];
    uint32_t class_count;
    struct common_settings common;
    char hash[65]; /* hexadecimal BLAKE2b-256 of the canonical world, set by who loaded it */
};

/* What the files say of a point in time: nothing, an instant, or a local date. */
struct when_spec {
    enum { WHEN_NONE, WHEN_INSTANT, WHEN_DATE } type;
    struct wall instant;
    int year, month, day;
};

struct fence_spec {
    struct text id, name, name_en, group, hours, company, waste, road_class, jurisdiction, reason;
    enum fence_kind kind;
    struct mw_shape shape; /* WGS-84 */
    struct when_spec valid_from, valid_to;
    double speed_limit_kmh, width_m;
    int oneway, level;
    const struct text *classes;
    size_t class_count; /* 0: every class */
};

struct permit_spec {
    struct text id, site, hours, material;
    const struct text *vehicles, *disposals, *routes;
    size_t vehicle_count, disposal_count, route_count;
    struct when_spec valid_from, valid_to;
    enum permit_status status; /* PERMIT_NONE: active */
};

struct vehicle_spec {
    struct text id, plate, class_name, company, waste;
    double max_load_kg, max_height_m;
};

/* Why a world could not be built: what is wrong, and with which thing. */
struct world_error {
    char text[320];
    /* Where a shape is wrong: part and point as in the spec; `shape.problem` is 0 otherwise. */
    struct mw_shape_error shape;
};

enum world_status { WORLD_OK, WORLD_NO_MEMORY, WORLD_BAD };

struct world_builder;

struct world_builder *world_builder_new(struct names *names);
/*
 * Who hears of each thing that is wrong, as soon as it is found; looking then goes on behind it, and the
 * functions below still return the first. The builder can be used on, but builds no more. NULL: nobody.
 */
void world_builder_tell(struct world_builder *b, void (*tell)(void *context, const struct world_error *error),
                        void *context);
/* A fence of this id stands in the files but cannot be used, so who refers to it is not wrong; without an id:
 * nobody knows which. */
void world_builder_lost(struct world_builder *b, struct text id);
/* Checks the references alone, of a city that cannot be built. */
enum world_status world_builder_check(struct world_builder *b, struct world_error *out_error);
void world_builder_free(struct world_builder *b);

/* Must come first: the zone (taken over) decides what a local date is. `timezone` is its name. */
enum world_status world_builder_zone(struct world_builder *b, struct text timezone,
                                     struct mw_zone *take_zone);
/* At most one; taken over. */
void world_builder_calendar(struct world_builder *b, struct mw_calendar *take_calendar);
enum world_status world_builder_fence(struct world_builder *b, const struct fence_spec *spec,
                                      struct world_error *out_error);
enum world_status world_builder_vehicle(struct world_builder *b, const struct vehicle_spec *spec,
                                        struct world_error *out_error);
enum world_status world_builder_permit(struct world_builder *b, const struct permit_spec *spec,
                                       struct world_error *out_error);
enum world_status world_builder_duty(struct world_builder *b, const struct duty_spec *spec,
                                     struct world_error *out_error);
void world_builder_common(struct world_builder *b, const struct common_settings *settings);
/* Settings of a kind for every class (class_name empty) or for one; texts are copied. Classes start from what
 * was set for every class, so set that first. */
enum world_status world_builder_rule(struct world_builder *b, enum kind kind, struct text class_name,
                                     const struct rule_settings *settings, struct world_error *out_error);

/* Checks references and builds. The builder is used up whatever the outcome; free it all the same. */
enum world_status world_builder_build(struct world_builder *b, struct world **out_world,
                                      struct world_error *out_error);

void world_free(struct world *world);

/* The vehicle by its symbol; a nameless one, judged by the defaults, when no file names it. Never NULL. */
const struct vehicle_info *world_vehicle(const struct world *world, uint32_t symbol);
/* Settings of a kind for a class. */
const struct rule_settings *world_rule(const struct world *world, enum kind kind, uint32_t class_number);
/* Of all kinds, by kind. */
const struct rule_settings *world_rules(const struct world *world, uint32_t class_number);
/* Number of the fence, or place of the permit, that has this id; UINT32_MAX when this world has none. */
uint32_t world_fence_by_id(const struct world *world, uint32_t symbol);
uint32_t world_permit_by_id(const struct world *world, uint32_t symbol);
/* Its place in the roads; UINT32_MAX when this world has none. */
uint32_t world_road_by_id(const struct world *world, uint32_t symbol);
/* Whether a duty is one of this vehicle's: it names it, or its class and, where it says one, its company. */
bool world_duty_of(const struct duty *duty, const struct vehicle_info *vehicle);
/* Whether a duty is on for the service day that begins on this local day (mw_civil_to_days). */
bool world_duty_on(const struct world *world, const struct duty *duty, int32_t day);

#endif
