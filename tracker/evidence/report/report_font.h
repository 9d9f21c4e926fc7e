/* report_font: the fonts that pages are drawn with, made of the installed ones when first asked for, and kept. */
#ifndef MW_REPORT_FONT_H
#define MW_REPORT_FONT_H

#include "problem.h"

#include <pango/pango.h>

#define REPORT_FONT_MADE "Muckwatch report" /* the family, as the map calls it */

struct report_font {
    PangoFontMap *map; /* not the caller's */
    int version;       /* of the installed ones, as fontconfig counts */
};

/* The map is NULL, with the reason: they are not there. */
struct report_font report_font(struct problem *out_problem);

#endif
