#include "scene.h"

#include "array.h"

#include <stdlib.h>

void scene_init(struct scene *s, double width, double height)
{
    *s = (struct scene){.width = width, .height = height};
    arena_init(&s->texts);
}

void scene_fini(struct scene *s)
{
    free(s->items);
    free(s->points);
    arena_fini(&s->texts);
    *s = (struct scene){0};
}

void scene_begin(struct scene *s, enum scene_type type, struct scene_style style)
{
    if (s->failed || !array_reserve(&s->items, &s->item_cap, s->item_count + 1, sizeof *s->items)) {
        s->failed = true;
        return;
    }
    s->items[s->item_count++] =
        (struct scene_item){.type = type, .style = style, .first = s->point_count, .in_frame = s->framed};
}

void scene_point(struct scene *s, double x, double y)
{
    if (s->failed || !array_reserve(&s->points, &s->point_cap, s->point_count + 1, sizeof *s->points)) {
        s->failed = true;
        return;
    }
    s->points[s->point_count++] = (struct scene_point){x, y};
    s->items[s->item_count - 1].count++;
}

void scene_line(struct scene *s, struct scene_style style, struct scene_point a, struct scene_point b)
{
    scene_begin(s, SCENE_LINE, style);
    scene_point(s, a.x, a.y);
    scene_point(s, b.x, b.y);
}

void scene_rectangle(struct scene *s, struct scene_style style, struct scene_point a, struct scene_point b)
{
    scene_begin(s, SCENE_AREA, style);
    scene_point(s, a.x, a.y);
    scene_point(s, b.x, a.y);
    scene_point(s, b.x, b.y);
    scene_point(s, a.x, b.y);
}

void scene_circle(struct scene *s, struct scene_style style, struct scene_point centre, double radius)
{
    scene_begin(s, SCENE_CIRCLE, style);
    scene_point(s, centre.x, centre.y);
    if (!s->failed)
        s->items[s->item_count - 1].size = radius;
}

void scene_text(struct scene *s, unsigned rgb, double size, struct scene_point at, struct text text)
{
    struct text kept;
    scene_begin(s, SCENE_TEXT, (struct scene_style){.rgb = rgb, .alpha = 1});
    scene_point(s, at.x, at.y);
    if (s->failed || !arena_copy_text(&s->texts, text, &kept)) {
        s->failed = true;
        return;
    }
    s->items[s->item_count - 1].size = size;
    s->items[s->item_count - 1].text = kept;
}
