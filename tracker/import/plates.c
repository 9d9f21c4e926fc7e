#include "plates.h"

#include "array.h"
#include "json_tree.h"
#include "text_fold.h"

#include <stdlib.h>

enum { PLATE_MAX = 64 };

void plates_init(struct plates *p)
{
    *p = (struct plates){0};
    arena_init(&p->texts);
}

void plates_fini(struct plates *p)
{
    arena_fini(&p->texts);
    free(p->items);
    *p = (struct plates){0};
}

static struct text fold(struct text plate, char room[PLATE_MAX])
{
    if (plate.len == 0 || plate.len > PLATE_MAX)
        return TEXT("");
    return (struct text){room, text_fold(plate, TEXT_FOLD_CASE | TEXT_FOLD_MARKS, room)};
}

static int by_plate(const void *a, const void *b)
{
    return text_compare(((const struct plate *)a)->folded, ((const struct plate *)b)->folded);
}

static bool take_vehicle(struct plates *p, const struct json_node *vehicle)
{
    char room[PLATE_MAX];
    const struct json_node *plate = json_node_member(vehicle, "plate"), *id = json_node_member(vehicle, "id");
    if (!json_node_is(plate, JSON_NODE_STRING) ||
        (!json_node_is(id, JSON_NODE_STRING) && !json_node_is(id, JSON_NODE_NUMBER)))
        return true;
    struct plate taken = {fold(json_node_text(plate), room),
                          id->type == JSON_NODE_STRING ? json_node_text(id) : (struct text){id->at, id->len}};
    if (taken.folded.len == 0)
        return true;
    if (!arena_copy_text(&p->texts, taken.folded, &taken.folded) ||
        !arena_copy_text(&p->texts, taken.id, &taken.id) ||
        !array_reserve(&p->items, &p->cap, p->count + 1, sizeof *p->items))
        return false;
    p->items[p->count++] = taken;
    return true;
}

enum plates_status plates_read(struct plates *p, struct text fleet)
{
    struct json_tree tree = {0};
    enum json_tree_status status = json_tree_read(&tree, fleet, NULL);
    const struct json_node *vehicles =
        status == JSON_TREE_OK ? json_node_member(tree.nodes, "vehicles") : NULL;
    bool formed = json_node_is(vehicles, JSON_NODE_ARRAY), room = status != JSON_TREE_NO_MEMORY;
    if (formed) {
        const struct json_node *vehicle = json_node_first(vehicles);
        for (uint32_t i = 0; i < vehicles->len && room; i++, vehicle = json_node_next(vehicle))
            room = take_vehicle(p, vehicle);
        if (p->count > 0)
            qsort(p->items, p->count, sizeof *p->items, by_plate);
    }
    json_tree_fini(&tree);
    return !room ? PLATES_NO_MEMORY : formed ? PLATES_OK : PLATES_WRONG;
}

struct text plates_find(const struct plates *p, struct text plate)
{
    char room[PLATE_MAX];
    struct plate asked = {fold(plate, room), {0}};
    const struct plate *found =
        p->count > 0 ? bsearch(&asked, p->items, p->count, sizeof *p->items, by_plate) : NULL;
    if (found == NULL)
        return TEXT("");
    bool twice = (found > p->items && by_plate(found - 1, found) == 0) ||
                 (found + 1 < p->items + p->count && by_plate(found + 1, found) == 0);
    return twice ? TEXT("") : found->id;
}
