/* Doubts about where fences lie. */
#include "city_doubts_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Half a degree: a city and its tips are nearer together, a slip of a digit leads farther. */
#define CELLS_PER_DEG 2

/* A fence in its cell. Cells that touch are one place; of these the root stands for all. */
struct place {
    int32_t lat, lon;
    size_t fence; /* in the facts */
    size_t root;  /* among the places; of the first of a cell */
};

static int compare_cells(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->lat != y->lat)
        return x->lat < y->lat ? -1 : 1;
    if (x->lon != y->lon)
        return x->lon < y->lon ? -1 : 1;
    return (x->fence > y->fence) - (x->fence < y->fence);
}

/* The first place of the cell; `count`: it is empty. */
static size_t first_of(const struct place *places, size_t count, int32_t lat, int32_t lon)
{
    size_t from = 0, to = count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct place *p = &places[middle];
        bool before = p->lat != lat ? p->lat < lat : p->lon < lon;
        *(before ? &from : &to) = before ? middle + 1 : middle;
    }
    return from < count && places[from].lat == lat && places[from].lon == lon ? from : count;
}

static size_t root_of(struct place *places, size_t i)
{
    while (places[i].root != i) {
        places[i].root = places[places[i].root].root;
        i = places[i].root;
    }
    return i;
}

static void join_cells(struct place *places, size_t count)
{
    for (size_t i = 0; i < count; i++)
        places[i].root = first_of(places, count, places[i].lat, places[i].lon);
    for (size_t i = 0; i < count; i++) {
        if (places[i].root != i && places[places[i].root].lat == places[i].lat &&
            places[places[i].root].lon == places[i].lon)
            continue; /* not the first of its cell */
        for (int step = 0; step < 9; step++) {
            size_t other =
                first_of(places, count, places[i].lat + step / 3 - 1, places[i].lon + step % 3 - 1);
            if (other < count)
                places[root_of(places, other)].root = root_of(places, i);
        }
    }
}

/* How many fences the place of each has, by its root. NULL without memory. */
static size_t *count_places(struct place *places, size_t count)
{
    size_t *sizes = calloc(count, sizeof *sizes);
    for (size_t i = 0; i < count && sizes != NULL; i++)
        sizes[root_of(places, i)]++;
    return sizes;
}

static void tell_far(const struct doubts *d, struct place *places, size_t count, size_t *sizes)
{
    size_t city = 0;
    for (size_t i = 1; i < count; i++)
        city = sizes[i] > sizes[city] ? i : city;
    for (size_t i = 0; i < count; i++) {
        size_t root = root_of(places, i);
        if (root == city || sizes[root] == 0 || sizes[root] > 1 + count / 20)
            continue;
        const struct fence_fact *f = &d->facts->fences[places[i].fence];
        char more[48] = "";
        if (sizes[root] > 1)
            snprintf(more, sizeof more, " (%zu fences there)", sizes[root]);
        doubts_tell(d, &f->fact,
                    "lies at longitude %.7f, latitude %.7f, half a degree or more from all others%s: are its "
                    "coordinates right?",
                    f->fact.place.lon_deg, f->fact.place.lat_deg, more);
        sizes[root] = 0; /* told */
    }
}

static bool far_from_all(const struct doubts *d)
{
    size_t count = 0;
    struct place *places = malloc((d->facts->fence_count + 1) * sizeof *places);
    for (size_t i = 0; i < d->facts->fence_count && places != NULL; i++) {
        struct mw_point p = d->facts->fences[i].fact.place;
        if (d->facts->fences[i].fact.placed && fabs(p.lat_deg) <= 90 && fabs(p.lon_deg) <= 180)
            places[count++] = (struct place){.lat = (int32_t)floor(p.lat_deg * CELLS_PER_DEG),
                                             .lon = (int32_t)floor(p.lon_deg * CELLS_PER_DEG),
                                             .fence = i};
    }
    if (count < 2) {
        bool ok = places != NULL;
        free(places);
        return ok;
    }
    qsort(places, count, sizeof *places, compare_cells);
    join_cells(places, count);
    size_t *sizes = count_places(places, count);
    if (sizes != NULL)
        tell_far(d, places, count, sizes);
    free(places);
    free(sizes);
    return sizes != NULL;
}

static int compare_outlines(const void *a, const void *b)
{
    const struct fence_fact *x = *(const struct fence_fact *const *)a,
                            *y = *(const struct fence_fact *const *)b;
    if (x->outline != y->outline)
        return x->outline < y->outline ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return (x > y) - (x < y);
}

/* Sites, disposals and the like that were drawn, or pasted, twice. */
static bool outlines_twice(const struct doubts *d)
{
    size_t count = 0;
    const struct fence_fact **sorted = malloc((d->facts->fence_count + 1) * sizeof *sorted);
    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < d->facts->fence_count; i++)
        if (d->facts->fences[i].fact.placed && fence_kind_single(d->facts->fences[i].kind))
            sorted[count++] = &d->facts->fences[i];
    qsort(sorted, count, sizeof *sorted, compare_outlines);
    for (size_t i = 1; i < count; i++)
        if (sorted[i]->outline == sorted[i - 1]->outline && sorted[i]->kind == sorted[i - 1]->kind)
            doubts_tell(d, &sorted[i]->fact, "is drawn as %s \"%.*s\" is, point by point",
                        fence_kind_name(sorted[i]->kind), PROBLEM_ARG(sorted[i - 1]->fact.id));
    free(sorted);
    return true;
}

/* So many points of a fence are looked at, and so many fences at each. */
enum { POINTS_LOOKED_AT = 64, HITS_MAX = 64 };
/* Where there are more of these they are meant, or there is nothing more to learn. */
enum { HOLDERS_TOLD = 20 };
/* Fences found at all points together. A city's lie a few deep and need a hundredth; where thousands lie on one place
 * the index would be asked for all of them at each point of each. */
#define FOUND_MAX 10000000u
/* Neighbours that were drawn by hand reach into each other by less. */
#define DEEP_M 5.0

/* A fence of the same kind that holds the point; UINT32_MAX: none. */
static uint32_t holder_of(const struct world *w, uint32_t fence, struct mw_point p, uint64_t *found)
{
    uint32_t hits[HITS_MAX];
    size_t count = mw_index_point(w->index, p, hits, HITS_MAX);
    *found += count;
    for (size_t i = 0; i < count && i < HITS_MAX; i++) {
        struct mw_distance d;
        if (hits[i] != fence && w->fences[hits[i]].kind == w->fences[fence].kind &&
            mw_index_distance(w->index, hits[i], p, 0, &d) && d.distance_m < -DEEP_M)
            return hits[i];
    }
    return UINT32_MAX;
}

/* The first holder of one of the first part's points, which *out_at is. */
static uint32_t find_holder(const struct world *w, uint32_t fence, struct mw_point *out_at, uint64_t *found)
{
    uint32_t holder = UINT32_MAX, count = mw_index_part_count(w->index, fence, 0, NULL);
    uint32_t step = count / POINTS_LOOKED_AT + 1;
    for (uint32_t i = 0; i < count && holder == UINT32_MAX && *found <= FOUND_MAX; i += step) {
        *out_at = mw_index_part_point(w->index, fence, 0, i);
        holder = holder_of(w, fence, *out_at, found);
    }
    return holder;
}

void city_doubts_of_world(const struct world *w,
                          void (*tell)(void *context, const struct fence *fence, struct mw_point at,
                                       const char *reason),
                          void *context)
{
    static const enum fence_kind kinds[] = {FENCE_SITE, FENCE_DISPOSAL, FENCE_DEPOT};
    size_t told = 0;
    uint64_t found = 0;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (uint32_t i = 0; i < w->of_kind[kinds[k]].count && told < HOLDERS_TOLD; i++) {
            uint32_t fence = w->of_kind[kinds[k]].numbers[i];
            struct mw_point at;
            uint32_t holder = find_holder(w, fence, &at, &found);
            if (found > FOUND_MAX) {
                tell(context, &w->fences[fence], mw_index_part_point(w->index, fence, 0, 0),
                     "lies where thousands of fences lie on each other; which lie in others is not looked "
                     "for further");
                return;
            }
            if (holder == UINT32_MAX)
                continue;
            char reason[300];
            snprintf(
                reason, sizeof reason, "lies, or reaches, in %s \"%.*s\" at longitude %.7f, latitude %.7f%s",
                fence_kind_name(kinds[k]), PROBLEM_ARG(names_text(w->names, w->fences[holder].id)),
                at.lon_deg, at.lat_deg, ++told == HOLDERS_TOLD ? "; more of these are not looked for" : "");
            tell(context, &w->fences[fence], at, reason);
        }
}

bool doubts_of_places(const struct doubts *d)
{
    return far_from_all(d) && outlines_twice(d);
}
