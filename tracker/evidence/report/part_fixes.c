/*
 * part_fixes: every fix in a table, in order of time: what was measured, how late it came, and the beginning of its hash.
 */
#include "report_pages.h"

#include <math.h>

enum { ROWS = 62, COLUMNS = 15 };
static const double row_height = 10.6, size = 6.3;

struct column {
    const char *head;
    double width;
};

static const struct column columns[COLUMNS] = {
    {"n", 36},         {"时间 time", 68}, {"迟到 lag s", 34}, {"纬度 lat", 48}, {"经度 lon", 50},
    {"km/h", 27},      {"航向°", 25},     {"误差 ±m", 32},    {"星 sats", 26},  {"厢盖 cover", 36},
    {"车厢 body", 36}, {"装载 load", 36}, {"kg", 31},         {"", 0},          {"SHA-256", 40}};

unsigned part_fixes_pages(const struct case_facts *f)
{
    return (unsigned)((f->fix_count + ROWS - 1) / ROWS);
}

static void put_cell(struct buf *out, bool there, double value, int decimals)
{
    if (there)
        buf_put_fixed(out, value, decimals);
    else
        buf_puts(out, "–");
}

/* One cell of a row, into the scratch. */
static void write_cell(struct pages *p, const struct case_fix *c, int column)
{
    const struct fix *fix = &c->fix;
    struct buf *out = &p->scratch;
    bool placed = fix_has(fix, FIX_HAS_POSITION);
    switch (column) {
    case 0:
        buf_put_u64(out, c->n);
        break;
    case 1:
        case_put_time(p->f, fix->time.ms, false, out);
        break;
    case 2:
        put_cell(out, true, (double)(c->received_ms - fix->time.ms) / 1000, 1);
        buf_puts(out, c->late.len > 0 ? " *" : "");
        break;
    case 3:
        put_cell(out, placed, fix->lat_deg, 6);
        break;
    case 4:
        put_cell(out, placed, fix->lon_deg, 6);
        break;
    case 5:
        put_cell(out, fix_has(fix, FIX_HAS_SPEED), (double)fix->speed_mps * 3.6, 1);
        break;
    case 6:
        put_cell(out, fix_has(fix, FIX_HAS_TRACK), (double)fix->track_deg, 0);
        break;
    case 7:
        put_cell(out, fix_has(fix, FIX_HAS_EPH), (double)fix->eph_m, 1);
        break;
    case 8:
        put_cell(out, fix_has(fix, FIX_HAS_SATS), fix->sats, 0);
        break;
    case 9:
        buf_puts(out, case_cover(fix));
        break;
    case 10:
        buf_puts(out, case_body(fix));
        break;
    case 11:
        buf_puts(out, case_load(fix));
        break;
    case 12:
        put_cell(out, !isnan(fix->sensors.load_kg), (double)fix->sensors.load_kg, 0);
        break;
    case 14:
        buf_put_text(out, (struct text){c->sha256.data, c->sha256.len < 8 ? c->sha256.len : 8});
        break;
    }
}

static void draw_row(struct pages *p, const struct case_fix *c, double y)
{
    double x = PAGE_MARGIN;
    if (case_is_within(p->f, c))
        pages_fill(p, 0xc62828, 0.09, (double[4]){x - 2, y - 0.5, PAGE_INNER + 4, row_height});
    for (int i = 0; i < COLUMNS; x += columns[i++].width)
        if (columns[i].width > 0) {
            write_cell(p, c, i);
            if (p->scratch.len > 0)
                pages_put_scratch(p, x, y, (struct page_text){size, false, 0x111111, 0, 0});
        }
}

static void draw_heads(struct pages *p, double y)
{
    double x = PAGE_MARGIN;
    for (int i = 0; i < COLUMNS; x += columns[i++].width)
        if (columns[i].width > 0)
            pages_puts(p, x, y, (struct page_text){size, true, 0x333333, columns[i].width, 1},
                       columns[i].head);
}

void part_fixes(struct pages *p)
{
    const struct case_facts *f = p->f;
    for (size_t first = 0; first < f->fix_count; first += ROWS) {
        pages_begin(p);
        double y = pages_heading(p, PAGE_TOP, "全部定位 Every fix");
        draw_heads(p, y);
        y += 12;
        for (size_t i = first; i < f->fix_count && i < first + ROWS; i++, y += row_height)
            draw_row(p, &f->fixes[i], y);
        pages_puts(p, PAGE_MARGIN, PAGE_BOTTOM - 8, (struct page_text){6, false, 0x555555, PAGE_INNER, 1},
                   "底色为违法期间；* 迟到或时钟有误，按规定处理；SHA-256 为原文哈希前 8 位，全文见 "
                   "data/raw.jsonl。 "
                   "Shaded: within the violation. * late, or by a wrong clock. First 8 digits of the hash of "
                   "the bytes as sent.");
        pages_end(p);
    }
}
