/*
 * map_track: the track and its errors, and the distance that was measured.
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

static double gap_ms(const struct map *m)
{
    double gap_s = case_number(json_node_member(m->f->canonical, "common"), "gap_s");
    return (isnan(gap_s) ? 300 : gap_s) * 1000;
}

/* From one fix to the next: a line, or where nothing was heard for too long only dashes: nobody knows the way. */
static void draw_step(struct map *m, const struct case_fix *a, const struct case_fix *b)
{
    bool within = case_is_within(m->f, b) && a->fix.time.ms >= case_start_ms(m->f);
    bool silent = (double)(b->fix.time.ms - a->fix.time.ms) > gap_ms(m);
    struct scene_style style = {within ? MAP_RGB_WITHIN : MAP_RGB_TRACK, silent ? 0.5 : 1,
                                within ? 0.6 : 0.35, silent ? 1.6 : 0};
    scene_line(m->s, style, map_place(m, a->fix.lat_deg, a->fix.lon_deg),
               map_place(m, b->fix.lat_deg, b->fix.lon_deg));
}

static void draw_steps(struct map *m)
{
    const struct case_fix *before = NULL;
    for (size_t i = 0; i < m->f->fix_count; i++) {
        const struct case_fix *c = &m->f->fixes[i];
        if (!has_place(c))
            continue;
        if (before != NULL)
            draw_step(m, before, c);
        before = c;
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

void map_draw_track(struct map *m)
{
    draw_errors(m);
    draw_steps(m);
    draw_dots(m);
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
    struct scene_point p = {(a.x + b.x) / 2 + 1, (a.y + b.y) / 2 - 1.2};
    if (map_take_label(m, &p, map_words_width(buf_text(&label))))
        map_put_label(m, 0x1a237e, p, buf_text(&label));
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
