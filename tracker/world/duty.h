/*
 * duty: what a city expects of its sanitation vehicles: points collected in their windows, roads swept.
 *
 * A duty is on for whole service days, which `days` selects; its windows are minutes of that day and may run past its
 * midnight, up to 29:59. Part of a world: built with it, immutable, and named by symbols.
 */
#ifndef MW_DUTY_H
#define MW_DUTY_H

#include "text.h"

#include <muckwatch/hours.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The last minute a window may name: 29:59. */
#define DUTY_MINUTE_MAX 1799
/* Points, segments and windows of one duty: their places fit in 16 bits. */
#define DUTY_PARTS_MAX 65535
/* A segment is at least and at most so long. */
#define SEGMENT_MIN_M 20.0
#define SEGMENT_MAX_M 2000.0

enum duty_type { DUTY_NONE, DUTY_COLLECTION, DUTY_SWEEPING };
enum work_mode { MODE_NONE, MODE_SWEEPING, MODE_WASHING, MODE_SPRAYING, MODE_COUNT };
/* Left and right along the line. */
enum duty_sides { SIDES_LEFT = 1, SIDES_RIGHT = 2, SIDES_BOTH = 3 };

const char *work_mode_name(enum work_mode mode);
enum work_mode work_mode_find(struct text name); /* MODE_NONE if there is none */

struct duty_window {
    uint16_t from_min, to_min; /* of the service day; from <= to <= DUTY_MINUTE_MAX */
};

struct duty_point {
    uint32_t fence; /* number; of a spec's place in `fences` */
    struct duty_window window;
    int64_t grace_ms, min_stop_ms;
};

struct duty_segment {
    uint32_t fence; /* number */
    uint8_t sides;  /* enum duty_sides */
    uint8_t passes; /* at least 1 */
};

/* A point or a segment of a duty. */
struct duty_part {
    uint32_t duty, part; /* its place in world.duties; its own in the duty's points or segments */
};

struct duty {
    uint32_t id; /* symbol */
    enum duty_type type;
    enum work_mode mode;      /* of sweeping */
    bool free_order;          /* of collection */
    bool by_area;             /* the rate that counts is that of the area, not of the length */
    const uint32_t *vehicles; /* symbols, ascending */
    uint32_t vehicle_count;
    uint64_t classes; /* bit per class; 0: none */
    uint32_t company; /* symbol; 0: none named */
    struct text company_name, waste;
    const struct mw_hours *days; /* NULL: every day */
    uint32_t days_slot;
    const struct duty_point *points;
    uint32_t point_count;
    const struct duty_segment *segments;
    uint32_t segment_count;
    const struct duty_window *windows; /* of sweeping; ascending as the file has them */
    uint32_t window_count;
    /* Minutes of the service day at which the clocks of its vehicles are told, ascending (duty_day.h). */
    const uint32_t *ticks;
    uint32_t tick_count;
    uint32_t first_min, turn_min, over_min;
    const uint32_t *members; /* symbols of the vehicles that may do it, as in world.vehicles */
    uint32_t member_count;
};

/* What the files say. `points[i].fence` and `segments[i].fence` are places in `fences`. */
struct duty_spec {
    struct text id, company, waste, days;
    enum duty_type type;
    enum work_mode mode;
    bool free_order, by_area;
    const struct text *vehicles, *classes, *fences;
    size_t vehicle_count, class_count, fence_count;
    const struct duty_point *points;
    const struct duty_segment *segments;
    const struct duty_window *windows;
    size_t point_count, segment_count, window_count;
};

#endif
