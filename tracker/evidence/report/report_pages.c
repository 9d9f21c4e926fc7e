#include "report_pages.h"

#include "bag.h"

#include <string.h>

#include <qrencode.h>

enum { QR_POINTS = 46 };
static const double pi = 3.14159265358979;

void pages_colour(struct pages *p, unsigned rgb, double alpha)
{
    cairo_set_source_rgba(p->cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0,
                          alpha);
}

void pages_fill(struct pages *p, unsigned rgb, double alpha, const double box[4])
{
    pages_colour(p, rgb, alpha);
    cairo_rectangle(p->cr, box[0], box[1], box[2], box[3]);
    cairo_fill(p->cr);
}

void pages_line(struct pages *p, unsigned rgb, double width, const double ends[4])
{
    pages_colour(p, rgb, 1);
    cairo_set_line_width(p->cr, width);
    cairo_move_to(p->cr, ends[0], ends[1]);
    cairo_line_to(p->cr, ends[2], ends[3]);
    cairo_stroke(p->cr);
}

/* ---- texts ---- */

static void set_font(struct pages *p, double size, bool bold)
{
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, REPORT_FONT_MADE);
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_layout_set_font_description(p->layout, font);
    pango_font_description_free(font);
}

/* Pango takes UTF-8 alone: what is none becomes marks, in a copy of its own. */
static void set_text(struct pages *p, struct text t)
{
    char *valid = g_utf8_make_valid(t.data != NULL ? t.data : "", (gssize)t.len);
    pango_layout_set_text(p->layout, valid, -1);
    g_free(valid);
}

double pages_put(struct pages *p, double x, double y, struct page_text style, struct text t)
{
    int width, height;
    set_font(p, style.size, style.bold);
    pango_layout_set_width(p->layout, style.width > 0 ? (int)(style.width * PANGO_SCALE) : -1);
    pango_layout_set_height(p->layout, style.lines > 0 ? -style.lines : G_MININT / 2);
    pango_layout_set_ellipsize(p->layout, style.lines > 0 ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
    set_text(p, t);
    pango_layout_get_size(p->layout, &width, &height);
    pages_colour(p, style.rgb, 1);
    cairo_move_to(p->cr, x, y);
    pango_cairo_show_layout(p->cr, p->layout);
    return (double)height / PANGO_SCALE;
}

double pages_puts(struct pages *p, double x, double y, struct page_text style, const char *t)
{
    return pages_put(p, x, y, style, text_of(t));
}

double pages_put_scratch(struct pages *p, double x, double y, struct page_text style)
{
    double height = pages_put(p, x, y, style, buf_text(&p->scratch));
    buf_clear(&p->scratch);
    return height;
}

double pages_heading(struct pages *p, double y, const char *words)
{
    double height =
        pages_puts(p, PAGE_MARGIN, y, (struct page_text){12, true, 0x1a237e, PAGE_INNER, 1}, words);
    pages_line(p, 0x1a237e, 0.8,
               (double[4]){PAGE_MARGIN, y + height + 1, PAGE_WIDTH - PAGE_MARGIN, y + height + 1});
    return y + height + 7;
}

/* ---- a scene ---- */

static void trace(struct pages *p, const struct scene *s, const struct scene_item *item)
{
    const struct scene_point *at = s->points + item->first;
    cairo_new_path(p->cr);
    if (item->type == SCENE_CIRCLE)
        cairo_arc(p->cr, at->x, at->y, item->size, 0, 2 * pi);
    for (size_t i = 0; item->type != SCENE_CIRCLE && i < item->count; i++)
        cairo_line_to(p->cr, at[i].x, at[i].y);
    if (item->type == SCENE_AREA)
        cairo_close_path(p->cr);
}

static void draw_item(struct pages *p, const struct scene *s, const struct scene_item *item)
{
    const struct scene_point *at = s->points + item->first;
    if (item->count == 0)
        return;
    if (item->type == SCENE_TEXT) {
        /* Text stands on its base line, which is about so far below its top. */
        pages_put(p, at->x, at->y - item->size * 1.16,
                  (struct page_text){item->size, false, item->style.rgb, 0, 0}, item->text);
        return;
    }
    trace(p, s, item);
    pages_colour(p, item->style.rgb, item->style.alpha);
    if (item->style.width > 0) {
        cairo_set_line_width(p->cr, item->style.width);
        cairo_set_line_join(p->cr, CAIRO_LINE_JOIN_ROUND);
        cairo_set_dash(p->cr, &item->style.dash, item->style.dash > 0, 0);
        cairo_stroke(p->cr);
        cairo_set_dash(p->cr, NULL, 0, 0);
    } else {
        cairo_fill(p->cr);
    }
}

void pages_scene(struct pages *p, const struct scene *s, double x, double y)
{
    cairo_save(p->cr);
    cairo_translate(p->cr, x, y);
    cairo_scale(p->cr, 72 / 25.4, 72 / 25.4);
    for (size_t i = 0; i < s->item_count; i++) {
        cairo_save(p->cr);
        if (s->items[i].in_frame) {
            cairo_rectangle(p->cr, 0, 0, s->frame[1].x, s->frame[1].y);
            cairo_clip(p->cr);
        }
        draw_item(p, s, &s->items[i]);
        cairo_restore(p->cr);
    }
    cairo_restore(p->cr);
}

/* ---- head and foot ---- */

static bool dark_at(const QRcode *code, int row, int column)
{
    return (code->data[row * code->width + column] & 1) != 0;
}

/* What is dark beside each other is one rectangle: one each made half of a page's bytes. */
void pages_qr(struct pages *p, const char *words, double side, const double at[2])
{
    QRcode *code = QRcode_encodeString8bit(words, 0, QR_ECLEVEL_M);
    if (code == NULL)
        return;
    double cell = side / code->width;
    pages_colour(p, 0, 1);
    for (int row = 0; row < code->width; row++) {
        for (int from = 0, to; from < code->width; from = to) {
            bool dark = dark_at(code, row, from);
            for (to = from + 1; to < code->width && dark_at(code, row, to) == dark; to++)
                ;
            if (dark)
                cairo_rectangle(p->cr, at[0] + from * cell, at[1] + row * cell, (to - from) * cell, cell);
        }
    }
    cairo_fill(p->cr);
    QRcode_free(code);
}

/* The code is the same on each page, and stands in the file once. */
static void draw_foot_code(struct pages *p, const char *words, const double at[2])
{
    if (p->foot_code == NULL) {
        const cairo_rectangle_t extents = {0, 0, QR_POINTS, QR_POINTS};
        p->foot_code = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, &extents);
        cairo_t *page = p->cr;
        p->cr = cairo_create(p->foot_code);
        pages_qr(p, words, QR_POINTS, (double[2]){0, 0});
        cairo_destroy(p->cr);
        p->cr = page;
    }
    cairo_set_source_surface(p->cr, p->foot_code, at[0], at[1]);
    cairo_paint(p->cr);
}

static void draw_foot(struct pages *p)
{
    const struct sealed_header *h = &p->f->header;
    const struct page_text small = {6.5, false, 0x444444, PAGE_INNER - QR_POINTS - 10, 1};
    char hex[2 * SEALED_SHA256 + 1], words[256];
    double y = PAGE_BOTTOM + 8;
    buf_clear(&p->scratch);
    bag_put_hex(&p->scratch, p->options->digest);
    snprintf(hex, sizeof hex, "%.*s", TEXT_ARG(buf_text(&p->scratch)));
    buf_clear(&p->scratch);
    snprintf(words, sizeof words, "muckwatch:%.*s:%u:sha256:%s", TEXT_ARG(h->id), (unsigned)h->edition, hex);
    pages_line(p, 0x888888, 0.5, (double[4]){PAGE_MARGIN, y - 4, PAGE_WIDTH - PAGE_MARGIN, y - 4});
    draw_foot_code(p, words, (double[2]){PAGE_WIDTH - PAGE_MARGIN - QR_POINTS, y});
    buf_printf(&p->scratch, "案件 case %.*s   版次 edition %u   封存 sealed ", TEXT_ARG(h->id),
               (unsigned)h->edition);
    case_put_time(p->f, h->sealed_at_ms, false, &p->scratch);
    buf_printf(&p->scratch, " (%.*s)", TEXT_ARG(p->f->world->timezone));
    pages_put_scratch(p, PAGE_MARGIN, y, small);
    buf_printf(&p->scratch, "data SHA-256: %s", hex);
    pages_put_scratch(p, PAGE_MARGIN, y + 11, small);
    pages_puts(p, PAGE_MARGIN, y + 22, small,
               "本报告由封存数据生成，以 data/ 下各文件为准。 This report is a rendering: the files below "
               "data/ are the data.");
    buf_printf(&p->scratch, "第 %u 页，共 %u 页   page %u of %u", p->page, p->total, p->page, p->total);
    pages_put_scratch(p, PAGE_MARGIN, y + 33, small);
}

static void draw_draft(struct pages *p)
{
    cairo_save(p->cr);
    cairo_translate(p->cr, PAGE_WIDTH / 2, PAGE_HEIGHT / 2);
    cairo_rotate(p->cr, -0.9);
    set_font(p, 84, true);
    pango_layout_set_width(p->layout, -1);
    set_text(p, text_of(BAG_DRAFT));
    int width, height;
    pango_layout_get_size(p->layout, &width, &height);
    pages_colour(p, 0xc62828, 0.13);
    cairo_move_to(p->cr, -(double)width / PANGO_SCALE / 2, -(double)height / PANGO_SCALE / 2);
    pango_cairo_show_layout(p->cr, p->layout);
    cairo_restore(p->cr);
}

void pages_begin(struct pages *p)
{
    p->page++;
    if (p->page > 1) {
        buf_printf(&p->scratch, "渣土车违法行为电子证据报告 · %s · %.*s", case_kind_zh(p->f->header.kind),
                   TEXT_ARG(case_field(p->f->last, "plate")));
        pages_put_scratch(p, PAGE_MARGIN, 30, (struct page_text){7.5, false, 0x555555, PAGE_INNER, 1});
    }
    draw_foot(p);
}

void pages_end(struct pages *p)
{
    if (p->f != NULL && !p->f->header.reviewed && !p->f->header.rejected)
        draw_draft(p); /* over all else, which would hide it */
    cairo_show_page(p->cr);
}
