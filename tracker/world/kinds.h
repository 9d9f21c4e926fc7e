/*
 * kinds: the violations there are, and the settings each understands.
 *
 * One row a kind in kinds.c: its name in the contract, what an episode of it is about, its defaults, and the
 * settings of its own. Configuration, --help and the rules read the same rows.
 */
#ifndef MW_KINDS_H
#define MW_KINDS_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

enum kind {
    KIND_NONE,
    KIND_OFF_ROUTE,
    KIND_WRONG_HOURS,
    KIND_BANNED_AREA,
    KIND_SPILL,
    KIND_UNCOVERED,
    KIND_OVERLOAD,
    KIND_OVER_HEIGHT,
    KIND_ILLEGAL_DUMPING,
    KIND_ILLEGAL_LOADING,
    KIND_NO_PERMIT,
    KIND_WRONG_SITE,
    KIND_UNWASHED_EXIT,
    KIND_SPEEDING,
    KIND_OVERSTAY,
    KIND_OFFLINE,
    KIND_NO_FIX,
    KIND_TAMPER,
    KIND_DISCHARGE,
    KIND_MIXED_WASTE,
    KIND_MISSED_COLLECTION, /* of a duty, as the next */
    KIND_UNSWEPT,
    KIND_COUNT
};

enum severity { SEVERITY_NONE, SEVERITY_MINOR, SEVERITY_MAJOR, SEVERITY_CRITICAL };

/* What the id of an episode is made of, beside vehicle, kind and start. */
enum subject_type {
    SUBJECT_NONE,
    SUBJECT_FENCE,
    SUBJECT_PERMIT,
    SUBJECT_PERMIT_OR_AREA,
    SUBJECT_TRIP,
    SUBJECT_CAUSE,
    SUBJECT_REASON, /* nothing; but episodes have a cause, told as the reason of their opening */
    SUBJECT_DUTY,   /* duty, day and point or window; told by no vehicle's engine */
};

/* When an episode turns major. */
enum major_basis {
    MAJOR_NEVER,
    MAJOR_SECONDS, /* it has lasted so long */
    MAJOR_PERCENT, /* the value is so far over the limit */
};

/* A setting of one kind's own: rules.KIND.NAME in the configuration. */
struct own_setting {
    const char *name; /* NULL ends the list */
    const char *unit;
    double min, max, initial;
    const char *text;
};

#define KIND_OWN_MAX 8

/* Places of the own settings of the kinds that duties bring. */
enum { MISSED_LATE_S };
enum { UNSWEPT_LATE_S, UNSWEPT_ENOUGH_PERCENT, UNSWEPT_NEW_PASS_S };

/* How a kind is judged: rules.KIND in the configuration, resolved for one class of vehicles. */
struct rule_settings {
    bool enabled;
    uint32_t confirm_fixes, clear_fixes;
    int64_t confirm_ms, clear_ms;
    int64_t warn_ms; /* how long before it opens the cab is told; 0: not at all */
    enum severity severity;
    double major; /* when it becomes major, in units of the row's basis; 0: never */
    double own[KIND_OWN_MAX];
    struct text event_code, department; /* borrowed from the world */
};

struct kind_row {
    const char *name;
    enum subject_type subject;
    struct rule_settings initial;
    enum major_basis basis; /* what `major` measures */
    bool driving;           /* about how it is driven: standing is no part of it */
    bool single;            /* one episode a vehicle at a time; its subject is that of its opening */
    bool past;              /* may have begun before it is found (rule.h); one at a time */
    bool machine;           /* about the unit, not the driving: the cab is not told */
    const char *text;       /* the condition, one line */
    struct own_setting own[KIND_OWN_MAX + 1];
};

/* The row of a kind; KIND_NONE has one, without settings. */
const struct kind_row *kind_row(enum kind kind);
/* A kind's defaults, complete: enabled, with a severity and its own settings. */
struct rule_settings kind_settings_initial(enum kind kind);
/* By the contract's name; KIND_NONE if there is none. */
enum kind kind_find(struct text name);
const char *severity_name(enum severity severity);
enum severity severity_find(struct text name);

/* Settings of rules.common. */
struct common_settings {
    int64_t gap_ms;        /* a track with a longer pause is two tracks */
    double moving_kmh;     /* at least this: moving */
    double stopped_kmh;    /* at most this: stopped */
    double eph_default_m;  /* the error of a fix that does not say its own */
    double edge_m;         /* no place is believed closer than this to an edge */
    bool crossing;         /* also judge the path between two fixes */
    int64_t hole_ms;       /* how long fixes beyond a missing one are refused before the hole is recorded */
    int64_t trip_ms;       /* a trip that has not ended after so long is given up */
    int64_t pause_ms;      /* standing for less than this ends nothing that is about driving */
    int64_t warn_again_ms; /* the cab is not warned of one kind more often */
};

struct common_settings common_settings_initial(void);

#endif
