/*
 * uncovered: loaded, cover open, moving faster than over_kmh.
 *
 * Loaded is by the last word of the load sensor; while that word is a fault nothing is concluded.
 */
#include "rule.h"

#include <math.h>

enum { OWN_OVER_KMH };

void rule_uncovered(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    double kmh = (double)m->speed_mps * 3.6;
    enum held held = HELD_UNKNOWN;
    if (m->tick)
        held = HELD_UNKNOWN;
    else if (m->now->cover == COVER_CLOSED || (m->load_known && !m->loaded))
        held = HELD_NO;
    else if (m->now->cover != COVER_OPEN || !m->load_known || m->last->load == LOAD_FAULT || isnan(kmh))
        held = HELD_UNKNOWN;
    else
        held = kmh > s->own[OWN_OVER_KMH] ? HELD_YES : HELD_NO;
    findings_set(out, held, held == HELD_YES ? (float)kmh : NAN, (float)s->own[OWN_OVER_KMH]);
}
