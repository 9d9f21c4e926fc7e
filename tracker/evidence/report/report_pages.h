/* report_pages: a PDF under way: its surface, the page in hand with its head and foot, and texts on it. Lengths are points, from the upper left. */
#ifndef MW_REPORT_PAGES_H
#define MW_REPORT_PAGES_H

#include "report_font.h"
#include "report_options.h"
#include "scene.h"

#include <cairo.h>
#include <pango/pangocairo.h>

#define PAGE_WIDTH  595.0
#define PAGE_HEIGHT 842.0
#define PAGE_MARGIN 40.0
#define PAGE_TOP    52.0  /* what is on a page begins here */
#define PAGE_BOTTOM 768.0 /* and ends here */
#define PAGE_INNER  (PAGE_WIDTH - 2 * PAGE_MARGIN)

struct pages {
    const struct case_facts *f;
    const struct report_options *options;
    cairo_surface_t *surface;
    cairo_surface_t *foot_code; /* the QR code of each page's foot, when one has been drawn */
    cairo_t *cr;
    PangoLayout *layout;
    unsigned page, total;
    struct report_font font;
    struct buf scratch;
};

struct page_text {
    double size;
    bool bold;
    unsigned rgb;
    double width; /* lines are broken to it; 0: none is */
    int lines;    /* at most, then an ellipsis; 0: any */
};

/* Begins a file, whose dates are this time, to be appended to `out`; and ends it: false with the reason. */
void pages_open(struct pages *p, struct buf *out, const char *title, int64_t at_ms);
bool pages_close(struct pages *p, const struct buf *out, struct problem *out_problem);
/* A square of that side with a QR code, its upper left there. */
void pages_qr(struct pages *p, const char *words, double side, const double at[2]);

/* Begins a page with its head, foot and, if it is a draft, the mark across it. */
void pages_begin(struct pages *p);
void pages_end(struct pages *p);

/* From its upper left; how high it is. */
double pages_put(struct pages *p, double x, double y, struct page_text style, struct text t);
double pages_puts(struct pages *p, double x, double y, struct page_text style, const char *t);
/* What stands in the scratch, which is emptied. */
double pages_put_scratch(struct pages *p, double x, double y, struct page_text style);
/* A heading in both languages; where what follows begins. */
double pages_heading(struct pages *p, double y, const char *words);
void pages_fill(struct pages *p, unsigned rgb, double alpha, const double box[4]); /* x, y, width, height */
void pages_line(struct pages *p, unsigned rgb, double width, const double ends[4]);
/* A scene whose upper left is there. */
void pages_scene(struct pages *p, const struct scene *s, double x, double y);
void pages_colour(struct pages *p, unsigned rgb, double alpha);

/* The parts, a page or more each; how many pages those of unknown length are. */
void part_summary(struct pages *p);
void part_map(struct pages *p);
void part_strips(struct pages *p);
unsigned part_fixes_pages(const struct case_facts *f);
void part_fixes(struct pages *p);
unsigned part_history_pages(const struct case_facts *f);
void part_history(struct pages *p);
void part_check(struct pages *p);

#endif
