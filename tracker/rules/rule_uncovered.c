/*
 * uncovered: loaded, cover open, moving faster than over_kmh.
 *
 * Loaded is by the last word of the load sensor; while that word is a fault nothing is concluded. A cover
 * that stays open over a light or a queue is one finding; standing for longer ends it with the drive.
 */
#include "rule.h"

#include <math.h>

enum { OWN_OVER_KMH };

static enum held judge_cover(const struct moment *m, double kmh, double over_kmh)
{
    if (m->now->cover == COVER_CLOSED || (m->load_known && !m->loaded))
        return HELD_NO;
    if (m->now->cover != COVER_OPEN || !m->load_known || m->last->load == LOAD_FAULT || isnan(kmh))
        return HELD_UNKNOWN;
    if (kmh > over_kmh)
        return HELD_YES;
    return m->stopped && !moment_pauses(m) ? HELD_NO : HELD_UNKNOWN;
}

void rule_uncovered(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    double kmh = (double)m->speed_mps * 3.6;
    struct finding f = finding_none();
    f.held = m->tick ? HELD_UNKNOWN : judge_cover(m, kmh, s->own[OWN_OVER_KMH]);
    f.limit = (float)s->own[OWN_OVER_KMH];
    if (f.held == HELD_YES)
        f.value = (float)kmh;
    findings_add(out, f);
}
