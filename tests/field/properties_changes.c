/* The changes after which the same has to be found: one row of the table at the end each. */
#include "properties.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A trip is named by the moment of its departure. */
static const char *const moved[] = {"text", "text_zh", "text_en", "trip", NULL};
/* Where nothing near has a name a sentence tells the coordinates. */
static const char *const elsewhere[] = {"text_zh", "text_en", NULL};
static const char *const any_id[] = {"*", NULL};

/* Every second fence is forgotten, and a permit. */
static void forget(struct world_made *w, struct telling *after)
{
    (void)after;
    for (uint32_t i = 0; i < w->fence_count; i += 2)
        if (made_is_kind(&w->fences[i], "banned speed area district depot no_tipping collection sweep"))
            w->fences[i].gone = true;
    w->permits[0].suspended = !w->permits[0].suspended;
}

/* ---- what is not in force
 * ----------------------------------------------------------------------------------------- */

static void never_in_force(struct made_fence *f, struct chance *c, int64_t start_ms)
{
    const int64_t day_ms = 86400000;
    switch (chance_below(c, 5)) {
    case 0:
        f->valid_to_ms = start_ms - (1 + chance_below(c, 9)) * day_ms;
        break;
    case 1:
        f->valid_from_ms = start_ms + (1 + chance_below(c, 9)) * day_ms;
        break;
    case 2:
        f->classes = 1u << CLASS_OF_NOBODY;
        break;
    case 3:
        f->company = COMPANY_OF_NOBODY;
        break;
    default:
        if (!made_is_kind(f, "area"))
            f->hours = (struct made_hours){true, 1200, 1260};
        else
            f->valid_to_ms = start_ms - day_ms;
    }
}

static void add_idle(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    static const char *const kinds[] = {"banned",     "banned", "speed",    "area",      "depot",
                                        "disposal",   "site",   "wash",     "route",     "speed",
                                        "no_tipping", "sweep",  "district", "collection"};
    (void)after;
    (void)how;
    uint32_t n = 2 + chance_below(c, 6), were = w->fence_count;
    for (uint32_t i = 0; i < n; i++) {
        struct made_fence *f = world_fence(w, kinds[chance_below(c, 14)]);
        snprintf(f->id, sizeof f->id, "%cidle%u", chance_one_in(c, 2) ? 'a' : 'z', i);
        if (were > 0 && chance_one_in(c, 2))
            f->shape = w->fences[chance_below(c, were)].shape;
        else if (chance_one_in(c, 3))
            shape_rectangle(&f->shape, (struct spot){0, 0}, 0, 4000, 4000);
        else
            world_shape(w, f, c, 60, 1500);
        if (made_is_kind(f, "route sweep") && f->shape.outline != OUTLINE_LINE)
            shape_corridor(&f->shape, c, world_place(w, c));
        if (made_is_kind(f, "speed"))
            f->limit_kmh = 5 + (int)chance_below(c, 30);
        if (made_is_kind(f, "area"))
            f->hours = (struct made_hours){true, 1200, 1260};
        if (made_is_kind(f, "district"))
            f->jurisdiction = "city/west/harbour/pier/nine";
        never_in_force(f, c, w->drives[0].start_ms);
    }
}

/* More than are looked at, over everything, and named before what is in force: they take no place from it. */
static void add_many_idle(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    static const char *const kinds[] = {"banned", "speed", "district", "depot", "no_tipping", "collection"};
    bool banned = chance_one_in(c, 2);
    (void)after;
    (void)how;
    for (uint32_t i = 0; w->fence_count < FENCES_MAX; i++) {
        struct made_fence *f = world_fence(w, banned ? "banned" : kinds[chance_below(c, 6)]);
        snprintf(f->id, sizeof f->id, "aidle%u", i);
        shape_rectangle(&f->shape, (struct spot){0, 0}, 0, 6000, 6000);
        if (made_is_kind(f, "speed"))
            f->limit_kmh = 5;
        if (made_is_kind(f, "district"))
            f->jurisdiction = "city/west/harbour/pier/nine";
        never_in_force(f, c, w->drives[0].start_ms);
    }
}

static void put_in_force(struct world_made *w, struct telling *after)
{
    (void)after;
    for (uint32_t i = 0; i < w->fence_count; i++)
        if (strstr(w->fences[i].id, "idle") != NULL) {
            struct made_fence *f = &w->fences[i];
            f->valid_from_ms = f->valid_to_ms = f->classes = 0;
            f->company = COMPANY_NONE;
            f->hours.given = f->hours.given && made_is_kind(f, "area");
        }
}

/* ---- permits
 * ------------------------------------------------------------------------------------------------------ */

/* Leaves a second permit some of what the first one names: never nothing, which would mean any. */
static void leave_some(struct chance *c, uint32_t *list, uint32_t *count)
{
    uint32_t n = *count, kept = chance_below(c, n > 0 ? n : 1);
    *count = 0;
    for (uint32_t i = 0; i < n; i++)
        if (i == kept || chance_one_in(c, 3))
            list[(*count)++] = list[i];
}

/*
 * The first one keeps all: each is judged by itself, so over routes of one and of the other no drive would be
 * allowed that one permit with all of them allows.
 */
static void split_permit(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    static const char *const ignored[] = {"permit", "near_permit", "text", "text_zh", "text_en", NULL};
    static const char *const renamed[] = {"off_route", "wrong_hours", NULL};
    (void)after;
    how->ignored = ignored;
    how->other_id = renamed;
    if (w->permit_count == 0 || w->permit_count == PERMITS_MAX)
        return;
    struct made_permit *p = &w->permits[0], *q = &w->permits[w->permit_count++];
    *q = *p;
    snprintf(q->id, sizeof q->id, "%cq", chance_one_in(c, 2) ? 'a' : 'z');
    switch (chance_below(c, 4)) {
    case 0:
        return;
    case 1:
        leave_some(c, q->routes, &q->route_count);
        break;
    case 2:
        leave_some(c, q->disposals, &q->disposal_count);
        break;
    default:
        if (!p->hours.given)
            p->hours = q->hours = (struct made_hours){true, 0, 0};
        /* Where nothing is driven. */
        p->hours.to_min = q->hours.from_min = p->hours.from_min < 450 ? 450 : 690;
    }
}

/* ---- place, time, names, order
 * ------------------------------------------------------------------------------------ */

static bool on_a_border(const struct world_made *w, struct spot p)
{
    for (uint32_t i = 0; i < w->fence_count; i++)
        if (!w->fences[i].gone && fabs(shape_distance(&w->fences[i].shape, p)) < 0.01)
            return true;
    return false;
}

/*
 * What lies on a border to the centimetre lies inside or outside as its coordinates happen to be rounded, and
 * nobody can tell. Drives that lead along a border, or stop at a corner, lead beside it.
 */
static void leave_borders(struct world_made *w, struct chance *c)
{
    (void)c;
    for (uint32_t v = 0; v < w->vehicle_count; v++)
        for (uint32_t i = 0; i < w->drives[v].count; i++) {
            struct second *s = &w->drives[v].seconds[i];
            for (uint32_t tries = 0; tries < 8 && on_a_border(w, s->told); tries++) {
                s->told.x += 0.31;
                s->told.y += 0.17;
            }
        }
}

static void shift_east(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    (void)w;
    double degrees = chance_one_in(c, 2) ? -after->lon : chance_between(c, -170, 70);
    degrees = round(degrees * 1e7) / 1e7;
    after->lon += degrees;
    how->ignored = elsewhere;
    how->east_deg = degrees;
    how->within_deg = 1e-8;
}

static void shift_north(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    (void)w;
    double degrees = round(chance_between(c, -0.02, 0.02) * 1e7) / 1e7;
    after->lat += degrees;
    how->ignored = moved;
    how->north_deg = degrees;
    how->within_ms = 40;
    how->within = 0.2;
    how->within_deg = 2e-5;
}

static void mirror(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    (void)w;
    after->south = how->south = chance_one_in(c, 2);
    after->west = how->west = !after->south || chance_one_in(c, 2);
    how->ignored = elsewhere;
    how->within_deg = 1.01e-7;
}

static void shift_ring(struct ring *r)
{
    for (uint32_t k = 0; k < r->count; k++)
        r->at[k].x += 30;
}

static void shift_fences(struct world_made *w, struct telling *after)
{
    (void)after;
    for (uint32_t i = 0; i < w->fence_count; i++) {
        struct shape *s = &w->fences[i].shape;
        shift_ring(&s->ring);
        shift_ring(&s->hole);
        for (uint32_t k = 0; k < s->part_count; k++)
            shift_ring(&s->parts[k]);
    }
}

static void shift_weeks(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    (void)w;
    how->later_ms = after->later_ms = (int64_t)(1 + chance_below(c, 100)) * 604800000;
    how->ignored = moved;
}

/* Hours go along. */
static void shift_minutes(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    (void)w;
    how->later_ms = after->later_ms = after->hours_later_ms = (int64_t)(1 + chance_below(c, 30000)) * 60000;
    how->ignored = moved;
}

static void leave_hours(struct world_made *w, struct telling *after)
{
    (void)w;
    after->later_ms -= 15 * 60000;
    after->later_ms += 7;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void rename_list(char **ids, uint32_t count, const char *prefix, struct chance *c, bool in_order,
                        struct sameness *how, struct rename *renames)
{
    uint32_t number[FENCES_MAX], at = 0;
    qsort(ids, count, sizeof *ids, by_text);
    for (uint32_t i = 0; i < count; i++)
        number[i] = at += 1 + chance_below(c, 3);
    for (uint32_t i = count; i > 1 && !in_order; i--) {
        uint32_t k = chance_below(c, i), was = number[i - 1];
        number[i - 1] = number[k];
        number[k] = was;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct rename *r = &renames[how->rename_count++];
        snprintf(r->was, sizeof r->was, "%s", ids[i]);
        snprintf(r->is, sizeof r->is, "%s%03u", prefix, number[i]);
        snprintf(ids[i], NAME_MAX_BYTES, "%s", r->is);
    }
}

static void rename_all(struct world_made *w, struct chance *c, struct sameness *how, bool in_order)
{
    static struct rename renames[FENCES_MAX + VEHICLES_MAX + PERMITS_MAX];
    char *ids[FENCES_MAX];
    how->renames = renames;
    how->other_id = any_id;
    for (uint32_t i = 0; i < w->fence_count; i++)
        ids[i] = w->fences[i].id;
    rename_list(ids, w->fence_count, "kf", c, in_order, how, renames);
    for (uint32_t i = 0; i < w->vehicle_count; i++)
        ids[i] = w->vehicles[i].id;
    rename_list(ids, w->vehicle_count, "kv", c, in_order, how, renames);
    for (uint32_t i = 0; i < w->permit_count; i++)
        ids[i] = w->permits[i].id;
    rename_list(ids, w->permit_count, "kp", c, in_order, how, renames);
}

static void rename_in_order(struct world_made *w, struct chance *c, struct telling *after,
                            struct sameness *how)
{
    static const char *const ignored[] = {"trip", NULL};
    (void)after;
    how->ignored = ignored;
    rename_all(w, c, how, true);
}

static void rename_any(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    static const char *const ignored[] = {"trip", "fence",   "fences",  "near_permit", "permit",
                                          "text", "text_zh", "text_en", "repeat",      NULL};
    (void)after;
    how->ignored = ignored;
    rename_all(w, c, how, false);
}

static void reverse(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    (void)w;
    (void)c;
    after->backwards = true;
    how->to_the_byte = true;
}

/* ---- intervals
 * ---------------------------------------------------------------------------------------------------- */

static void tell_less(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    static const char *const kinds[] = {"banned_area", NULL};
    static const uint32_t intervals[] = {2, 5, 10, 20};
    (void)w;
    after->every_s = intervals[chance_below(c, 4)];
    how->by_summary = true;
    how->kinds = kinds;
    how->within_ms = 1000 * after->every_s + 1000;
}

static void forget_bans(struct world_made *w, struct telling *after)
{
    (void)after;
    for (uint32_t i = 0; i < w->fence_count; i += 2)
        w->fences[i].gone = true;
}

const struct property properties[] = {
    {"cut_bans", "bans in pieces that touch", THEME_BANS, false, 120, NULL, cut_bans, forget_pieces},
    {"cut_limits", "speed zones in pieces that touch", THEME_LIMITS, false, 120, NULL, cut_limits,
     forget_pieces},
    {"cut_areas", "areas in pieces that touch", THEME_AREAS, false, 120, NULL, cut_areas, forget_pieces},
    {"cut_places", "disposals, depots, districts and the like in pieces; sites as multipolygons",
     THEME_HAULS | THEME_PLACES, false, 120, NULL, cut_places, forget_pieces},
    {"cut_routes", "routes in pieces, all of them named by the permit", THEME_HAULS, false, 120, NULL,
     cut_routes, forget_pieces},
    {"part_group", "the parts of one fence as fences of one group", THEME_BANS | THEME_LIMITS | THEME_AREAS,
     false, 120, take_apart, part_group, forget_pieces},
    {"add_idle", "more fences that are not in force", THEME_ALL, false, 120, NULL, add_idle, put_in_force},
    {"add_many_idle", "more fences that are not in force than are looked at", THEME_ALL, false, 16, NULL,
     add_many_idle, put_in_force},
    {"split_permit", "one permit as two", THEME_HAULS, false, 120, NULL, split_permit, forget},
    {"tell_less", "a fix each 2, 5, 10 or 20 s instead of each second", THEME_PLAIN, false, 40, NULL,
     tell_less, forget_bans},
    {"shift_east", "the world elsewhere on its parallel", THEME_ALL, false, 120, leave_borders, shift_east,
     shift_fences},
    {"shift_north", "the world a little to the north or south", THEME_ALL, true, 120, leave_borders,
     shift_north, shift_fences},
    {"mirror", "the world in a mirror", THEME_ALL, false, 120, leave_borders, mirror, shift_fences},
    {"shift_weeks", "whole weeks later", THEME_ALL, false, 120, NULL, shift_weeks, leave_hours},
    {"shift_minutes", "later, with all hours", THEME_ALL, false, 120, NULL, shift_minutes, leave_hours},
    {"rename_in_order", "other ids in the same order", THEME_ALL, false, 120, NULL, rename_in_order, forget},
    {"rename_any", "other ids in any order", THEME_ALL, false, 120, NULL, rename_any, forget},
    {"reverse", "files, and what stands in them, the other way round", THEME_ALL, false, 120, NULL, reverse,
     forget},
};
const uint32_t property_count = sizeof properties / sizeof properties[0];
