#include "acks.h"

#include <stdlib.h>

void acks_init(struct acks *a)
{
    *a = (struct acks){0};
    heap_init(&a->due);
}

void acks_fini(struct acks *a)
{
    heap_fini(&a->due);
    free(a->sent_ms);
    a->sent_ms = NULL;
    a->places = 0;
}

static bool make_room(struct acks *a, uint32_t place)
{
    if (place < a->places)
        return true;
    uint32_t places = a->places < 64 ? 64 : a->places;
    while (places <= place)
        places = places > UINT32_MAX / 2 ? UINT32_MAX : places * 2;
    int64_t *sent_ms = realloc(a->sent_ms, places * sizeof *sent_ms);
    if (sent_ms == NULL)
        return false;
    a->sent_ms = sent_ms;
    for (uint32_t i = a->places; i < places; i++)
        sent_ms[i] = INT64_MIN / 2; /* long ago, and nothing overflows */
    if (!heap_reserve(&a->due, places))
        return false;
    a->places = places;
    return true;
}

bool acks_owe(struct acks *a, uint32_t place, int64_t now_ms)
{
    if (!make_room(a, place))
        return false;
    int64_t at_ms = a->sent_ms[place] + ACK_EVERY_MS;
    heap_set(&a->due, place, at_ms > now_ms ? at_ms : now_ms);
    return true;
}

bool acks_next(struct acks *a, int64_t now_ms, uint32_t *out_place)
{
    const struct heap_item *first = heap_first(&a->due);
    if (first == NULL || first->at_ms > now_ms)
        return false;
    uint32_t place = first->id;
    heap_remove(&a->due, place);
    a->sent_ms[place] = now_ms;
    *out_place = place;
    return true;
}

int64_t acks_due_ms(const struct acks *a)
{
    const struct heap_item *first = heap_first(&a->due);
    return first != NULL ? first->at_ms : INT64_MAX;
}

void acks_clear(struct acks *a)
{
    uint32_t place;
    while (acks_next(a, INT64_MAX, &place))
        a->sent_ms[place] = INT64_MIN / 2;
}
