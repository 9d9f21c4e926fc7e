/*
 * map_track: the track and its errors, the distance that was measured, and what stands around: scale, north, legend.
 */
#include "map_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Beyond so many fixes only the errors of those within the violation are drawn, and of these every k-th. */
enum { CIRCLES_MAX = 600, DOTS_MAX = 1200 };

static bool has_place(const struct case_fix *c)
{
    return fix_has(&c->fix, FIX_HAS_POSITION);
}

static double error_m(const struct map *m, const struct fix *fix)
{
    if (fix_has(fix, FIX_HAS_EPH))
        return (double)fix->eph_m;
    double otherwise = case_number(json_node_member(m->f->canonical, "common"), "eph_default_m");
    return isnan(otherwise) ? 0 : otherwise;
}

/* Stretches within the violation, or outside it. */
static void draw_stretches(struct map *m, bool within, struct scene_style style)
{
    bool on = false;
    for (size_t i = 0; i < m->f->fix_count; i++) {
        const struct case_fix *c = &m->f->fixes[i];
        if (!has_place(c))
            continue;
        struct scene_point p = map_place(m, c->fix.lat_deg, c->fix.lon_deg);
        bool wanted = case_is_within(m->f, c) == within;
        if (wanted && !on)
            scene_begin(m->s, SCENE_LINE, style);
        if (wanted || on)
            scene_point(m->s, p.x, p.y);
        on = wanted;
    }
}

static void draw_errors(struct map *m)
{
    bool all = m->f->fix_count <= CIRCLES_MAX;
    size_t within = 0;
    for (size_t i = 0; i < m->f->fix_count; i++)
        within += case_is_within(m->f, &m->f->fixes[i]);
    size_t step = all ? 1 : within / CIRCLES_MAX + 1;
    for (size_t i = 0, k = 0; i < m->f->fix_count; i++) {
        const struct case_fix *c = &m->f->fixes[i];
        bool in = case_is_within(m->f, c);
        if (!has_place(c) || !(all || (in && k++ % step == 0)))
            continue;
        double mm = error_m(m, &c->fix) * m->mm_per_m;
        if (mm < 0.25)
            continue;
        scene_circle(m->s, (struct scene_style){in ? MAP_RGB_WITHIN : MAP_RGB_TRACK, 0.16, 0, 0},
                     map_place(m, c->fix.lat_deg, c->fix.lon_deg), mm);
    }
}

static void draw_dots(struct map *m)
{
    size_t step = m->f->fix_count / DOTS_MAX + 1;
    for (size_t i = 0; i < m->f->fix_count; i += step) {
        const struct case_fix *c = &m->f->fixes[i];
        if (has_place(c))
            scene_circle(
                m->s,
                (struct scene_style){case_is_within(m->f, c) ? MAP_RGB_WITHIN : MAP_RGB_TRACK, 0.9, 0, 0},
                map_place(m, c->fix.lat_deg, c->fix.lon_deg), 0.4);
    }
}

/* A mark with a word beside it, on white. */
static void draw_mark(struct map *m, struct scene_point p, struct text word)
{
    double width = 2.0 * (double)word.len * 0.55 + 2;
    scene_circle(m->s, (struct scene_style){MAP_RGB_WITHIN, 1, 0, 0}, p, 1.3);
    scene_circle(m->s, (struct scene_style){0xffffff, 1, 0, 0}, p, 0.6);
    double x = p.x + width + 3 > m->s->frame[1].x ? p.x - width - 3 : p.x + 2;
    scene_rectangle(m->s, (struct scene_style){0xffffff, 0.85, 0, 0}, (struct scene_point){x, p.y - 2.6},
                    (struct scene_point){x + width, p.y + 1.2});
    scene_text(m->s, MAP_RGB_WITHIN, 2.6, (struct scene_point){x + 0.6, p.y + 0.2}, word);
}

static void draw_end(struct map *m, const char *lat, const char *lon, const char *word, int64_t ms)
{
    double at[2] = {case_number(m->f->last, lat), case_number(m->f->last, lon)};
    struct buf label;
    if (isnan(at[0]) || isnan(at[1]))
        return;
    buf_init(&label, 256);
    buf_puts(&label, word);
    case_put_time(m->f, ms, false, &label);
    /* The day stands on the first page. */
    struct text said = buf_text(&label);
    size_t n = strlen(word);
    memmove(label.data + n, label.data + n + 11, said.len - n - 11);
    said.len -= 11;
    draw_mark(m, map_place(m, at[0], at[1]), said);
    buf_fini(&label);
}

void map_draw_track(struct map *m)
{
    draw_errors(m);
    draw_stretches(m, false, (struct scene_style){MAP_RGB_TRACK, 0.9, 0.35, 0});
    draw_stretches(m, true, (struct scene_style){MAP_RGB_WITHIN, 1, 0.6, 0});
    draw_dots(m);
    draw_end(m, "start_lat", "start_lon", "起 start ", case_start_ms(m->f));
    draw_end(m, "lat", "lon", "止 end ", case_end_ms(m->f));
}

/* ---- distance ---- */

struct nearest {
    const struct map *m;
    double x, y; /* metres from the middle: the fix */
    size_t part;
    bool has_before;
    double bx, by;         /* the point before */
    double best_m, nx, ny; /* the nearest so far */
};

static void take_segment(void *context, size_t part, double lat_deg, double lon_deg)
{
    struct nearest *n = context;
    double x = (lon_deg - n->m->lon0) * n->m->east_m, y = (lat_deg - n->m->lat0) * n->m->north_m;
    double ax = n->has_before && part == n->part ? n->bx : x,
           ay = n->has_before && part == n->part ? n->by : y;
    double dx = x - ax, dy = y - ay, length = dx * dx + dy * dy;
    double t = length > 0 ? fmin(fmax(((n->x - ax) * dx + (n->y - ay) * dy) / length, 0), 1) : 0;
    double px = ax + t * dx, py = ay + t * dy, away = hypot(n->x - px, n->y - py);
    if (away < n->best_m) {
        n->best_m = away;
        n->nx = px;
        n->ny = py;
    }
    n->has_before = true;
    n->part = part;
    n->bx = x;
    n->by = y;
}

static void nearest_of_permit(const struct json_node *routes, struct nearest *n)
{
    const struct json_node *one = json_node_length(routes) > 0 ? json_node_first(routes) : NULL;
    for (uint32_t i = 0; i < json_node_length(routes); i++, one = json_node_next(one)) {
        n->has_before = false;
        map_each_point(case_world_item(n->m->f, "fences", json_node_text(one)), take_segment, n);
    }
}

static void draw_measure(struct map *m, const struct nearest *far)
{
    struct scene_point a = {m->middle.x + far->x * m->mm_per_m, m->middle.y - far->y * m->mm_per_m};
    struct scene_point b = {m->middle.x + far->nx * m->mm_per_m, m->middle.y - far->ny * m->mm_per_m};
    struct buf label;
    buf_init(&label, 128);
    buf_puts(&label, "至核准路线中线 to centre line ");
    buf_put_fixed(&label, far->best_m, 0);
    buf_puts(&label, " m");
    scene_line(m->s, (struct scene_style){0x1a237e, 1, 0.35, 1.4}, a, b);
    struct scene_point p = {fmin((a.x + b.x) / 2 + 1, m->s->frame[1].x - 62), (a.y + b.y) / 2};
    scene_rectangle(m->s, (struct scene_style){0xffffff, 0.85, 0, 0},
                    (struct scene_point){p.x - 0.6, p.y - 2.8}, (struct scene_point){p.x + 60, p.y + 1});
    scene_text(m->s, 0x1a237e, 2.6, p, buf_text(&label));
    buf_fini(&label);
}

void map_draw_distance(struct map *m)
{
    const struct json_node *permit = case_world_item(m->f, "permits", case_field(m->f->last, "permit"));
    const struct json_node *routes = json_node_member(permit, "routes");
    struct nearest far = {.best_m = -1};
    if (!text_equal(m->f->header.kind, TEXT("off_route")))
        return;
    for (size_t i = 0; i < m->f->fix_count; i++) {
        const struct case_fix *c = &m->f->fixes[i];
        if (!has_place(c) || !case_is_within(m->f, c))
            continue;
        struct nearest n = {.m = m, .best_m = 1e9};
        n.x = (c->fix.lon_deg - m->lon0) * m->east_m;
        n.y = (c->fix.lat_deg - m->lat0) * m->north_m;
        nearest_of_permit(routes, &n);
        if (n.best_m < 1e9 && n.best_m > far.best_m)
            far = n;
    }
    if (far.best_m > 0)
        draw_measure(m, &far);
}
