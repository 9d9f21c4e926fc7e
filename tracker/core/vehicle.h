/*
 * vehicle: all that the engine remembers of one vehicle, as a plain struct.
 *
 * It can be copied, written (codec/state_codec), compared and put back; it points nowhere. Fences, permits
 * and the vehicle itself are symbols (names.h); what is written carries their texts. What the path of a fix
 * reads on a quiet day stands first and fits in VEHICLE_HOT_BYTES; open episodes and rare things follow.
 *
 * Two clocks meet here. `time_ms` is event time, what the unit's fixes say. `clock_ms` is the tracker's own
 * count of the time it was up, connected and caught up. The vehicle's clock is the first carried on by the
 * second, so that a deadline does not run while nobody could have heard the vehicle.
 */
#ifndef MW_VEHICLE_H
#define MW_VEHICLE_H

#include "fix.h"
#include "kinds.h"
#include "work_state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VEHICLE_EPISODES_MAX 20
#define EPISODE_PIECES_MAX   16 /* fences named of the thing that one episode is about */
#define VEHICLE_PIECES_MAX   32 /* and in all; those beyond are counted */
#define VEHICLE_RECENT_MAX   16 /* distinct fixes remembered of a unit that does not number its own */
#define VEHICLE_OPENINGS_MAX 48 /* violations remembered for the repeat count */
#define JOURNAL_RANGES_MAX   8  /* holes, and skipped ranges, remembered of a journal */
#define JOURNAL_SEEN_MAX     12 /* ranges that are in the track, remembered beside the mark */
#define VEHICLE_HOT_BYTES    512
#define YARDS_MAX            8 /* fences of one kind that it may be in at a time */
#define LATE_WITHDRAWN_MAX   5
#define BEGUN_MAX            7  /* kinds that may be found to have begun before (kinds.h) */
#define BREACHES_MAX         48 /* ways in which the permits of one haul are broken */
#define VEHICLE_SENSORS      12 /* members of struct sensors */

/* "Never" of a deadline, "unknown" of a time. */
#define TIME_NEVER INT64_MAX
#define TIME_NONE  INT64_MIN

enum episode_phase { EPISODE_NONE, EPISODE_CONFIRMING, EPISODE_OPEN };

enum episode_flag {
    EPISODE_AT_EDGE = 1 << 0, /* began between two fixes: with a window's edge, or with an addition */
    EPISODE_WARNED = 1 << 1,  /* the cab was told before it opened */
    EPISODE_PAUSED = 1 << 2,  /* at the last fix nothing was known of it */
    EPISODE_CROSSED = 1 << 3, /* left again, and the way through was driven: open it once that is certain */
};

/* All of a way may lie aside: in so many directions, as far as it errs, and half as far, which may be where it passes between
 * two pieces of a thing. */
enum { WAY_DIRECTIONS = 8, WAY_PLACES = 2 * WAY_DIRECTIONS };

/* The way into a thing while it is not yet certain that it was entered: crossing.h. */
struct way_in {
    double lat_deg, lon_deg; /* the last place before it */
    int64_t ms;              /* TIME_NONE: not known, no path may be drawn from there */
    int64_t enter_ms, leave_ms;
    float mps, track_deg;      /* at that place; NaN */
    float way_m, inside_m;     /* driven since, and of it inside */
    uint8_t aside[WAY_PLACES]; /* the same of all of it put aside to each of them, in half metres */
    uint8_t deep_fixes;        /* inside by more than their error */
    uint8_t kinked;    /* a heading at an end of a leg denies that it was driven so, or none is known */
    uint8_t unused[6]; /* 0; no holes, as states are compared as bytes */
};

struct episode {
    int64_t start_ms;                    /* first fix, or deadline, at which the condition held */
    int64_t held_ms;                     /* last moment at which it did */
    int64_t unknown_ms;                  /* of the time since start, how much nothing was known of it */
    int64_t clear_ms;                    /* since when it does not hold; TIME_NONE while it does */
    int64_t unheld_ms;                   /* of the time since then, how much it is known not to hold */
    int64_t trip_ms;                     /* the trip it belongs to, by its start; TIME_NONE: none */
    double start_lat_deg, start_lon_deg; /* where it began; NaN: not known */
    struct way_in way;
    uint32_t key;         /* what it is found by: the thing its subject is part of; 0 for kinds of which a
                             vehicle has one at a time */
    uint32_t subject;     /* symbol of a fence or permit, or a cause: see kind_row's subject */
    uint32_t fence;       /* symbol, 0: none */
    uint32_t permit;      /* symbol, 0: none */
    uint32_t rev;         /* entries written so far */
    float value, limit;   /* NaN: none */
    float error_m;        /* how far the place of `value` may be wrong; NaN: that plays no part */
    float limit_now;      /* the limit last told of; NaN: none */
    uint32_t piece_count; /* fences of the thing that held the vehicle, listed or not */
    uint32_t last_piece;  /* symbol of the last one */
    uint32_t pieces[EPISODE_PIECES_MAX]; /* the first of them, symbols in the order of driving; then 0 */
    uint16_t held_fixes;                 /* fixes since start at which the condition held */
    uint16_t sure_fixes;                 /* of them, those at which no error of the place can deny it */
    uint16_t clear_fixes;                /* fixes since clear_ms at which it did not */
    uint8_t kind;                        /* enum kind */
    uint8_t phase;                       /* enum episode_phase */
    uint8_t severity;                    /* enum severity */
    uint8_t flags;                       /* enum episode_flag */
    uint8_t repeat;                      /* how many times in 30 days, this one included */
};

enum trip_phase { TRIP_NONE, TRIP_LOADING, TRIP_HAULING, TRIP_ARRIVED };

/* Why a trip is over. */
enum trip_end {
    TRIP_END_NONE,
    TRIP_END_UNLOADED,   /* in a disposal that the permit names; without a permit, in any */
    TRIP_END_WRONG_SITE, /* in one that it does not name */
    TRIP_END_DUMPED,     /* outside disposals */
    TRIP_END_UNSEEN,     /* empty after a pause: nobody saw where */
    TRIP_END_RETURNED,   /* back in its site with its load */
    TRIP_END_NEW_LOAD,   /* loaded anew at another site, its end was never seen */
    TRIP_END_TIMEOUT,
    TRIP_END_COUNT
};

enum trip_flag {
    TRIP_INFERRED = 1 << 0,   /* no load sensor said so: it stopped in the site and left */
    TRIP_LOAD_FAULT = 1 << 1, /* the load sensor was faulty when it left: no reason to accuse */
    TRIP_DOUBTFUL = 1 << 2,   /* nor where it may not have been in a site at all */
    TRIP_NO_PERMIT = 1 << 3,  /* no permit fitted when it left */
    TRIP_FALLEN = 1 << 4,     /* every permit that fits is broken; trip.permit is the one broken least */
};

/* What speaks for a place: yards.h. */
enum yard_flag {
    YARD_HERE = 1 << 0,     /* holds the last believed place, or may hold it */
    YARD_WAS_HERE = 1 << 1, /* so it did the one before */
    YARD_SURE = 1 << 2,     /* held it deeper than a place may be wrong */
    YARD_STOOD = 1 << 3,    /* the vehicle stood there for a minute */
    YARD_TURNING = 1 << 4,  /* may have held it when the load seemed to become what it is */
    YARD_TURNED = 1 << 5,   /* and that has been believed */
    YARD_TWICE = 1 << 6,    /* it was SURE at two fixes */
};

struct yard {
    uint32_t fence; /* symbol */
    uint8_t flags;  /* enum yard_flag */
};

struct yards {
    struct yard list[YARDS_MAX];
    uint8_t count;
    uint8_t more; /* there were more than it holds */
};

enum breach_flag {
    BREACH_BROKEN = 1 << 0,  /* confirmed: the haul does not run under this permit, unless all are broken */
    BREACH_PAUSED = 1 << 1,  /* at the last fix nothing was known of it */
    BREACH_AT_EDGE = 1 << 2, /* began with a window's edge, not with a fix */
};

/* In one way a permit of the haul is being broken, or was: breach.h. */
struct breach {
    int64_t since_ms;
    int64_t over_ms;     /* broken, but no longer so since then; TIME_NONE */
    uint32_t unknown_ms; /* of the time since, how much nothing was known of it */
    uint32_t permit;     /* symbol */
    float worst_m;       /* KIND_OFF_ROUTE: outside its fences at the farthest */
    uint16_t fixes;      /* that showed it */
    uint8_t kind;        /* KIND_OFF_ROUTE or KIND_WRONG_HOURS */
    uint8_t flags;       /* enum breach_flag */
};

/* The haul under way, or being loaded: trip.h. Times are TIME_NONE where they have not come. */
struct trip {
    int64_t start_ms; /* names the trip together with the vehicle: when it left */
    int64_t loaded_ms, arrived_ms;
    int64_t unloaded_ms; /* when it seems to have unloaded; final once `ending` is set */
    int64_t edge_ms;     /* when it seems to have entered, or left, the disposal */
    int64_t covered_ms;  /* of the time since start, how much the fixes cover */
    double distance_m;
    uint32_t site, disposal, permit; /* symbols; of those that are possible the likeliest so far */
    uint32_t world;                  /* a mark of the world in force when it left: haul.h */
    float load_kg;                   /* NaN: unknown */
    uint16_t violations;
    uint8_t phase;      /* enum trip_phase */
    uint8_t flags;      /* enum trip_flag */
    uint8_t ending;     /* enum trip_end: over, and only waiting for the verdict on how it ended */
    uint8_t edge_fixes; /* that confirm edge_ms so far */
};

/* Whether it is under way: left, and not over. */
static inline bool trip_is_on(const struct trip *trip)
{
    return trip->phase >= TRIP_HAULING && trip->ending == TRIP_END_NONE;
}

/* Where a vehicle stands with the site it was last in: visit.h. */
enum visit_phase { VISIT_NONE, VISIT_ENTERING, VISIT_IN, VISIT_LEAVING };

enum visit_flag {
    VISIT_CAME_LOADED = 1 << 0,
    VISIT_STOPPED = 1 << 1, /* stood there long enough to be loaded */
    VISIT_WASHED = 1 << 2,
    VISIT_UNSEEN = 1 << 3,    /* moved about between two fixes, perhaps to the wash */
    VISIT_IN_WASH = 1 << 4,   /* the last fix was in a wash */
    VISIT_WASH_STOP = 1 << 5, /* and it stood there at one */
};

enum load_flag {
    LOAD_ORIGIN = 1 << 0, /* seen to change to what it is: change_ms and change_kinds mean something */
    LOAD_TIPPED = 1 << 1, /* went outside every disposal, and nothing has been made of it yet */
};

enum vehicle_flag {
    VEHICLE_SEEN = 1 << 0,   /* a fix was evaluated: the times and places below mean something */
    VEHICLE_PLACED = 1 << 1, /* the last evaluated fix had a position that was trusted */
    VEHICLE_ONLINE = 1 << 2,
    VEHICLE_MOVED = 1 << 3,  /* was moving at the last fix that could tell */
    VEHICLE_LOADED = 1 << 4, /* by the last word of a load sensor */
    VEHICLE_LOAD_KNOWN = 1 << 5,
    VEHICLE_IGNITION = 1 << 6,   /* on, by the last word */
    VEHICLE_OFF = 1 << 7,        /* told by status that it is offline */
    VEHICLE_DARK = 1 << 8,       /* its receiver has had no place since the last believed one */
    VEHICLE_HEADED = 1 << 9,     /* its heading is what it said, not told from its places */
    VEHICLE_LAGS = 1 << 16,      /* its fixes lag, or are from the future: `lag` has something to say */
    VEHICLE_NOWHERE = 1 << 17,   /* the last evaluated fix had no position at all */
    VEHICLE_LOAD_SAID = 1 << 18, /* additions to it spoke of the load */
    VEHICLE_ADDED = 1 << 19,     /* there are additions to it */
    VEHICLE_LATE = 1 << 20,      /* fixes came late and are to be judged: `late` */
    VEHICLE_TOOK_BACK = 1 << 21, /* something was said and withdrawn: `late` */
    VEHICLE_BEGUN = 1 << 22,     /* of a kind that may begin in the past one has opened: `begun` */
    VEHICLE_THROWN = 1 << 23,    /* its receiver was thrown aside: `thrown` */
    VEHICLE_WORKS = 1 << 24,     /* a duty asks for its work: `work` has something to say */
};

/* How the times of the fixes stand to their arrivals: lag.h. */
enum lag_stage {
    LAG_RIGHT,
    LAG_AHEAD,   /* the last fixes were from the future */
    LAG_BACKLOG, /* they lag, and a silence explains it */
    LAG_BEHIND,  /* they lag, and nothing explains it yet */
    LAG_WRONG,   /* the clock is behind: not judged */
    LAG_STAGE_COUNT
};

struct lag_watch {
    int64_t silent_from_ms, silent_to_ms; /* the last long silence: time of the fix before, arrival after */
    int64_t since_ms;                     /* of the run or the row: on the vehicle's clock */
    int64_t first_ms, last_ms;            /* arrivals of the first and the last that lag */
    int64_t last_clock_ms;                /* the vehicle's clock at the last */
    int64_t time_ms;                      /* of the last fix that lags */
    int64_t low_ms, high_ms;              /* the lags of the run's finished arrivals */
    int64_t least_ms;                     /* that of the arrival in hand */
    uint8_t count;                        /* arrivals of the run, fixes of the row */
    uint8_t stage;                        /* enum lag_stage */
};

/* The journal of a unit that numbers its fixes, and how far it is committed. */
struct seq_range {
    uint64_t from, to; /* both belong to it; 0, 0: none */
};

/* Numbers that are in the track, beside those that the mark tells of: seen.h. */
struct seq_seen {
    uint64_t boot;     /* hash of their boot; 0: the journal in hand */
    uint64_t from, to; /* both belong to it; 0, 0: none */
    int64_t newest_ms; /* the latest time of their fixes; TIME_NEVER: not known */
    uint64_t left;     /* 1: of one that was in hand once; 2: right before the one that is */
};

struct journal_mark {
    uint64_t seq;          /* every number up to this one is used up */
    int64_t hole_clock_ms; /* tracker's clock when a fix beyond a hole was first refused; TIME_NONE */
    uint64_t beyond;       /* the lowest number refused since then; 0: not known */
    uint8_t boot_len;      /* 0: the unit does not number */
    bool restarted;        /* its numbers began again: they mean nothing until a new boot */
    char boot[FIX_BOOT_MAX];
    struct seq_range
        skips[JOURNAL_RANGES_MAX];          /* never used, says the unit, and not reached yet; ascending */
    struct seq_seen seen[JOURNAL_SEEN_MAX]; /* oldest first */
    /* What the next number has nothing to do with. */
    struct seq_range
        holes[JOURNAL_RANGES_MAX]; /* given up; a fix that fills one after all is late, newest last */
    uint64_t told_boot; /* hash of a boot of which no fix has come yet, and where it begins; 0: none */
    uint64_t told_first;
};

/* A sign of life, by both clocks of its arrival; TIME_NONE: none. */
struct life {
    int64_t clock_ms, received_ms;
};

static const struct life life_none = {TIME_NONE, TIME_NONE};

struct vehicle_state {
    uint32_t vehicle; /* symbol */
    uint32_t flags;   /* enum vehicle_flag */

    /* The last evaluated fix. */
    int64_t time_ms;
    int64_t received_ms;
    int64_t clock_ms;
    double lat_deg, lon_deg;           /* of the last trusted position; while it stands, where it stopped */
    int64_t place_ms;                  /* when it was there */
    double said_lat_deg, said_lon_deg; /* that position as the fix said it */
    float speed_mps;                   /* as said or derived; NaN */
    float track_deg;                   /* NaN */
    float eph_m;
    uint8_t mode;
    uint8_t episode_count;
    uint8_t opening_count;
    uint8_t recent_count, recent_next;
    uint16_t said;          /* bit per sensor that spoke in it, or in an addition to it: sensor_words.h */
    uint32_t held_kinds;    /* bit per kind that it, or an addition to it, has found to hold */
    uint32_t clear_kinds;   /* the same of not to hold */
    struct sensors sensors; /* last known value of each */

    int64_t deadline_ms; /* next on the vehicle's clock; TIME_NEVER */
    int64_t
        message_clock_ms; /* tracker's clock at the last message that is on record: silence is from here */
    struct life heard;    /* the last one since then that is on no record */
    int64_t live_ms;      /* newest live position shown, or TIME_NONE */

    /* Where the rules keep what outlasts a fix. */
    struct trip trip;
    struct {
        double jump_lat_deg, jump_lon_deg; /* a place too far to be true, waiting for company */
        int64_t jump_ms, jump_last_ms;     /* first and last fix there */
        double held_lat_deg, held_lon_deg; /* a place told again and again */
        int64_t held_ms;                   /* there since */
        int64_t frozen_ms;                 /* and at speed since; TIME_NONE: not at speed */
        int64_t drove_ms;                  /* at speed there last */
        float frozen_way_m;                /* that the unit says it has driven meanwhile */
        float jump_mps;                    /* what the way there would have taken */
        uint16_t jump_fixes;
        uint16_t held_fixes;
        uint16_t frozen_fixes;
        uint8_t place_fixes; /* in a row that were believed */
    } trust;
    /* The believed place before the last one. */
    struct {
        double lat_deg, lon_deg;
        int64_t ms; /* TIME_NONE: none */
    } previous;
    /* An earlier place, to tell speed and heading by where fixes do not say them. */
    struct {
        double lat_deg, lon_deg;
        int64_t ms; /* TIME_NONE: none */
    } base;
    /* A path across banned fences that waits for the next fix: crossing.h. */
    struct {
        double lat_deg, lon_deg; /* the place before it */
        int64_t ms;              /* TIME_NONE: no path waits */
        float reach_m;           /* how far it can have driven since */
        float track_deg;         /* there; NaN */
    } cross;
    struct {
        double stop_lat_deg, stop_lon_deg;
        int64_t stopped_ms;    /* standing there since, or TIME_NONE */
        int64_t visit_ms;      /* entered the site */
        int64_t left_ms;       /* seems to have left it */
        int64_t change_ms;     /* the load became what it is */
        int64_t contradict_ms; /* it seems to have become something else */
        int64_t load_word_ms;  /* the last word of its sensor */
        int64_t body_ms;       /* the body is up since */
        uint16_t kinds;        /* bit per fence kind that held the last position */
        uint16_t change_kinds, contradict_kinds;
        uint8_t visit_phase, visit_flags; /* enum visit_phase, visit_flag */
        uint8_t visit_fixes;
        uint8_t start_fixes;  /* in a row that deny that it stands */
        uint8_t load;         /* enum sensor_load: LOAD_EMPTY, LOAD_LOADED, or unknown */
        uint8_t load_samples; /* in a row that contradict it */
        uint8_t load_flags;   /* enum load_flag */
        uint8_t body_fixes;   /* with the body up */
    } habits;

    /* Not on the path of a quiet fix. */
    struct journal_mark journal;
    struct yards sites; /* of the visit */
    struct {
        struct yards origins; /* sites where it may have been loaded */
        struct yards tips;    /* disposals where it is, or may be, with its load */
        uint32_t breach_count;
        struct breach breaches[BREACHES_MAX];
    } haul;
    struct lag_watch lag;
    struct {
        /* Of late fixes that nobody has judged yet, while VEHICLE_LATE says that there are any; else 0. */
        int64_t from_ms;                       /* the least of their times */
        int64_t first_clock_ms, last_clock_ms; /* the tracker's clock at the first and the last */
        /* What was said and taken back, and may be found again: late.h. 0: none; the latest first. */
        uint64_t withdrawn[LATE_WITHDRAWN_MAX];
    } late;
    struct {
        int64_t ms;            /* when it was last seen to be; */
        float east_m, north_m; /* so far: thrown.h. While VEHICLE_THROWN says so; else 0 */
    } thrown;
    uint64_t recent[VEHICLE_RECENT_MAX];     /* hashes of the last distinct fixes */
    uint32_t openings[VEHICLE_OPENINGS_MAX]; /* hour since the epoch << 6 | kind */
    int64_t said_ms[VEHICLE_SENSORS];        /* when the other sensors last spoke; TIME_NONE */
    uint32_t warned_s[KIND_COUNT];           /* when the cab was last warned, in seconds since the epoch; 0 */
    uint64_t begun[BEGUN_MAX]; /* begun.h, while VEHICLE_BEGUN says that there are any; then 0 */
    struct work_state work;    /* while VEHICLE_WORKS says so; else 0 */
    struct episode episodes[VEHICLE_EPISODES_MAX];
};

_Static_assert(offsetof(struct vehicle_state, journal) <= VEHICLE_HOT_BYTES, "the hot part has a bound");

/* A vehicle of which nothing is known yet. */
void vehicle_init(struct vehicle_state *state, uint32_t vehicle);

/* The vehicle's clock when the tracker's shows clock_ms; TIME_NONE before its first evaluated fix. */
int64_t vehicle_clock_ms(const struct vehicle_state *state, int64_t clock_ms);

/* The open or confirming episode of a kind by its key, or NULL. */
struct episode *vehicle_episode(struct vehicle_state *state, enum kind kind, uint32_t key);
uint32_t vehicle_open_count(const struct vehicle_state *state);

#endif
