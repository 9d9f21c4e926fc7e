/*
 * outcome: what an input to the engine has caused: transitions, trips, warnings to the cab, and what became
 * of the input itself.
 *
 * The core fills it, an adapter carries it out. Texts are borrowed from the world the input was judged
 * against. The capacities are proven bounds of one input, not limits that drop: each evaluation touches each
 * of at most VEHICLE_EPISODES_MAX episodes at most twice (close and open), and may escalate one more time.
 */
#ifndef MW_OUTCOME_H
#define MW_OUTCOME_H

#include "kinds.h"
#include "text.h"
#include "trust.h"
#include "vehicle.h"
#include "work.h"

#include <stdbool.h>
#include <stdint.h>

enum transition_event { TRANSITION_NONE, TRANSITION_OPENED, TRANSITION_UPDATED, TRANSITION_CLOSED };
enum close_reason { CLOSE_NONE, CLOSE_CLEARED, CLOSE_WINDOW, CLOSE_SUBJECT_GONE };

const char *transition_event_name(enum transition_event event);
const char *close_reason_name(enum close_reason reason);

/* Why a unit is suspected of having been tampered with: the subject of KIND_TAMPER; and of KIND_NO_FIX, the
 * reason. */
enum cause {
    CAUSE_NONE,
    CAUSE_ANTENNA_CUT,
    CAUSE_ANTENNA_SHORT,
    CAUSE_POWER,
    CAUSE_JUMP,
    CAUSE_FROZEN,
    CAUSE_CLOCK,
    CAUSE_POSITION,
    CAUSE_NO_DATA, /* of what duties miss */
    CAUSE_COUNT
};

const char *cause_name(enum cause cause);

/* Why no permit covers a haul: what is wrong with the one that comes nearest. */
enum permit_gap {
    GAP_NONE,
    GAP_NO_PERMIT, /* the vehicle has none at all */
    GAP_EXPIRED,
    GAP_SUSPENDED,
    GAP_REVOKED,
    GAP_OTHER_SITE, /* it is for another site */
    GAP_NOT_YET,    /* it is not valid yet */
    GAP_COUNT
};

const char *permit_gap_name(enum permit_gap gap);

/* What only the words for people need, from the world (told.h). Times are TIME_NONE where there are none. */
struct told_facts {
    const struct mw_zone *zone; /* of local time; NULL: UTC */
    struct text fence_name_en, fence_reason;
    double lat_deg, lon_deg;             /* where it is said to have been; NaN: nobody knows */
    struct text place, place_en;         /* the yard, road or district there */
    struct text near_site, near_site_en; /* of a permit for another site: which */
    int64_t near_ms;                     /* when the nearest permit ran out, or will begin */
    int64_t closed_ms, opens_ms;         /* hours that were left: when they closed, and open again */
};

/*
 * One entry of the stream of violations. Texts that no file gives are empty; in those for people `_en` is the
 * English one.
 */
struct transition {
    enum transition_event event;
    enum kind kind;
    enum severity severity;
    enum close_reason reason;
    enum cause cause;
    uint32_t rev;
    uint32_t vehicle; /* symbols, as the next three; 0: none */
    uint32_t subject;
    uint32_t fence, permit;
    uint32_t repeat;
    int64_t start_ms, at_ms;
    int64_t end_ms;      /* TIME_NONE while it is open */
    int64_t received_ms; /* of the fix that caused this entry; TIME_NONE: a deadline did */
    int64_t trip_ms;     /* start of the trip; TIME_NONE: not on one */
    bool has_position;
    double lat_deg, lon_deg;
    double start_lat_deg, start_lon_deg; /* where it began; NaN: not known */
    float value, limit;                  /* NaN: none */
    float limit_before; /* of an update: the limit that held until then; 0: it did not change */
    float error_m;      /* of the fix that gave `value`, in metres; NaN: none */
    const char *unit;   /* static */
    /* The pieces it went on over, in order, 0 behind the last; trail_count may be more than are named here.
     */
    uint32_t fence_trail[EPISODE_PIECES_MAX];
    uint32_t trail_count;
    enum permit_gap why;  /* of no_permit */
    uint32_t near_permit; /* symbol of the permit that `why` is about; 0: none */
    int64_t allowed_ms;   /* how long the rule lets the condition last */
    struct text plate, company, fence_name, jurisdiction, road_class, event_code, department;
    struct text duty;         /* whose it is, in the vehicle's place; empty: the vehicle's */
    struct text duty_subject; /* then */
    struct told_facts told;
    const char *ruleset; /* of the world */
};

/* How far off a route is not measured on beyond this: the finding says this much. */
#define OFF_ROUTE_FAR_M 5000.0

/* Value, limit and unit as they are told: of kinds about a time they are whole minutes, told from its times.
 */
struct measure {
    float value, limit; /* NaN: none */
    const char *unit;   /* static; NULL: none */
};

struct measure transition_measure(const struct transition *t);

/* What the cab is told. For an opened or closed episode it goes out after the commit that records it. */
struct warning {
    enum transition_event event; /* TRANSITION_NONE: a warning, it may still be corrected */
    struct transition about;
};

/* One entry of the trip ledger. */
struct trip_entry {
    uint32_t vehicle;
    struct text plate;
    struct trip trip;
    int64_t end_ms;         /* unloaded, or given up */
    int64_t unloaded_ms;    /* TIME_NONE: never seen to unload */
    int64_t at_ms;          /* when that was certain, and the trip told */
    double completeness;    /* 0 to 1 */
    uint32_t rev;           /* above 1: it was told, and withdrawn, before */
    const char *end_reason; /* static */
    const char *ruleset;
};

/* One entry of the stream of work. */
struct work_entry {
    /* How far the vehicle's clock is: `work` has it as its end, and the stop that lasts, from its start on; TIME_NONE:
     * it stands at none. */
    bool clock;
    int64_t heard_ms;          /* then: when its last fix was */
    uint32_t vehicle, segment; /* symbols */
    struct text plate, company;
    struct work_interval work; /* of a stop, a place and two times: it is on no road */
    uint32_t rev;
    int64_t at_ms;       /* when that was so, and it was told */
    int64_t received_ms; /* of the fix that ended it; TIME_NONE: none did */
    const char *ruleset;
};

/* What became of a fix. */
enum verdict {
    VERDICT_NONE,   /* no fix was taken: a deadline, a status */
    VERDICT_JUDGED, /* tracked and evaluated */
    VERDICT_LATE,   /* tracked with late=1, not evaluated */
    VERDICT_CLOCK,  /* tracked with late=clock, not evaluated: from the future, or a clock that is behind */
    VERDICT_DUPLICATE, /* dropped */
    VERDICT_HOLE,      /* dropped: a number before it is missing, its unit will send it again */
    VERDICT_ADDITION,  /* of the same time as the last evaluated one: tracked, its sensors evaluated */
};

/* What becomes of a late fix: late.h. */
enum late_fate {
    LATE_FATE_STAYS,   /* late fixes are not judged at all */
    LATE_FATE_WAITS,   /* to be judged in its place */
    LATE_FATE_HORIZON, /* it is too late for that */
};

/* Crossings open and close with the same fix: as many again as one fix can find. */
#define OUTCOME_CROSSINGS_MAX   64
#define OUTCOME_TRANSITIONS_MAX ((VEHICLE_EPISODES_MAX + OUTCOME_CROSSINGS_MAX) * 3)
#define OUTCOME_WARNINGS_MAX    ((VEHICLE_EPISODES_MAX + OUTCOME_CROSSINGS_MAX) * 4)
#define OUTCOME_TRIPS_MAX       2
/* Points that one path went by slowly, at most; beside them a stop, and what ended along roads. */
#define WORK_PASSED_MAX   8
#define OUTCOME_WORKS_MAX (WORK_ENDED_MAX + WORK_PASSED_MAX + 2)

struct outcome {
    enum verdict verdict;
    enum late_fate late_fate;    /* of a late one */
    enum distrust distrust;      /* of a judged fix: why its position was not believed */
    bool state_changed;          /* the vehicle's state is to be written */
    bool shown;                  /* of a live position: it is the newest */
    bool guessed;                /* hours asked for the holidays of a year that no calendar knows */
    bool ack;                    /* the unit is owed an ack, once this is committed */
    bool restarted;              /* its numbers have just begun again */
    bool life_told;              /* a sign of life decides something: `life` is to be on record */
    uint32_t full;               /* bits of enum bound: what did not fit (bound.h) */
    bool hole_seen;              /* of the numbers given up one had come, and was refused, before its turn */
    uint64_t hole_from, hole_to; /* numbers given up with this message; both 0: none */
    struct life life;
    uint32_t transition_count, warning_count, trip_count, work_count;
    struct transition transitions[OUTCOME_TRANSITIONS_MAX];
    struct warning warnings[OUTCOME_WARNINGS_MAX];
    struct trip_entry trips[OUTCOME_TRIPS_MAX];
    struct work_entry works[OUTCOME_WORKS_MAX];
};

/* Empties it; does not touch the arrays. */
void outcome_clear(struct outcome *out);

#endif
