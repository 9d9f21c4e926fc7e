#include "told.h"

#include "permit.h"

#include <math.h>

/* How good a fence is to tell where something was; the higher the better. */
enum place_rank { PLACE_NONE, PLACE_DISTRICT, PLACE_ROAD, PLACE_YARD };

struct place {
    const struct fence *fence;
    enum place_rank rank;
    double middle_m; /* of a road: how far the position is from its middle */
};

static enum place_rank rank_of(enum fence_kind kind)
{
    switch (kind) {
    case FENCE_SITE:
    case FENCE_DISPOSAL:
    case FENCE_WASH:
    case FENCE_DEPOT:
    case FENCE_COLLECTION:
        return PLACE_YARD;
    case FENCE_ROUTE:
    case FENCE_SWEEP:
        return PLACE_ROAD;
    case FENCE_DISTRICT:
        return PLACE_DISTRICT;
    default:
        return PLACE_NONE;
    }
}

/* A fence without a name is not told by its id. */
static struct text name_of(const struct world *w, const struct fence *f)
{
    return text_equal(f->name, names_text(w->names, f->id)) ? (struct text){0} : f->name;
}

/* Of two equally good ones the nearer road, the district farther down, and then whichever has the smaller
 * name, so that ids and the order of files decide nothing. */
static bool better(const struct place *a, const struct place *b)
{
    if (a->rank != b->rank)
        return a->rank > b->rank;
    if (a->middle_m != b->middle_m)
        return a->middle_m < b->middle_m;
    if (a->rank == PLACE_DISTRICT && a->fence->jurisdiction.len != b->fence->jurisdiction.len)
        return a->fence->jurisdiction.len > b->fence->jurisdiction.len;
    return text_compare(a->fence->name, b->fence->name) < 0;
}

static bool hours_open(const struct world *w, const struct mw_hours *hours, int64_t at_ms,
                       struct mw_hours_answer *answer)
{
    *answer = (struct mw_hours_answer){.open = true, .since_ms = INT64_MIN, .until_ms = TIME_NEVER};
    if (hours != NULL)
        mw_hours_at(hours, w->calendar, w->zone, at_ms, answer);
    return answer->open;
}

static bool in_force(const struct world *w, const struct fence *f, int64_t at_ms)
{
    struct mw_hours_answer answer;
    return f->valid_from_ms <= at_ms && at_ms < f->valid_to_ms && hours_open(w, f->hours, at_ms, &answer);
}

/* The best fence at a point that is there for the vehicle and has a name, other than that of the transition's own
 * fence. */
static void find_place(const struct moment *m, struct mw_point at, struct transition *t)
{
    const struct world *w = m->world;
    uint32_t numbers[MOMENT_FENCES_MAX];
    size_t n = moment_fences_at(m, at, numbers);
    struct place best = {.rank = PLACE_NONE};
    for (size_t i = 0; i < n; i++) {
        struct place p = {&w->fences[numbers[i]], rank_of(w->fences[numbers[i]].kind), 0};
        struct mw_distance d;
        if (p.rank == PLACE_NONE || name_of(w, p.fence).len == 0 ||
            text_equal(p.fence->name, t->fence_name) || !in_force(w, p.fence, t->start_ms) ||
            !moment_is_for(m, numbers[i]))
            continue;
        if (p.rank == PLACE_ROAD && mw_index_distance(w->index, numbers[i], at, 0, &d))
            p.middle_m = d.distance_m + p.fence->buffer_m;
        if (best.rank == PLACE_NONE || better(&p, &best))
            best = p;
    }
    if (best.rank == PLACE_NONE)
        return;
    t->told.place = best.fence->name;
    t->told.place_en = best.fence->name_en;
}

/* Where it began; of what has no position where the vehicle was last seen, or else is now. */
static void tell_place(const struct moment *m, struct transition *t)
{
    struct told_facts *told = &t->told;
    told->lat_deg = t->start_lat_deg;
    told->lon_deg = t->start_lon_deg;
    bool began = !isnan(told->lat_deg) && !isnan(told->lon_deg), lost = t->kind == KIND_NO_FIX;
    if (!began && lost && m->before->place_ms != TIME_NONE) {
        told->lat_deg = m->before->lat_deg;
        told->lon_deg = m->before->lon_deg;
    } else if (!began && !lost && m->placed) {
        told->lat_deg = m->lat_deg;
        told->lon_deg = m->lon_deg;
    } else if (!began) {
        return;
    }
    find_place(m, (struct mw_point){told->lat_deg, told->lon_deg}, t);
}

/* Steps of less than a day that are gone back to find when hours closed. */
#define CLOSED_STEPS_MAX 64

/* When hours that are closed at an instant closed; TIME_NONE: not for weeks. */
static int64_t closed_since(const struct world *w, const struct mw_hours *hours, int64_t at_ms)
{
    for (int i = 0; i < CLOSED_STEPS_MAX; i++) {
        struct mw_hours_answer answer;
        if (hours_open(w, hours, at_ms, &answer))
            return i == 0 ? TIME_NONE : at_ms + 1;
        at_ms = answer.since_ms - 1;
    }
    return TIME_NONE;
}

/* Hours that are open still, in a warning, are told of by when they will close. */
static void tell_hours(const struct world *w, const struct mw_hours *hours, struct transition *t)
{
    struct mw_hours_answer answer;
    int64_t at_ms = t->event == TRANSITION_NONE ? t->at_ms : t->start_ms;
    if (hours == NULL)
        return;
    if (hours_open(w, hours, at_ms, &answer)) {
        t->told.closed_ms = answer.until_ms == TIME_NEVER ? TIME_NONE : answer.until_ms;
        return;
    }
    t->told.closed_ms = closed_since(w, hours, at_ms);
    t->told.opens_ms = answer.until_ms == TIME_NEVER ? TIME_NONE : answer.until_ms;
}

static void tell_gap(const struct world *w, const struct permit *near, struct transition *t)
{
    if (t->why == GAP_EXPIRED && near->valid_to_ms != INT64_MAX)
        t->told.near_ms = near->valid_to_ms;
    if (t->why == GAP_NOT_YET && near->valid_from_ms != INT64_MIN)
        t->told.near_ms = near->valid_from_ms;
    if (t->why == GAP_OTHER_SITE && near->site != 0) {
        t->told.near_site = name_of(w, &w->fences[near->site - 1]);
        t->told.near_site_en = w->fences[near->site - 1].name_en;
    }
}

static const struct permit *permit_of(const struct world *w, uint32_t symbol)
{
    uint32_t place = symbol == 0 ? UINT32_MAX : world_permit_by_id(w, symbol);
    return place == UINT32_MAX ? NULL : &w->permits[place];
}

void told_fill(const struct moment *m, struct transition *t)
{
    const struct world *w = m->world;
    uint32_t number = t->fence == 0 ? UINT32_MAX : world_fence_by_id(w, t->fence);
    const struct fence *fence = number == UINT32_MAX ? NULL : &w->fences[number];
    if (t->kind == KIND_NO_PERMIT)
        t->why = permit_gap_of_haul(m, &t->near_permit);
    const struct permit *permit = permit_of(w, t->permit), *near = permit_of(w, t->near_permit);
    t->told = (struct told_facts){.zone = w->zone,
                                  .lat_deg = NAN,
                                  .lon_deg = NAN,
                                  .near_ms = TIME_NONE,
                                  .closed_ms = TIME_NONE,
                                  .opens_ms = TIME_NONE};
    t->allowed_ms = world_rule(w, t->kind, m->info->class_number)->confirm_ms;
    if (fence != NULL) {
        t->fence_name = name_of(w, fence);
        t->told.fence_name_en = fence->name_en;
        t->told.fence_reason = fence->reason;
    }
    tell_place(m, t);
    if (t->kind == KIND_WRONG_HOURS && (permit != NULL || fence != NULL))
        tell_hours(w, permit != NULL ? permit->hours : fence->hours, t);
    if (t->kind == KIND_NO_PERMIT && near != NULL)
        tell_gap(w, near, t);
}
