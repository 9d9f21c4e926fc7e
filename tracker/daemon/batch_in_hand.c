#include "batch_in_hand.h"

#include "array.h"
#include "entry.h"

#include <stdlib.h>

enum {
    ITEMS_MAX = 1 << 20,
    BYTES_MAX = 256 << 20,
    OPS_MAX = 64 << 20,
    ITEMS_FULL = 1 << 13,
    GROUPS_SPARE = 64,          /* the group of nobody */
    GROUP_END_BYTES = 1 << 10,  /* about: the state and the hash of a vehicle, which close its part */
    GROUP_KEPT_BYTES = 1 << 16, /* memory that a group keeps; else each of them would come to a full batch */
};

bool batch_init(struct batch *b, uint32_t full, size_t full_bytes)
{
    *b = (struct batch){.full = full, .full_bytes = full_bytes, .cap = 2 * full + GROUPS_SPARE};
    b->groups = calloc(b->cap, sizeof *b->groups);
    buf_init(&b->bytes, BYTES_MAX);
    for (uint32_t i = 0; b->groups != NULL && i < b->cap; i++)
        commit_group_init(&b->groups[i].ops, OPS_MAX);
    return b->groups != NULL;
}

void batch_fini(struct batch *b)
{
    for (uint32_t i = 0; b->groups != NULL && i < b->cap; i++)
        commit_group_fini(&b->groups[i].ops);
    free(b->groups);
    free(b->group_of);
    free(b->items);
    free(b->warnings);
    buf_fini(&b->bytes);
    *b = (struct batch){0};
}

static void empty_group(struct commit_group *g)
{
    commit_group_clear(g);
    if (g->ops.cap > GROUP_KEPT_BYTES) {
        commit_group_fini(g);
        commit_group_init(g, OPS_MAX);
    }
}

void batch_clear(struct batch *b)
{
    for (uint32_t i = 0; i < b->count; i++) {
        if (b->groups[i].place < b->places)
            b->group_of[b->groups[i].place] = 0;
        empty_group(&b->groups[i].ops);
    }
    b->count = 0;
    b->item_count = 0;
    b->warning_count = 0;
    b->messages = b->fixes = b->tracked = 0;
    b->ops_bytes = 0;
    b->has_ruleset = false;
    buf_clear(&b->bytes);
}

bool batch_full(const struct batch *b)
{
    return b->count >= b->full || b->item_count >= ITEMS_FULL ||
           b->ops_bytes + b->count * (size_t)GROUP_END_BYTES >= b->full_bytes;
}

void batch_weigh(struct batch *b, struct batch_group *g)
{
    b->ops_bytes += g->ops.ops.len - g->weighed;
    g->weighed = g->ops.ops.len;
}

bool batch_has_spare(const struct batch *b)
{
    return b->count + GROUPS_SPARE < b->cap;
}

static struct batch_group *add_group(struct batch *b, uint32_t place)
{
    if (b->count == b->cap)
        return NULL;
    struct batch_group *g = &b->groups[b->count++];
    g->place = place; /* its operations are empty but warm; `before` is for the caller */
    g->items_first = g->items_last = g->transitions = 0;
    g->refused = g->refused_told = g->refused_unkept = 0;
    g->weighed = g->read = 0;
    g->live.time_ms = TIME_NONE;
    g->state_changed = g->ack = g->quarantined = g->clock_told = false;
    return g;
}

struct batch_group *batch_group(struct batch *b, const struct fleet *fleet, uint32_t place)
{
    if (place >= b->places) {
        uint32_t places = b->places < 1024 ? 1024 : b->places;
        while (places <= place)
            places *= 2; /* vehicles are bounded far below 2^31 */
        uint32_t *grown = realloc(b->group_of, places * sizeof *grown);
        if (grown == NULL)
            return NULL;
        memset(grown + b->places, 0, (places - b->places) * sizeof *grown);
        b->group_of = grown;
        b->places = places;
    }
    if (b->group_of[place] != 0)
        return &b->groups[b->group_of[place] - 1];
    struct batch_group *g = add_group(b, place);
    if (g != NULL) {
        g->before = *fleet_state(fleet, place);
        b->group_of[place] = b->count;
    }
    return g;
}

struct text batch_bytes(const struct batch *b, size_t at, size_t len)
{
    return (struct text){len > 0 ? b->bytes.data + at : "", len};
}

struct batch_group *batch_nobody(struct batch *b)
{
    for (uint32_t i = 0; i < b->count; i++)
        if (b->groups[i].place == UINT32_MAX)
            return &b->groups[i];
    return add_group(b, UINT32_MAX);
}

bool batch_add_item(struct batch *b, struct batch_group *g, struct text boot, uint64_t seq,
                    struct text payload)
{
    if (b->item_count == ITEMS_MAX ||
        !array_reserve(&b->items, &b->item_cap, b->item_count + 1, sizeof *b->items))
        return false;
    struct batch_item *item = &b->items[b->item_count];
    size_t len = payload.len < REJECT_PAYLOAD_MAX ? payload.len : REJECT_PAYLOAD_MAX;
    *item = (struct batch_item){.boot_at = b->bytes.len,
                                .payload_at = b->bytes.len + boot.len,
                                .seq = seq,
                                .payload_len = (uint16_t)len,
                                .boot_len = (uint8_t)boot.len};
    buf_put_text(&b->bytes, boot);
    buf_put(&b->bytes, payload.data, len);
    b->item_count++;
    if (g->items_last != 0)
        b->items[g->items_last - 1].next = (uint32_t)b->item_count;
    else
        g->items_first = (uint32_t)b->item_count;
    g->items_last = (uint32_t)b->item_count;
    return buf_ok(&b->bytes);
}

void batch_add_warnings(struct batch *b, const struct batch_group *g, const struct outcome *o,
                        const struct names *names)
{
    for (uint32_t i = 0; i < o->warning_count; i++) {
        if (!array_reserve(&b->warnings, &b->warning_cap, b->warning_count + 1, sizeof *b->warnings))
            return; /* warnings are best effort */
        size_t at = b->bytes.len;
        warning_write_json(&o->warnings[i], names, NULL, &b->bytes);
        if (!buf_ok(&b->bytes))
            return;
        struct batch_warning *w = &b->warnings[b->warning_count++];
        *w = (struct batch_warning){.group = (uint32_t)(g - b->groups),
                                    .at = at,
                                    .len = b->bytes.len - at,
                                    .about = {.kind = o->warnings[i].about.kind,
                                              .event = o->warnings[i].event,
                                              .at_ms = o->warnings[i].about.at_ms}};
        transition_id_write(&o->warnings[i].about, names, w->about.id);
    }
}
