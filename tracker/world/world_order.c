#include "world_order.h"

#include <assert.h>
#include <stdlib.h>

struct id_order {
    struct text id;
    uint32_t place;
};

static int compare_ids(const void *a, const void *b)
{
    const struct id_order *x = a, *y = b;
    int order = text_compare(x->id, y->id);
    return order != 0 ? order : x->place < y->place ? -1 : x->place > y->place;
}

/* The numbers of the banned fences among themselves, which are in their own index, in the new order. */
static enum mw_error renumber_banned(struct world_builder *b, const struct id_order *order)
{
    uint32_t count = b->store->world.fence_count, banned = 0;
    uint32_t *among = malloc((count + (size_t)1) * 2 * sizeof *among), *numbers = among + count + 1;
    if (among == NULL)
        return MW_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        among[i] = banned;
        banned += b->fences[i].kind == FENCE_BANNED;
    }
    uint32_t put = 0;
    for (uint32_t i = 0; i < count; i++)
        if (b->fences[order[i].place].kind == FENCE_BANNED)
            numbers[put++] = among[order[i].place];
    assert(put == banned); /* the order names each fence once */
    enum mw_error error = mw_builder_renumber(b->banned, numbers);
    free(among);
    return error;
}

static bool reorder_fences(struct world_builder *b, const struct id_order *order)
{
    uint32_t count = b->store->world.fence_count;
    struct fence *sorted = malloc((count + (size_t)1) * sizeof *sorted);
    uint32_t *numbers = malloc((count + (size_t)1) * sizeof *numbers);
    bool ok = sorted != NULL && numbers != NULL && renumber_banned(b, order) == MW_OK;
    for (uint32_t i = 0; i < count && ok; i++) {
        sorted[i] = b->fences[order[i].place];
        numbers[i] = order[i].place;
    }
    ok = ok && mw_builder_renumber(b->shapes, numbers) == MW_OK;
    if (ok)
        memcpy(b->fences, sorted, count * sizeof *sorted);
    free(sorted);
    free(numbers);
    return ok;
}

bool world_order_fences(struct world_builder *b)
{
    uint32_t count = b->store->world.fence_count, i = 1;
    struct id_order *order = malloc((count + (size_t)1) * sizeof *order);
    if (order == NULL)
        return false;
    for (uint32_t k = 0; k < count; k++)
        order[k] = (struct id_order){names_text(b->names, b->fences[k].id), k};
    while (i < count && compare_ids(&order[i - 1], &order[i]) < 0)
        i++;
    bool ok = true;
    if (i < count) {
        qsort(order, count, sizeof *order, compare_ids);
        ok = reorder_fences(b, order);
    }
    free(order);
    return ok;
}

bool world_order_permits(struct world_builder *b)
{
    struct world *w = &b->store->world;
    struct permit *sorted = arena_take(&b->store->arena, w->permit_count, sizeof *sorted);
    struct id_order *order = malloc((w->permit_count + (size_t)1) * sizeof *order);
    if (sorted == NULL || order == NULL) {
        free(order);
        return false;
    }
    for (uint32_t i = 0; i < w->permit_count; i++)
        order[i] = (struct id_order){names_text(b->names, b->permits[i].id), i};
    qsort(order, w->permit_count, sizeof *order, compare_ids);
    for (uint32_t i = 0; i < w->permit_count; i++)
        sorted[i] = b->permits[order[i].place];
    free(order);
    w->permits = sorted;
    return true;
}

bool world_order_duties(struct world_builder *b)
{
    uint32_t count = b->store->world.duty_count;
    struct duty *sorted = malloc((count + (size_t)1) * sizeof *sorted);
    struct id_order *order = malloc((count + (size_t)1) * sizeof *order);
    bool ok = sorted != NULL && order != NULL;
    for (uint32_t i = 0; i < count && ok; i++)
        order[i] = (struct id_order){names_text(b->names, b->duties[i].id), i};
    if (ok && count > 0) {
        qsort(order, count, sizeof *order, compare_ids);
        for (uint32_t i = 0; i < count; i++)
            sorted[i] = b->duties[order[i].place];
        memcpy(b->duties, sorted, count * sizeof *sorted);
    }
    free(sorted);
    free(order);
    return ok;
}
