/*
 * rule: what a rule is.
 *
 * A rule looks at a moment and says, for each subject it can tell something about, whether its condition
 * holds. It keeps nothing and decides nothing else: when an episode opens, escalates and closes is the same
 * for all (episode.h). One file a rule, one row in rules.c; adding a rule is adding both, and a row in
 * kinds.c.
 */
#ifndef MW_RULE_H
#define MW_RULE_H

#include "moment.h"
#include "outcome.h"
#include "permit.h"

#include <math.h>

enum held {
    HELD_UNKNOWN, /* cannot tell: neither raises nor clears */
    HELD_NO,
    HELD_YES,
};

struct finding {
    enum held held;
    uint32_t subject;    /* as kind_row's subject says */
    uint32_t fence;      /* symbol, 0: none */
    uint32_t permit;     /* symbol, 0: none */
    enum severity floor; /* at least this severe; SEVERITY_NONE: as the settings say */
    float value, limit;  /* NaN: none */
    float error_m;       /* of the place that value is measured at; NaN: plays no part */
    uint32_t thing;      /* symbol: what its fences make together, of which pieces are listed; 0: none */
    int64_t until_ms;    /* the next instant at which time alone may change `held`; TIME_NEVER: none */
    int64_t since_ms;    /* when the condition began, if before this moment (a crossing); TIME_NONE: now.
                            HELD_NO: when it will hold, unless something changes; TIME_NONE: nobody knows */
    int64_t over_ms;     /* it is over already, since then (a crossing); TIME_NONE: it holds. HELD_NO: since
                            when it has not held, which a deadline may say as well; TIME_NONE: now */
    const struct way_in *way; /* of a place: the way into it, in findings.ways; NULL: of no consequence */
    uint16_t fixes;           /* that have met it since then, this one included; 0: this one alone */
    bool at_once;             /* needs no confirmation */
    bool another; /* an event, not a condition: another one than what is open, however soon after */
    bool window;  /* does not hold because of hours or validity: an edge that says so closes at once */
    bool weak;    /* within what the place may be wrong: it confirms nothing, and it clears nothing */
    bool seam;    /* HELD_NO: out of the thing, but its next piece may begin at once */
    bool crossed; /* HELD_NO: it was driven through, from way.enter_ms to way.leave_ms */
    bool silence; /* about not hearing of the vehicle: an old position is no objection */
};

/* As many as one fix can cross, and more than a vehicle can be in. */
#define FINDINGS_MAX 64

struct findings {
    /* What to think of the subjects that have an episode and are not listed below. */
    enum held rest;
    uint32_t count;
    /* Nothing is open and nobody listens: what neither holds nor has a time to it changes nothing and is left
     * out. So it is at nearly every fix. */
    bool news_only;
    bool full; /* there were more */
    struct finding list[FINDINGS_MAX];
    struct way_in ways[FINDINGS_MAX]; /* beside `list`, for those that have one */
};

/* What additions to a fix can tell a rule. */
enum rule_senses {
    SENSES_NOTHING,
    SENSES_NOW,     /* what sensors say */
    SENSES_LASTING, /* the same, and it stays so until they say otherwise: confirmed by time alone */
};

struct rule {
    enum kind kind;
    void (*judge)(const struct moment *m, const struct rule_settings *settings, struct findings *out);
    const char *unit; /* of value and limit; NULL: they mean nothing */
    enum rule_senses senses;
};

/* A finding in which nothing is known and nothing named. */
static inline struct finding finding_none(void)
{
    return (struct finding){.value = NAN,
                            .limit = NAN,
                            .error_m = NAN,
                            .until_ms = TIME_NEVER,
                            .since_ms = TIME_NONE,
                            .over_ms = TIME_NONE};
}

/* Whether a finding like this is left out. */
static inline bool findings_no_news(const struct findings *out, enum held held, int64_t until_ms)
{
    return out->news_only && held != HELD_YES && until_ms == TIME_NEVER;
}

/* Adds one, unless it is no news; those beyond FINDINGS_MAX are left out, and `full` says so.
 * Some twenty rules a fix come by here and hardly one has news: hence inline, and no copy. */
static inline void findings_add(struct findings *out, struct finding finding)
{
    if (findings_no_news(out, finding.held, finding.until_ms))
        return;
    if (out->count < FINDINGS_MAX)
        out->list[out->count++] = finding;
    else
        out->full = true;
}

/* The findings of a rule about one thing: held, with no subject. */
void findings_set(struct findings *out, enum held held, float value, float limit);

/* Every rule, in the order they are judged, ended by a row without a judge. */
extern const struct rule rules[];

/* When a vehicle of which nothing more gets on record is silent, on its own clock; TIME_NEVER before its first
 * fix. */
int64_t offline_due_ms(const struct vehicle_state *state, const struct rule_settings *s);

void rule_off_route(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_wrong_hours(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_banned_area(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_illegal_dumping(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_illegal_loading(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_no_permit(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_wrong_site(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_unwashed_exit(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_overstay(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_spill(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_uncovered(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_overload(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_over_height(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_speeding(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_offline(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_no_fix(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_discharge(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_mixed_waste(const struct moment *m, const struct rule_settings *s, struct findings *out);
void rule_tamper(const struct moment *m, const struct rule_settings *s, struct findings *out);

#endif
