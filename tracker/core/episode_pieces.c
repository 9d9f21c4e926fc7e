/*
 * Over which fences of a thing an episode went: those listed, in the order of driving, and how many there were.
 */
#include "episode_private.h"

#include "crossing.h"

#include "things.h"

/* Pieces of one thing that are looked at between two fixes; a street has one at each crossroads. */
#define PIECES_A_LEG 32

static uint32_t pieces_listed(const struct episode *e)
{
    uint32_t n = 0;
    while (n < EPISODE_PIECES_MAX && e->pieces[n] != 0)
        n++;
    return n;
}

static void keep_piece(struct vehicle_state *state, struct episode *e, uint32_t fence)
{
    uint32_t listed = pieces_listed(e), in_all = 0;
    for (uint32_t i = 0; i < listed; i++)
        if (e->pieces[i] == fence) {
            /* Driven into again. Beyond the list the last one is what keeps it from being counted twice. */
            if (listed == e->piece_count)
                e->last_piece = fence;
            return;
        }
    for (uint32_t i = 0; i < state->episode_count; i++)
        in_all += pieces_listed(&state->episodes[i]);
    if (listed < EPISODE_PIECES_MAX && in_all < VEHICLE_PIECES_MAX && listed == e->piece_count)
        e->pieces[listed] = fence;
    else if (e->last_piece == fence)
        return; /* of those beyond the list only the last is known */
    e->last_piece = fence;
    e->piece_count++;
}

/* The fences of the thing that were driven through since the last fix, and those that hold the vehicle now.
 */
void episode_keep_pieces(const struct episode_context *c, struct episode *e, const struct finding *f)
{
    const struct moment *m = c->m;
    if (f->thing == 0)
        return;
    uint32_t driven[PIECES_A_LEG];
    bool crossed = f->over_ms != TIME_NONE;
    bool asks = c->rule->kind == KIND_BANNED_AREA && !m->tick;
    size_t n = asks ? crossing_pieces(m, f->thing, crossed, driven, PIECES_A_LEG) : 0;
    for (size_t i = 0; i < n; i++)
        keep_piece(c->state, e, driven[i]);
    if (crossed)
        return;
    keep_piece(c->state, e, f->fence);
    for (uint32_t i = 0; i < m->fence_count; i++) {
        const struct fence *fence = &m->world->fences[m->fences[i]];
        if (fence->thing == f->thing && fence->id != f->fence)
            keep_piece(c->state, e, fence->id);
    }
}
