/* A made world as the files of a city, and its drives as the lines that a replay reads. */
#include "properties.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

const char *const file_names[FILES] = {"muckwatch.yaml", "one.geojson", "two.geojson", "one.json",
                                       "two.json"};

static const char *const classes[CLASS_COUNT] = {"", "muck_truck", "sweeper", "washer"};
static const char *const companies[COMPANY_COUNT] = {"", "north", "south", "west"};

#define METRES_A_DEGREE 111320.0

/* A stop of three minutes and more is too long here, so that drives need not last for hours. */
static const char config_format[] = "city:\n"
                                    "  timezone: Asia/Shanghai\n"
                                    "  fences: [%s, %s]\n"
                                    "  fleet: [%s, %s]\n"
                                    "rules:\n"
                                    "  overstay: {confirm_s: 180}\n";

void texts_init(struct telling_texts *t)
{
    for (int i = 0; i < FILES; i++)
        buf_init(&t->files[i], 16 << 20);
    buf_init(&t->fixes, 64 << 20);
}

void texts_fini(struct telling_texts *t)
{
    for (int i = 0; i < FILES; i++)
        buf_fini(&t->files[i]);
    buf_fini(&t->fixes);
}

/* Fences have more decimals than a millimetre needs: where one is cut, its edges stay. */
static void put_place(struct buf *out, const struct telling *how, struct spot p, bool fence)
{
    double lat = how->lat + p.y / METRES_A_DEGREE;
    double lon = how->lon + p.x / (METRES_A_DEGREE * cos(how->lat * 3.141592653589793 / 180));
    int decimals = fence || how->fine ? 12 : 7;
    char text[64];
    snprintf(text, sizeof text, fence ? "[%.*f,%.*f]" : "\"lon\":%.*f,\"lat\":%.*f", decimals,
             how->west ? -lon : lon, decimals, how->south ? -lat : lat);
    buf_puts(out, text);
}

static void put_ring(struct buf *out, const struct telling *how, const struct ring *r, bool closed)
{
    buf_put_char(out, '[');
    for (uint32_t i = 0; i < r->count + (closed ? 1 : 0); i++) {
        buf_puts(out, i > 0 ? "," : "");
        put_place(out, how, r->at[i % r->count], true);
    }
    buf_put_char(out, ']');
}

static void put_polygon(struct buf *out, const struct telling *how, const struct ring *r,
                        const struct ring *hole)
{
    buf_put_char(out, '[');
    put_ring(out, how, r, true);
    if (hole != NULL && hole->count > 0) {
        buf_put_char(out, ',');
        put_ring(out, how, hole, true);
    }
    buf_put_char(out, ']');
}

static void put_geometry(struct buf *out, const struct telling *how, const struct shape *s)
{
    bool line = s->outline == OUTLINE_LINE;
    if (s->outline == OUTLINE_CIRCLE) {
        buf_puts(out, "{\"type\":\"Point\",\"coordinates\":");
        put_place(out, how, s->ring.at[0], true);
    } else if (s->whole) {
        buf_printf(out, "{\"type\":\"%s\",\"coordinates\":", line ? "LineString" : "Polygon");
        if (line)
            put_ring(out, how, &s->ring, false);
        else
            put_polygon(out, how, &s->ring, &s->hole);
    } else {
        buf_printf(out, "{\"type\":\"%s\",\"coordinates\":[", line ? "MultiLineString" : "MultiPolygon");
        for (uint32_t i = 0; i < s->part_count; i++) {
            buf_puts(out, i > 0 ? "," : "");
            if (line)
                put_ring(out, how, &s->parts[i], false);
            else
                put_polygon(out, how, &s->parts[i], NULL);
        }
        buf_put_char(out, ']');
    }
    buf_put_char(out, '}');
}

static void put_hours(struct buf *out, const struct made_hours *h, int64_t later_ms)
{
    if (!h->given)
        return;
    int later = (int)(later_ms / 60000 % MINUTES);
    int from = (h->from_min + later + MINUTES) % MINUTES, to = (h->to_min + later + MINUTES) % MINUTES;
    buf_printf(out, ",\"hours\":\"%02d:%02d-%02d:%02d\"", from / 60, from % 60, to / 60, to % 60);
}

static void put_when(struct buf *out, const char *key, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;
    char text[32];
    if (ms != 0 && gmtime_r(&seconds, &tm) != NULL &&
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm) > 0)
        buf_printf(out, ",\"%s\":\"%s.%03dZ\"", key, text, (int)(ms % 1000));
}

static void put_validity(struct buf *out, int64_t from_ms, int64_t to_ms, int64_t later_ms)
{
    put_when(out, "valid_from", from_ms != 0 ? from_ms + later_ms : 0);
    put_when(out, "valid_to", to_ms != 0 ? to_ms + later_ms : 0);
}

static void put_text(struct buf *out, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0')
        buf_printf(out, ",\"%s\":\"%s\"", key, text);
}

static void put_fence(struct buf *out, const struct telling *how, const struct made_fence *f)
{
    buf_printf(out, "{\"type\":\"Feature\",\"id\":\"%s\",\"properties\":{\"kind\":\"%s\"", f->id, f->kind);
    if (f->shape.outline != OUTLINE_POLYGON) {
        buf_puts(out, f->shape.outline == OUTLINE_LINE ? ",\"buffer_m\":" : ",\"radius_m\":");
        buf_put_fixed(out, f->shape.size_m, 6);
    }
    put_hours(out, &f->hours, how->hours_later_ms);
    put_validity(out, f->valid_from_ms, f->valid_to_ms, how->later_ms);
    put_text(out, "company", companies[f->company]);
    put_text(out, "group", f->group);
    put_text(out, "reason", f->reason);
    put_text(out, "jurisdiction", f->jurisdiction);
    put_text(out, "road_class", f->road_class);
    if (f->limit_kmh > 0)
        buf_printf(out, ",\"speed_limit_kmh\":%d", f->limit_kmh);
    const char *before = ",\"classes\":[";
    for (uint32_t i = 1; i < CLASS_COUNT; i++)
        if (f->classes & 1u << i) {
            buf_printf(out, "%s\"%s\"", before, classes[i]);
            before = ",";
        }
    buf_puts(out, f->classes != 0 ? "]},\"geometry\":" : "},\"geometry\":");
    put_geometry(out, how, &f->shape);
    buf_puts(out, "}");
}

/* Things go to two files by turns, and backwards where it is asked. */
struct turns {
    const struct telling *how;
    struct buf *files[2];
    uint32_t count;
    uint32_t written[2];
};

static void put_fences(struct turns *t, const struct world_made *w)
{
    for (uint32_t k = 0; k < w->fence_count; k++) {
        uint32_t i = t->how->backwards ? w->fence_count - 1 - k : k;
        struct buf *out = t->files[i % 2];
        if (w->fences[i].gone)
            continue;
        buf_puts(out, t->written[i % 2]++ > 0 ? ",\n" : "\n");
        put_fence(out, t->how, &w->fences[i]);
    }
}

/* A thing may be in pieces: all are named. */
static void put_named(struct buf *out, const struct world_made *w, const char *key, const uint32_t *things,
                      uint32_t count)
{
    bool any = false;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < w->fence_count; k++)
            if (w->fences[k].thing == things[i] && !w->fences[k].gone) {
                buf_printf(out, any ? ",\"%s\"" : ",\"%s\":[\"%s\"", any ? w->fences[k].id : key,
                           w->fences[k].id);
                any = true;
            }
    buf_puts(out, any ? "]" : "");
}

static void put_permit(struct buf *out, const struct telling *how, const struct world_made *w,
                       const struct made_permit *p)
{
    buf_printf(out, "{\"id\":\"%s\",\"vehicles\":[", p->id);
    const char *before = "";
    for (uint32_t i = 0; i < w->vehicle_count; i++)
        if (p->vehicles & 1u << i) {
            buf_printf(out, "%s\"%s\"", before, w->vehicles[i].id);
            before = ",";
        }
    buf_put_char(out, ']');
    for (uint32_t k = 0; k < w->fence_count && p->site >= 0; k++)
        if (w->fences[k].thing == (uint32_t)p->site && !w->fences[k].gone) {
            put_text(out, "site", w->fences[k].id);
            break;
        }
    put_named(out, w, "disposal", p->disposals, p->disposal_count);
    put_named(out, w, "routes", p->routes, p->route_count);
    put_hours(out, &p->hours, how->hours_later_ms);
    put_validity(out, p->valid_from_ms, p->valid_to_ms, how->later_ms);
    buf_puts(out, p->suspended ? ",\"status\":\"suspended\"}" : "}");
}

static void put_fleet(struct turns *t, const struct world_made *w)
{
    const char *const heads[2] = {"{\"vehicles\":[", "],\n\"permits\":["};
    for (int list = 0; list < 2; list++) {
        uint32_t count = list == 0 ? w->vehicle_count : w->permit_count;
        t->written[0] = t->written[1] = 0;
        for (int i = 0; i < 2; i++)
            buf_puts(t->files[i], heads[list]);
        for (uint32_t k = 0; k < count; k++) {
            uint32_t i = t->how->backwards ? count - 1 - k : k;
            struct buf *out = t->files[i % 2];
            if (list == 0 ? w->vehicles[i].gone : w->permits[i].gone)
                continue;
            buf_puts(out, t->written[i % 2]++ > 0 ? ",\n" : "\n");
            if (list == 1) {
                put_permit(out, t->how, w, &w->permits[i]);
                continue;
            }
            buf_printf(out, "{\"id\":\"%s\"", w->vehicles[i].id);
            put_text(out, "class", classes[w->vehicles[i].class]);
            put_text(out, "company", companies[w->vehicles[i].company]);
            buf_put_char(out, '}');
        }
    }
    for (int i = 0; i < 2; i++)
        buf_puts(t->files[i], "]}\n");
}

static void put_number(struct buf *out, const char *key, double value, int decimals)
{
    buf_printf(out, ",\"%s\":", key);
    buf_put_fixed(out, value, decimals);
}

static void put_fix(struct buf *out, const struct telling *how, const struct world_made *w,
                    const struct drive *d, uint32_t at)
{
    const struct second *s = &d->seconds[at];
    int64_t ms = d->start_ms + how->later_ms + at * INT64_C(1000);
    buf_printf(out, "{\"vehicle\":\"%s\",\"time\":%lld.%03d,", w->vehicles[d->vehicle].id,
               (long long)(ms / 1000), (int)(ms % 1000));
    put_place(out, how, s->told, false);
    buf_puts(out, ",\"mode\":3");
    if (d->tells_speed) {
        double course = s->course_deg;
        course = how->south ? 180 - course : course;
        course = how->west ? -course : course;
        put_number(out, "speed", s->speed_mps, 2);
        put_number(out, "track", fmod(course + 720, 360), 1);
    }
    if (d->error_m > 0)
        put_number(out, "eph", d->error_m, 1);
    if (s->load != LOAD_UNKNOWN)
        buf_printf(out, ",\"sensors\":{\"load\":\"%s\",\"body\":\"%s\",\"cover\":\"%s\"}",
                   s->load == LOAD_LOADED ? "loaded" : "empty", s->body_up ? "raised" : "down",
                   s->cover_open ? "open" : "closed");
    buf_puts(out, "}\n");
}

/* All vehicles' lines in the order of their times. */
static void put_fixes(struct telling_texts *t, const struct telling *how, const struct world_made *w)
{
    uint32_t next[VEHICLES_MAX];
    for (uint32_t i = 0; i < w->vehicle_count; i++)
        next[i] = w->drives[i].from;
    t->end_ms = 0;
    for (;;) {
        int first = -1;
        int64_t first_ms = 0;
        for (uint32_t i = 0; i < w->vehicle_count; i++) {
            int64_t ms = w->drives[i].start_ms + next[i] * INT64_C(1000);
            if (!w->vehicles[i].gone && next[i] < w->drives[i].to && (first < 0 || ms < first_ms)) {
                first = (int)i;
                first_ms = ms;
            }
        }
        if (first < 0)
            return;
        put_fix(&t->fixes, how, w, &w->drives[first], next[first]);
        next[first] += how->every_s > 0 ? how->every_s : w->drives[first].every_s;
        t->end_ms = first_ms + how->later_ms;
    }
}

void texts_tell(struct telling_texts *t, const struct world_made *w, const struct telling *how)
{
    for (int i = 0; i < FILES; i++)
        buf_clear(&t->files[i]);
    buf_clear(&t->fixes);
    int b = how->backwards;
    buf_printf(&t->files[0], config_format, file_names[1 + b], file_names[2 - b], file_names[3 + b],
               file_names[4 - b]);
    struct turns fences = {.how = how, .files = {&t->files[1], &t->files[2]}};
    for (int i = 1; i < 3; i++)
        buf_puts(&t->files[i], "{\"type\":\"FeatureCollection\",\"features\":[");
    put_fences(&fences, w);
    for (int i = 1; i < 3; i++)
        buf_puts(&t->files[i], "\n]}\n");
    struct turns fleet = {.how = how, .files = {&t->files[3], &t->files[4]}};
    put_fleet(&fleet, w);
    put_fixes(t, how, w);
}
