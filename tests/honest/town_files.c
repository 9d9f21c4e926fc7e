/* The town as the files that a city gives the tracker: fences, fleet, configuration. */
#include "json_write.h"
#include "town.h"

#include <string.h>

const char *town_configuration(void)
{
    return "city: {timezone: Asia/Shanghai, fences: [fences.geojson], fleet: [fleet.json]}\n";
}

/* ---- fences ---- */

static void put_spot(struct buf *out, struct spot s)
{
    struct mw_point p = spot_point(s);
    buf_put_char(out, '[');
    buf_put_fixed(out, p.lon_deg, 7);
    buf_put_char(out, ',');
    buf_put_fixed(out, p.lat_deg, 7);
    buf_put_char(out, ']');
}

static void put_line(struct buf *out, const struct spot *points, uint32_t count)
{
    buf_put_char(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            buf_put_char(out, ',');
        put_spot(out, points[i]);
    }
    buf_put_char(out, ']');
}

/* Up to the properties' end; the geometry follows. */
static void begin_feature(struct buf *out, const char *id, const char *kind, const char *more)
{
    if (out->data[out->len - 2] == '}') /* one stands there already; the list begins with a bracket */
        buf_puts(out, ",");
    buf_printf(out, "{\"type\":\"Feature\",\"id\":\"%s\",\"properties\":{\"kind\":\"%s\"%s}", id, kind, more);
}

static void put_ring(struct buf *out, const struct spot *ring, uint32_t count)
{
    buf_puts(out, ",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[");
    put_line(out, ring, count);
    buf_puts(out, "]}}\n");
}

static void put_place(struct buf *out, const struct place *p)
{
    static const char *const kinds[] = {"site", "disposal", "depot"};
    struct spot ring[5];
    char id[32] = "wash-";
    begin_feature(out, p->id, kinds[p->kind], "");
    place_ring(p, p->ground, ring);
    put_ring(out, ring, 5);
    if (!p->has_wash)
        return;
    strcat(id, p->id);
    begin_feature(out, id, "wash", "");
    place_ring(p, p->wash, ring);
    put_ring(out, ring, 5);
}

static void put_strip(struct buf *out, const struct strip *s)
{
    char more[256];
    struct buf b;
    buf_init(&b, sizeof more);
    buf_printf(&b, ",\"%s\":%.2f", s->count == 1 ? "radius_m" : "buffer_m", s->radius_m);
    if (s->zone)
        buf_printf(&b, ",\"speed_limit_kmh\":%.0f", s->limit_kmh);
    if (s->trucks_only)
        buf_puts(&b, ",\"classes\":[\"muck_truck\"]");
    if (s->group[0] != '\0')
        buf_printf(&b, ",\"group\":\"%s\"", s->group);
    if (s->more != NULL)
        buf_puts(&b, s->more);
    memcpy(more, b.data, b.len);
    more[b.len] = '\0';
    buf_fini(&b);
    begin_feature(out, s->id, s->zone ? "speed" : "banned", more);
    buf_printf(out,
               ",\"geometry\":{\"type\":\"%s\",\"coordinates\":", s->count == 1 ? "Point" : "LineString");
    if (s->count == 1)
        put_spot(out, s->points[0]);
    else
        put_line(out, s->points, s->count);
    buf_puts(out, "}}\n");
}

double town_corridor_half_m(uint32_t leg)
{
    return 30 + leg % 3 * 5;
}

uint32_t town_corridor(const struct town *t, uint32_t leg, int from, int to, struct spot *out, uint32_t cap)
{
    const struct place *a = &t->places.list[from], *b = &t->places.list[to];
    uint32_t count = 0;
    out[count++] = place_spot(a, 0, a->ground.deep0_m + 5);
    count += leg_drawn(&t->net, &t->legs[leg].path, out + count, cap - 2);
    out[count++] = place_spot(b, 0, b->ground.deep0_m + 5);
    return count;
}

static bool route_in_pieces(uint32_t leg)
{
    return leg % 4 == 0;
}

/* A way as it is permitted: the middle of its streets and the drives into both places; every fourth is drawn
 * as two fences that meet. */
static void put_route(const struct town *t, uint32_t leg, int from, int to, struct buf *out)
{
    static struct spot line[CORRIDOR_POINTS_MAX];
    char id[32], more[64];
    uint32_t count = town_corridor(t, leg, from, to, line, CORRIDOR_POINTS_MAX);
    uint32_t cut = route_in_pieces(leg) ? count / 2 : count - 1;
    struct buf b;
    buf_init(&b, sizeof more);
    buf_printf(&b, ",\"buffer_m\":%.0f", town_corridor_half_m(leg));
    memcpy(more, b.data, b.len);
    more[b.len] = '\0';
    for (uint32_t part = 0, at = 0; at + 1 < count; part++) {
        uint32_t end = part == 0 ? cut : count - 1;
        buf_clear(&b);
        buf_printf(&b, "route-%u%s", leg, part == 0 ? "" : "b");
        memcpy(id, b.data, b.len);
        id[b.len] = '\0';
        begin_feature(out, id, "route", more);
        buf_puts(out, ",\"geometry\":{\"type\":\"LineString\",\"coordinates\":");
        put_line(out, line + at, end - at + 1);
        buf_puts(out, "}}\n");
        at = end;
    }
    buf_fini(&b);
}

/* Calls back for each way that a permit names. */
static void each_route(const struct town *t, const struct town_permit *p,
                       void (*each)(void *, uint32_t leg, int from, int to), void *context)
{
    for (int k = 0; p->names_routes && k < p->disposal_count; k++)
        for (int variant = 0; variant <= (p->two_ways ? 1 : 0); variant++) {
            int32_t leg = t->leg_of[variant][p->site][p->disposals[k]];
            each(context, (uint32_t)leg, p->site, p->disposals[k]);
        }
}

struct routes {
    const struct town *town;
    struct buf *out;
    uint8_t *written; /* by leg */
};

static void put_new_route(void *context, uint32_t leg, int from, int to)
{
    struct routes *r = context;
    if (r->written[leg])
        return;
    r->written[leg] = 1;
    put_route(r->town, leg, from, to, r->out);
}

static void put_area(struct buf *out, const struct district *d, uint32_t k)
{
    char id[16] = "area-A-0", more[160];
    id[5] = d->letter;
    id[7] = (char)('0' + k);
    strcpy(more, ",\"classes\":[\"sweeper\"],\"hours\":\"");
    strcat(more, timetable_text(d->areas[k]));
    strcat(more, "\"");
    begin_feature(out, id, "area", more);
    buf_puts(out, ",\"geometry\":{\"type\":\"MultiPolygon\",\"coordinates\":[");
    for (uint32_t r = 0; r < d->ring_count; r++) {
        buf_puts(out, r > 0 ? ",[" : "[");
        put_line(out, d->rings[r], d->ring_counts[r]);
        buf_put_char(out, ']');
    }
    buf_puts(out, "]}}\n");
}

void town_write_fences(const struct town *t, struct buf *out)
{
    struct arena scratch;
    arena_init(&scratch);
    struct routes r = {t, out, must_take(&scratch, t->leg_count, 1)};
    buf_puts(out, "{\"type\":\"FeatureCollection\",\"features\":[\n");
    for (uint32_t i = 0; i < t->places.count; i++)
        put_place(out, &t->places.list[i]);
    for (size_t i = 0; i < t->strip_count; i++)
        put_strip(out, &t->strips[i]);
    for (uint32_t i = 0; i < t->district_count; i++)
        for (uint32_t k = 0; k < t->districts[i].area_count; k++)
            put_area(out, &t->districts[i], k);
    for (uint32_t i = 0; i < TOWN_TRUCKS; i++)
        for (int k = 0; k < t->vehicles[i].permit_count; k++)
            each_route(t, &t->vehicles[i].permits[k], put_new_route, &r);
    buf_puts(out, "]}\n");
    arena_fini(&scratch);
}

/* ---- fleet ---- */

struct route_names {
    struct buf *out;
    bool any;
};

static void put_route_name(void *context, uint32_t leg, int from, int to)
{
    struct route_names *r = context;
    (void)from;
    (void)to;
    buf_printf(r->out, "%s\"route-%u\"", r->any ? "," : "", leg);
    if (route_in_pieces(leg))
        buf_printf(r->out, ",\"route-%ub\"", leg);
    r->any = true;
}

static void put_permit(const struct town *t, const struct town_vehicle *v, const struct town_permit *p,
                       struct buf *out)
{
    struct route_names names = {out, false};
    buf_printf(out, "{\"id\":\"%s\",\"vehicles\":[\"%s\"],\"disposal\":[", p->id, v->id);
    for (int k = 0; k < p->disposal_count; k++)
        buf_printf(out, "%s\"%s\"", k > 0 ? "," : "", t->places.list[p->disposals[k]].id);
    buf_puts(out, "]");
    if (p->names_site) {
        int site = p->flaw == DEED_OTHER_SITE ? p->stated_site : p->site;
        buf_printf(out, ",\"site\":\"%s\"", t->places.list[site].id);
    }
    if (p->flaw == DEED_EXPIRED)
        buf_puts(out, ",\"valid_to\":\"2026-04-30\"");
    if (p->flaw == DEED_SUSPENDED)
        buf_puts(out, ",\"status\":\"suspended\"");
    if (p->names_routes) {
        buf_puts(out, ",\"routes\":[");
        each_route(t, p, put_route_name, &names);
        buf_puts(out, "]");
    }
    if (timetable_text(p->hours)[0] != '\0')
        buf_printf(out, ",\"hours\":\"%s\"", timetable_text(p->hours));
    buf_puts(out, "}");
}

void town_write_fleet(const struct town *t, struct buf *out)
{
    buf_puts(out, "{\"vehicles\":[\n");
    for (uint32_t i = 0; i < TOWN_VEHICLES; i++) {
        const struct town_vehicle *v = &t->vehicles[i];
        buf_printf(out, "%s{\"id\":\"%s\",\"class\":\"%s\",\"company\":\"c-%s\",\"plate\":\"plate %s\"%s}\n",
                   i > 0 ? "," : "", v->id, v->sweeper ? "sweeper" : "muck_truck", v->id, v->id,
                   v->sweeper ? "" : ",\"max_load_kg\":16000,\"max_height_m\":3.8");
    }
    buf_puts(out, "],\"permits\":[\n");
    bool any = false;
    for (uint32_t i = 0; i < TOWN_TRUCKS; i++)
        for (int k = 0; k < t->vehicles[i].permit_count; k++) {
            if (t->vehicles[i].permits[k].flaw == DEED_UNNAMED)
                continue;
            buf_puts(out, any ? ",\n" : "");
            put_permit(t, &t->vehicles[i], &t->vehicles[i].permits[k], out);
            any = true;
        }
    buf_puts(out, "\n]}\n");
}
