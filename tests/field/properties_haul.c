/*
 * A haul: a site, three disposals, a way or two to each, a wash at the gate, permits; and a drive that loads,
 * goes one of the ways, with an excursion or without, and tips, where it may or where it may not.
 */
#include "properties.h"

#include <math.h>
#include <stdio.h>

enum { DISPOSALS = 3, WAYS = 4 };

struct haul {
    struct world_made *w;
    struct chance c;
    struct spot site, disposals[DISPOSALS];
    uint32_t site_thing, disposal_things[DISPOSALS];
    struct spot ways[WAYS][CORNERS_MAX];
    uint32_t way_corners[WAYS], way_things[WAYS], way_ends[WAYS];
    uint32_t way; /* that is driven */
    bool wash;
    struct spot wash_at;
};

static uint32_t rectangle(struct haul *h, const char *kind, struct spot middle, double length, double width)
{
    struct made_fence *f = world_fence(h->w, kind);
    shape_rectangle(&f->shape, middle, chance_between(&h->c, -0.3, 0.3), length, width);
    return f->thing;
}

static void add_places(struct haul *h)
{
    h->site = (struct spot){-700, chance_between(&h->c, -200, 200)};
    h->site_thing = rectangle(h, "site", h->site, 90, 70);
    for (uint32_t i = 0; i < DISPOSALS; i++) {
        h->disposals[i] = (struct spot){chance_between(&h->c, 500, 800), -700 + 700.0 * i};
        h->disposal_things[i] = rectangle(h, "disposal", h->disposals[i], 80, 60);
    }
    h->wash = chance_one_in(&h->c, 2);
    h->wash_at = (struct spot){h->site.x + 110, h->site.y};
    if (h->wash)
        rectangle(h, "wash", h->wash_at, 25, 20);
}

static void add_ways(struct haul *h)
{
    for (uint32_t i = 0; i < WAYS; i++) {
        uint32_t to = h->way_ends[i] = i % DISPOSALS, n = 0;
        struct spot *at = h->ways[i], end = h->disposals[to];
        at[n++] = h->site;
        at[n++] = h->wash_at;
        at[n++] = (struct spot){chance_between(&h->c, -350, -100),
                                (h->site.y + end.y) / 2 + chance_between(&h->c, -200, 200)};
        at[n++] = (struct spot){chance_between(&h->c, 100, 350), end.y + chance_between(&h->c, -150, 150)};
        at[n++] = end;
        h->way_corners[i] = n;
        struct made_fence *f = world_fence(h->w, "route");
        shape_line(&f->shape, at, n, chance_between(&h->c, 25, 40));
        f->road_class = chance_one_in(&h->c, 3) ? "trunk" : NULL;
        h->way_things[i] = f->thing;
    }
    h->way = chance_below(&h->c, WAYS);
    h->w->took = h->way_things[h->way];
}

static void add_permit(struct haul *h, bool fits)
{
    struct made_permit *p = &h->w->permits[h->w->permit_count];
    *p = (struct made_permit){.vehicles = 1, .site = chance_one_in(&h->c, 4) ? -1 : (int)h->site_thing};
    snprintf(p->id, sizeof p->id, "p%c%u", 'a' + (int)chance_below(&h->c, 7), h->w->permit_count++);
    for (uint32_t i = 0; i < WAYS; i++)
        if (fits ? i == h->way || chance_one_in(&h->c, 2) : chance_one_in(&h->c, 3))
            p->routes[p->route_count++] = h->way_things[i];
    if (chance_one_in(&h->c, 6))
        p->route_count = 0;
    for (uint32_t i = 0; i < DISPOSALS; i++)
        if (fits ? i == h->way_ends[h->way] || chance_one_in(&h->c, 3) : chance_one_in(&h->c, 3))
            p->disposals[p->disposal_count++] = h->disposal_things[i];
    if (chance_one_in(&h->c, 2)) {
        int edge = 8 * 60 + (int)chance_below(&h->c, 16);
        p->hours = chance_one_in(&h->c, 3) ? (struct made_hours){true, edge, edge + 300}
                                           : (struct made_hours){true, edge - 180, edge};
    }
    p->suspended = chance_one_in(&h->c, 12);
}

/* Along the way, over each leg or, once, away from it and back. */
static void drive_way(struct haul *h, struct driver *d, double mps)
{
    const struct spot *at = h->ways[h->way];
    uint32_t strays_on = chance_one_in(&h->c, 2) ? 2 + chance_below(&h->c, 2) : 0;
    for (uint32_t i = 1; i < h->way_corners[h->way]; i++) {
        if (i == strays_on) {
            struct spot p = spot_towards(at[i - 1], at[i], spot_apart(at[i - 1], at[i]) / 3);
            struct spot q = spot_towards(at[i - 1], at[i], spot_apart(at[i - 1], at[i]) / 1.5);
            double aside = chance_between(&h->c, 90, 350) * (chance_one_in(&h->c, 2) ? 1 : -1);
            driver_go(d, p, mps);
            driver_go(d, (struct spot){p.x, p.y + aside}, mps);
            if (chance_one_in(&h->c, 2))
                driver_stand(d, chance_between(&h->c, 10, 50));
            driver_go(d, (struct spot){q.x, q.y + aside}, mps / 2);
            driver_go(d, q, mps);
        }
        driver_go(d, at[i], mps);
        if (chance_one_in(&h->c, 4))
            driver_stand(d, chance_between(&h->c, 10, 50));
    }
}

static void tip(struct haul *h, struct driver *d, bool sensors)
{
    driver_stand(d, chance_between(&h->c, 20, 90));
    d->body_up = sensors;
    driver_stand(d, 25);
    d->load = sensors ? LOAD_EMPTY : LOAD_UNKNOWN;
    driver_stand(d, 25);
    d->body_up = false;
    driver_stand(d, 25);
}

static void drive_haul(struct haul *h, uint32_t vehicle)
{
    static const uint32_t intervals[] = {2, 5, 5, 10};
    struct drive *drive = &h->w->drives[vehicle];
    *drive = (struct drive){.vehicle = vehicle,
                            .seconds = h->w->seconds[vehicle],
                            .every_s = intervals[chance_below(&h->c, 4)],
                            .error_m = chance_between(&h->c, 3, 10),
                            .tells_speed = !chance_one_in(&h->c, 8)};
    struct driver d;
    double mps = chance_between(&h->c, 9, 16);
    bool sensors = !chance_one_in(&h->c, 4);
    driver_begin(&d, drive, &h->c, (struct spot){h->site.x - 20, h->site.y - 15}, 500);
    d.load = sensors ? LOAD_EMPTY : LOAD_UNKNOWN;
    driver_stand(&d, chance_between(&h->c, 70, 130));
    d.load = sensors ? LOAD_LOADED : LOAD_UNKNOWN;
    driver_stand(&d, 30);
    d.cover_open = chance_one_in(&h->c, 3);
    if (h->wash && chance_one_in(&h->c, 2)) {
        driver_go(&d, h->wash_at, 4);
        driver_stand(&d, chance_between(&h->c, 30, 90));
    }
    drive_way(h, &d, mps);
    uint32_t end = chance_one_in(&h->c, 3) ? chance_below(&h->c, DISPOSALS) : h->way_ends[h->way];
    if (end != h->way_ends[h->way])
        driver_go(&d, h->disposals[end], mps);
    h->w->tipped = h->disposal_things[end];
    tip(h, &d, sensors);
    driver_go(&d, (struct spot){h->disposals[end].x + 350, h->disposals[end].y}, mps);
    driver_stand(&d, 60);
    driver_finish(&d, chance_one_in(&h->c, 4) ? 0 : drive->error_m / 2.45, chance_between(&h->c, 20, 400));
}

void haul_make(struct world_made *w, uint32_t vehicle)
{
    struct haul h = {.w = w, .c = chance_of(w->seed, 500)};
    w->vehicles[vehicle].class = CLASS_TRUCK;
    add_places(&h);
    add_ways(&h);
    if (!chance_one_in(&h.c, 10))
        add_permit(&h, !chance_one_in(&h.c, 6));
    if (chance_one_in(&h.c, 3))
        add_permit(&h, chance_one_in(&h.c, 3));
    drive_haul(&h, vehicle);
}
