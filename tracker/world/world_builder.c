/*
 * world_builder: collects specs, checks what only the whole can tell, and builds the world.
 *
 * Texts go straight into the arena of the world to be; references between things are kept as symbols until
 * world_builder_build, since a permit may come before its fences. Every message names the thing by its id,
 * the value and what was expected; the loader puts the file in front.
 */
#include "world_private.h"

#include "array.h"
#include "site_wash.h"
#include "things.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct permit_refs {
    uint32_t *routes, *disposals; /* symbols, in the arena */
    uint32_t site;                /* symbol */
};

struct world_builder {
    struct names *names;
    struct world_store *store;
    struct mw_builder *shapes, *banned;
    struct permit_refs *refs; /* beside store->world.permits */
    size_t fence_cap, permit_cap, vehicle_cap, hours_cap, refs_cap, lost_cap;
    void (*tell)(void *context, const struct world_error *error);
    void *tell_context;
    uint32_t *lost; /* symbols of fences that could not be used */
    size_t lost_count;
    bool any_lost; /* some of them without an id */
    bool bad;      /* and it is no more to be built */
    struct fence *fences;
    struct permit *permits;
    struct vehicle_info *vehicles;
};

struct world_builder *world_builder_new(struct names *names)
{
    struct world_builder *b = calloc(1, sizeof *b);
    if (b == NULL)
        return NULL;
    b->names = names;
    b->store = calloc(1, sizeof *b->store);
    b->shapes = mw_builder_new();
    b->banned = mw_builder_new();
    if (b->store == NULL || b->shapes == NULL || b->banned == NULL) {
        world_builder_free(b);
        return NULL;
    }
    struct world *w = &b->store->world;
    w->names = names;
    w->common = common_settings_initial();
    w->class_count = 1;
    w->classes[0] = TEXT("");
    arena_init(&b->store->arena);
    for (enum kind k = KIND_NONE + 1; k < KIND_COUNT; k++)
        b->store->rules[0][k] = kind_settings_initial(k);
    return b;
}

void world_builder_free(struct world_builder *b)
{
    if (b == NULL)
        return;
    if (b->store != NULL)
        world_free(&b->store->world);
    mw_builder_free(b->shapes);
    mw_builder_free(b->banned);
    free(b->refs);
    free(b->lost);
    free(b->fences);
    free(b->permits);
    free(b->vehicles);
    free(b);
}

static enum world_status fail(struct world_error *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum world_status fail(struct world_error *out, const char *format, ...)
{
    *out = (struct world_error){0};
    __builtin_va_list args;
    __builtin_va_start(args, format);
    vsnprintf(out->text, sizeof out->text, format, args);
    __builtin_va_end(args);
    return WORLD_BAD;
}

void world_builder_tell(struct world_builder *b, void (*tell)(void *context, const struct world_error *error),
                        void *context)
{
    b->tell = tell;
    b->tell_context = context;
}

void world_builder_lost(struct world_builder *b, struct text id)
{
    uint32_t symbol = 0;
    bool kept = id.len > 0 && id.len <= WORLD_ID_MAX && names_intern(b->names, id, &symbol) &&
                array_reserve(&b->lost, &b->lost_cap, b->lost_count + 1, sizeof *b->lost);
    if (kept)
        b->lost[b->lost_count++] = symbol;
    b->any_lost = b->any_lost || !kept;
    b->bad = true;
}

/* A thing being looked at, step by step. */
struct steps {
    struct world_builder *b;
    struct world_error *out_error; /* the first */
    struct world_error now;        /* of the step in hand */
    enum world_status status;
};

/* Takes what a step says. Whether the next is due: after what is wrong only if somebody hears of it. */
static bool step(struct steps *s, enum world_status status)
{
    bool first = s->status == WORLD_OK;
    if (status == WORLD_BAD && first)
        *s->out_error = s->now;
    if (status == WORLD_BAD && s->b->tell != NULL) {
        s->b->tell(s->b->tell_context, &s->now);
        s->b->bad = true;
    }
    if (status == WORLD_NO_MEMORY || (status == WORLD_BAD && first))
        s->status = status;
    return s->status == WORLD_OK || (s->status == WORLD_BAD && s->b->tell != NULL);
}

static bool copy(struct world_builder *b, struct text t, struct text *out)
{
    return arena_copy_text(&b->store->arena, t, out);
}

/* An id of a fence, vehicle or permit. */
static enum world_status take_id(struct world_builder *b, const char *what, struct text id,
                                 uint32_t *out_symbol, struct world_error *out_error)
{
    if (id.len == 0)
        return fail(out_error, "%s without an id", what);
    if (id.len > WORLD_ID_MAX)
        return fail(out_error, "%s \"%.40s…\": the id has %zu bytes, at most %d are allowed", what, id.data,
                    id.len, WORLD_ID_MAX);
    if (memchr(id.data, '\0', id.len) != NULL)
        return fail(out_error, "%s \"%.*s\": the id contains a zero byte", what, TEXT_ARG(id));
    if (!names_intern(b->names, id, out_symbol))
        return WORLD_NO_MEMORY;
    return WORLD_OK;
}

/* A name that may be absent: symbol 0. */
static bool take_name(struct world_builder *b, struct text name, uint32_t *out_symbol)
{
    *out_symbol = 0;
    return name.len == 0 || names_intern(b->names, name, out_symbol);
}

static enum world_status take_class(struct world_builder *b, struct text name, uint32_t *out_number,
                                    struct world_error *out_error)
{
    struct world *w = &b->store->world;
    for (uint32_t i = 0; i < w->class_count; i++)
        if (text_equal(w->classes[i], name)) {
            *out_number = i;
            return WORLD_OK;
        }
    if (w->class_count > WORLD_CLASS_MAX)
        return fail(out_error, "class \"%.*s\": more than %d classes of vehicles", TEXT_ARG(name),
                    WORLD_CLASS_MAX);
    uint32_t number = w->class_count;
    if (!copy(b, name, &w->classes[number]))
        return WORLD_NO_MEMORY;
    memcpy(b->store->rules[number], b->store->rules[0], sizeof b->store->rules[0]);
    w->class_count++;
    *out_number = number;
    return WORLD_OK;
}

static enum world_status take_hours(struct world_builder *b, const char *what, struct text id,
                                    struct text hours, const struct mw_hours **out_hours, uint32_t *out_slot,
                                    struct world_error *out_error)
{
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
        return fail(out_error, "%s \"%.*s\": hours \"%.*s\", at character %zu: %s", what, TEXT_ARG(id),
                    (int)(hours.len < 80 ? hours.len : 80), hours.data, error.at + 1, error.text);
    b->store->hours[w->hours_count] = compiled;
    *out_hours = compiled;
    *out_slot = w->hours_count++;
    return WORLD_OK;
}

static int64_t when_ms(const struct world_builder *b, const struct when_spec *when, bool is_end, int64_t none)
{
    if (when->type == WHEN_INSTANT)
        return when->instant.ms;
    if (when->type != WHEN_DATE)
        return none;
    /* A date that ends something includes that whole local day. */
    int32_t days = mw_civil_to_days(when->year, when->month, when->day) + (is_end ? 1 : 0);
    return mw_zone_day_start_ms(b->store->world.zone, days);
}

static enum world_status take_validity(struct world_builder *b, const char *what, struct text id,
                                       const struct when_spec *from, const struct when_spec *to,
                                       int64_t *out_from_ms, int64_t *out_to_ms,
                                       struct world_error *out_error)
{
    *out_from_ms = when_ms(b, from, false, INT64_MIN);
    *out_to_ms = when_ms(b, to, true, INT64_MAX);
    if (*out_from_ms >= *out_to_ms)
        return fail(out_error, "%s \"%.*s\": valid_to is not after valid_from", what, TEXT_ARG(id));
    return WORLD_OK;
}

enum world_status world_builder_zone(struct world_builder *b, struct text timezone, struct mw_zone *take_zone)
{
    mw_zone_free(b->store->world.zone);
    b->store->world.zone = take_zone;
    return copy(b, timezone, &b->store->world.timezone) ? WORLD_OK : WORLD_NO_MEMORY;
}

void world_builder_calendar(struct world_builder *b, struct mw_calendar *take_calendar)
{
    mw_calendar_free(b->store->world.calendar);
    b->store->world.calendar = take_calendar;
}

void world_builder_common(struct world_builder *b, const struct common_settings *settings)
{
    b->store->world.common = *settings;
}

static enum world_status take_classes(struct world_builder *b, const struct fence_spec *spec,
                                      uint64_t *out_mask, struct world_error *out_error)
{
    *out_mask = spec->class_count == 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < spec->class_count; i++) {
        uint32_t number;
        enum world_status status = take_class(b, spec->classes[i], &number, out_error);
        if (status != WORLD_OK)
            return status;
        *out_mask |= UINT64_C(1) << number;
    }
    return WORLD_OK;
}

static enum world_status take_shape(struct world_builder *b, const struct fence_spec *spec,
                                    struct world_error *out_error)
{
    struct mw_shape_error error;
    uint32_t number;
    switch (mw_builder_add(b->shapes, &spec->shape, &number, &error)) {
    case MW_OK:
        assert(number == b->store->world.fence_count || b->bad);
        if (spec->kind == FENCE_BANNED &&
            mw_builder_add(b->banned, &spec->shape, NULL, NULL) != MW_OK) /* only memory can fail again */
            return WORLD_NO_MEMORY;
        return WORLD_OK;
    case MW_BAD_SHAPE:
        fail(out_error, "fence \"%.*s\": %s", TEXT_ARG(spec->id), mw_shape_problem_text(error.problem));
        out_error->shape = error;
        return WORLD_BAD;
    case MW_TOO_LARGE:
        return fail(out_error, "fence \"%.*s\": too many fences or points", TEXT_ARG(spec->id));
    default:
        return WORLD_NO_MEMORY;
    }
}

static enum world_status take_limit(const struct fence_spec *spec, struct world_error *out_error)
{
    if (spec->kind == FENCE_SPEED && !(spec->speed_limit_kmh > 0))
        return fail(out_error, "fence \"%.*s\": a speed fence needs speed_limit_kmh", TEXT_ARG(spec->id));
    return WORLD_OK;
}

enum world_status world_builder_fence(struct world_builder *b, const struct fence_spec *spec,
                                      struct world_error *out_error)
{
    struct world *w = &b->store->world;
    struct fence f = {
        .kind = spec->kind, .buffer_m = spec->shape.radius_m, .speed_limit_kmh = spec->speed_limit_kmh};
    if (!array_reserve(&b->fences, &b->fence_cap, w->fence_count + 1, sizeof *b->fences))
        return WORLD_NO_MEMORY;
    struct steps s = {.b = b, .out_error = out_error};
    bool more = step(&s, take_id(b, "fence", spec->id, &f.id, &s.now)) &&
                step(&s, take_hours(b, "fence", spec->id, spec->hours, &f.hours, &f.hours_slot, &s.now)) &&
                step(&s, take_validity(b, "fence", spec->id, &spec->valid_from, &spec->valid_to,
                                       &f.valid_from_ms, &f.valid_to_ms, &s.now)) &&
                step(&s, take_classes(b, spec, &f.classes, &s.now)) && step(&s, take_limit(spec, &s.now)) &&
                step(&s, take_shape(b, spec, &s.now));
    if (!more || s.status != WORLD_OK)
        return s.status;
    if (!take_name(b, spec->company, &f.company) || !copy(b, spec->name, &f.name) ||
        !copy(b, spec->name_en, &f.name_en) || !copy(b, spec->group, &f.group) ||
        !copy(b, spec->waste, &f.waste) || !copy(b, spec->road_class, &f.road_class) ||
        !copy(b, spec->jurisdiction, &f.jurisdiction) || !copy(b, spec->reason, &f.reason) ||
        !copy(b, spec->hours, &f.hours_text))
        return WORLD_NO_MEMORY;
    b->fences[w->fence_count++] = f;
    return WORLD_OK;
}

enum world_status world_builder_vehicle(struct world_builder *b, const struct vehicle_spec *spec,
                                        struct world_error *out_error)
{
    struct world *w = &b->store->world;
    struct vehicle_info v = {.max_load_kg = spec->max_load_kg, .max_height_m = spec->max_height_m};
    if (!array_reserve(&b->vehicles, &b->vehicle_cap, w->vehicle_count + 1, sizeof *b->vehicles))
        return WORLD_NO_MEMORY;
    enum world_status status = take_id(b, "vehicle", spec->id, &v.id, out_error);
    if (status == WORLD_OK)
        status = take_class(b, spec->class_name, &v.class_number, out_error);
    if (status != WORLD_OK)
        return status;
    if (!take_name(b, spec->company, &v.company) || !copy(b, spec->plate, &v.plate) ||
        !copy(b, spec->company, &v.company_name) || !copy(b, spec->class_name, &v.class_name) ||
        !copy(b, spec->waste, &v.waste))
        return WORLD_NO_MEMORY;
    b->vehicles[w->vehicle_count++] = v;
    return WORLD_OK;
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

static enum world_status take_ids(struct world_builder *b, const char *what, const struct text *ids,
                                  size_t count, uint32_t **out, struct world_error *out_error)
{
    *out = arena_take(&b->store->arena, count, sizeof **out);
    if (*out == NULL)
        return WORLD_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        enum world_status status = take_id(b, what, ids[i], &(*out)[i], out_error);
        if (status != WORLD_OK)
            return status;
    }
    return WORLD_OK;
}

enum world_status world_builder_permit(struct world_builder *b, const struct permit_spec *spec,
                                       struct world_error *out_error)
{
    struct world *w = &b->store->world;
    struct permit p = {.status = spec->status == PERMIT_NONE ? PERMIT_ACTIVE : spec->status,
                       .vehicle_count = (uint32_t)spec->vehicle_count,
                       .disposal_count = (uint32_t)spec->disposal_count,
                       .route_count = (uint32_t)spec->route_count};
    struct permit_refs r = {0};
    uint32_t *vehicles = NULL;
    if (!array_reserve(&b->permits, &b->permit_cap, w->permit_count + 1, sizeof *b->permits) ||
        !array_reserve(&b->refs, &b->refs_cap, w->permit_count + 1, sizeof *b->refs))
        return WORLD_NO_MEMORY;
    struct steps s = {.b = b, .out_error = out_error};
    bool more = step(&s, take_id(b, "permit", spec->id, &p.id, &s.now)) &&
                step(&s, take_hours(b, "permit", spec->id, spec->hours, &p.hours, &p.hours_slot, &s.now)) &&
                step(&s, take_validity(b, "permit", spec->id, &spec->valid_from, &spec->valid_to,
                                       &p.valid_from_ms, &p.valid_to_ms, &s.now)) &&
                step(&s, take_ids(b, "vehicle", spec->vehicles, spec->vehicle_count, &vehicles, &s.now)) &&
                step(&s, take_ids(b, "fence", spec->disposals, spec->disposal_count, &r.disposals, &s.now)) &&
                step(&s, take_ids(b, "fence", spec->routes, spec->route_count, &r.routes, &s.now)) &&
                (spec->site.len == 0 || step(&s, take_id(b, "fence", spec->site, &r.site, &s.now)));
    if (!more || s.status == WORLD_NO_MEMORY)
        return s.status;
    if (!copy(b, spec->material, &p.material))
        return WORLD_NO_MEMORY;
    qsort(vehicles, spec->vehicle_count, sizeof *vehicles, compare_u32);
    p.vehicles = vehicles;
    b->permits[w->permit_count] = p;
    b->refs[w->permit_count++] = r;
    return s.status;
}

enum world_status world_builder_rule(struct world_builder *b, enum kind kind, struct text class_name,
                                     const struct rule_settings *settings, struct world_error *out_error)
{
    uint32_t number = 0;
    enum world_status status = take_class(b, class_name, &number, out_error);
    if (status != WORLD_OK)
        return status;
    struct rule_settings s = *settings;
    if (!copy(b, settings->event_code, &s.event_code) || !copy(b, settings->department, &s.department))
        return WORLD_NO_MEMORY;
    if (number > 0) {
        b->store->rules[number][kind] = s;
        return WORLD_OK;
    }
    /* For every class: also for those that a fence or vehicle has brought up already. */
    for (uint32_t c = 0; c < b->store->world.class_count; c++)
        b->store->rules[c][kind] = s;
    return WORLD_OK;
}

static bool map_make(struct world_builder *b, struct symbol_map *map)
{
    map->count = (size_t)names_count(b->names) + 1;
    map->places = arena_take(&b->store->arena, map->count, sizeof *map->places);
    if (map->places == NULL)
        return false;
    memset(map->places, 0xff, map->count * sizeof *map->places);
    return true;
}

static enum world_status map_add(struct world_builder *b, struct symbol_map *map, const char *what,
                                 uint32_t symbol, uint32_t place, struct world_error *out_error)
{
    if (map->places[symbol] != UINT32_MAX && b->tell != NULL)
        return WORLD_OK; /* told by who knows the files */
    if (map->places[symbol] != UINT32_MAX)
        return fail(out_error, "%s \"%.*s\": the id is used twice", what,
                    TEXT_ARG(names_text(b->names, symbol)));
    map->places[symbol] = place;
    return WORLD_OK;
}

/* The place of a fence that stands in the files but could not be used. */
#define LOST (UINT32_MAX - 1)

static void map_lost(struct world_builder *b)
{
    for (size_t i = 0; i < b->lost_count; i++) {
        uint32_t *place = &b->store->fences.places[b->lost[i]];
        *place = *place == UINT32_MAX ? LOST : *place;
    }
}

/* The fence a permit refers to: it has to exist and to be of the kind the reference means. */
static enum world_status resolve(struct world_builder *b, const struct permit *p, const char *role,
                                 uint32_t symbol, enum fence_kind kind, uint32_t *out_number,
                                 struct world_error *out_error)
{
    uint32_t number = b->store->fences.places[symbol];
    if (symbol == 0 || number == LOST || (number == UINT32_MAX && b->any_lost))
        return WORLD_OK; /* it could not be read */
    struct text permit = names_text(b->names, p->id), fence = names_text(b->names, symbol);
    if (number == UINT32_MAX)
        return fail(out_error, "permit \"%.*s\": %s \"%.*s\" is not a fence", TEXT_ARG(permit), role,
                    TEXT_ARG(fence));
    if (b->fences[number].kind != kind)
        return fail(out_error, "permit \"%.*s\": %s \"%.*s\" is a fence of kind %s, expected %s",
                    TEXT_ARG(permit), role, TEXT_ARG(fence), fence_kind_name(b->fences[number].kind),
                    fence_kind_name(kind));
    *out_number = number;
    return WORLD_OK;
}

static bool resolve_all(struct steps *s, const struct permit *p, const char *role, uint32_t *symbols,
                        uint32_t count, enum fence_kind kind)
{
    bool more = true;
    for (uint32_t i = 0; i < count && more; i++) /* in place: the symbol becomes the fence's number */
        more = step(s, resolve(s->b, p, role, symbols[i], kind, &symbols[i], &s->now));
    return more;
}

static enum world_status link_permits(struct world_builder *b, struct world_error *out_error)
{
    struct world *w = &b->store->world;
    struct steps s = {.b = b, .out_error = out_error};
    bool more = true;
    for (uint32_t i = 0; i < w->permit_count && more; i++) {
        struct permit *p = &b->permits[i];
        struct permit_refs *r = &b->refs[i];
        more = resolve_all(&s, p, "route", r->routes, p->route_count, FENCE_ROUTE) &&
               resolve_all(&s, p, "disposal", r->disposals, p->disposal_count, FENCE_DISPOSAL) &&
               (r->site == 0 || step(&s, resolve(b, p, "site", r->site, FENCE_SITE, &p->site, &s.now)));
        p->site += r->site != 0;
        p->routes = r->routes;
        p->disposals = r->disposals;
    }
    return s.status;
}

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
    banned = 0;
    for (uint32_t i = 0; i < count; i++)
        if (b->fences[order[i].place].kind == FENCE_BANNED)
            numbers[banned++] = among[order[i].place];
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

/*
 * Fences stand in the order of their ids' texts, not in that of the files: where two are equally good, or one
 * fix opens an episode in each, their order shows, and what a world judges must follow from its hash.
 */
static bool sort_fences(struct world_builder *b)
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

/* Permits stand in the order of their ids' texts, so that "then by id" is their order. */
static bool sort_permits(struct world_builder *b)
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

/* Turns the permits' lists of vehicles round: each vehicle gets the list of its permits. */
static bool give_permits(struct world_builder *b)
{
    struct world *w = &b->store->world;
    const struct symbol_map *map = &b->store->vehicles;
    size_t total = 0;
    for (uint32_t i = 0; i < w->permit_count; i++)
        for (uint32_t k = 0; k < w->permits[i].vehicle_count; k++) {
            uint32_t place = map->places[w->permits[i].vehicles[k]];
            if (place != UINT32_MAX) {
                b->vehicles[place].permit_count++;
                total++;
            }
        }
    uint32_t *lists = arena_take(&b->store->arena, total, sizeof *lists);
    if (lists == NULL)
        return false;
    for (uint32_t v = 0; v < w->vehicle_count; v++) {
        b->vehicles[v].permits = lists;
        lists += b->vehicles[v].permit_count;
        b->vehicles[v].permit_count = 0;
    }
    for (uint32_t i = 0; i < w->permit_count; i++)
        for (uint32_t k = 0; k < w->permits[i].vehicle_count; k++) {
            uint32_t place = map->places[w->permits[i].vehicles[k]];
            if (place == UINT32_MAX)
                continue;
            struct vehicle_info *v = &b->vehicles[place];
            ((uint32_t *)(uintptr_t)v->permits)[v->permit_count++] = i;
        }
    return true;
}

/*
 * A permit may name a vehicle that the fleet file does not: it is tracked all the same, so it gets a row of
 * its own.
 */
static enum world_status add_permitted_vehicles(struct world_builder *b)
{
    struct world *w = &b->store->world;
    for (uint32_t i = 0; i < w->permit_count; i++)
        for (uint32_t k = 0; k < b->permits[i].vehicle_count; k++) {
            uint32_t symbol = b->permits[i].vehicles[k];
            if (b->store->vehicles.places[symbol] != UINT32_MAX)
                continue;
            if (!array_reserve(&b->vehicles, &b->vehicle_cap, w->vehicle_count + 1, sizeof *b->vehicles))
                return WORLD_NO_MEMORY;
            b->store->vehicles.places[symbol] = w->vehicle_count;
            b->vehicles[w->vehicle_count++] = (struct vehicle_info){.id = symbol};
        }
    return WORLD_OK;
}

static enum world_status map_all(struct world_builder *b, struct world_error *out_error)
{
    struct world *w = &b->store->world;
    if (!map_make(b, &b->store->fences) || !map_make(b, &b->store->permits) ||
        !map_make(b, &b->store->vehicles))
        return WORLD_NO_MEMORY;
    enum world_status status = WORLD_OK;
    for (uint32_t i = 0; i < w->fence_count && status == WORLD_OK; i++)
        status = map_add(b, &b->store->fences, "fence", b->fences[i].id, i, out_error);
    for (uint32_t i = 0; i < w->vehicle_count && status == WORLD_OK; i++)
        status = map_add(b, &b->store->vehicles, "vehicle", b->vehicles[i].id, i, out_error);
    map_lost(b);
    if (status == WORLD_OK)
        status = link_permits(b, out_error);
    if (status == WORLD_OK && !sort_permits(b))
        status = WORLD_NO_MEMORY;
    for (uint32_t i = 0; i < w->permit_count && status == WORLD_OK; i++)
        status = map_add(b, &b->store->permits, "permit", w->permits[i].id, i, out_error);
    if (status == WORLD_OK)
        status = add_permitted_vehicles(b);
    if (status == WORLD_OK && !give_permits(b))
        status = WORLD_NO_MEMORY;
    return status;
}

static bool list_kinds(struct world_builder *b)
{
    struct world *w = &b->store->world;
    uint32_t *numbers = arena_take(&b->store->arena, w->fence_count, sizeof *numbers);
    if (numbers == NULL)
        return false;
    for (int kind = 0; kind < FENCE_KIND_COUNT; kind++) {
        struct fence_list *list = &w->of_kind[kind];
        list->numbers = numbers;
        for (uint32_t i = 0; i < w->fence_count; i++)
            if ((int)b->fences[i].kind == kind)
                numbers[list->count++] = i;
        numbers += list->count;
    }
    return true;
}

static bool fill_grid(struct world *w, struct arena *a)
{
    if (!kind_grid_make(&w->grid, w->index, a))
        return false;
    for (uint32_t i = 0; i < w->fence_count; i++)
        kind_grid_add(&w->grid, mw_index_fence_bounds(w->index, i), w->fences[i].kind);
    return true;
}

static enum world_status finish(struct world_builder *b)
{
    struct world *w = &b->store->world;
    struct arena *a = &b->store->arena;
    w->fences = arena_take(a, w->fence_count, sizeof *w->fences);
    w->vehicles = arena_take(a, w->vehicle_count, sizeof *w->vehicles);
    if (w->fences == NULL || w->vehicles == NULL || !list_kinds(b) ||
        mw_builder_build(b->shapes, &w->index) != MW_OK || mw_builder_build(b->banned, &w->banned) != MW_OK)
        return WORLD_NO_MEMORY;
    if (w->fence_count > 0)
        memcpy(w->fences, b->fences, w->fence_count * sizeof *w->fences);
    if (w->vehicle_count > 0)
        memcpy(w->vehicles, b->vehicles, w->vehicle_count * sizeof *w->vehicles);
    if (!fill_grid(w, a) || !site_wash_link(w, a) || !things_link(w))
        return WORLD_NO_MEMORY;
    return WORLD_OK;
}

enum world_status world_builder_check(struct world_builder *b, struct world_error *out_error)
{
    b->bad = true;
    return map_all(b, out_error);
}

enum world_status world_builder_build(struct world_builder *b, struct world **out_world,
                                      struct world_error *out_error)
{
    assert(!b->bad);
    enum world_status status = sort_fences(b) ? map_all(b, out_error) : WORLD_NO_MEMORY;
    if (status == WORLD_OK)
        status = finish(b);
    if (status != WORLD_OK)
        return status;
    *out_world = &b->store->world;
    b->store = NULL;
    return WORLD_OK;
}
