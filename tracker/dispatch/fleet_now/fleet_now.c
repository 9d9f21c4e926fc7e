/*
 * fleet_now: a table of pointers by symbol, and the same pointers in order. Invariant: `ordered` holds each vehicle once, and is sorted
 * up to `sorted`; what came since stands behind. A few of those are put in their places, so that a new vehicle costs no sort of all.
 */
#include "fleet_now_state.h"

#include "array.h"

#include <stdlib.h>

enum { INSERTED_MAX = 256 };

struct fleet_now *fleet_now_new(struct hash_key key, size_t most)
{
    struct fleet_now *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->most = most;
    symbols_init(&f->ids, key);
    return f;
}

void fleet_now_free(struct fleet_now *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->count; i++)
        free(f->ordered[i]);
    free(f->ordered);
    free(f->by_symbol);
    symbols_fini(&f->ids);
    free(f);
}

struct vehicle_now *fleet_now_find(const struct fleet_now *f, struct text id)
{
    uint32_t symbol = symbols_find(&f->ids, id);
    return symbol == 0 ? NULL : f->by_symbol[symbol];
}

/* One more. False without memory. */
static bool add(struct fleet_now *f, struct text id, struct vehicle_now **out)
{
    uint32_t symbol = 0;
    struct vehicle_now *v = calloc(1, sizeof *v);
    if (v == NULL || !array_reserve(&f->ordered, &f->order_cap, f->count + 1, sizeof *f->ordered) ||
        !symbols_use(&f->ids, id, &symbol))
        goto fail;
    size_t cap = f->symbol_cap;
    if (!array_reserve(&f->by_symbol, &f->symbol_cap, (size_t)symbol + 1, sizeof *f->by_symbol))
        goto fail;
    memset(f->by_symbol + cap, 0, (f->symbol_cap - cap) * sizeof *f->by_symbol);
    memcpy(v->id, id.data, id.len);
    v->number = symbol;
    f->by_symbol[symbol] = v;
    f->ordered[f->count++] = v;
    *out = v;
    return true;
fail:
    symbols_leave(&f->ids, symbol);
    free(v);
    return false;
}

/* ---- who changed ---- */

static void unlink_vehicle(struct fleet_now *f, struct vehicle_now *v)
{
    if (v->newer != NULL)
        v->newer->older = v->older;
    if (v->older != NULL)
        v->older->newer = v->newer;
    if (f->newest == v)
        f->newest = v->older;
}

static void put_newest(struct fleet_now *f, struct vehicle_now *v)
{
    unlink_vehicle(f, v);
    v->changed = ++f->changes;
    v->older = f->newest;
    v->newer = NULL;
    if (f->newest != NULL)
        f->newest->newer = v;
    f->newest = v;
}

bool fleet_now_put(struct fleet_now *f, const struct vehicle_now *told, bool row)
{
    struct vehicle_now *v = fleet_now_find(f, text_of(told->id));
    if (v == NULL && f->count == f->most) {
        f->truncated = true;
        return true;
    }
    if (v == NULL && !add(f, text_of(told->id), &v))
        return false;
    if (row || !v->told) {
        bool stays = v->lat_deg == told->lat_deg && v->lon_deg == told->lon_deg;
        struct vehicle_now before = *v;
        *v = *told;
        v->place_world = stays ? before.place_world : 0;
        v->place = before.place;
        v->number = before.number;
        v->older = before.older;
        v->newer = before.newer;
        v->told = row;
        put_newest(f, v);
    }
    if (row && told->time_ms > f->latest_ms)
        f->latest_ms = told->time_ms;
    v->seen = true;
    return true;
}

bool fleet_now_take_hash(struct fleet_now *f, uint32_t partition, struct text id, struct fields hash)
{
    struct vehicle_now told;
    if (hash.count == 0 || !vehicle_now_read_hash(id, hash, &told))
        return true;
    told.partition = partition;
    return fleet_now_put(f, &told, false);
}

/* ---- sweeps ---- */

void fleet_now_sweep_begin(struct fleet_now *f, uint32_t partition)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->ordered[i]->partition == partition)
            f->ordered[i]->told = f->ordered[i]->seen = false;
}

void fleet_now_sweep_end(struct fleet_now *f, uint32_t partition)
{
    size_t kept = 0;
    fleet_now_all(f, &kept); /* nobody waits for it yet at a start */
    kept = 0;
    for (size_t i = 0; i < f->count; i++) {
        struct vehicle_now *v = f->ordered[i];
        if (v->partition != partition || v->seen) {
            f->ordered[kept++] = v;
            continue;
        }
        f->by_symbol[v->number] = NULL;
        symbols_leave(&f->ids, v->number);
        unlink_vehicle(f, v);
        f->removals++;
        free(v);
    }
    f->truncated = f->truncated && kept == f->most;
    f->count = f->sorted = kept;
}

/* ---- looking ---- */

static int by_id(const void *a, const void *b)
{
    const struct vehicle_now *const *x = a, *const *y = b;
    return strcmp((*x)->id, (*y)->id);
}

/* The first place below `high` whose id is behind `id`. */
static size_t behind(const struct fleet_now *f, size_t high, struct text id)
{
    size_t low = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (text_compare(text_of(f->ordered[middle]->id), id) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* All before i are in order. */
static void insert(struct fleet_now *f, size_t i)
{
    struct vehicle_now *v = f->ordered[i];
    size_t at = behind(f, i, text_of(v->id));
    memmove(f->ordered + at + 1, f->ordered + at, (i - at) * sizeof *f->ordered);
    f->ordered[at] = v;
}

struct vehicle_now *const *fleet_now_all(struct fleet_now *f, size_t *out_count)
{
    if (f->count - f->sorted > INSERTED_MAX)
        qsort(f->ordered, f->count, sizeof *f->ordered, by_id);
    else
        for (size_t i = f->sorted; i < f->count; i++)
            insert(f, i);
    f->sorted = f->count;
    *out_count = f->count;
    return f->ordered;
}

size_t fleet_now_behind(struct fleet_now *f, struct text id)
{
    size_t count;
    fleet_now_all(f, &count);
    return behind(f, count, id);
}

struct vehicle_now *fleet_now_newest(const struct fleet_now *f)
{
    return f->newest;
}

uint64_t fleet_now_removals(const struct fleet_now *f)
{
    return f->removals;
}

uint32_t fleet_now_numbers(const struct fleet_now *f)
{
    return (uint32_t)f->symbol_cap;
}

struct vehicle_now *fleet_now_at(const struct fleet_now *f, uint32_t number)
{
    return number < f->symbol_cap ? f->by_symbol[number] : NULL;
}

int64_t fleet_now_latest_ms(struct fleet_now *f)
{
    int64_t latest_ms = f->latest_ms;
    f->latest_ms = 0;
    return latest_ms;
}

struct fleet_now_figures fleet_now_figures(const struct fleet_now *f)
{
    return (struct fleet_now_figures){f->count, f->strange, f->truncated};
}
