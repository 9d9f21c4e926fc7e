/*
 * An episode in the bytes of a state.
 *
 * Of most episodes most is not there: a mask says what is, and nothing else is written. What is about a
 * cause has a number where others have a name; the kind comes first, since it tells which.
 */
#include "state_codec_private.h"

#include <math.h>

/* What an episode is about is a symbol, or a cause. */
static void subject(struct visitor *v, const struct episode *e, uint32_t *about)
{
    enum subject_type type = kind_row((enum kind)e->kind)->subject;
    if (type == SUBJECT_CAUSE || type == SUBJECT_REASON)
        state_number32(v, about);
    else
        state_symbol(v, about);
}

/* Before version 6 a bit said that there was any in that direction; how much is not known. Before 9 there was nothing at half of
 * the error: as little as is known of it lies inside. */
static void visit_aside(struct visitor *v, struct way_in *way)
{
    uint8_t bits = 0;
    if (v->version >= 6)
        state_bytes(v, way->aside, v->version >= 9 ? WAY_PLACES : WAY_DIRECTIONS);
    else
        state_small(v, &bits, UINT8_MAX);
}

/* Of an open episode the way in is over and done with. */
static void visit_way(struct visitor *v, struct way_in *way)
{
    state_when(v, &way->ms);
    state_when(v, &way->enter_ms);
    state_when(v, &way->leave_ms);
    state_degrees(v, &way->lat_deg);
    state_degrees(v, &way->lon_deg);
    state_real32(v, &way->mps);
    state_real32(v, &way->track_deg);
    state_real32(v, &way->way_m);
    state_real32(v, &way->inside_m);
    state_small(v, &way->deep_fixes, UINT8_MAX);
    visit_aside(v, way);
    state_small(v, &way->kinked, 1);
}

/* Whether there is something, as a bit: of most episodes most is not there. */
static bool has(struct visitor *v, uint8_t *mask, unsigned bit, bool there)
{
    if (v->writing)
        *mask = (uint8_t)(*mask | (unsigned)there << bit);
    return (*mask >> bit & 1) != 0;
}

static void maybe_real(struct visitor *v, bool there, float *f)
{
    if (there)
        state_real32(v, f);
    else if (!v->writing)
        *f = NAN;
}

static void visit_pieces(struct visitor *v, struct episode *e)
{
    uint8_t listed = 0;
    while (v->writing && listed < EPISODE_PIECES_MAX && e->pieces[listed] != 0)
        listed++;
    state_number32(v, &e->piece_count);
    state_symbol(v, &e->last_piece);
    state_small(v, &listed, EPISODE_PIECES_MAX);
    for (uint8_t i = 0; i < listed; i++)
        state_symbol(v, &e->pieces[i]);
}

static void visit_clearing(struct visitor *v, struct episode *e)
{
    state_when(v, &e->clear_ms);
    state_signed(v, &e->unheld_ms);
    state_number16(v, &e->clear_fixes);
}

enum { HAS_VALUE, HAS_LIMIT, HAS_ERROR, HAS_LIMIT_NOW, HAS_CLEARING, HAS_PIECES, HAS_UNKNOWN, HAS_PLACE };

static uint8_t mask_of(struct visitor *v, const struct episode *e)
{
    uint8_t mask = 0;
    has(v, &mask, HAS_VALUE, !isnan(e->value));
    has(v, &mask, HAS_LIMIT, !isnan(e->limit));
    has(v, &mask, HAS_ERROR, !isnan(e->error_m));
    has(v, &mask, HAS_LIMIT_NOW, !isnan(e->limit_now));
    has(v, &mask, HAS_CLEARING, e->clear_ms != TIME_NONE || e->unheld_ms != 0 || e->clear_fixes != 0);
    has(v, &mask, HAS_PIECES, e->piece_count != 0);
    has(v, &mask, HAS_UNKNOWN, e->unknown_ms != 0);
    has(v, &mask, HAS_PLACE, !isnan(e->start_lat_deg));
    return mask;
}

/* Beside what every episode has. */
static void visit_parts(struct visitor *v, struct episode *e)
{
    uint8_t mask = v->writing ? mask_of(v, e) : 0;
    state_bytes(v, &mask, 1);
    if (!v->writing) {
        e->clear_ms = TIME_NONE;
        e->start_lat_deg = e->start_lon_deg = NAN;
    }
    maybe_real(v, has(v, &mask, HAS_VALUE, false), &e->value);
    maybe_real(v, has(v, &mask, HAS_LIMIT, false), &e->limit);
    maybe_real(v, has(v, &mask, HAS_ERROR, false), &e->error_m);
    maybe_real(v, has(v, &mask, HAS_LIMIT_NOW, false), &e->limit_now);
    if (has(v, &mask, HAS_CLEARING, false))
        visit_clearing(v, e);
    if (has(v, &mask, HAS_PIECES, false))
        visit_pieces(v, e);
    if (has(v, &mask, HAS_UNKNOWN, false))
        state_signed(v, &e->unknown_ms);
    if (has(v, &mask, HAS_PLACE, false)) {
        state_degrees(v, &e->start_lat_deg);
        state_degrees(v, &e->start_lon_deg);
    }
}

void state_visit_episode(struct visitor *v, struct episode *e)
{
    state_small(v, &e->kind, KIND_COUNT - 1);
    state_small(v, &e->phase, EPISODE_OPEN);
    state_small(v, &e->severity, SEVERITY_CRITICAL);
    state_small(v, &e->flags, UINT8_MAX);
    state_small(v, &e->repeat, UINT8_MAX);
    state_when(v, &e->start_ms);
    state_when(v, &e->held_ms);
    state_when(v, &e->trip_ms);
    subject(v, e, &e->subject);
    subject(v, e, &e->key);
    state_symbol(v, &e->fence);
    state_symbol(v, &e->permit);
    state_number32(v, &e->rev);
    state_number16(v, &e->held_fixes);
    state_number16(v, &e->sure_fixes);
    visit_parts(v, e);
    if (e->phase != EPISODE_OPEN)
        visit_way(v, &e->way);
}
