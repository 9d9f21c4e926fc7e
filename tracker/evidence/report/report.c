#include "pages.h"

#include <fontconfig/fontconfig.h>
#include <stdio.h>

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
    char title[128];
    if (p.font_version == 0)
        return false;
    snprintf(title, sizeof title, "Muckwatch case %.*s, edition %u", TEXT_ARG(f->header.id),
             (unsigned)f->header.edition);
    pages_open(&p, out, title, f->header.sealed_at_ms);
    draw_all(&p);
    return pages_close(&p, out, out_problem);
}
