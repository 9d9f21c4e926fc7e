#include "cutting.h"

#include "array.h"
#include "json_write.h"
#include "line_fix.h"

#include <sodium.h>
#include <stdlib.h>

#define NONE INT64_MIN

struct item {
    enum track_line_kind kind;
    struct part_line at;
    size_t from, len; /* in texts */
    int64_t time_ms;  /* of a fix: its own, NONE where it says none or by a wrong clock */
};

struct hole {
    struct cutting_hole as;
    size_t from;
};

struct cutting {
    struct text vehicle;
    struct cutting_span span;
    struct buf texts;
    struct item *items;
    size_t count, cap;
    struct hole *holes;
    size_t hole_count, hole_cap;
};

int64_t cutting_from_ms(const struct cutting_span *span)
{
    int64_t from = span->start_ms - span->pre_ms;
    return span->loaded_ms > 0 && span->loaded_ms < from ? span->loaded_ms : from;
}

int64_t cutting_to_ms(const struct cutting_span *span)
{
    int64_t end = span->told_ms > span->end_ms ? span->told_ms : span->end_ms;
    return span->end_ms > 0 ? end + span->post_ms : INT64_MAX;
}

struct cutting *cutting_new(struct text vehicle, const struct cutting_span *span)
{
    struct cutting *c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    c->vehicle = vehicle;
    c->span = *span;
    buf_init(&c->texts, CUTTING_BYTES_MAX);
    return c;
}

void cutting_free(struct cutting *c)
{
    if (c == NULL)
        return;
    buf_fini(&c->texts);
    free(c->items);
    free(c->holes);
    free(c);
}

static int64_t time_of(const struct cutting_line *line)
{
    struct fix_line read;
    bool own =
        line->kind == TRACK_LINE_FIX && line->at.late != PART_BY_CLOCK && line_fix_read(line->line, &read);
    return own ? read.item.fix.time.ms : NONE;
}

bool cutting_take(struct cutting *c, const struct cutting_line *line)
{
    if (!array_reserve(&c->items, &c->cap, c->count + 1, sizeof *c->items))
        return false;
    c->items[c->count++] = (struct item){line->kind, line->at, c->texts.len, line->line.len, time_of(line)};
    buf_put_text(&c->texts, line->line);
    return buf_ok(&c->texts);
}

bool cutting_take_hole(struct cutting *c, const struct cutting_hole *hole)
{
    if (!array_reserve(&c->holes, &c->hole_cap, c->hole_count + 1, sizeof *c->holes))
        return false;
    c->holes[c->hole_count++] = (struct hole){*hole, c->texts.len};
    buf_put_text(&c->texts, hole->hole);
    return buf_ok(&c->texts);
}

/* ---- which of them ---- */

static bool is_fix(const struct item *i)
{
    return i->kind == TRACK_LINE_FIX;
}

bool cutting_is_joined(const struct cutting *c)
{
    int64_t from = cutting_from_ms(&c->span);
    for (size_t i = 0; i < c->count; i++)
        if (is_fix(&c->items[i]) && c->items[i].time_ms != NONE && c->items[i].time_ms <= from &&
            c->items[i].time_ms >= from - c->span.gap_ms)
            return true;
    return false;
}

/* Where the case begins, by the fixes' own time. */
static int64_t begins_ms(const struct cutting *c)
{
    int64_t from = cutting_from_ms(&c->span), last = NONE, first = INT64_MAX;
    for (size_t i = 0; i < c->count; i++) {
        int64_t time = c->items[i].time_ms;
        if (time != NONE && time < from && time > last)
            last = time;
        if (time != NONE && time >= from && time < first)
            first = time;
    }
    return last != NONE && first - last > c->span.gap_ms ? last : from;
}

struct window {
    int64_t from_ms, to_ms;
    size_t first, last; /* of the fixes in it, by their places; first > last: there is none */
};

static bool is_wanted(const struct item *i, const struct window *w)
{
    int64_t time = i->time_ms != NONE ? i->time_ms : i->at.received_ms;
    return time >= w->from_ms && time <= w->to_ms;
}

static struct window window_of(const struct cutting *c)
{
    struct window w = {begins_ms(c), cutting_to_ms(&c->span), c->count, 0};
    for (size_t i = 0; i < c->count; i++)
        if (is_fix(&c->items[i]) && is_wanted(&c->items[i], &w)) {
            w.first = w.first == c->count ? i : w.first;
            w.last = i;
        }
    return w;
}

/* What was judged again tells what came late, however much later it was. */
static bool mark_is_wanted(const struct item *i, size_t place, const struct window *w)
{
    if (place < w->first)
        return false;
    return place <= w->last || i->kind == TRACK_LINE_REDO || i->at.received_ms <= w->to_ms;
}

/* ---- writing ---- */

struct putting {
    const struct cutting *c;
    struct buf *raw, *marks;
    int64_t n;
    uint32_t fixes;
};

static struct text text_in(const struct cutting *c, size_t from, size_t len)
{
    return (struct text){c->texts.data + from, len};
}

/* The bytes as sent, out of a recorded line: what stands behind the vehicle and the arrival, which are the tracker's. */
static void put_bytes(const struct cutting *c, const struct item *i, struct buf *out)
{
    static const struct text before = {"{\"vehicle\":\"", 12}, between = {"\",\"received\":", 13};
    struct text line = text_in(c, i->from, i->len);
    size_t at = before.len + c->vehicle.len + between.len;
    while (at < line.len && line.data[at] >= '0' && line.data[at] <= '9')
        at++;
    buf_put_char(out, '{');
    if (at < line.len && line.data[at] == ',')
        at++;
    if (at < line.len)
        buf_put(out, line.data + at, line.len - at);
}

static void put_place(struct buf *out, int64_t n, int64_t batch)
{
    buf_puts(out, "{\"n\":");
    buf_put_i64(out, n);
    buf_puts(out, ",\"batch\":");
    buf_put_i64(out, batch);
}

static void put_received(struct buf *out, int64_t ms)
{
    buf_puts(out, ",\"received\":");
    buf_put_i64(out, ms);
}

static void put_fix(struct putting *p, const struct item *i)
{
    static const char *const late[] = {
        [PART_LATE] = ",\"late\":\"1\"", [PART_BY_CLOCK] = ",\"late\":\"clock\""};
    unsigned char sha256[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof sha256 + 1];
    struct buf bytes;
    buf_init(&bytes, CUTTING_BYTES_MAX);
    put_bytes(p->c, i, &bytes);
    crypto_hash_sha256(sha256, (const unsigned char *)bytes.data, bytes.len);
    put_place(p->raw, ++p->n, i->at.batch);
    put_received(p->raw, i->at.received_ms);
    if (i->at.late != PART_IN_ORDER)
        buf_puts(p->raw, late[i->at.late]);
    buf_printf(p->raw, ",\"sha256\":\"%s\",\"fix\":", sodium_bin2hex(hex, sizeof hex, sha256, sizeof sha256));
    json_put_string(p->raw, buf_text(&bytes));
    buf_puts(p->raw, "}\n");
    p->raw->failed = p->raw->failed || bytes.failed;
    p->fixes++;
    buf_fini(&bytes);
}

static void put_hole(struct putting *p, const struct hole *h)
{
    put_place(p->raw, ++p->n, h->as.batch);
    put_received(p->raw, h->as.received_ms);
    buf_puts(p->raw, ",\"hole\":");
    json_put_string(p->raw, text_in(p->c, h->from, h->as.hole.len));
    buf_puts(p->raw, h->as.seen ? ",\"seen\":\"1\"}\n" : "}\n");
}

static void put_mark(struct putting *p, const struct item *i, int64_t n)
{
    put_place(p->marks, n, i->at.batch);
    buf_puts(p->marks, ",\"line\":");
    buf_put_text(p->marks, text_in(p->c, i->from, i->len));
    buf_puts(p->marks, "}\n");
}

/* The last one of a kind before the first fix. */
static void put_in_force(struct putting *p, enum track_line_kind kind, size_t before)
{
    for (size_t i = before; i > 0; i--)
        if (p->c->items[i - 1].kind == kind) {
            put_mark(p, &p->c->items[i - 1], 0);
            return;
        }
}

/* Holes that were given up up to here, from *next on. */
static void put_holes(struct putting *p, const struct window *w, const struct part_line *upto, size_t *next)
{
    for (; *next < p->c->hole_count; ++*next) {
        const struct cutting_hole *h = &p->c->holes[*next].as;
        bool later = upto != NULL &&
                     (h->at.life != upto->at.life ? h->at.life > upto->at.life : h->batch > upto->batch);
        if (later)
            return;
        if (h->received_ms >= w->from_ms && h->received_ms <= w->to_ms)
            put_hole(p, &p->c->holes[*next]);
    }
}

bool cutting_put(const struct cutting *c, struct buf *raw, struct buf *marks, uint32_t *out_fixes)
{
    struct putting p = {c, raw, marks, 0, 0};
    struct window w = window_of(c);
    size_t next_hole = 0;
    put_in_force(&p, TRACK_LINE_CLOCK, w.first);
    put_in_force(&p, TRACK_LINE_RULESET, w.first);
    for (size_t i = w.first; i < c->count; i++) {
        const struct item *item = &c->items[i];
        if (!is_fix(item)) {
            if (mark_is_wanted(item, i, &w))
                put_mark(&p, item, ++p.n);
            continue;
        }
        /* What came late meanwhile, of whatever time, was a sign of life. */
        bool meanwhile = item->at.late != PART_IN_ORDER && i > w.first && i < w.last;
        if (!is_wanted(item, &w) && !meanwhile)
            continue;
        put_holes(&p, &w, &item->at, &next_hole);
        put_fix(&p, item);
    }
    put_holes(&p, &w, NULL, &next_hole);
    *out_fixes = p.fixes;
    return buf_ok(raw) && buf_ok(marks);
}
