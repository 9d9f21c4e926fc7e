/*
 * report_file: a PDF begun and ended. Its dates are those of what it shows, so the same pages are the same bytes.
 */
#include "report_pages.h"

#include "time_text.h"

#include <stdio.h>

#include <cairo-pdf.h>

static cairo_status_t take(void *context, const unsigned char *bytes, unsigned length)
{
    struct buf *out = context;
    buf_put(out, bytes, length);
    return buf_ok(out) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_NO_MEMORY;
}

/* What a viewer shows of the file. */
static void set_metadata(struct pages *p, const char *title, int64_t at_ms)
{
    char when[40];
    time_text_write((struct wall){at_ms / 1000 * 1000}, &p->scratch);
    snprintf(when, sizeof when, "%.*s", TEXT_ARG(buf_text(&p->scratch)));
    buf_clear(&p->scratch);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATOR, "Muckwatch");
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATE_DATE, when);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_MOD_DATE, when);
}

/* Glyphs stand where the font says, not where a screen's pixels are. */
static void set_up_layout(struct pages *p)
{
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    PangoContext *context = pango_layout_get_context(p->layout);
    pango_cairo_context_set_font_options(context, options);
    pango_context_set_round_glyph_positions(context, FALSE);
    pango_context_set_language(context, pango_language_from_string("zh-cn"));
    pango_cairo_context_set_resolution(context, 72);
    pango_layout_set_wrap(p->layout, PANGO_WRAP_WORD_CHAR);
    cairo_font_options_destroy(options);
}

void pages_open(struct pages *p, struct buf *out, const char *title, int64_t at_ms)
{
    buf_init(&p->scratch, 1 << 20);
    p->surface = cairo_pdf_surface_create_for_stream(take, out, PAGE_WIDTH, PAGE_HEIGHT);
    cairo_pdf_surface_restrict_to_version(p->surface, CAIRO_PDF_VERSION_1_5);
    p->cr = cairo_create(p->surface);
    PangoContext *context = pango_font_map_create_context(p->font.map);
    pango_cairo_update_context(p->cr, context);
    p->layout = pango_layout_new(context);
    g_object_unref(context);
    set_metadata(p, title, at_ms);
    set_up_layout(p);
}

bool pages_close(struct pages *p, const struct buf *out, struct problem *out_problem)
{
    cairo_surface_finish(p->surface);
    bool ok = cairo_surface_status(p->surface) == CAIRO_STATUS_SUCCESS &&
              cairo_status(p->cr) == CAIRO_STATUS_SUCCESS && buf_ok(out) && buf_ok(&p->scratch);
    if (!ok)
        problem_set(out_problem, "the pages could not be drawn: %s",
                    cairo_status_to_string(cairo_status(p->cr)));
    g_object_unref(p->layout);
    cairo_destroy(p->cr);
    cairo_surface_destroy(p->foot_code);
    cairo_surface_destroy(p->surface);
    buf_fini(&p->scratch);
    return ok;
}
