/*
 * crossing: banned fences that a vehicle has crossed between two fixes.
 *
 *        A .                      A: last place before, B: first place after, C: the fix after B
 *           \  .-------.
 *            \ |       |          B only raises the suspicion. C confirms it if it is nearer to where the
 * path
 *             \|       |          left the fence than to where it entered: a wild B alone, with C back beside
 *              \       |          A, does not. The path must lie inside for more than the fixes' error and
 *              |\      |          CROSSING_MIN_M.
 *              '-\-----'
 *                 . B   . C
 *
 * The straight path is what was driven only if there was no time for another one. How far the vehicle can
 * have driven from A to B is told by its speed at both; if a bent path of that length leads round the fence,
 * nothing is concluded. So a truck that turns a corner around a ban, or was not heard of for two minutes, is
 * not accused.
 *
 * One fix inside is not enough to confirm an episode by points, and is here passed over: the path from A to B
 * must cross without it, as that fix may be the wild one.
 */
#ifndef MW_CROSSING_H
#define MW_CROSSING_H

#include "moment.h"

/* Where the last place stands with banned fences. */
enum crossing_stage {
    CROSSING_NONE,    /* outside */
    CROSSING_INSIDE,  /* inside for one fix, and A is known */
    CROSSING_DEEP,    /* inside for longer, or nothing is known of the way there */
    CROSSING_PENDING, /* outside again, and the path from A crosses */
};

struct crossing {
    uint32_t fence; /* number */
    int64_t enter_ms, leave_ms;
    float inside_m;
};

#define CROSSINGS_MAX 8

/* The crossings that this fix confirms: of banned fences that concern the vehicle and were in force, and
 * where no permit let it pass. Returns how many. */
size_t crossing_confirmed(const struct moment *m, struct crossing out[CROSSINGS_MAX]);

/* Follows a fix, after the rules and before its place replaces the last one. */
void crossing_follow(struct vehicle_state *state, const struct moment *m);

#endif
