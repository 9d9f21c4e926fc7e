#include "heap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void heap_init(struct heap *h)
{
    *h = (struct heap){0};
}

void heap_fini(struct heap *h)
{
    free(h->items);
    free(h->places);
    *h = (struct heap){0};
}

bool heap_reserve(struct heap *h, uint32_t ids)
{
    if (ids <= h->ids)
        return true;
    uint32_t want = h->ids < 64 ? 64 : h->ids;
    while (want < ids)
        want *= 2;
    struct heap_item *items = realloc(h->items, want * sizeof *items);
    if (items == NULL)
        return false;
    h->items = items;
    uint32_t *places = realloc(h->places, want * sizeof *places);
    if (places == NULL)
        return false;
    memset(places + h->ids, 0, (want - h->ids) * sizeof *places);
    h->places = places;
    h->ids = want;
    return true;
}

static bool before(struct heap_item a, struct heap_item b)
{
    return a.at_ms < b.at_ms || (a.at_ms == b.at_ms && a.id < b.id);
}

static void put(struct heap *h, uint32_t place, struct heap_item item)
{
    h->items[place] = item;
    h->places[item.id] = place + 1;
}

static void sift_up(struct heap *h, uint32_t place, struct heap_item item)
{
    while (place > 0) {
        uint32_t parent = (place - 1) / 2;
        if (!before(item, h->items[parent]))
            break;
        put(h, place, h->items[parent]);
        place = parent;
    }
    put(h, place, item);
}

static void sift_down(struct heap *h, uint32_t place, struct heap_item item)
{
    for (;;) {
        uint32_t child = place * 2 + 1;
        if (child >= h->count)
            break;
        if (child + 1 < h->count && before(h->items[child + 1], h->items[child]))
            child++;
        if (!before(h->items[child], item))
            break;
        put(h, place, h->items[child]);
        place = child;
    }
    put(h, place, item);
}

static void settle(struct heap *h, uint32_t place, struct heap_item item)
{
    if (place > 0 && before(item, h->items[(place - 1) / 2]))
        sift_up(h, place, item);
    else
        sift_down(h, place, item);
}

void heap_set(struct heap *h, uint32_t id, int64_t at_ms)
{
    assert(id < h->ids);
    struct heap_item item = {at_ms, id};
    uint32_t place = h->places[id];
    if (place > 0)
        settle(h, place - 1, item);
    else
        sift_up(h, h->count++, item);
}

bool heap_get(const struct heap *h, uint32_t id, int64_t *out_at_ms)
{
    if (id >= h->ids || h->places[id] == 0)
        return false;
    *out_at_ms = h->items[h->places[id] - 1].at_ms;
    return true;
}

void heap_remove(struct heap *h, uint32_t id)
{
    uint32_t place = id < h->ids ? h->places[id] : 0;
    if (place == 0)
        return;
    h->places[id] = 0;
    struct heap_item last = h->items[--h->count];
    if (last.id != id)
        settle(h, place - 1, last);
}

const struct heap_item *heap_first(const struct heap *h)
{
    return h->count > 0 ? h->items : NULL;
}
