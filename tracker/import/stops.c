#include "stops.h"

#include "array.h"
#include "stop_words.h"
#include "vehicle_id.h"

#include <math.h>
#include <stdlib.h>

enum { HALF_DAY_MIN = 720, DAY_MIN = 1440, LAST_MIN = 1799 };

void stops_init(struct stops *s, const struct stop_rules *rules)
{
    *s = (struct stops){.rules = *rules};
    arena_init(&s->texts);
}

void stops_fini(struct stops *s)
{
    arena_fini(&s->texts);
    rejects_fini(&s->rejects);
    free(s->items);
    *s = (struct stops){0};
}

/* ---- one row: NULL, or why it cannot be used ---- */

static const char *read_place(const struct stop_rules *rules, const struct stop_row *row, struct stop *out)
{
    if (stop_trim(row->values[STOP_LON]).len == 0 || stop_trim(row->values[STOP_LAT]).len == 0)
        return "no position";
    if (!stop_number(row->values[STOP_LON], &out->lon) || !stop_number(row->values[STOP_LAT], &out->lat))
        return "position: longitude and latitude are no numbers";
    if (out->lon == out->lat)
        return "no position: longitude and latitude are the same";
    if (fabs(out->lon) > 180 || fabs(out->lat) > 90)
        return "position: no longitude and latitude in degrees";
    if (rules->bounded && (out->lon < rules->west || out->lon > rules->east || out->lat < rules->south ||
                           out->lat > rules->north))
        return "position: off the region";
    return NULL;
}

static const char *read_clocks(const struct stop_rules *rules, const struct stop_row *row, struct stop *out)
{
    int from = stop_clock(row->values[STOP_TIME]), to = from + rules->stay_min;
    if (from < 0)
        return stop_trim(row->values[STOP_TIME]).len == 0 ? "no time" : "time: no clock up to 29:59";
    if (rules->has[STOP_LEAVE] && stop_trim(row->values[STOP_LEAVE]).len > 0) {
        to = stop_clock(row->values[STOP_LEAVE]);
        if (to < 0)
            return "time of leaving: no clock up to 29:59";
        if (to < from - HALF_DAY_MIN)
            to += DAY_MIN;
        if (to < from)
            return "leaves before it arrives";
    }
    if (to > LAST_MIN)
        return "stays beyond 29:59";
    out->from_min = (int16_t)from;
    out->to_min = (int16_t)to;
    return NULL;
}

static const char *read_days(const struct stop_rules *rules, const struct stop_row *row, struct stop *out)
{
    if (!rules->has[STOP_DAYS])
        return NULL;
    if (!rules->day_columns)
        return stop_days(row->values[STOP_DAYS], &out->days) ? NULL : "days: no list of weekdays";
    for (int i = 0; i < STOP_DAY_COLUMNS; i++) {
        int flag = stop_flag(row->day_flags[i]);
        if (flag < 0)
            return "days: neither Y nor N";
        out->days |= (uint8_t)(flag << i);
    }
    return out->days != 0 ? NULL : "days: none of the week";
}

static const char *read_who(const struct stop_rules *rules, const struct stop_row *row, struct stop *out)
{
    out->plate = stop_trim(row->values[STOP_PLATE]);
    if (out->plate.len == 0)
        return rules->class_name.len > 0 ? NULL : "no plate";
    if (rules->plates != NULL) {
        out->plate = plates_find(rules->plates, out->plate);
        if (out->plate.len == 0)
            return "plate: not that of one vehicle of --vehicles";
    }
    return vehicle_id_valid(out->plate) ? NULL : "plate: cannot name a vehicle ([A-Za-z0-9._-]{1,64})";
}

static const char *read_row(const struct stop_rules *rules, const struct stop_row *row, struct stop *out)
{
    out->route = stop_trim(row->values[STOP_ROUTE]);
    out->trip = stop_trim(row->values[STOP_TRIP]);
    out->waste = stop_trim(row->values[STOP_WASTE]);
    out->name = stop_trim(row->values[STOP_NAME]);
    if (out->route.len == 0)
        return "no route";
    if (rules->has[STOP_ORDER] && !stop_number(row->values[STOP_ORDER], &out->order))
        return "order: no number";
    const char *why = read_place(rules, row, out);
    if (why == NULL)
        why = read_clocks(rules, row, out);
    if (why == NULL)
        why = read_days(rules, row, out);
    return why != NULL ? why : read_who(rules, row, out);
}

bool stops_refuse(struct stops *s, uint32_t line, struct text raw, const char *reason)
{
    s->rows++;
    s->no_memory = !rejects_add(&s->rejects, line, raw, "%s", reason) || s->no_memory;
    return !s->no_memory;
}

bool stops_add(struct stops *s, const struct stop_row *row)
{
    struct stop stop = {.line = row->line, .raw = row->raw, .row = (uint32_t)s->rows};
    const char *why = read_row(&s->rules, row, &stop);
    if (why != NULL)
        return stops_refuse(s, row->line, row->raw, why);
    if (!array_reserve(&s->items, &s->cap, s->count + 1, sizeof *s->items))
        s->no_memory = true;
    struct text *const texts[] = {&stop.route, &stop.trip, &stop.plate, &stop.waste, &stop.name};
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !s->no_memory; i++)
        s->no_memory = !arena_copy_text(&s->texts, *texts[i], texts[i]);
    if (s->no_memory)
        return false;
    s->items[s->count++] = stop;
    s->rows++;
    return true;
}

/* ---- the trips ---- */

static int by_trip(const void *a, const void *b)
{
    const struct stop *x = a, *y = b;
    int way = text_compare(x->route, y->route);
    if (way == 0)
        way = text_compare(x->trip, y->trip);
    if (way == 0)
        way = (x->order > y->order) - (x->order < y->order);
    return way != 0 ? way : (x->row > y->row) - (x->row < y->row);
}

/* After the longest run that ends with clock c comes one that is c or later: the classic piles, each with the least last
 * clock of all runs of its length. */
bool stops_longest_forward(const int16_t *clocks, size_t count, bool *keep)
{
    size_t piles = 0, *last = calloc(count + 1, sizeof *last), *before = calloc(count + 1, sizeof *before);
    bool room = last != NULL && before != NULL;
    for (size_t i = 0; i < count && room; i++) {
        size_t from = 0, to = piles;
        while (from < to) {
            size_t middle = from + (to - from) / 2;
            if (clocks[last[middle]] <= clocks[i])
                from = middle + 1;
            else
                to = middle;
        }
        before[i] = from > 0 ? last[from - 1] : SIZE_MAX;
        last[from] = i;
        piles += from == piles;
        keep[i] = false;
    }
    for (size_t i = room && piles > 0 ? last[piles - 1] : SIZE_MAX; i != SIZE_MAX; i = before[i])
        keep[i] = true;
    free(last);
    free(before);
    return room;
}

/* A trip past midnight whose clocks begin anew. */
static void pass_midnight(struct stop *trip, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (trip[i].from_min < trip[i - 1].from_min - HALF_DAY_MIN && trip[i].to_min + DAY_MIN <= LAST_MIN) {
            trip[i].from_min = (int16_t)(trip[i].from_min + DAY_MIN);
            trip[i].to_min = (int16_t)(trip[i].to_min + DAY_MIN);
        }
}

static bool settle_trip(struct stops *s, struct stop *trip, size_t count)
{
    int16_t *clocks = calloc(count, sizeof *clocks);
    bool *keep = calloc(count, sizeof *keep);
    pass_midnight(trip, count);
    for (size_t i = 0; i < count && clocks != NULL; i++)
        clocks[i] = trip[i].from_min;
    bool room = clocks != NULL && keep != NULL && stops_longest_forward(clocks, count, keep);
    for (size_t i = 0; i < count && room; i++) {
        trip[i].number = (uint32_t)i + 1;
        trip[i].kept = keep[i];
        s->kept += keep[i];
        if (!keep[i])
            room = rejects_add(&s->rejects, trip[i].line, trip[i].raw,
                               "time %02d:%02d: its trip's clock goes back", clocks[i] / 60, clocks[i] % 60);
    }
    free(clocks);
    free(keep);
    return room;
}

bool stops_settle(struct stops *s)
{
    if (s->count > 0)
        qsort(s->items, s->count, sizeof *s->items, by_trip);
    for (size_t i = 0, next; i < s->count && !s->no_memory; i = next) {
        for (next = i + 1; next < s->count && text_equal(s->items[i].route, s->items[next].route) &&
                           text_equal(s->items[i].trip, s->items[next].trip);)
            next++;
        s->no_memory = !settle_trip(s, s->items + i, next - i);
    }
    rejects_sort(&s->rejects);
    return !s->no_memory;
}
