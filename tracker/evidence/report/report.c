#include "pages.h"

#include "time_text.h"

#include <cairo-pdf.h>
#include <fontconfig/fontconfig.h>

int report_font_version(struct problem *out_problem)
{
    FcPattern *wanted = FcPatternCreate();
    FcObjectSet *objects = FcObjectSetBuild(FC_FONTVERSION, FC_FILE, (char *)NULL);
    FcPatternAddString(wanted, FC_FAMILY, (const FcChar8 *)REPORT_FONT);
    FcFontSet *found = FcFontList(NULL, wanted, objects);
    int version = 0;
    for (int i = 0; found != NULL && i < found->nfont; i++) {
        int one = 0;
        if (FcPatternGetInteger(found->fonts[i], FC_FONTVERSION, 0, &one) == FcResultMatch && one > version)
            version = one;
    }
    if (version == 0)
        problem_set(out_problem, "the font family '" REPORT_FONT "' (Debian: fonts-noto-cjk) is not there; "
                                 "another would show other forms of the characters");
    if (found != NULL)
        FcFontSetDestroy(found);
    FcObjectSetDestroy(objects);
    FcPatternDestroy(wanted);
    return version;
}

static cairo_status_t take(void *context, const unsigned char *bytes, unsigned length)
{
    struct buf *out = context;
    buf_put(out, bytes, length);
    return buf_ok(out) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_NO_MEMORY;
}

/* What a viewer shows of the file; the dates are those of the sealing. */
static void set_metadata(struct pages *p)
{
    const struct sealed_header *h = &p->f->header;
    char when[40];
    time_text_write((struct wall){h->sealed_at_ms / 1000 * 1000}, &p->scratch);
    snprintf(when, sizeof when, "%.*s", TEXT_ARG(buf_text(&p->scratch)));
    buf_clear(&p->scratch);
    buf_printf(&p->scratch, "Muckwatch case %.*s, edition %u", TEXT_ARG(h->id), (unsigned)h->edition);
    buf_put_char(&p->scratch, '\0');
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_TITLE, p->scratch.data);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATOR, "Muckwatch");
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATE_DATE, when);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_MOD_DATE, when);
    buf_clear(&p->scratch);
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

static void draw_all(struct pages *p)
{
    p->total = 4 + part_fixes_pages(p->f) + part_history_pages(p->f);
    part_summary(p);
    part_map(p);
    part_strips(p);
    part_fixes(p);
    part_history(p);
    part_check(p);
}

bool report_pdf(const struct case_facts *f, const struct report_options *options, struct buf *out,
                struct problem *out_problem)
{
    struct pages p = {.f = f, .options = options, .font_version = report_font_version(out_problem)};
    if (p.font_version == 0)
        return false;
    buf_init(&p.scratch, 1 << 20);
    p.surface = cairo_pdf_surface_create_for_stream(take, out, PAGE_WIDTH, PAGE_HEIGHT);
    cairo_pdf_surface_restrict_to_version(p.surface, CAIRO_PDF_VERSION_1_5);
    p.cr = cairo_create(p.surface);
    p.layout = pango_cairo_create_layout(p.cr);
    set_metadata(&p);
    set_up_layout(&p);
    draw_all(&p);
    cairo_surface_finish(p.surface);
    bool ok = cairo_surface_status(p.surface) == CAIRO_STATUS_SUCCESS &&
              cairo_status(p.cr) == CAIRO_STATUS_SUCCESS && buf_ok(out) && buf_ok(&p.scratch);
    if (!ok)
        problem_set(out_problem, "the report could not be drawn: %s",
                    cairo_status_to_string(cairo_status(p.cr)));
    g_object_unref(p.layout);
    cairo_destroy(p.cr);
    cairo_surface_destroy(p.surface);
    buf_fini(&p.scratch);
    return ok;
}
