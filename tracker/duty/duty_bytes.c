#include "duty_bytes.h"

#include "array.h"

#include <stdlib.h>
#include <string.h>

/* Of 64 bits, seven a byte. */
enum { NUMBER_BYTES_MAX = 10 };

/* ---- writing ---- */

static void put(struct buf *out, int64_t value)
{
    /* Near zero in few bytes, whatever the sign. */
    uint64_t v = (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
    char *at = buf_reserve(out, NUMBER_BYTES_MAX);
    if (at == NULL)
        return;
    for (; v >= 0x80; v >>= 7)
        *at++ = (char)(v | 0x80);
    *at++ = (char)v;
    out->len = (size_t)(at - out->data);
}

static void put_name(struct buf *out, const struct names *names, uint32_t symbol)
{
    struct text t = names_text(names, symbol);
    put(out, (int64_t)t.len);
    buf_put(out, t.data, t.len);
}

static void put_names(struct buf *out, const struct names *names, const uint32_t *list, size_t count)
{
    put(out, (int64_t)count);
    for (size_t i = 0; i < count; i++)
        put_name(out, names, list[i]);
}

static void put_violation(struct buf *out, const struct said_violation *v)
{
    put(out, v->rev);
    if (v->rev == 0)
        return;
    put(out, v->standing);
    put(out, v->cleared | v->no_data << 1);
    put(out, v->end_ms);
    put(out, v->permille);
}

static void put_point(struct buf *out, const struct names *names, const struct said_point *p)
{
    put_name(out, names, p->fence);
    put(out, p->from_min);
    put(out, p->heard);
    put(out, p->rev);
    put_violation(out, &p->violation);
    if (p->rev == 0)
        return;
    put(out, p->state);
    put_name(out, names, p->vehicle);
    put(out, p->arrived_ms);
    put(out, p->left_ms);
    put(out, p->distance_dm);
    put(out, p->inferred);
}

static void put_window(struct buf *out, const struct said_window *w)
{
    put(out, w->from_min);
    put(out, w->to_min);
    put(out, w->heard);
    put(out, w->rev);
    put(out, (int64_t)w->digest);
    put_violation(out, &w->violation);
}

void duty_head_write(const struct duty_ledger *l, const struct names *names, struct buf *out)
{
    put(out, DUTY_BYTES_VERSION);
    put_name(out, names, l->duty);
    put(out, l->day);
    put(out, l->origin_ms);
    put(out, l->over_ms);
    put(out, l->clock_ms);
    put(out, l->since_ms);
    put(out, (int64_t)l->count);
    put_names(out, names, l->vehicles, l->vehicle_count);
    put_names(out, names, l->fences, l->fence_count);
    put(out, l->point_count);
    for (uint32_t i = 0; i < l->point_count; i++)
        put_point(out, names, &l->points[i]);
    put(out, l->window_count);
    for (uint32_t i = 0; i < l->window_count; i++)
        put_window(out, &l->windows[i]);
}

static size_t page_items(const struct duty_ledger *l, size_t page)
{
    size_t from = page * LEDGER_PAGE_ITEMS;
    if (from >= l->count)
        return 0;
    return l->count - from < LEDGER_PAGE_ITEMS ? l->count - from : LEDGER_PAGE_ITEMS;
}

void duty_page_write(const struct duty_ledger *l, size_t page, struct buf *out)
{
    buf_put(out, &l->items[page * LEDGER_PAGE_ITEMS], page_items(l, page) * sizeof *l->items);
}

/* ---- reading ---- */

struct reading {
    struct text in;
    size_t at;
    struct names *names;
    bool failed;
};

static int64_t take(struct reading *r)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (r->at >= r->in.len)
            break;
        uint8_t byte = (uint8_t)r->in.data[r->at++];
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
    }
    r->failed = true;
    return 0;
}

/* At most `max`, and not below 0. */
static uint32_t take_small(struct reading *r, int64_t max)
{
    int64_t v = take(r);
    r->failed |= v < 0 || v > max;
    return r->failed ? 0 : (uint32_t)v;
}

static uint32_t take_name(struct reading *r)
{
    size_t len = take_small(r, WORLD_ID_MAX * 4);
    uint32_t symbol = 0;
    if (r->failed || len > r->in.len - r->at) {
        r->failed = true;
        return 0;
    }
    struct text t = {r->in.data + r->at, len};
    r->at += len;
    r->failed |= len > 0 && !names_intern(r->names, t, &symbol);
    return symbol;
}

static bool take_names(struct reading *r, uint32_t **list, size_t *count, size_t *cap)
{
    size_t n = take_small(r, UINT16_MAX);
    if (r->failed || !array_reserve(list, cap, n + 1, sizeof **list))
        return false;
    for (size_t i = 0; i < n; i++)
        (*list)[i] = take_name(r);
    *count = n;
    return !r->failed;
}

static void take_violation(struct reading *r, struct said_violation *v)
{
    v->rev = take_small(r, UINT32_MAX);
    if (v->rev == 0)
        return;
    v->standing = (uint8_t)take_small(r, VIOLATION_WITHDRAWN);
    uint32_t flags = take_small(r, 3);
    v->cleared = flags & 1;
    v->no_data = (uint8_t)(flags >> 1);
    v->end_ms = take(r);
    v->permille = (int32_t)take_small(r, 1000);
}

static void take_point(struct reading *r, struct said_point *p)
{
    p->fence = take_name(r);
    p->from_min = (uint16_t)take_small(r, UINT16_MAX);
    p->heard = (uint8_t)take_small(r, 1);
    p->rev = take_small(r, UINT32_MAX);
    take_violation(r, &p->violation);
    if (p->rev == 0)
        return;
    p->state = (uint8_t)take_small(r, SAID_EXTRA);
    p->vehicle = take_name(r);
    p->arrived_ms = take(r);
    p->left_ms = take(r);
    p->distance_dm = (uint16_t)take_small(r, UINT16_MAX);
    p->inferred = (uint8_t)take_small(r, 1);
}

static void take_window(struct reading *r, struct said_window *w)
{
    w->from_min = (uint16_t)take_small(r, UINT16_MAX);
    w->to_min = (uint16_t)take_small(r, UINT16_MAX);
    w->heard = (uint8_t)take_small(r, 1);
    w->rev = take_small(r, UINT32_MAX);
    w->digest = (uint64_t)take(r);
    take_violation(r, &w->violation);
}

static bool take_said(struct reading *r, struct duty_ledger *l)
{
    uint32_t points = take_small(r, DUTY_PARTS_MAX);
    l->points = calloc((size_t)points + 1, sizeof *l->points);
    if (l->points == NULL)
        return false;
    for (uint32_t i = 0; i < points && !r->failed; i++)
        take_point(r, &l->points[i]);
    l->point_count = points;
    uint32_t windows = take_small(r, DUTY_PARTS_MAX);
    l->windows = calloc((size_t)windows + 1, sizeof *l->windows);
    if (l->windows == NULL)
        return false;
    for (uint32_t i = 0; i < windows && !r->failed; i++)
        take_window(r, &l->windows[i]);
    l->window_count = windows;
    return !r->failed;
}

static bool take_head(struct reading *r, struct duty_ledger *l)
{
    r->failed |= take(r) != DUTY_BYTES_VERSION;
    l->duty = take_name(r);
    l->day = (int32_t)take_small(r, INT32_MAX);
    l->origin_ms = take(r);
    l->over_ms = take(r);
    l->clock_ms = take(r);
    l->since_ms = take(r);
    l->count = take_small(r, LEDGER_ITEMS_MAX);
    if (r->failed || !array_reserve(&l->items, &l->cap, l->count + 1, sizeof *l->items))
        return false;
    memset(l->items, 0xff, (l->count + 1) * sizeof *l->items); /* as no item is, until its page is read */
    return take_names(r, &l->vehicles, &l->vehicle_count, &l->vehicle_cap) &&
           take_names(r, &l->fences, &l->fence_count, &l->fence_cap) && take_said(r, l) && r->at == r->in.len;
}

struct duty_ledger *duty_head_read(struct text bytes, struct names *names)
{
    struct reading r = {.in = bytes, .names = names};
    struct duty_ledger *l = calloc(1, sizeof *l);
    if (l != NULL && !take_head(&r, l)) {
        ledger_free(l);
        return NULL;
    }
    return l;
}

bool duty_page_read(struct duty_ledger *l, size_t page, struct text bytes)
{
    size_t items = page < LEDGER_ITEMS_MAX / LEDGER_PAGE_ITEMS + 1 ? page_items(l, page) : 0;
    if (items == 0 || bytes.len != items * sizeof *l->items)
        return false;
    memcpy(&l->items[page * LEDGER_PAGE_ITEMS], bytes.data, bytes.len);
    return true;
}

bool duty_read_whole(struct duty_ledger *l)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct ledger_item *item = &l->items[i];
        if (item->vehicle >= l->vehicle_count || item->flags >= ITEM_WITHDRAWN * 2 ||
            item->side > SIDE_RIGHT || ((item->flags & ITEM_DRIVE) && item->drive.segment >= l->fence_count))
            return false;
    }
    return ledger_index(l);
}
