#include "evenodd.h"

#include <stdlib.h>

/* How far up the lines are drawn, as shares of a ring's height. One tells nearly always. */
static const double shares[] = {0.5, 0.29, 0.71, 0.13, 0.87};
#define SHARES (sizeof shares / sizeof *shares)

void geo_met_fini(struct geo_met_list *list)
{
    free(list->items);
    *list = (struct geo_met_list){0};
}

static enum mw_error grow(struct geo_met_list *list)
{
    uint32_t cap = list->cap ? list->cap * 2 : 64;
    struct geo_met *items = realloc(list->items, cap * sizeof *items);
    if (items == NULL)
        return MW_NO_MEMORY;
    list->items = items;
    list->cap = cap;
    return MW_OK;
}

/* Half-open, so that a vertex counts once. */
static inline enum mw_error meet(struct geo_met_list *list, struct geo_xy a, struct geo_xy b, double y)
{
    if ((a.y > y) == (b.y > y))
        return MW_OK;
    if (list->count == list->cap && grow(list))
        return MW_NO_MEMORY;
    double x = a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x);
    list->items[list->count++] = (struct geo_met){x, b.y > a.y ? 1 : -1};
    return MW_OK;
}

static int compare(const void *a, const void *b)
{
    const struct geo_met *x = a, *y = b;
    return (x->x > y->x) - (x->x < y->x);
}

static void sort(struct geo_met_list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare);
}

static enum mw_error meet_points(struct geo_met_list *list, const struct geo_xy *points, uint32_t count,
                                 double y)
{
    enum mw_error error = MW_OK;
    list->count = 0;
    struct geo_xy a = points[count - 1];
    for (uint32_t i = 0; i < count && !error; i++) {
        error = meet(list, a, points[i], y);
        a = points[i];
    }
    return error;
}

/* Looks along the line for stretches that are run round once, and more often. */
static void count_rounds(const struct geo_met_list *list, bool *once, bool *more)
{
    int32_t rounds = 0;
    for (uint32_t i = 0; i + 1 < list->count; i++) {
        rounds += list->items[i].turn;
        bool wide = list->items[i + 1].x - list->items[i].x > GEO_WIDTH_MIN_DEG;
        *once |= wide && (rounds == 1 || rounds == -1);
        *more |= wide && (rounds > 1 || rounds < -1);
    }
}

enum mw_error geo_ring_once(struct geo_met_list *list, const struct geo_xy *points, uint32_t count,
                            bool *out_once)
{
    double south = points[0].y, north = points[0].y;
    bool once = false, more = false;
    for (uint32_t i = 1; i < count; i++) {
        south = points[i].y < south ? points[i].y : south;
        north = points[i].y > north ? points[i].y : north;
    }
    for (size_t k = 0; k < SHARES && !once; k++) {
        enum mw_error error = meet_points(list, points, count, south + shares[k] * (north - south));
        if (error)
            return error;
        sort(list);
        count_rounds(list, &once, &more);
    }
    *out_once = once || !more;
    return MW_OK;
}
