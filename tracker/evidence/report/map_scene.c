#include "map_scene.h"

#include "map_private.h"

#include <math.h>

/* Millimetres: the whole, and the frame in it. */
static const double whole_w = 180, whole_h = 205, frame_h = 178;
static const double least_half_m = 120;

struct scene_point map_place(const struct map *m, double lat_deg, double lon_deg)
{
    double x = (lon_deg - m->lon0) * m->east_m * m->mm_per_m,
           y = (lat_deg - m->lat0) * m->north_m * m->mm_per_m;
    return (struct scene_point){m->middle.x + x, m->middle.y - y};
}

static void widen(double lat[2], double lon[2], double lat_deg, double lon_deg)
{
    if (isnan(lat_deg) || isnan(lon_deg))
        return;
    lat[0] = fmin(lat[0], lat_deg);
    lat[1] = fmax(lat[1], lat_deg);
    lon[0] = fmin(lon[0], lon_deg);
    lon[1] = fmax(lon[1], lon_deg);
}

/* The box of all places, of the beginning and of the end; wider where that is small. */
static bool choose_box(struct map *m)
{
    double lat[2] = {90, -90}, lon[2] = {180, -180};
    for (size_t i = 0; i < m->f->fix_count; i++)
        if (fix_has(&m->f->fixes[i].fix, FIX_HAS_POSITION))
            widen(lat, lon, m->f->fixes[i].fix.lat_deg, m->f->fixes[i].fix.lon_deg);
    widen(lat, lon, case_number(m->f->last, "start_lat"), case_number(m->f->last, "start_lon"));
    widen(lat, lon, case_number(m->f->last, "lat"), case_number(m->f->last, "lon"));
    if (lat[0] > lat[1])
        return false;
    m->lat0 = (lat[0] + lat[1]) / 2;
    m->lon0 = (lon[0] + lon[1]) / 2;
    m->north_m = 111195;
    m->east_m = m->north_m * cos(m->lat0 * 3.14159265358979 / 180);
    double half_x = fmax((lon[1] - lon[0]) / 2 * m->east_m * 1.15, least_half_m);
    double half_y = fmax((lat[1] - lat[0]) / 2 * m->north_m * 1.15, least_half_m);
    m->mm_per_m = fmin(whole_w / 2 / half_x, frame_h / 2 / half_y);
    m->half_x_m = whole_w / 2 / m->mm_per_m;
    m->half_y_m = frame_h / 2 / m->mm_per_m;
    m->middle = (struct scene_point){whole_w / 2, frame_h / 2};
    return true;
}

bool map_scene_draw(const struct case_facts *f, struct scene *out)
{
    struct map m = {.f = f, .s = out};
    scene_init(out, whole_w, whole_h);
    out->frame[1] = (struct scene_point){whole_w, frame_h};
    if (!choose_box(&m)) {
        scene_text(out, 0, 4, (struct scene_point){10, 20},
                   TEXT("无定位 / No fix of this case has a place."));
        return false;
    }
    scene_rectangle(out, (struct scene_style){0xfbfaf7, 1, 0, 0}, out->frame[0], out->frame[1]);
    out->framed = true;
    map_take_ends(&m);
    map_draw_fences(&m);
    map_draw_track(&m);
    map_draw_distance(&m);
    map_draw_ends(&m);
    out->framed = false;
    map_draw_furniture(&m);
    scene_rectangle(out, (struct scene_style){0x333333, 1, 0.3, 0}, out->frame[0], out->frame[1]);
    return true;
}
