/*
 * A story is kept for each episode from the first fix on that meets its condition. Most stories are dropped
 * again, because no violation follows, or because another violation was asked for.
 */
#include "explain.h"

#include "array.h"
#include "entry.h"

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
    struct story_words words;
    struct text id;
    struct explain_listener listener;
    struct trace trace;
    struct story *stories;
    size_t count, cap;
};

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

static void begin_story(const struct explain *x, struct story *s, const struct trace_finding *t)
{
    buf_clear(&s->text);
    s->opened = s->unwanted = false;
    s->last = HELD_UNKNOWN;
    s->same = 0;
    s->worst = NAN;
    story_put_rule(&x->words, &s->text, t);
}

static void put_same(const struct explain *x, struct story *s)
{
    story_put_same(&x->words, &s->text, s->same);
    s->same = 0;
}

static void put_moment(const struct explain *x, struct story *s, const struct trace_finding *t)
{
    put_same(x, s);
    story_put_moment(&x->words, &s->text, t);
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

static void tell(struct explain *x, struct story *s)
{
    put_same(x, s);
    x->listener.story(x->listener.context, s->id, buf_text(&s->text));
    if (!buf_ok(&s->text))
        x->listener.story(x->listener.context, s->id, story_cut(x->words.language));
}

static void tell_open(struct explain *x, struct story *s)
{
    put_same(x, s);
    story_put_open(&x->words, &s->text);
    tell(x, s);
}

static void take_transition(void *context, const struct transition *t)
{
    struct explain *x = context;
    struct story *s = find_story(x, t->vehicle, t->kind, t->subject);
    if (s == NULL)
        return;
    char id[VIOLATION_ID_LENGTH + 1];
    transition_id_write(t, x->words.names, id);
    if (t->event == TRANSITION_OPENED) {
        s->opened = true;
        s->start_ms = t->start_ms;
        s->unwanted = x->id.len > 0 && !text_equal(x->id, text_of(id));
    }
    memcpy(s->id, id, sizeof id);
    if (!s->unwanted) {
        put_same(x, s);
        story_put_transition(&x->words, &s->text, t, id);
    }
    if (t->event != TRANSITION_CLOSED)
        return;
    if (!s->unwanted)
        tell(x, s);
    remove_story(x, s);
}

struct explain *explain_new(struct story_words words, struct text id, struct explain_listener listener)
{
    struct explain *x = calloc(1, sizeof *x);
    if (x == NULL)
        return NULL;
    x->words = words;
    x->id = id;
    x->listener = listener;
    x->trace = (struct trace){x, take_finding, take_transition};
    return x;
}

void explain_set_world(struct explain *x, const struct world *world)
{
    x->words.world = world;
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
