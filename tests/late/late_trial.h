/*
 * late_trial: what a vehicle drove, every order in which a terminal may send it, and what a replay makes of both.
 *
 *     fixes, in order of time ──► arrivals (dead zones, batches, repeats, ...) ──► replay, late on ──┐
 *              └─► those of them that are to be judged, each once, no numbers ──► replay, late off ──┴─► the same
 *
 * Drives and cities are those of tests/field, or the vehicles of the sample day. Everything is drawn from a seed.
 */
#ifndef MW_TEST_LATE_TRIAL_H
#define MW_TEST_LATE_TRIAL_H

#include "../field/properties.h"

#include "late_settings.h"

/* ---- what was driven ---- */

enum { WHO_MAX = 16, TOWNS = 2 };

struct made_fix {
    uint32_t who;
    int64_t ms;      /* as it says */
    int64_t made_ms; /* as it was: the clock may be wrong */
    bool wrong;      /* it is, and will be known to be */
    bool added;      /* more of the fix before it: goes where that goes */
    size_t at, len;  /* the rest of the message, in `bytes` */
};

struct drives {
    char names[WHO_MAX][NAME_MAX_BYTES];
    bool phone[WHO_MAX]; /* speaks OwnTracks */
    uint32_t count;      /* vehicles */
    struct buf bytes;
    struct made_fix *list; /* each vehicle's in the order in which they were made, all by that time */
    size_t fixes, cap;
};

void drives_init(struct drives *d);
void drives_fini(struct drives *d);
void drives_add(struct drives *d, const struct made_fix *fix, struct text rest);
/* Of a made world: several drives a vehicle, what is between them, and what can go wrong with a unit. */
void drives_make(struct drives *d, struct world_made *w, const struct telling_texts *t, struct chance *c);
/* Sets the world up so that texts_tell tells several drives a vehicle. */
void drives_legs(struct world_made *w, unsigned themes, struct chance *c);
/* Some vehicles of the sample day, some hours of it. False: it cannot be read. */
bool drives_sample(struct drives *d, struct chance *c);

/* ---- how it came ---- */

struct came {
    size_t fix;
    int64_t received_ms;
    uint32_t turn; /* of one moment: in the order of sending */
    bool again;    /* it was sent before */
    bool judged;   /* to be: first of its kind, within the horizon, by a clock that is right */
    bool numbered;
    uint32_t boot, seq;
};

struct arrivals {
    struct came *list;
    size_t count, cap;
};

struct arrival_wish {
    bool in_order;   /* nothing late; only repeats */
    bool no_latency; /* heard the moment it is made */
    int64_t horizon_ms;
};

void arrivals_make(struct arrivals *a, const struct drives *d, const struct arrival_wish *wish,
                   struct chance *c);
void arrivals_fini(struct arrivals *a);
/* A moment at which nothing is under way; TIME_NONE_MS: there is none. */
#define TIME_NONE_MS INT64_MIN
int64_t arrivals_pause(const struct arrivals *a, const struct drives *d, struct chance *c);

/* Lines of a replay: as they came, or each judged one once, by time. Marks stand where the world changes. */
struct mark {
    int64_t at_ms;
    const char *hash;
};
void lines_arriving(const struct arrivals *a, const struct drives *d, const struct mark *mark,
                    struct buf *out);
void lines_in_order(const struct arrivals *a, const struct drives *d, const struct mark *mark,
                    struct buf *out);

/* ---- what is made of it ---- */

struct town; /* worlds, the first of them in force */

struct town *town_new(void);
void town_free(struct town *t);
/* Adds a world. False, with a reason on stderr, when it is refused. */
bool town_add(struct town *t, const struct telling_texts *files);
bool town_add_sample(struct town *t);
const char *town_hash(const struct town *t, int which);

struct told {
    struct buf stream, settled;
    uint64_t corrections, withdrawn, redos, late, clock, added, too_late, judged_again;
};

struct run_wish {
    struct late_settings late;
    int64_t until_ms;
    bool forgets; /* what lies beyond the horizon, as it does in service; then nothing is settled */
};

void told_init(struct told *t);
void told_fini(struct told *t);
bool town_run(const struct town *t, struct text lines, const struct run_wish *wish, struct told *out);

/* ---- what it has to be ---- */

/* What differs, a line each; nothing if they are the same but for what depends on arrival. */
void settled_compare(struct text expected, struct text found, struct buf *out);
/* What is wrong with the order in which each id was told; and with what stands in the end. Returns how many were
 * found again after they were withdrawn. */
uint32_t sequences_check(struct text stream, struct text settled, struct buf *out);
uint32_t settled_count(struct text settled);
/* Of the vehicle of which there are most. */
uint32_t settled_most(struct text settled);

#endif
