/* Where sites, disposals, depots and tunnels lie, and the districts that sweepers work in. */
#include "json_tree.h"
#include "town.h"

#include <stdio.h>
#include <string.h>

/* ---- districts ---- */

static struct district *district_of(struct town *t, char letter)
{
    for (uint32_t i = 0; i < t->district_count; i++)
        if (t->districts[i].letter == letter)
            return &t->districts[i];
    struct district *d = &t->districts[t->district_count++];
    d->letter = letter;
    d->depot = -1;
    return d;
}

static double side_of(struct spot a, struct spot b, struct spot p)
{
    return (b.east_m - a.east_m) * (p.north_m - a.north_m) - (b.north_m - a.north_m) * (p.east_m - a.east_m);
}

static bool legs_cross(const struct spot *a, const struct spot *b)
{
    return side_of(a[0], a[1], b[0]) * side_of(a[0], a[1], b[1]) <= 0 &&
           side_of(b[0], b[1], a[0]) * side_of(b[0], b[1], a[1]) <= 0;
}

/* Leaves out what lies between two legs that cross; false when none do. */
static bool cut_loop(struct spot *ring, uint32_t *count)
{
    for (uint32_t i = 0; i + 3 < *count; i++)
        for (uint32_t j = i + 2; j < i + 60 && j + 2 < *count; j++)
            if (legs_cross(&ring[i], &ring[j])) {
                memmove(&ring[i + 1], &ring[j + 1], (*count - j - 1) * sizeof *ring);
                *count -= j - i;
                return true;
            }
    return false;
}

/* Points some metres apart: cut to six decimals, a denser ring crosses itself here and there. */
static uint32_t clean_ring(struct spot *ring, uint32_t n)
{
    uint32_t count = 1;
    for (uint32_t i = 1; i + 1 < n; i++)
        if (spot_distance_m(ring[i], ring[count - 1]) > 4)
            ring[count++] = ring[i];
    ring[count++] = ring[0];
    while (cut_loop(ring, &count))
        ;
    return count;
}

static void read_district(void *context, const struct json_node *feature, size_t index)
{
    struct town *t = context;
    (void)index;
    const struct json_node *letter = json_node_member(json_node_member(feature, "properties"), "district");
    const struct json_node *rings = json_node_member(json_node_member(feature, "geometry"), "coordinates");
    const struct json_node *ring = json_node_first(rings), *position = json_node_first(ring);
    uint32_t n = json_node_length(ring);
    if (n < 20) /* a splinter of drawing */
        return;
    struct district *d = district_of(t, json_node_text(letter).data[0]);
    struct spot *spots = must_take(&t->arena, n, sizeof *spots);
    for (uint32_t i = 0; i < n; i++, position = json_node_next(position)) {
        const struct json_node *lon = json_node_first(position);
        spots[i] = spot_of(json_node_next(lon)->number, lon->number);
    }
    d->rings[d->ring_count] = spots;
    d->ring_counts[d->ring_count++] = clean_ring(spots, n);
}

bool town_districts_read(struct town *t, const char *path)
{
    FILE *f = fopen(path, "rb");
    size_t cap = 1 << 20;
    char *bytes = must_take(&t->arena, cap, 1);
    if (f == NULL) {
        fprintf(stderr, "honest: %s: cannot be read\n", path);
        return false;
    }
    size_t len = fread(bytes, 1, cap, f);
    fclose(f);
    struct json_tree tree = {0};
    struct json_stream stream = {.key = TEXT("features"), .element = read_district, .context = t};
    bool ok = json_tree_read(&tree, (struct text){bytes, len}, &stream) == JSON_TREE_OK;
    json_tree_fini(&stream.tree);
    json_tree_fini(&tree);
    return ok && t->district_count > 0;
}

static bool ring_holds(const struct spot *ring, uint32_t count, struct spot s)
{
    bool in = false;
    for (uint32_t i = 0, j = count - 1; i < count; j = i++)
        if ((ring[i].north_m > s.north_m) != (ring[j].north_m > s.north_m) &&
            s.east_m < ring[i].east_m + (ring[j].east_m - ring[i].east_m) * (s.north_m - ring[i].north_m) /
                                            (ring[j].north_m - ring[i].north_m))
            in = !in;
    return in;
}

bool town_district_holds(const struct district *d, struct spot s, double by_m)
{
    bool in = false;
    for (uint32_t r = 0; r < d->ring_count; r++) {
        in = in || ring_holds(d->rings[r], d->ring_counts[r], s);
        for (uint32_t i = 0; i + 1 < d->ring_counts[r]; i++)
            if (spot_leg_distance_m(s, d->rings[r][i], d->rings[r][i + 1]) < by_m)
                return false;
    }
    return in;
}

/* ---- places ---- */

static int settle(struct town *t, struct dice *dice, struct place_wish wish, enum place_kind kind,
                  const char *name)
{
    wish.strong = t->strong;
    int first = places_find(&t->places, &t->net, &t->streets, &wish, dice);
    for (uint32_t i = 0; first >= 0 && i < wish.count; i++) {
        struct place *p = &t->places.list[first + (int)i];
        p->kind = kind;
        snprintf(p->id, sizeof p->id, "%s-%d", name, first + (int)i);
    }
    return first;
}

/* A wash bay at the gate of a site, across the way out. */
static void build_wash(struct place *p)
{
    p->has_wash = true;
    p->wash = (struct ground){-8, 8, p->ground.deep0_m + 6, p->ground.deep0_m + 22};
}

/* The same before the gate, outside the site. */
static void build_wash_outside(struct place *p)
{
    p->has_wash = true;
    p->wash = (struct ground){-8, 8, p->ground.deep0_m - 11, p->ground.deep0_m - 1};
}

static bool settle_sites(struct town *t, struct dice *dice)
{
    for (int i = 0; i < 10; i++) {
        int p =
            settle(t, dice, (struct place_wish){.width_m = 90, .depth_m = 70, .setback_m = 15, .count = 1},
                   PLACE_SITE, "site");
        if (p < 0)
            return false;
        if (i % 4 == 0)
            build_wash(&t->places.list[p]);
        if (i % 4 == 2)
            build_wash_outside(&t->places.list[p]);
    }
    /* Neighbours with a common border: one has a wash bay, the other has none. */
    for (int i = 0; i < 4; i++) {
        int p =
            settle(t, dice, (struct place_wish){.width_m = 130, .depth_m = 60, .setback_m = 15, .count = 2},
                   PLACE_SITE, "site");
        if (p < 0)
            return false;
        build_wash(&t->places.list[p + i % 2]);
        t->places.list[p].neighbour = p + 1;
        t->places.list[p + 1].neighbour = p;
    }
    return true;
}

/* A site within a site: the second phase of a development, behind the same gate. */
static bool settle_nested(struct town *t, struct dice *dice)
{
    for (int i = 0; i < 4; i++) {
        int p =
            settle(t, dice, (struct place_wish){.width_m = 110, .depth_m = 100, .setback_m = 15, .count = 1},
                   PLACE_SITE, "site");
        if (p < 0 || t->places.count == PLACES_MAX)
            return false;
        if (i % 2 == 0)
            build_wash(&t->places.list[p]);
        struct place *in = &t->places.list[t->places.count];
        *in = t->places.list[p];
        in->has_wash = false;
        in->outer = p;
        in->ground = (struct ground){in->ground.across0_m + 10, in->ground.across0_m + 70,
                                     in->ground.deep0_m + 40, in->ground.deep0_m + 90};
        snprintf(in->id, sizeof in->id, "phase-%u", t->places.count++);
    }
    return true;
}

static bool settle_disposals(struct town *t, struct dice *dice)
{
    for (int i = 0; i < 7; i++)
        if (settle(t, dice, (struct place_wish){.width_m = 110, .depth_m = 90, .setback_m = 15, .count = 1},
                   PLACE_DISPOSAL, "tip") < 0)
            return false;
    return settle(t, dice, (struct place_wish){.width_m = 160, .depth_m = 70, .setback_m = 15, .count = 2},
                  PLACE_DISPOSAL, "tip") >= 0;
}

static bool settle_depots(struct town *t, struct dice *dice)
{
    for (int i = 0; i < 8; i++)
        if (settle(t, dice, (struct place_wish){.width_m = 80, .depth_m = 45, .setback_m = 14, .count = 1},
                   PLACE_DEPOT, "depot") < 0)
            return false;
    /* A depot beside a site: who parks at its side parks at the site's edge. */
    for (int i = 0; i < 4; i++) {
        int p = settle(
            t, dice,
            (struct place_wish){.width_m = 120, .depth_m = 50, .setback_m = 14, .count = 2, .gap_m = 4},
            PLACE_DEPOT, "depot");
        if (p < 0)
            return false;
        struct place *site = &t->places.list[p + 1];
        site->kind = PLACE_SITE;
        snprintf(site->id, sizeof site->id, "site-%d", p + 1);
        if (i % 2 == 0)
            build_wash(site);
        t->places.list[p].neighbour = p + 1;
        site->neighbour = p;
    }
    return true;
}

static bool corner_in_district(void *context, struct spot corner)
{
    return town_district_holds(context, corner, 20);
}

static void settle_sweepers(struct town *t, struct dice *dice)
{
    static const enum timetable_row areas[3][2] = {{TIMETABLE_EARLY, TIMETABLE_LATE},
                                                   {TIMETABLE_TWO_SHIFTS, TIMETABLE_TWO_SHIFTS},
                                                   {TIMETABLE_MORNING, TIMETABLE_AFTERNOON}};
    for (uint32_t i = 0; i < t->district_count; i++) {
        struct district *d = &t->districts[i];
        d->area_count = i % 3 == 1 ? 1 : 2;
        memcpy(d->areas, areas[i % 3], sizeof d->areas);
        d->depot = settle(t, dice,
                          (struct place_wish){.width_m = 50,
                                              .depth_m = 35,
                                              .setback_m = 13,
                                              .count = 1,
                                              .wanted = corner_in_district,
                                              .context = d},
                          PLACE_DEPOT, "yard");
    }
}

bool town_settle_places(struct town *t, struct dice *dice)
{
    if (!settle_nested(t, dice) || !settle_sites(t, dice) || !settle_disposals(t, dice) ||
        !settle_depots(t, dice)) {
        fprintf(stderr, "honest: the town has no room for %u places\n", t->places.count + 1);
        return false;
    }
    settle_sweepers(t, dice);
    return true;
}

/* ---- tunnels ---- */

/* A stretch of 300 to 900 m of a way between two places, without its ends, goes underground. */
static void dig(struct town *t, struct dice *dice, int from, int to)
{
    const struct leg *leg = town_way(t, from, to, 0);
    double want_m = dice_between(dice, 300, 900), before_m = 0, dug_m = 0;
    if (leg->length_m < want_m + 800)
        return;
    double start_m = dice_between(dice, 300, leg->length_m - want_m - 300);
    for (uint32_t i = 0; i < leg->path.count && dug_m < want_m; i++) {
        struct street *s = &t->net.streets[leg->path.steps[i] / 2];
        if (before_m >= start_m && leg->length_m - before_m - (double)s->length_m > 250) {
            s->tunnel = true;
            dug_m += (double)s->length_m;
        }
        before_m += (double)s->length_m;
    }
}

void town_dig_tunnels(struct town *t, struct dice *dice)
{
    int sites[PLACES_MAX], tips[PLACES_MAX], site_count = 0, tip_count = 0;
    for (uint32_t i = 0; i < t->places.count; i++)
        if (t->places.list[i].kind == PLACE_SITE)
            sites[site_count++] = (int)i;
        else if (t->places.list[i].kind == PLACE_DISPOSAL)
            tips[tip_count++] = (int)i;
    for (int i = 0; i < 5; i++)
        dig(t, dice, sites[dice_below(dice, (uint32_t)site_count)],
            tips[dice_below(dice, (uint32_t)tip_count)]);
    /* Ways made so far do not know of them. */
    t->leg_count = 0;
    memset(t->leg_of, -1, sizeof t->leg_of);
}
