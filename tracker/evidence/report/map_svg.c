/* map_svg: a scene as SVG 1.1, by our own writer: a library's would number its parts anew each time. */
#include "report.h"

#include "map_scene.h"

static void put_colour(struct buf *out, const char *name, unsigned rgb)
{
    buf_printf(out, " %s=\"#%06x\"", name, rgb);
}

static void put_number(struct buf *out, const char *name, double value, int decimals)
{
    buf_printf(out, " %s=\"", name);
    buf_put_fixed(out, value, decimals);
    buf_put_char(out, '"');
}

/* Control characters are no XML. */
static void put_escaped(struct buf *out, struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        switch (t.data[i]) {
        case '<':
            buf_puts(out, "&lt;");
            break;
        case '&':
            buf_puts(out, "&amp;");
            break;
        default:
            buf_put_char(out, t.data[i] >= 0 && t.data[i] < ' ' ? ' ' : t.data[i]);
        }
}

static void put_style(struct buf *out, const struct scene_style *s)
{
    if (s->width > 0) {
        buf_puts(out, " fill=\"none\"");
        put_colour(out, "stroke", s->rgb);
        put_number(out, "stroke-opacity", s->alpha, 2);
        put_number(out, "stroke-width", s->width, 2);
        buf_puts(out, " stroke-linejoin=\"round\"");
        if (s->dash > 0)
            put_number(out, "stroke-dasharray", s->dash, 2);
    } else {
        put_colour(out, "fill", s->rgb);
        put_number(out, "fill-opacity", s->alpha, 2);
    }
}

static void put_item(const struct scene *s, const struct scene_item *item, struct buf *out)
{
    const struct scene_point *p = s->points + item->first;
    if (item->count == 0)
        return;
    if (item->type == SCENE_TEXT) {
        buf_puts(out, "<text");
        put_number(out, "x", p->x, 2);
        put_number(out, "y", p->y, 2);
        put_number(out, "font-size", item->size, 2);
    } else if (item->type == SCENE_CIRCLE) {
        buf_puts(out, "<circle");
        put_number(out, "cx", p->x, 2);
        put_number(out, "cy", p->y, 2);
        put_number(out, "r", item->size, 2);
    } else {
        buf_puts(out, item->type == SCENE_AREA ? "<polygon points=\"" : "<polyline points=\"");
        for (size_t i = 0; i < item->count; i++) {
            buf_put_fixed(out, p[i].x, 2);
            buf_put_char(out, ',');
            buf_put_fixed(out, p[i].y, 2);
            buf_put_char(out, i + 1 < item->count ? ' ' : '"');
        }
    }
    put_style(out, &item->style);
    if (item->in_frame)
        buf_puts(out, " clip-path=\"url(#frame)\"");
    buf_puts(out, item->type == SCENE_TEXT ? ">" : "/>\n");
    if (item->type == SCENE_TEXT) {
        put_escaped(out, item->text);
        buf_puts(out, "</text>\n");
    }
}

bool report_map_svg(const struct case_facts *f, struct buf *out)
{
    struct scene s;
    map_scene_draw(f, &s);
    buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"");
    buf_printf(out,
               " width=\"%dmm\" height=\"%dmm\" viewBox=\"0 0 %d %d\" font-family=\"" REPORT_FONT "\">\n",
               (int)s.width, (int)s.height, (int)s.width, (int)s.height);
    buf_printf(out, "<title>%.*s</title>\n<clipPath id=\"frame\"><rect", TEXT_ARG(f->header.id));
    put_number(out, "width", s.frame[1].x, 2);
    put_number(out, "height", s.frame[1].y, 2);
    buf_puts(out, "/></clipPath>\n");
    for (size_t i = 0; i < s.item_count; i++)
        put_item(&s, &s.items[i], out);
    buf_puts(out, "</svg>\n");
    bool ok = !s.failed && buf_ok(out);
    scene_fini(&s);
    return ok;
}
