/*
 * sampler: which of a receiver's positions an onboard unit keeps, and which it does not believe.
 *
 * Pure: takes what the receiver said, what the clocks say, and the sensors; says whether to keep a fix, and
 * which. All rules look at the time in the fix, so that a replayed log is thinned as the drive was.
 *
 * Not believed (counted by reason, see enum sampler_verdict):
 * - no_fix: mode below 2, or no finite latitude and longitude in range
 * - no_time: the receiver does not know the time yet, or says one before SAMPLER_TIME_MIN_MS
 * - rollover: a whole number of 1024 GPS weeks away from the system's clock, or that far ahead of the last
 *   good time; where the system's clock is not believed, any time before `floor`
 * - future: more than 5 minutes ahead of the system's clock
 * - backwards: before the last good time. Ten in a row: then it was the earlier time that was wrong
 * - jump: more than SAMPLER_JUMP_MPS from the last good position, less both errors. Three that agree with
 *   one another: then the vehicle is there (a ferry, a tunnel, a tampered receiver: not ours to hide)
 * - repeated: the same time again (receivers report one epoch several times)
 *
 * The system's clock is believed when it is not before `floor`, a time certain to have passed (the program is
 * older), and never with `receiver_clock`.
 *
 * A position that is not believed is not sent. If no position was believed for standing_ms, a fix without
 * position and with mode 1 goes out, and then one every standing_ms, so that the tracker knows that the unit
 * lives and sees nothing. Its time is that of the receiver's clock as last heard. The system's clock is used
 * only if the receiver's was never heard: if it ran ahead of the receiver, the fixes that follow would be
 * late.
 *
 * Of the believed positions these are kept: the first; the next after every_ms; after distance_m; after a
 * turn of turn_deg while moving; the first at standstill, and then one every standing_ms; the first after a
 * sensor has changed. If a sensor changes and no position comes within SAMPLER_SENSOR_WAIT_MS, the change
 * goes out without a position.
 */
#ifndef MW_SAMPLER_H
#define MW_SAMPLER_H

#include "clock.h"
#include "fix.h"

#include <stdbool.h>
#include <stdint.h>

/* 2010-01-01: what the contract refuses lies before it. */
#define SAMPLER_TIME_MIN_MS INT64_C(1262304000000)
/* 5 min: the contract's bound for a fix from the future. */
#define SAMPLER_FUTURE_MS INT64_C(300000)
/* GPS tells the week modulo 1024. */
#define SAMPLER_ROLLOVER_MS (INT64_C(1024) * 7 * 86400 * 1000)
/* A rolled-over receiver is off by whole weeks and a few leap seconds; its clock and ours by up to a day. */
#define SAMPLER_ROLLOVER_SLACK_MS INT64_C(86400000)
/* As the tracker's rule `tamper`: no truck does 216 km/h. */
#define SAMPLER_JUMP_MPS       60.0
#define SAMPLER_SENSOR_WAIT_MS INT64_C(1500)

enum sampler_verdict {
    SAMPLER_KEPT,
    SAMPLER_THINNED, /* good, and not needed */
    SAMPLER_REPEATED,
    SAMPLER_NO_FIX,
    SAMPLER_NO_TIME,
    SAMPLER_ROLLOVER,
    SAMPLER_FUTURE,
    SAMPLER_BACKWARDS,
    SAMPLER_JUMP,
    SAMPLER_VERDICT_COUNT
};

/* "kept", "thinned", "no_fix" and so on. */
const char *sampler_verdict_name(enum sampler_verdict verdict);

struct sampler_options {
    int64_t every_ms;
    double turn_deg;   /* 0: off */
    double distance_m; /* 0: off */
    int64_t standing_ms;
    bool receiver_clock; /* the system's clock is not to be believed: a box without one of its own */
};

/* Both clocks at one instant. */
struct sampler_now {
    struct wall wall;
    struct mono mono;
};

struct sampler {
    struct sampler_options options;
    int64_t floor_ms;
    /* The last position believed, kept or not. */
    bool has_good;
    struct fix good;
    struct mono good_at;
    unsigned backwards; /* in a row */
    /* The place that a jump went to, until three agree. */
    struct fix there;
    unsigned agreeing;
    /* The last fix kept, with and without position. */
    bool has_kept, standing;
    struct fix kept;
    int64_t kept_any_ms;  /* time of the last fix given out, of either kind */
    struct mono blind_at; /* or when it began */
    bool sensor_due;
    struct mono sensor_at;
    uint64_t counts[SAMPLER_VERDICT_COUNT];
    uint64_t blind; /* fixes given out without a position */
};

/* `floor`: a time certain to have passed. */
void sampler_init(struct sampler *s, const struct sampler_options *options, struct wall floor,
                  struct mono now);

struct sampler_taken {
    enum sampler_verdict verdict; /* on the position */
    bool given; /* there is a fix to be journaled and sent: the position's, or one without any */
};

/*
 * Takes what the receiver has said: a struct fix with the fields that it told; its time is 0 if it told none.
 * `sensors` go into a kept fix.
 */
struct sampler_taken sampler_take(struct sampler *s, const struct fix *position,
                                  const struct sensors *sensors, struct sampler_now now, struct fix *out_fix);

/* A sensor has changed: the next good position is kept. */
void sampler_sensor_changed(struct sampler *s, struct mono now);
/*
 * Lets time pass. Returns whether out_fix, which has no position, is to be sent: because a sensor has changed
 * and no position came, or, if `silent` (the receiver is unplugged, or gpsd gone), every standing_ms.
 */
bool sampler_tick(struct sampler *s, const struct sensors *sensors, bool silent, struct sampler_now now,
                  struct fix *out_fix);

#endif
