#include "trial.h"

#include "array.h"
#include "entry.h"
#include "fleet.h"
#include "state_codec.h"

#include <stdlib.h>

enum { VEHICLES_MAX = 2000000 };

struct trial {
    struct names *names;
    const struct world *old, *new;
    struct fleet *fleet; /* of the partition in hand */
    struct outcome outcome;
    int64_t clock_ms; /* of the tracker, when it last heard anything */
    struct trial_closing *closings;
    size_t cap;
    struct trial_figures figures;
};

struct trial *trial_new(struct names *names, const struct world *old, const struct world *new)
{
    struct trial *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->names = names;
    t->old = old;
    t->new = new;
    return t;
}

static void end_partition(struct trial *t)
{
    fleet_free(t->fleet);
    t->fleet = NULL;
}

void trial_free(struct trial *t)
{
    if (t == NULL)
        return;
    end_partition(t);
    free(t->closings);
    free(t);
}

bool trial_begin(struct trial *t)
{
    end_partition(t);
    t->clock_ms = 0;
    t->fleet = fleet_new(t->names, (struct fleet_options){.vehicle_limit = VEHICLES_MAX});
    return t->fleet != NULL && fleet_set_world(t->fleet, t->old);
}

static void hear(struct trial *t, int64_t clock_ms)
{
    if (clock_ms > t->clock_ms)
        t->clock_ms = clock_ms;
}

void trial_take_state(struct trial *t, struct text vehicle, struct text bytes)
{
    struct vehicle_state state;
    uint32_t symbol;
    if (!names_intern(t->names, vehicle, &symbol) ||
        state_read(bytes, symbol, t->names, &state) != STATE_OK || !fleet_restore(t->fleet, &state)) {
        t->figures.unread++;
        return;
    }
    t->figures.open += vehicle_open_count(&state);
    hear(t, state.clock_ms);
    hear(t, state.message_clock_ms);
    hear(t, state.heard.clock_ms);
}

static bool take_closing(struct trial *t, const struct transition *c)
{
    if (!array_reserve(&t->closings, &t->cap, t->figures.closing + (size_t)1, sizeof *t->closings))
        return false;
    struct trial_closing *to = &t->closings[t->figures.closing++];
    *to = (struct trial_closing){
        .kind = c->kind, .reason = c->reason, .vehicle = c->vehicle, .fence = c->fence, .permit = c->permit};
    transition_id_write(c, t->names, to->id);
    return true;
}

static bool settle(struct trial *t, bool counts)
{
    uint32_t place;
    while (fleet_settle(t->fleet, t->clock_ms, &place, &t->outcome))
        for (uint32_t i = 0; i < t->outcome.transition_count; i++)
            if (counts && t->outcome.transitions[i].event == TRANSITION_CLOSED &&
                !take_closing(t, &t->outcome.transitions[i]))
                return false;
    return true;
}

bool trial_settle(struct trial *t)
{
    bool ok = settle(t, false) && fleet_set_world(t->fleet, t->new) && settle(t, true);
    end_partition(t);
    return ok;
}

struct trial_figures trial_figures(const struct trial *t)
{
    return t->figures;
}

const struct trial_closing *trial_closing(const struct trial *t, size_t i)
{
    return &t->closings[i];
}

/* Both are in the order of their ids' texts. */
uint32_t trial_unrouted(const struct world *old, const struct world *new, uint32_t *out, size_t max)
{
    uint32_t found = 0, at = 0;
    for (uint32_t i = 0; i < new->permit_count; i++) {
        const struct permit *p = &new->permits[i];
        struct text id = names_text(new->names, p->id);
        while (at < old->permit_count && text_compare(names_text(old->names, old->permits[at].id), id) < 0)
            at++;
        bool was = at < old->permit_count && text_equal(names_text(old->names, old->permits[at].id), id);
        if (p->route_count > 0 || (was && old->permits[at].route_count == 0))
            continue;
        if (out != NULL && found < max)
            out[found] = p->id;
        found++;
    }
    return found;
}

/* ---- as JSON ---- */

static void put_changes(struct text lines, struct json_writer *w)
{
    json_write_begin_array(w);
    for (size_t told = 0, at = 0; at < lines.len && told < TRIAL_TOLD_MAX; told++) {
        const char *begin = lines.data + at, *end = memchr(begin, '\n', lines.len - at);
        size_t n = end != NULL ? (size_t)(end - begin) : lines.len - at;
        json_write_string(w, (struct text){begin, n});
        at += n + 1;
    }
    json_write_end_array(w);
}

static void put_symbol(const struct names *names, const char *key, uint32_t symbol, struct json_writer *w)
{
    if (symbol == 0)
        return;
    json_write_key(w, key);
    json_write_string(w, names_text(names, symbol));
}

static void put_closing(const struct trial *t, const struct trial_closing *c, struct json_writer *w)
{
    json_write_begin_object(w);
    json_write_key(w, "id");
    json_write_string(w, text_of(c->id));
    json_write_key(w, "kind");
    json_write_string(w, text_of(kind_row(c->kind)->name));
    put_symbol(t->names, "vehicle", c->vehicle, w);
    put_symbol(t->names, "fence", c->fence, w);
    put_symbol(t->names, "permit", c->permit, w);
    json_write_key(w, "reason");
    json_write_string(w, text_of(close_reason_name(c->reason)));
    json_write_end_object(w);
}

static void put_states(const struct trial *t, struct json_writer *w)
{
    json_write_key(w, "open");
    json_write_u64(w, t->figures.open);
    json_write_key(w, "closing");
    json_write_u64(w, t->figures.closing);
    json_write_key(w, "closes");
    json_write_begin_array(w);
    for (uint32_t i = 0; i < t->figures.closing && i < TRIAL_TOLD_MAX; i++)
        put_closing(t, &t->closings[i], w);
    json_write_end_array(w);
    json_write_key(w, "unread");
    json_write_u64(w, t->figures.unread);
}

void trial_write_json(const struct trial_said *said, struct json_writer *w)
{
    uint32_t unrouted[TRIAL_TOLD_MAX];
    uint32_t count = trial_unrouted(said->old, said->new, unrouted, TRIAL_TOLD_MAX);
    json_write_begin_object(w);
    json_write_key(w, "differences");
    json_write_u64(w, said->count);
    json_write_key(w, "changes");
    put_changes(said->changes, w);
    if (said->trial != NULL)
        put_states(said->trial, w);
    json_write_key(w, "permits_without_route");
    json_write_begin_array(w);
    for (uint32_t i = 0; i < count && i < TRIAL_TOLD_MAX; i++)
        json_write_string(w, names_text(said->new->names, unrouted[i]));
    json_write_end_array(w);
    json_write_end_object(w);
}
