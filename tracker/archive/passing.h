/*
 * passing: when a vehicle was within a circle, by its path: straight between fixes, as fast as need be.
 *
 * Fixes are handed in by time. Two that are farther apart than the gap, or than anything drives in the time, have no path
 * between them: each then counts only by where it is. A vehicle that stood, and stands there again when it is heard next, as
 * one that is parked and says so each half hour, was there all the time. Of fixes of one time the first position counts; what they say of load, cover and body all do. What is asked
 * about is a span of time; a vehicle that is in the circle when it begins has entered then.
 *
 * In metres on a plane that touches the ellipsoid at the centre: within 0.1 % of the true distance up to some km.
 */
#ifndef MW_PASSING_H
#define MW_PASSING_H

#include "fix.h"

/* 252 km/h. */
#define PASSING_MOST_MPS 70.0

/* Parked: at most so long silent, within so many metres, and moving at neither end. Two reports each half hour, and one that was
 * lost; as far apart as two fixes in a street between houses may be. */
#define PASSING_PARKED_MS  INT64_C(3900000)
#define PASSING_PARKED_M   50.0
#define PASSING_MOVING_MPS 1.0f
/* Fixes that are farther apart than this have nothing to do with each other. */
static inline int64_t passing_reach_ms(int64_t gap_ms)
{
    return gap_ms > PASSING_PARKED_MS ? gap_ms : PASSING_PARKED_MS;
}

struct passing_question {
    double lat_deg, lon_deg, radius_m;
    int64_t from_ms, to_ms; /* both belong to it */
    int64_t gap_ms;
};

struct pass {
    int64_t entered_ms, left_ms;
    int64_t nearest_ms; /* the first such moment */
    double nearest_m, lat_deg, lon_deg;
    /* As was said last by then, within the gap. NaN, 0: it was not. */
    float speed_mps, load_kg;
    uint8_t load, cover, body; /* sensor_load, sensor_cover, sensor_body */
    int64_t fix_ms;            /* of the fix that says the speed */
};

/* What of a fix is needed. */
struct passing_fix {
    int64_t time_ms;
    double lat_deg, lon_deg;
    float speed_mps, load_kg;
    uint8_t load, cover, body;
    bool has_position;
};
struct passing_fix passing_fix_of(const struct fix *fix);
/* By time; those of one time keep their order, since what came late stands behind later ones. False without memory. */
bool passing_sort(struct passing_fix *items, size_t count);
/* The words of what was said, as in a fix; NULL: it was not. */
const char *pass_load_word(uint8_t load);
const char *pass_cover_word(uint8_t cover);
const char *pass_body_word(uint8_t body);

struct passing {
    struct passing_question question;
    double north_m, east_m; /* of a degree at the centre */
    void (*found)(void *context, const struct pass *pass);
    void *context;
    struct passing_fix last; /* with a position; its sensors as they were said last */
    bool has_last, inside;
    struct pass pass; /* under way, if inside */
};

void passing_begin(struct passing *p, const struct passing_question *question,
                   void (*found)(void *context, const struct pass *pass), void *context);
void passing_add(struct passing *p, const struct passing_fix *fix);
/* No more fixes of this vehicle; another may follow. */
void passing_end(struct passing *p);

#endif
