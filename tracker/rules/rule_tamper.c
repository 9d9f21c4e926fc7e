/*
 * tamper: antenna cut or short, main power lost, an impossible jump, a frozen position.
 *
 * Each cause has its own episode. Jumps and frozen places are told by trust.c, which has counted the fixes
 * that they need, so they open at once.
 */
#include "rule.h"

static void add(struct findings *out, enum cause cause, enum held held)
{
    if (findings_no_news(out, held, TIME_NEVER))
        return;
    struct finding f = finding_none();
    f.subject = cause;
    f.held = held;
    findings_add(out, f);
}

static void judge_sensors(const struct moment *m, struct findings *out)
{
    uint8_t antenna = m->now->antenna, power = m->now->power;
    if (antenna != ANTENNA_UNKNOWN) {
        add(out, CAUSE_ANTENNA_CUT, antenna == ANTENNA_CUT ? HELD_YES : HELD_NO);
        add(out, CAUSE_ANTENNA_SHORT, antenna == ANTENNA_SHORT ? HELD_YES : HELD_NO);
    }
    if (power != POWER_UNKNOWN)
        add(out, CAUSE_POWER, power == POWER_BACKUP ? HELD_YES : HELD_NO);
}

/* A place that is held may be a tunnel's: nothing is known until it proves otherwise (trust.h). */
static void judge_held(const struct moment *m, struct findings *out)
{
    struct finding f = finding_none();
    f.at_once = true;
    f.subject = CAUSE_FROZEN;
    f.since_ms = m->trust.frozen_ms;
    if (m->trust.frozen || m->trust.thawed)
        f.held = HELD_YES;
    else
        f.held = m->placed ? HELD_NO : HELD_UNKNOWN;
    if (m->trust.thawed)
        f.over_ms = m->at_ms;
    findings_add(out, f);
}

static void judge_place(const struct moment *m, struct findings *out)
{
    struct finding f = finding_none();
    f.at_once = true;
    f.subject = CAUSE_JUMP;
    f.held = m->trust.jumped ? HELD_YES : m->placed ? HELD_NO : HELD_UNKNOWN;
    f.since_ms = m->trust.jump_ms;
    f.another = m->trust.jumped;
    if (m->trust.jumped)
        f.value = m->trust.jump_mps;
    findings_add(out, f);
    judge_held(m, out);
}

void rule_tamper(const struct moment *m, const struct rule_settings *s, struct findings *out)
{
    (void)s;
    out->rest = HELD_UNKNOWN;
    if (m->tick)
        return;
    judge_sensors(m, out);
    if (!m->addition)
        judge_place(m, out);
}
