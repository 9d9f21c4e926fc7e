/*
 * crossing: banned things that a vehicle has driven through, seen inside or not.
 *
 *        A .                      A: last place before, B: first place after, C: the fix after B
 *           \  .-------.
 *            \ |       |          B only raises the suspicion; C confirms it. Where no fix lies inside, C
 *             \|       |          has to be nearer to where the path left the thing than to where it
 *              \   x   |          entered: a wild B alone, with C back beside A, does not.
 *              |\      |
 *              '-\-----'          x: fixes inside, any number, too few or too brief to open by themselves
 *                 . B   . C
 *
 * What was driven decides, not how often it was told. The way from A to B has to lie inside for more than the
 * error of the fixes and CROSSING_MIN_M. With fixes inside, the way over them is the one, if two of them are
 * deep inside or the headings at all of them say that it was driven so: one alone may be the wild one, or all
 * the error of a truck beside the fence. Else, and without, it is the straight one, if it was driven.
 *
 * The straight path is what was driven only if there was no time for another one, and if the headings at A
 * and B do not tell of another: the curve that they make has to lie inside as well. How far the vehicle can
 * have driven from A to B is told by its speed at both; if a bent path of that length leads round the thing,
 * nothing is concluded. So a truck that turns a corner around a ban, follows a road that bends round it, or
 * was not heard of for two minutes, is not accused. Nor is any path drawn through a tunnel.
 *
 * The error of the places lasts for minutes: the whole path may lie aside by it, and has to lie across
 * wherever it is put. So a truck on the road beside a ban is not accused though it is seen inside. Over fixes
 * it is one error for all legs: what lies inside of each, put aside one way, is added up, and has to be
 * ASIDE_LEAST_M for every way.
 *
 * A unit that says no heading has one at A by the way that led there, and one at B by the way that leads to C.
 *
 * All is asked of the thing (things.h): a path over several pieces is one path through it.
 */
#ifndef MW_CROSSING_H
#define MW_CROSSING_H

#include "moment.h"
#include "rule.h"

/* Things crossed by the last path without a fix inside, confirmed by this fix: one finding each, held and
 * over. Those of which `out` speaks already are left out. */
void crossing_confirmed(const struct moment *m, struct findings *out);

/* The way into a thing that holds the vehicle at this fix and did not at the last one. */
struct way_in crossing_enter(const struct moment *m, uint32_t thing);
/* The same way, on to this fix, which the thing holds as well. */
void crossing_go_on(const struct moment *m, uint32_t thing, struct way_in *way);
/* Whether a vehicle that is out of it again has driven through, by an episode that was never confirmed;
 * *way then says when. */
bool crossing_driven(const struct moment *m, const struct episode *e, struct way_in *way);

/*
 * The pieces of a banned thing (symbols) on the path from the last fix to this one, or on that which
 * crossing_confirmed has just told of, in the order of driving; at most `cap`. Returns how many.
 */
size_t crossing_pieces(const struct moment *m, uint32_t thing, bool confirmed, uint32_t *out, size_t cap);

/* Follows a fix, after the rules and before its place replaces the last one. */
void crossing_follow(struct vehicle_state *state, const struct moment *m);

#endif
