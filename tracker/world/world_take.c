/* world_take: what a builder takes over, copied into the arena of the world. Every message names the thing by its id, the
 * value and what was expected; the loader puts the file in front. */
#include "world_take.h"

#include "array.h"

#include <stdlib.h>

bool world_take_text(struct world_builder *b, struct text t, struct text *out)
{
    return arena_copy_text(&b->store->arena, t, out);
}

/* An id of a fence, vehicle or permit. */
enum world_status world_take_id(struct world_builder *b, const char *what, struct text id,
                                uint32_t *out_symbol, struct world_error *out_error)
{
    if (id.len == 0)
        return world_fail(out_error, "%s without an id", what);
    if (id.len > WORLD_ID_MAX)
        return world_fail(out_error, "%s \"%.40s…\": the id has %zu bytes, at most %d are allowed", what,
                          id.data, id.len, WORLD_ID_MAX);
    if (memchr(id.data, '\0', id.len) != NULL)
        return world_fail(out_error, "%s \"%.*s\": the id contains a zero byte", what, TEXT_ARG(id));
    if (!names_intern(b->names, id, out_symbol))
        return WORLD_NO_MEMORY;
    return WORLD_OK;
}

/* A name that may be absent: symbol 0. */
bool world_take_name(struct world_builder *b, struct text name, uint32_t *out_symbol)
{
    *out_symbol = 0;
    return name.len == 0 || names_intern(b->names, name, out_symbol);
}

enum world_status world_take_class(struct world_builder *b, struct text name, uint32_t *out_number,
                                   struct world_error *out_error)
{
    struct world *w = &b->store->world;
    for (uint32_t i = 0; i < w->class_count; i++)
        if (text_equal(w->classes[i], name)) {
            *out_number = i;
            return WORLD_OK;
        }
    if (w->class_count > WORLD_CLASS_MAX)
        return world_fail(out_error, "class \"%.*s\": more than %d classes of vehicles", TEXT_ARG(name),
                          WORLD_CLASS_MAX);
    uint32_t number = w->class_count;
    if (!world_take_text(b, name, &w->classes[number]))
        return WORLD_NO_MEMORY;
    memcpy(b->store->rules[number], b->store->rules[0], sizeof b->store->rules[0]);
    w->class_count++;
    *out_number = number;
    return WORLD_OK;
}

enum world_status world_take_hours(struct world_steps *s, const char *member, struct text hours,
                                   const struct mw_hours **out_hours, uint32_t *out_slot)
{
    struct world_builder *b = s->b;
    *out_hours = NULL;
    *out_slot = 0;
    if (hours.len == 0)
        return WORLD_OK;
    struct world *w = &b->store->world;
    if (!array_reserve(&b->store->hours, &b->hours_cap, w->hours_count + 1, sizeof(struct mw_hours *)))
        return WORLD_NO_MEMORY;
    struct mw_hours *compiled;
    struct mw_hours_error error;
    enum mw_hours_status status = mw_hours_parse(hours.data, hours.len, &compiled, &error);
    if (status == MW_HOURS_NO_MEMORY)
        return WORLD_NO_MEMORY;
    if (status != MW_HOURS_OK)
        return world_fail(&s->now, "%s \"%.*s\": %s \"%.*s\", at character %zu: %s", s->what, TEXT_ARG(s->id),
                          member, (int)(hours.len < 80 ? hours.len : 80), hours.data, error.at + 1,
                          error.text);
    b->store->hours[w->hours_count] = compiled;
    *out_hours = compiled;
    *out_slot = w->hours_count++;
    return WORLD_OK;
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

void world_sort_symbols(uint32_t *symbols, size_t count)
{
    qsort(symbols, count, sizeof *symbols, compare_u32);
}

enum world_status world_take_ids(struct world_steps *s, const char *what, const struct text *ids,
                                 size_t count, uint32_t **out)
{
    *out = arena_take(&s->b->store->arena, count, sizeof **out);
    if (*out == NULL)
        return WORLD_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        enum world_status status = world_take_id(s->b, what, ids[i], &(*out)[i], &s->now);
        if (status != WORLD_OK)
            return status;
    }
    return WORLD_OK;
}
