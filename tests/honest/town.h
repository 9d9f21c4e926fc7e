/*
 * town: what the honest fleet drives in and by: places, permits, ways, bans, zones, vehicles.
 *
 * Made from a real street net and a seed, in an order that keeps it honest: first places and who drives
 * between them on which ways; then bans and zones, where nobody drives who is not allowed to. Every ban keeps
 * 5 m and more from the middle of every vehicle that it concerns (half a lane and a mirror), so a fleet that
 * follows its ways breaks nothing.
 */
#ifndef MW_HONEST_TOWN_H
#define MW_HONEST_TOWN_H

#include "buf.h"
#include "deed.h"
#include "leg.h"
#include "place.h"
#include "timetable.h"

enum { TOWN_TRUCKS = 150, TOWN_SWEEPERS = 50, TOWN_VEHICLES = TOWN_TRUCKS + TOWN_SWEEPERS };
enum { PERMITS_MAX = 3, DISPOSALS_MAX = 2, TOUR_MAX = 8, DISTRICTS_MAX = 11, STRIP_POINTS_MAX = 16 };

struct town_permit {
    char id[24];
    int site; /* place */
    int disposals[DISPOSALS_MAX];
    int disposal_count;
    bool names_site, names_routes, two_ways; /* both variants of each way are in its routes */
    enum timetable_row hours;
    enum deed flaw;  /* what is wrong with it, of the planted run; DEED_NONE: nothing */
    int stated_site; /* the site that its text names, if that is the flaw */
};

/* What a unit is and what is wired to it. */
struct town_unit {
    bool says_eph, says_speed, numbers, wash_signal, others;
    bool load, body, cover, weight, height;
    enum tunnel_habit { TUNNEL_HOLDS_SPEED, TUNNEL_HOLDS_STILL, TUNNEL_LOSES } tunnel;
};

/* A ban or zone in the way of one vehicle, as what it is together: everything within radius_m of a line. */
struct plant {
    enum deed deed;
    bool deep;
    const struct spot *points;
    uint32_t count;
    double radius_m, limit_kmh;
    struct spot low, high; /* corners of what it and its surroundings take up */
};

enum { PLANTS_MAX = 2 };

struct town_vehicle {
    char id[16];
    bool sweeper;
    int depot;
    double park_across_m, park_deep_m;
    struct town_permit permits[PERMITS_MAX];
    int permit_count;
    int district;
    enum timetable_row shift; /* of a sweeper */
    uint32_t tour[TOUR_MAX];  /* its legs; of a truck: a round from its depot, of the planted run */
    uint32_t tour_count;
    struct town_unit unit;
    int stray; /* a disposal that no permit of it names; -1: none */
    struct plant plants[PLANTS_MAX];
    uint32_t plant_count;
};

struct district {
    char letter;
    struct spot *rings[4];
    uint32_t ring_counts[4], ring_count;
    int depot;
    enum timetable_row areas[2];
    uint32_t area_count;
    float *cost;
};

/* A ban or a zone: everything within radius_m of a line, or of a point. */
struct strip {
    char id[24];
    bool zone;
    struct spot points[STRIP_POINTS_MAX];
    uint32_t count;
    double radius_m, limit_kmh;
    bool trucks_only;
    const char *more; /* further members, as JSON beginning with a comma */
    char group[16];
};

struct town {
    const struct planting *planting; /* NULL: everyone is honest */
    struct arena arena;
    struct street_net net;
    struct nearby streets;
    struct nearby truck_ways, all_ways; /* where vehicles are driven */
    float *truck_cost;
    uint8_t *strong;
    struct places places;
    struct district districts[DISTRICTS_MAX];
    uint32_t district_count;
    struct leg *legs;
    size_t leg_count, leg_cap;
    int32_t leg_of[2][PLACES_MAX][PLACES_MAX]; /* variant, from, to; -1: not yet */
    struct town_vehicle vehicles[TOWN_VEHICLES];
    struct strip *strips;
    size_t strip_count, strip_cap;
};

/* NULL with a line on stderr where the street files are not there. */
struct town *town_new(const char *data_dir, uint64_t seed, const struct planting *planting);
void town_free(struct town *town);
/* The way between two places; variant 1 keeps off the first where it can. */
uint32_t town_leg(struct town *town, int from, int to, int variant);

const struct leg *town_way(struct town *town, int from, int to, int variant);

/* The parts it is made of, in this order. */
bool town_districts_read(struct town *town, const char *path);
bool town_district_holds(const struct district *d, struct spot s, double by_m);
bool town_settle_places(struct town *town, struct dice *dice);
void town_dig_tunnels(struct town *town, struct dice *dice);
bool town_hire_trucks(struct town *town, struct dice *dice);
bool town_hire_sweepers(struct town *town, struct dice *dice);
void town_lay_bans(struct town *town, struct dice *dice);
/* Of the planted run: flaws of permits and ways to go astray, for a truck that has its permits; and bans and
 * zones in the ways of all. */
void town_plant_permits(struct town *town, struct town_vehicle *v, struct dice *dice);
void town_plant_ways(struct town *town, struct town_vehicle *v, struct dice *dice);
void town_plant_bans(struct town *town, struct dice *dice);
void town_add_tour_leg(struct town *town, struct town_vehicle *v, const struct street_path *path);
/* Whether the permit is good and names this site. */
bool town_permit_covers(const struct town_permit *p, int site);

/* What the pieces of one thing have in common, and laying it: as one strip or in pieces. */
struct strip_look {
    const char *name;
    double radius_m, limit_kmh;
    bool trucks_only, pieces;
    const char *more;
    char group[16];
};
void town_lay_line(struct town *town, const struct strip_look *look, const struct spot *line, uint32_t count,
                   struct dice *dice);

/* Half the width of the corridor along a way, and a little more than that of any. */
#define CORRIDOR_HALF_M 42.0
double town_corridor_half_m(uint32_t leg);
/* How far a place is from the middle of every corridor that lets the vehicle pass; INFINITY: it has none. */
double town_from_corridors_m(const struct town *town, const struct town_vehicle *v, struct spot s);
/* The line of a corridor: the middle of the streets and the drives into both places. */
uint32_t town_corridor(const struct town *town, uint32_t leg, int from, int to, struct spot *out,
                       uint32_t cap);
enum { CORRIDOR_POINTS_MAX = 4096 };

/* By its number. */
void town_vehicle_id(uint32_t vehicle, char out[16]);

/* The files of the city, as the tracker reads them. */
void town_write_fences(const struct town *town, struct buf *out);
void town_write_fleet(const struct town *town, struct buf *out);
const char *town_configuration(void);

#endif
