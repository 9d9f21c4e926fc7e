/*
 * part_strips: speed, cover, body, load and weight over time, above one another on one scale of time; the violation is shaded.
 */
#include "report_pages.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Of all strips: 150 + 12, three bands of 16 + 20, 100 + 12, 80 + 12. */
enum { STRIPS_HEIGHT = 474 };
static const double left = PAGE_MARGIN + 78, right = PAGE_WIDTH - PAGE_MARGIN;

struct strips {
    struct pages *p;
    int64_t from_ms, to_ms;
    double top; /* of the strip in hand */
};

static double x_of(const struct strips *s, int64_t ms)
{
    double share = (double)(ms - s->from_ms) / (double)(s->to_ms - s->from_ms);
    return left + fmin(fmax(share, 0), 1) * (right - left);
}

static void shade(struct strips *s, double height)
{
    double from = x_of(s, case_start_ms(s->p->f)), to = x_of(s, case_end_ms(s->p->f));
    pages_fill(s->p, 0xc62828, 0.10, (double[4]){from, s->top, fmax(to - from, 1), height});
}

static void draw_label(struct strips *s, const char *words, double height)
{
    pages_puts(s->p, PAGE_MARGIN, s->top + height / 2 - 8, (struct page_text){8, true, 0x333333, 72, 2},
               words);
}

/* ---- measured values ---- */

struct curve {
    const char *label;
    bool (*value)(const struct fix *fix, double *out);
    double limit;     /* NaN: none */
    double least_top; /* the scale goes to this at least */
};

static bool speed_of(const struct fix *fix, double *out)
{
    *out = (double)fix->speed_mps * 3.6;
    return fix_has(fix, FIX_HAS_SPEED);
}

static bool load_of(const struct fix *fix, double *out)
{
    *out = (double)fix->sensors.load_kg;
    return !isnan(fix->sensors.load_kg);
}

static bool error_of(const struct fix *fix, double *out)
{
    *out = (double)fix->eph_m;
    return fix_has(fix, FIX_HAS_EPH);
}

/* A scale's end: 1, 2, 4, 5 or 8 times a power of ten. */
static double round_up(double v)
{
    static const double steps[] = {1, 2, 4, 5, 8, 10};
    double power = pow(10, floor(log10(fmax(v, 1))));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i] * power >= v)
            return steps[i] * power;
    return 10 * power;
}

static double top_of(const struct strips *s, const struct curve *c)
{
    double most = isnan(c->limit) ? c->least_top : fmax(c->least_top, c->limit * 1.1), v;
    for (size_t i = 0; i < s->p->f->fix_count; i++)
        if (c->value(&s->p->f->fixes[i].fix, &v))
            most = fmax(most, v);
    return round_up(most);
}

static void draw_scale(struct strips *s, double top, double height)
{
    for (int i = 0; i <= 2; i++) {
        double y = s->top + height * (1 - i / 2.0);
        pages_line(s->p, 0xdddddd, 0.4, (double[4]){left, y, right, y});
        buf_put_fixed(&s->p->scratch, top * i / 2, top < 10 ? 1 : 0);
        pages_put_scratch(s->p, left - 26, y - 5, (struct page_text){6.5, false, 0x555555, 0, 0});
    }
}

static void draw_curve(struct strips *s, const struct curve *c, double height)
{
    const struct case_facts *f = s->p->f;
    double top = top_of(s, c), v;
    bool on = false;
    draw_label(s, c->label, height);
    draw_scale(s, top, height);
    shade(s, height);
    if (!isnan(c->limit)) {
        double y = s->top + height * (1 - c->limit / top);
        pages_line(s->p, 0xe65100, 0.8, (double[4]){left, y, right, y});
        pages_puts(s->p, right - 44, y - 9, (struct page_text){6.5, true, 0xe65100, 0, 0}, "限值 limit");
    }
    pages_colour(s->p, 0x0d47a1, 1);
    cairo_set_line_width(s->p->cr, 0.9);
    for (size_t i = 0; i < f->fix_count; i++) {
        if (!c->value(&f->fixes[i].fix, &v)) {
            on = false;
            continue;
        }
        double x = x_of(s, f->fixes[i].fix.time.ms), y = s->top + height * (1 - fmin(fmax(v / top, 0), 1));
        if (on)
            cairo_line_to(s->p->cr, x, y);
        else
            cairo_move_to(s->p->cr, x, y);
        on = true;
        if (f->fix_count < 200) {
            cairo_rectangle(s->p->cr, x - 0.5, y - 0.5, 1, 1);
            cairo_move_to(s->p->cr, x, y);
        }
    }
    cairo_stroke(s->p->cr);
    s->top += height + 12;
}

/* ---- words of sensors ---- */

struct band {
    const char *label;
    const char *(*word)(const struct fix *fix);
    const char *legend; /* which colour is what */
};

static unsigned colour_of(const char *word)
{
    static const struct {
        const char *word;
        unsigned rgb;
    } rows[] = {{"open", 0xef6c00},   {"closed", 0x43a047}, {"raised", 0xef6c00}, {"down", 0x43a047},
                {"loaded", 0x6d4c41}, {"over", 0xc62828},   {"empty", 0xa5d6a7},  {"fault", 0x9e9e9e}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].word, word) == 0)
            return rows[i].rgb;
    return 0xffffff;
}

/* A sensor's word holds until the next fix, and no longer than a gap. */
static void draw_band(struct strips *s, const struct band *b)
{
    const struct case_facts *f = s->p->f;
    const double height = 16;
    double gap_s = case_number(json_node_member(f->canonical, "common"), "gap_s");
    int64_t gap_ms = (int64_t)((isnan(gap_s) ? 300 : gap_s) * 1000);
    draw_label(s, b->label, height);
    pages_fill(s->p, 0xf2f2f2, 1, (double[4]){left, s->top, right - left, height});
    for (size_t i = 0; i < f->fix_count; i++) {
        const char *word = b->word(&f->fixes[i].fix);
        int64_t from = f->fixes[i].fix.time.ms,
                to = i + 1 < f->fix_count ? f->fixes[i + 1].fix.time.ms : from;
        size_t same = i;
        if (word[0] == '\0')
            continue;
        while (same + 1 < f->fix_count && strcmp(b->word(&f->fixes[same + 1].fix), word) == 0 &&
               f->fixes[same + 1].fix.time.ms - f->fixes[same].fix.time.ms <= gap_ms)
            same++;
        to = same + 1 < f->fix_count ? f->fixes[same + 1].fix.time.ms : f->fixes[same].fix.time.ms;
        if (to - f->fixes[same].fix.time.ms > gap_ms)
            to = f->fixes[same].fix.time.ms;
        pages_fill(s->p, colour_of(word), 0.85,
                   (double[4]){x_of(s, from), s->top, fmax(x_of(s, to) - x_of(s, from), 0.8), height});
        i = same;
    }
    pages_puts(s->p, left, s->top + height + 1, (struct page_text){6.3, false, 0x555555, right - left, 1},
               b->legend);
    s->top += height + 20;
}

/* ---- the axis ---- */

static int64_t tick_ms(int64_t span_ms)
{
    static const int64_t steps_s[] = {10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400};
    for (size_t i = 0; i < sizeof steps_s / sizeof *steps_s; i++)
        if (span_ms / (steps_s[i] * 1000) <= 9)
            return steps_s[i] * 1000;
    return span_ms / 9;
}

static void draw_axis(struct strips *s, double to_y)
{
    int64_t step = tick_ms(s->to_ms - s->from_ms);
    char shown[32];
    for (int64_t ms = (s->from_ms + step - 1) / step * step; ms <= s->to_ms; ms += step) {
        double x = x_of(s, ms);
        pages_line(s->p, 0xcccccc, 0.3, (double[4]){x, s->top, x, to_y});
        case_put_time(s->p->f, ms, false, &s->p->scratch);
        snprintf(shown, sizeof shown, "%.8s", s->p->scratch.data + 11);
        buf_clear(&s->p->scratch);
        pages_puts(s->p, x - 15, to_y + 2, (struct page_text){6.8, false, 0x333333, 0, 0}, shown);
    }
    pages_line(s->p, 0x333333, 0.6, (double[4]){left, to_y, right, to_y});
}

/* Where the violation begins and ends, over all strips. */
static void draw_edges(struct strips *s, double from_y)
{
    double from = x_of(s, case_start_ms(s->p->f)), to = x_of(s, case_end_ms(s->p->f));
    pages_line(s->p, 0xc62828, 0.8, (double[4]){from, from_y, from, s->top});
    pages_line(s->p, 0xc62828, 0.8, (double[4]){to, from_y, to, s->top});
}

static void draw_strips(struct strips *s)
{
    bool speeding = text_equal(s->p->f->header.kind, TEXT("speeding")),
         weighed = text_equal(s->p->f->header.kind, TEXT("overload"));
    double limit = case_number(s->p->f->last, "limit"), none = (double)NAN;
    const struct curve curves[] = {{"速度 speed\nkm/h", speed_of, speeding ? limit : none, 20},
                                   {"载重 load\nkg", load_of, weighed ? limit : none, 1000},
                                   {"误差 error\n± m", error_of, none, 10}};
    const struct band bands[] = {
        {"厢盖 cover", case_cover,
         "橙 open 开启   绿 closed 关闭   灰 fault 故障   空白 blank: 未报 not said"},
        {"车厢 body", case_body, "橙 raised 举升   绿 down 落下   灰 fault 故障   空白 blank: 未报 not said"},
        {"装载 load", case_load,
         "浅绿 empty 空载   棕 loaded 重载   红 over 超载   灰 fault 故障   空白 blank: 未报 not said"}};
    double from_y = s->top;
    draw_axis(s, from_y + STRIPS_HEIGHT);
    draw_curve(s, &curves[0], 150);
    for (size_t i = 0; i < sizeof bands / sizeof *bands; i++)
        draw_band(s, &bands[i]);
    draw_curve(s, &curves[1], 100);
    draw_curve(s, &curves[2], 80);
    s->top = from_y + STRIPS_HEIGHT;
    draw_edges(s, from_y);
    s->top += 18;
    buf_puts(&s->p->scratch, "底色为违法期间 shaded: the violation, ");
    case_put_time(s->p->f, case_start_ms(s->p->f), false, &s->p->scratch);
    buf_puts(&s->p->scratch, " – ");
    case_put_time(s->p->f, case_end_ms(s->p->f), false, &s->p->scratch);
    pages_put_scratch(s->p, left, s->top, (struct page_text){7.5, false, 0x333333, right - left, 1});
}

void part_strips(struct pages *p)
{
    const struct case_facts *f = p->f;
    struct strips s = {.p = p, .from_ms = case_start_ms(f), .to_ms = case_end_ms(f)};
    pages_begin(p);
    s.top = pages_heading(p, PAGE_TOP, "随时间的变化 Over time") + 8;
    for (size_t i = 0; i < f->fix_count; i++) {
        int64_t ms = f->fixes[i].fix.time.ms;
        s.from_ms = ms < s.from_ms ? ms : s.from_ms;
        s.to_ms = ms > s.to_ms ? ms : s.to_ms;
    }
    if (s.to_ms - s.from_ms < 60000) { /* a moment: a minute around it */
        s.from_ms -= 30000;
        s.to_ms += 30000;
    }
    draw_strips(&s);
    pages_end(p);
}
