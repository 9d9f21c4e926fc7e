/*
 * A story is kept for each episode from the first fix on that meets its condition. Most stories are dropped
 * again, because no violation follows, or because another violation was asked for.
 */
#include "explain.h"

#include "array.h"
#include "entry.h"
#include "wording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A story of one violation: some hundred lines; what is beyond is left out. */
enum { STORY_MAX = 1 << 18 };

struct story {
    uint32_t vehicle, subject;
    enum kind kind;
    bool opened, unwanted;
    int64_t start_ms; /* once it is open */
    char id[VIOLATION_ID_LENGTH + 1];
    enum held last; /* what the last line said */
    uint32_t same;  /* moments left out since, because they said the same */
    float worst;    /* value told last */
    struct buf text;
};

struct explain {
    const struct names *names;
    const struct world *world;
    struct text id;
    struct explain_listener listener;
    struct trace trace;
    struct story *stories;
    size_t count, cap;
};

static void put_time(const struct explain *x, struct buf *b, int64_t ms, bool with_date)
{
    struct mw_civil c;
    mw_civil_from_ms(x->world->zone, ms, &c);
    if (with_date)
        buf_printf(b, "%04d-%02d-%02d ", c.year, c.month, c.day);
    buf_printf(b, "%02d:%02d:%02d", c.hour, c.minute, c.second);
    int rest = (int)(((ms % 1000) + 1000) % 1000);
    if (rest != 0)
        buf_printf(b, ".%03d", rest);
}

static void put_name(const struct explain *x, struct buf *b, const char *what, uint32_t symbol)
{
    if (symbol != 0)
        buf_printf(b, "%s %.*s", what, TEXT_ARG(names_text(x->names, symbol)));
}

static struct story *find_story(struct explain *x, uint32_t vehicle, enum kind kind, uint32_t subject)
{
    for (size_t i = 0; i < x->count; i++) {
        struct story *s = &x->stories[i];
        if (s->vehicle == vehicle && s->kind == kind && s->subject == subject)
            return s;
    }
    return NULL;
}

static struct story *add_story(struct explain *x, uint32_t vehicle, enum kind kind, uint32_t subject)
{
    if (!array_reserve(&x->stories, &x->cap, x->count + 1, sizeof *x->stories))
        return NULL;
    struct story *s = &x->stories[x->count++];
    *s = (struct story){.vehicle = vehicle, .kind = kind, .subject = subject};
    buf_init(&s->text, STORY_MAX);
    return s;
}

static void remove_story(struct explain *x, struct story *s)
{
    buf_fini(&s->text);
    *s = x->stories[--x->count];
}

static void put_settings(struct buf *b, enum kind kind, const struct rule_settings *s)
{
    const struct kind_row *row = kind_row(kind);
    buf_printf(b,
               "  opens after %u fixes and %.0f s that meet it, closes after %u fixes and %.0f s that do "
               "not; %s",
               s->confirm_fixes, (double)s->confirm_ms / 1000, s->clear_fixes, (double)s->clear_ms / 1000,
               severity_name(s->severity));
    if (s->major > 0 && row->basis == MAJOR_SECONDS)
        buf_printf(b, ", major after %g s", s->major);
    if (s->major > 0 && row->basis == MAJOR_PERCENT)
        buf_printf(b, ", major at %g %% over the limit", s->major);
    buf_puts(b, "\n");
    for (int i = 0; i < KIND_OWN_MAX && row->own[i].name != NULL; i++)
        buf_printf(b, "  %s %g %s: %s\n", row->own[i].name, s->own[i], row->own[i].unit, row->own[i].text);
}

static void begin_story(const struct explain *x, struct story *s, const struct trace_finding *t)
{
    const struct moment *m = t->moment;
    struct buf *b = &s->text;
    buf_clear(b);
    s->opened = s->unwanted = false;
    s->last = HELD_UNKNOWN;
    s->same = 0;
    s->worst = NAN;
    buf_printf(b, "%s of %.*s", kind_row(s->kind)->name, TEXT_ARG(names_text(x->names, s->vehicle)));
    if (m->info->plate.len > 0)
        buf_printf(b, " (%.*s)", TEXT_ARG(m->info->plate));
    buf_printf(b, "\n  the rule: %s\n", kind_row(s->kind)->text);
    put_settings(b, s->kind, t->settings);
    buf_printf(b, "  a pause longer than %.0f s begins the counting anew; rules %s\n",
               (double)m->world->common.gap_ms / 1000, m->world->hash);
}

static void put_place(const struct explain *x, struct buf *b, const struct moment *m)
{
    if (!m->placed) {
        buf_puts(b, "no usable position");
    } else {
        buf_printf(b, "%.7f %.7f", m->lat_deg, m->lon_deg);
        if (m->eph_m > 0)
            buf_printf(b, " within %g m", (double)m->eph_m);
    }
    if (!isnan(m->speed_mps))
        buf_printf(b, ", %.1f km/h", (double)m->speed_mps * 3.6);
    for (uint32_t i = 0; i < m->fence_count; i++)
        put_name(x, b, i == 0 ? ", in" : ",", m->world->fences[m->fences[i]].id);
}

static void put_measure(struct buf *b, const struct trace_finding *t)
{
    const char *unit = t->rule->unit;
    if (unit == NULL || isnan(t->finding->value))
        return;
    int decimals = unit_decimals(unit);
    buf_printf(b, ", %.*f %s", decimals, (double)t->finding->value, unit);
    if (!isnan(t->finding->limit))
        buf_printf(b, " %s %.*f %s",
                   t->rule->kind == KIND_OFF_ROUTE ? "outside a corridor of half-width" : "against", decimals,
                   (double)t->finding->limit, unit);
}

static void put_counting(struct buf *b, const struct trace_finding *t)
{
    const struct episode *e = t->episode;
    const struct finding *f = t->finding;
    int64_t at_ms = t->moment->at_ms;
    unsigned step = t->moment->tick ? 0 : 1;
    if (f->held == HELD_YES && (e == NULL || e->phase == EPISODE_CONFIRMING)) {
        int64_t start_ms = e != NULL ? e->start_ms : f->since_ms != TIME_NONE ? f->since_ms : at_ms;
        buf_printf(b, " (fix %u, %.3g s)", (e != NULL ? e->held_fixes : 0u) + step,
                   (double)(at_ms - start_ms) / 1000);
        if (f->at_once)
            buf_puts(b, ", at once");
    } else if (f->held == HELD_NO && e != NULL && e->phase == EPISODE_OPEN) {
        int64_t clear_ms = e->clear_fixes > 0 ? e->clear_ms : at_ms;
        buf_printf(b, " (fix %u that does not, %.3g s)", e->clear_fixes + step,
                   (double)(at_ms - clear_ms) / 1000);
    }
}

static void put_same(struct story *s)
{
    if (s->same > 0)
        buf_printf(&s->text, "  ... and %u more that say the same\n", s->same);
    s->same = 0;
}

static void put_moment(const struct explain *x, struct story *s, const struct trace_finding *t)
{
    static const char *const held[] = {
        [HELD_UNKNOWN] = "cannot be told", [HELD_NO] = "does not hold", [HELD_YES] = "holds"};
    struct buf *b = &s->text;
    put_same(s);
    buf_puts(b, "  ");
    put_time(x, b, t->moment->at_ms, true);
    buf_puts(b, t->moment->tick ? "  a deadline; last known: " : "  ");
    put_place(x, b, t->moment);
    buf_printf(b, ": %s", held[t->finding->held]);
    put_measure(b, t);
    put_counting(b, t);
    if (t->finding->since_ms != TIME_NONE && t->episode == NULL && t->finding->since_ms != t->moment->at_ms) {
        buf_puts(b, ", since ");
        put_time(x, b, t->finding->since_ms, false);
    }
    if (t->moment->gap)
        buf_puts(b, "; after a pause, counting begins anew");
    if (t->received_ms != TIME_NONE && t->received_ms - t->moment->at_ms >= 1000)
        buf_printf(b, "; came %.0f s later", (double)(t->received_ms - t->moment->at_ms) / 1000);
    buf_puts(b, "\n");
    s->last = t->finding->held;
    if (!isnan(t->finding->value))
        s->worst = t->finding->value;
}

/* Whether a moment of an open violation tells anything new. */
static bool says_more(const struct story *s, const struct trace_finding *t)
{
    if (!s->opened || t->finding->held != s->last || t->finding->held == HELD_NO)
        return true;
    return !isnan(t->finding->value) && (isnan(s->worst) || t->finding->value > s->worst * 1.25f);
}

static void take_finding(void *context, const struct trace_finding *t)
{
    struct explain *x = context;
    bool begins = t->episode == NULL;
    if (begins && t->finding->held != HELD_YES)
        return;
    uint32_t vehicle = t->moment->before->vehicle;
    struct story *s = find_story(x, vehicle, t->rule->kind, t->finding->subject);
    if (s == NULL) {
        s = add_story(x, vehicle, t->rule->kind, t->finding->subject);
        begins = true;
    }
    if (s == NULL || (s->unwanted && !begins))
        return;
    if (begins)
        begin_story(x, s, t);
    if (says_more(s, t))
        put_moment(x, s, t);
    else
        s->same++;
}

/* The pieces it went over, where they were more than one. */
static void put_trail(const struct explain *x, struct buf *b, const struct transition *t)
{
    uint32_t named = 0;
    if (t->trail_count < 2)
        return;
    for (; named < t->trail_count && named < EPISODE_PIECES_MAX && t->fence_trail[named] != 0; named++)
        put_name(x, b, named == 0 ? ", over" : ",", t->fence_trail[named]);
    if (t->trail_count > named)
        buf_printf(b, " and %u more", t->trail_count - named);
}

static void put_transition(const struct explain *x, struct story *s, const struct transition *t,
                           const char *id)
{
    struct buf *b = &s->text;
    put_same(s);
    buf_puts(b, "  ");
    put_time(x, b, t->at_ms, true);
    buf_printf(b, "  %s", transition_event_name(t->event));
    if (t->event == TRANSITION_OPENED) {
        buf_printf(b, " as %s, %s, start ", id, severity_name(t->severity));
        put_time(x, b, t->start_ms, true);
        put_name(x, b, ", at", t->fence);
        put_name(x, b, ", under permit", t->permit);
        if (t->why != GAP_NONE)
            buf_printf(b, ", permits: %s", permit_gap_name(t->why));
        put_name(x, b, ", nearest", t->near_permit);
        if (t->trip_ms != TIME_NONE) {
            buf_puts(b, ", on the trip that began ");
            put_time(x, b, t->trip_ms, true);
        }
    } else if (t->event == TRANSITION_UPDATED) {
        buf_printf(b, ": %s", severity_name(t->severity));
        if (t->limit_before > 0 && t->unit != NULL)
            buf_printf(b, ", the limit was %.*f %s before", unit_decimals(t->unit), (double)t->limit_before,
                       t->unit);
    } else {
        buf_puts(b, ", end ");
        put_time(x, b, t->end_ms, true);
        buf_printf(b, ", %s", close_reason_name(t->reason));
        put_trail(x, b, t);
    }
    buf_puts(b, "\n");
}

static void tell(struct explain *x, struct story *s)
{
    put_same(s);
    x->listener.story(x->listener.context, s->id, buf_text(&s->text));
    if (!buf_ok(&s->text))
        x->listener.story(x->listener.context, s->id, TEXT("  ... the rest is left out\n"));
}

static void tell_open(struct explain *x, struct story *s)
{
    put_same(s);
    buf_puts(&s->text, "  still open at the end\n");
    tell(x, s);
}

static void take_transition(void *context, const struct transition *t)
{
    struct explain *x = context;
    struct story *s = find_story(x, t->vehicle, t->kind, t->subject);
    if (s == NULL)
        return;
    char id[VIOLATION_ID_LENGTH + 1];
    transition_id_write(t, x->names, id);
    if (t->event == TRANSITION_OPENED) {
        s->opened = true;
        s->start_ms = t->start_ms;
        s->unwanted = x->id.len > 0 && !text_equal(x->id, text_of(id));
    }
    memcpy(s->id, id, sizeof id);
    if (!s->unwanted)
        put_transition(x, s, t, id);
    if (t->event != TRANSITION_CLOSED)
        return;
    if (!s->unwanted)
        tell(x, s);
    remove_story(x, s);
}

struct explain *explain_new(const struct names *names, const struct world *world, struct text id,
                            struct explain_listener listener)
{
    struct explain *x = calloc(1, sizeof *x);
    if (x == NULL)
        return NULL;
    x->names = names;
    x->world = world;
    x->id = id;
    x->listener = listener;
    x->trace = (struct trace){x, take_finding, take_transition};
    return x;
}

void explain_set_world(struct explain *x, const struct world *world)
{
    x->world = world;
}

void explain_free(struct explain *x)
{
    if (x == NULL)
        return;
    explain_forget(x);
    free(x->stories);
    free(x);
}

void explain_forget(struct explain *x)
{
    while (x->count > 0)
        remove_story(x, &x->stories[x->count - 1]);
}

const struct trace *explain_trace(const struct explain *x)
{
    return &x->trace;
}

static const struct episode *episode_of(const struct vehicle_state *state, const struct story *s)
{
    for (uint32_t i = 0; i < state->episode_count; i++)
        if (state->episodes[i].kind == s->kind && state->episodes[i].subject == s->subject)
            return &state->episodes[i];
    return NULL;
}

/* Whether the vehicle still has what a story is about. */
static bool goes_on(const struct story *s, const struct story *again, const struct vehicle_state *state)
{
    const struct episode *e = episode_of(state, s);
    if (e == NULL)
        return false;
    return s->opened ? e->phase == EPISODE_OPEN && e->start_ms == s->start_ms : again == NULL;
}

void explain_go_on(struct explain *x, struct explain *again, const struct vehicle_state *state)
{
    for (size_t i = x->count; i > 0; i--) {
        struct story *s = &x->stories[i - 1];
        if (s->vehicle != state->vehicle)
            continue;
        struct story *other = find_story(again, s->vehicle, s->kind, s->subject);
        if (goes_on(s, other, state)) {
            if (other != NULL && other->opened)
                tell_open(again, other);
            continue;
        }
        if (s->opened && !s->unwanted)
            tell(x, s);
        remove_story(x, s);
    }
    for (size_t i = 0; i < again->count; i++) {
        struct story *from = &again->stories[i], *s;
        if (episode_of(state, from) == NULL ||
            find_story(x, from->vehicle, from->kind, from->subject) != NULL ||
            (s = add_story(x, from->vehicle, from->kind, from->subject)) == NULL)
            continue;
        *s = *from;
        buf_init(&from->text, STORY_MAX);
    }
    explain_forget(again);
}

void explain_finish(struct explain *x)
{
    for (size_t i = 0; i < x->count; i++)
        if (x->stories[i].opened && !x->stories[i].unwanted)
            tell_open(x, &x->stories[i]);
}
