/*
 * duty_ledger: what was done for one duty on one of its days, as a set, and what was said of it.
 *
 * The set decides: the order in which its items came plays no part. An item is known by its vehicle, its segment and its
 * start; another of the same takes its place where it is of a later revision, or goes on where the first still lasted.
 * What was said is kept beside it, so that only differences are said (duty_judge.h).
 */
#ifndef MW_DUTY_LEDGER_H
#define MW_DUTY_LEDGER_H

#include "duty_visits.h"
#include "duty_work.h"
#include "world.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Items are written page by page, and only the pages that changed. */
#define LEDGER_PAGE_ITEMS 64
/* More of one duty and day than any has: those beyond are left out, which is told. */
#define LEDGER_ITEMS_MAX 1000000

enum item_flag {
    ITEM_DRIVE = 1,    /* along a segment; else a stop */
    ITEM_LASTS = 2,    /* a stop that went on when this was told */
    ITEM_INFERRED = 4, /* that it stopped */
    ITEM_WITHDRAWN = 8
};

/* A city has 120,000 a day. */
struct ledger_item {
    uint32_t start_ms; /* since the ledger's origin */
    uint32_t lasted_ms;
    union {
        struct {
            int32_t lat_e7, lon_e7;
        } stop;
        struct {
            uint16_t segment; /* place in the ledger's fences */
            uint16_t from_dm, to_dm, fast_dm;
        } drive;
    };
    uint16_t vehicle; /* place in the ledger's vehicles */
    uint16_t error_dm;
    uint8_t rev, flags; /* enum item_flag */
    uint8_t side;       /* enum work_side */
    uint8_t unused;
};

_Static_assert(sizeof(struct ledger_item) == 24, "a day's work of a city has a bound");

enum violation_standing { VIOLATION_NONE, VIOLATION_OPEN, VIOLATION_CLOSED, VIOLATION_WITHDRAWN };

/* What was said of a finding about a point or a window. */
struct said_violation {
    uint32_t rev; /* 0: nothing yet */
    uint8_t standing;
    uint8_t cleared;  /* closed since somebody came later; else since the day is over */
    uint8_t no_data;  /* none of its vehicles was heard of in the window */
    int64_t end_ms;   /* of a closed one; else 0 */
    int32_t permille; /* of what was to be swept; of a point 0 */
};

enum { SAID_NOTHING, SAID_MISSED, SAID_EARLY, SAID_ON_TIME, SAID_LATE, SAID_EXTRA };

/* What was said of a point. */
struct said_point {
    int64_t arrived_ms, left_ms; /* 0: nobody was there */
    uint32_t fence;              /* symbol; with the window's begin it names the point */
    uint32_t vehicle;            /* symbol; 0: nobody's */
    uint32_t rev;
    uint16_t from_min, distance_dm;
    uint8_t state, inferred;
    uint8_t heard; /* one of its vehicles was, in the window */
    struct said_violation violation;
};

struct said_window {
    uint64_t digest; /* of what was said; 0: nothing yet */
    uint32_t rev;
    uint16_t from_min, to_min;
    uint8_t heard;
    struct said_violation violation;
};

/* When a point or a window is, and may be judged. */
struct ledger_times {
    int64_t from_ms, end_ms, judged_ms;
};

struct duty_ledger {
    uint32_t duty; /* symbol */
    int32_t day;   /* mw_civil_to_days */
    bool on;       /* something is expected on that day */
    int64_t
        since_ms; /* the duty is known since then: of a window that had begun before nothing is expected */
    int64_t origin_ms, over_ms;
    int64_t clock_ms; /* all of its vehicles have come so far */
    int64_t due_ms;   /* the next of the times below that clock_ms has not passed; INT64_MAX: none */
    uint32_t *vehicles, *fences; /* symbols */
    size_t vehicle_count, vehicle_cap, fence_count, fence_cap;
    struct ledger_item *items;
    size_t count, cap;
    uint32_t *table; /* of items by what they are known by: place + 1; 0: free */
    size_t table_size;
    struct said_point *points;   /* as the duty has them */
    struct said_window *windows; /* of sweeping */
    uint32_t point_count, window_count;
    struct visit_point *plan; /* of points */
    struct ledger_times *times;
    /* What is worked out from the above, and is not written (duty_judge.h): */
    struct visit_board board; /* of the stops */
    bool board_made;
    size_t put;         /* place + 1 of the item that was put and is not on the board yet; 0: none */
    bool unsettled;     /* all is to be compared with what was said, */
    int64_t settled_ms; /* else what has come due since the clocks stood here */
    bool changed;       /* since it was written: what is no item, */
    size_t changed_from, changed_to; /* and pages; from == to: none */
};

/* A ledger of the duty in a world, without items; NULL without memory. */
struct duty_ledger *ledger_new(const struct world *world, const struct duty *duty, int32_t day);
void ledger_free(struct duty_ledger *l);
/* Lays the points or windows of the duty in this world over what was said; what of it the duty has no more is handed to
 * `gone`, its places in the old arrays. False without memory, and nothing changed. */
bool ledger_lay(struct duty_ledger *l, const struct world *world, const struct duty *duty,
                void (*gone)(void *context, const struct said_point *point, const struct said_window *window),
                void *context);

enum ledger_put { LEDGER_SAME, LEDGER_CHANGED, LEDGER_FULL, LEDGER_NO_MEMORY };
/* A stop, or what was driven along a segment. */
enum ledger_put ledger_put(struct duty_ledger *l, const struct duty_work *work);
/* The stop is known, wherever it is said to be now. */
bool ledger_has(const struct duty_ledger *l, const struct duty_work *work);
/* A vehicle was heard of then. True: that changes what was said of a finding. */
bool ledger_hear(struct duty_ledger *l, int64_t heard_ms);
/* All have come so far. True: something may be judged now. */
bool ledger_clock(struct duty_ledger *l, int64_t clock_ms);
/* After items were put by hand: finds them again. False without memory. */
bool ledger_index(struct duty_ledger *l);

#endif
