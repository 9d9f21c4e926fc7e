/*
 * moment: one instant of one vehicle, as the rules see it.
 *
 * Either a fix, or a tick: a deadline that is judged with what the last fix said; or an addition to the last
 * fix, which only rules about sensors see. Made by the engine before any rule looks; the rules only read it.
 * Hours are asked through it, so that their answers are remembered across vehicles.
 */
#ifndef MW_MOMENT_H
#define MW_MOMENT_H

#include "bound.h"
#include "fix.h"
#include "trust.h"
#include "vehicle.h"
#include "world.h"

#include <stdbool.h>
#include <stdint.h>

/* More fences than this over one place are a mistake of the map; those with the highest numbers are then not
 * seen. */
#define MOMENT_FENCES_MAX 1024

/* What the load sensor has settled on, if that is new. */
enum load_change {
    LOAD_UNCHANGED,
    LOAD_FILLED,
    LOAD_EMPTIED,
    LOAD_EMPTIED_UNSEEN, /* over a pause of the track, or before it said anything else */
};

/* What has come to a head with this fix, and is over with the next; TIME_NONE: nothing. */
struct moment_events {
    enum load_change load_change;
    int64_t left_ms;        /* left a site: */
    uint32_t left_site;     /* symbol; of several the likeliest */
    uint32_t unwashed_site; /* symbol of one that has a wash, which was not used; 0: none */
    int64_t unloaded_ms;    /* unloaded in a disposal fence: */
    uint32_t unloaded_at;   /* symbol */
    bool unloaded_inferred; /* no sensor says so */
    uint32_t wrong_permit;  /* symbol of a permit that does not name it; 0: it was right */
    struct breach breach;   /* of a permit of the haul, known only now; kind KIND_NONE: none */
};

/* More fences than this on a path are not looked at, and of those first what is not in force. */
#define PATH_FENCES_MAX 256

/* Kinds of fences no farther than the fix's error, and than it may be at worst; found when first asked for.
 */
struct moment_near {
    bool known, doubt_known;
    uint32_t kinds, doubt_kinds;
};

/* Answers about hours, remembered across vehicles by hours_slot; changes no result. */
struct hours_memory {
    struct mw_hours_answer *answers;
    bool guessed; /* an answer since this was cleared had to do without the holidays of its year */
};

struct moment {
    const struct world *world;
    const struct vehicle_info *info;
    /* As the vehicle was before this moment; the trip and the habits already follow the fix. */
    const struct vehicle_state *before;
    const struct trip *trip;
    struct hours_memory *hours;
    struct moment_near *near;
    uint32_t *full; /* bits of enum bound that were met */

    int64_t at_ms;  /* event time of the fix, or the deadline's time */
    bool tick;      /* a deadline, not a fix */
    bool stale;     /* a tick longer than gap_s after the last fix: nothing new can be concluded from it */
    bool gap;       /* a fix longer than gap_s after the one before */
    bool heard;     /* a tick made by a message that is not judged */
    bool addition;  /* neither: sensors said now, where and as fast as the last fix was */
    int64_t fix_ms; /* event time of the fix that position, speed and sensors are from */

    struct trust trust; /* what is thought of the fix's position */
    double clock_s;     /* a tick made by a fix of a clock that is known to be wrong: how far ahead; else 0 */
    bool placed;        /* the position is known and trusted */
    bool dark;          /* the receiver had none for a while before: what was driven since is not known */
    double lat_deg, lon_deg;           /* of a vehicle that stands: where it stopped */
    double said_lat_deg, said_lon_deg; /* as the fix says */
    float eph_m;
    bool swung;                        /* the way since the last fix is its receiver's; it was not driven */
    bool thrown;                       /* its receiver may be thrown aside, beside that: thrown.h */
    bool thrown_lately;                /* that, or a little before: for what is as narrow as a street */
    float aside_east_m, aside_north_m; /* from where it would be then; else 0 */
    float speed_mps;                   /* NaN: unknown */
    bool derived;                      /* the speed is told from its places; the unit does not say it */
    float track_deg;                   /* NaN: unknown */
    bool headed;                       /* the unit says so; it is not told from its places */
    bool moving, stopped;              /* neither: between the two thresholds, or unknown */
    const struct sensors *now;         /* what this fix says; unknown where it is silent */
    const struct sensors *last;        /* the last word of each sensor, this fix included */
    bool loaded, load_known;           /* by the last word of the load sensor */
    struct moment_events events;

    uint32_t fence_count;
    uint32_t fence_kinds;               /* bit per enum fence_kind of the fences that hold the position */
    uint32_t force_kinds;               /* the same, of those that count for it at this moment */
    uint32_t fences[MOMENT_FENCES_MAX]; /* numbers, ascending */
};

/* Whether one of the fences holding the position is of this kind. */
static inline bool moment_in_kind(const struct moment *m, enum fence_kind kind)
{
    return (m->fence_kinds >> kind & 1u) != 0;
}

/*
 * How far the place may be wrong: the fix's own error, and never less than rules.common.edge_m. What is
 * entered or left is entered or left by more.
 */
static inline double moment_margin_m(const struct moment *m)
{
    return (double)m->eph_m > m->world->common.edge_m ? (double)m->eph_m : m->world->common.edge_m;
}

/* Whether one of those that count (moment_counts) is. */
static inline bool moment_in_forced(const struct moment *m, enum fence_kind kind)
{
    return (m->force_kinds >> kind & 1u) != 0;
}

/*
 * Whether a fence is in force at this moment by validity and hours, and until when that stays so:
 * *out_until_ms is the next instant of change, TIME_NEVER if none.
 */
bool moment_in_force(const struct moment *m, const struct fence *fence, int64_t *out_until_ms);
/* Whether hours are open at an instant; NULL: always. *out_until_ms, unless NULL, is the next instant of
 * change. */
bool moment_hours_open(const struct moment *m, const struct mw_hours *hours, uint32_t slot, int64_t at_ms,
                       int64_t *out_until_ms);
/* Whether an area's hours allow work now. */
bool moment_area_open(const struct moment *m, const struct fence *area, int64_t *out_until_ms);
/* The same for a permit's hours (not its validity). */
bool moment_permit_open(const struct moment *m, const struct permit *permit, int64_t *out_until_ms);
/* Whether the permit is active and within its validity. */
bool moment_permit_valid(const struct moment *m, const struct permit *permit, int64_t *out_until_ms);
/* Whether a fence concerns this vehicle by class and company. */
bool moment_fence_concerns(const struct moment *m, const struct fence *fence);
/* Whether it does, or is named by a permit of the vehicle, which is told where it may go whoever that belongs to. */
bool moment_is_for(const struct moment *m, uint32_t number);
/* Whether a fence is there for this vehicle now: for it, and in force. */
bool moment_counts(const struct moment *m, uint32_t number);

/* Numbers of the fences over a place, or met by a path in an index of this world: at most MOMENT_FENCES_MAX,
 * PATH_FENCES_MAX. Where there are more, those that are not for the vehicle or not in force are left out first, and
 * where more may come to be in force, that is told (bound.h). */
size_t moment_fences_at(const struct moment *m, struct mw_point at, uint32_t *out);
size_t moment_fences_on(const struct moment *m, const struct mw_index *index, struct mw_point from,
                        struct mw_point to, struct mw_crossing *out);

/*
 * When the path from the last known place entered, or left, a fence: interpolated, or the time of this fix
 * where no path may be drawn or none meets the fence.
 */
int64_t moment_entered_ms(const struct moment *m, uint32_t number);
int64_t moment_left_ms(const struct moment *m, uint32_t number);
/*
 * Whether the vehicle stands for so short a time that what is about driving goes on: a light, a gate, a jam
 * (rules.common.pause_s).
 */
bool moment_pauses(const struct moment *m);
/* Whether a path from the last known place to this one may be drawn. */
bool moment_has_path(const struct moment *m);
/* The same, and nothing speaks against its having been driven: no tunnel lies between. */
bool moment_saw_path(const struct moment *m);
/* Whether a fence of this kind, or this fence, holds the position or is no farther than the fix's own error;
 * of a kind, only those that count. The first asks the index once for all kinds of a moment. */
bool moment_near_kind(const struct moment *m, enum fence_kind kind);
bool moment_near_fence(const struct moment *m, uint32_t number);
bool moment_in_fence(const struct moment *m, uint32_t number);
/* How far off its place may be, as an accusation of having stood outside has to ask. */
double moment_doubt_m(const struct moment *m);
/*
 * Whether it may be in a fence of this kind in force, as an accusation of having done outside what is allowed
 * inside has to ask: where it stands or where the fix says, each farther off than its error by what receivers
 * are allowed. Of a hundred fixes five are farther off than their error, and they stay so for minutes.
 */
bool moment_may_be_in(const struct moment *m, enum fence_kind kind);
/* The same of this fence, in force or not. */
bool moment_may_be_in_fence(const struct moment *m, uint32_t number);

#endif
