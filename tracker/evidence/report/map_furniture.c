/* map_furniture: scale, north and legend of the map. */
#include "map_private.h"

#include <math.h>

/* The greatest of 1, 2, 5 times a power of ten that is shown in at most 50 mm. */
static double scale_m(const struct map *m)
{
    double most = 50 / m->mm_per_m, step = pow(10, floor(log10(most)));
    return step * 5 <= most ? step * 5 : step * 2 <= most ? step * 2 : step;
}

static void draw_scale(struct map *m, double top)
{
    double metres = scale_m(m), mm = metres * m->mm_per_m;
    struct buf label;
    buf_init(&label, 64);
    if (metres >= 1000) {
        buf_put_fixed(&label, metres / 1000, 0);
        buf_puts(&label, " km");
    } else {
        buf_put_fixed(&label, metres, 0);
        buf_puts(&label, " m");
    }
    scene_rectangle(m->s, (struct scene_style){0x222222, 1, 0, 0}, (struct scene_point){2, top + 3},
                    (struct scene_point){2 + mm / 2, top + 4.2});
    scene_rectangle(m->s, (struct scene_style){0x222222, 1, 0.2, 0}, (struct scene_point){2, top + 3},
                    (struct scene_point){2 + mm, top + 4.2});
    scene_text(m->s, 0x222222, 2.6, (struct scene_point){2 + mm + 1.5, top + 4.4}, buf_text(&label));
    buf_clear(&label);
    buf_puts(&label, "1 : ");
    buf_put_fixed(&label, round(1000 / m->mm_per_m / 10) * 10, 0);
    buf_puts(&label, "（原尺寸打印 / printed at full size）WGS 84");
    scene_text(m->s, 0x555555, 2.4, (struct scene_point){2, top + 8.4}, buf_text(&label));
    buf_fini(&label);
}

static void draw_north(struct map *m)
{
    double x = m->s->frame[1].x - 8;
    scene_begin(m->s, SCENE_AREA, (struct scene_style){0x222222, 1, 0, 0});
    scene_point(m->s, x, 4);
    scene_point(m->s, x + 2.4, 12);
    scene_point(m->s, x, 10);
    scene_point(m->s, x - 2.4, 12);
    scene_text(m->s, 0x222222, 3, (struct scene_point){x - 2.9, 16}, TEXT("北 N"));
}

static void draw_row(struct map *m, struct scene_point at, struct scene_style style, struct text words)
{
    scene_line(m->s, style, (struct scene_point){at.x, at.y - 0.9},
               (struct scene_point){at.x + 8, at.y - 0.9});
    scene_text(m->s, 0x222222, 2.4, (struct scene_point){at.x + 9.5, at.y}, words);
}

void map_draw_furniture(struct map *m)
{
    double top = m->s->frame[1].y;
    draw_north(m);
    draw_scale(m, top);
    draw_row(m, (struct scene_point){92, top + 4.4}, (struct scene_style){MAP_RGB_WITHIN, 1, 0.6, 0},
             TEXT("违法期间轨迹 track within the violation"));
    draw_row(m, (struct scene_point){92, top + 8.4}, (struct scene_style){MAP_RGB_TRACK, 1, 0.35, 0},
             TEXT("前后轨迹；虚线：无数据 before and after; dashed: no data"));
    draw_row(m, (struct scene_point){92, top + 12.4}, (struct scene_style){MAP_RGB_CORRIDOR, 0.2, 2.4, 0},
             TEXT("核准走廊（实际宽度） permitted corridor, as wide as it is"));
    draw_row(m, (struct scene_point){92, top + 16.4}, (struct scene_style){0xd84315, 0.5, 2.4, 0},
             TEXT("禁行、禁倒区 banned, no tipping"));
    scene_circle(m->s, (struct scene_style){MAP_RGB_WITHIN, 0.16, 0, 0}, (struct scene_point){6, top + 13.6},
                 2);
    scene_text(m->s, 0x222222, 2.4, (struct scene_point){11.5, top + 14.4},
               TEXT("定位误差圆（95 %） error of the place, 95 %"));
    scene_line(m->s, (struct scene_style){0x1a237e, 1, 0.35, 1.4}, (struct scene_point){2, top + 18},
               (struct scene_point){10, top + 18});
    scene_text(m->s, 0x222222, 2.4, (struct scene_point){11.5, top + 18.8},
               TEXT("量得的距离 distance measured"));
    scene_text(m->s, 0x777777, 2.2, (struct scene_point){2, top + 23.4},
               TEXT("围栏与核准路线取自 data/world.json；无底图。 Fences are those of data/world.json; there "
                    "is no base map."));
}
