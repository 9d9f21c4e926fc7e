#include "report.h"

#include "report_pages.h"

#include <stdio.h>

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
    struct pages p = {.f = f, .options = options, .font = report_font(out_problem)};
    char title[128];
    if (p.font.map == NULL)
        return false;
    snprintf(title, sizeof title, "Muckwatch case %.*s, edition %u", TEXT_ARG(f->header.id),
             (unsigned)f->header.edition);
    pages_open(&p, out, title, f->header.sealed_at_ms);
    draw_all(&p);
    return pages_close(&p, out, out_problem);
}
