/*
 * scene: lines, areas, circles and texts in millimetres from the upper left: what is drawn, without who draws it. PDF and SVG show the same scene.
 */
#ifndef MW_SCENE_H
#define MW_SCENE_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>

struct scene_point {
    double x, y;
};

struct scene_style {
    unsigned rgb; /* 0xRRGGBB */
    double alpha; /* 0 to 1 */
    double width; /* of a line; 0: filled */
    double dash;  /* 0: none */
};

enum scene_type { SCENE_LINE, SCENE_AREA, SCENE_CIRCLE, SCENE_TEXT };

struct scene_item {
    enum scene_type type;
    struct scene_style style;
    size_t first, count; /* of its points */
    double size;         /* a circle's radius, a text's height */
    struct text text;
    bool in_frame; /* cut at the frame */
};

struct scene {
    double width, height;        /* of all */
    struct scene_point frame[2]; /* upper left and lower right of what is cut */
    struct scene_item *items;
    size_t item_count, item_cap;
    struct scene_point *points;
    size_t point_count, point_cap;
    struct arena texts;
    bool failed; /* without memory */
    bool framed; /* what is added is cut at the frame */
};

void scene_init(struct scene *s, double width, double height);
void scene_fini(struct scene *s);
/* An item, whose points follow. */
void scene_begin(struct scene *s, enum scene_type type, struct scene_style style);
void scene_point(struct scene *s, double x, double y);
void scene_line(struct scene *s, struct scene_style style, struct scene_point a, struct scene_point b);
void scene_rectangle(struct scene *s, struct scene_style style, struct scene_point a, struct scene_point b);
void scene_circle(struct scene *s, struct scene_style style, struct scene_point centre, double radius);
/* From its left, on its base line; the text is copied. */
void scene_text(struct scene *s, unsigned rgb, double size, struct scene_point at, struct text text);

#endif
