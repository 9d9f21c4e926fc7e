/*
 * register_find: one walk over all rows counts what fits and keeps the first page of it.
 *
 * The page is a heap of `limit` keys, the last one on top: what would stand behind it is passed over by one comparison. The
 * walk goes from the newest place to the oldest, since the newest mostly stand first. Rejected: an index for each order, which
 * every action and every correction would have to move, to save milliseconds that nobody waits for.
 */
#include "register_state.h"

#include "array.h"

#include <assert.h>
#include <stdlib.h>

struct page {
    const struct register_book *r;
    enum register_order order;
    uint32_t *alerts; /* a heap: each stands behind those below it */
    size_t count, limit;
};

static bool stands_behind(const struct page *p, uint32_t a, uint32_t b)
{
    return alert_key_before(register_key(p->r, b, p->order), register_key(p->r, a, p->order));
}

static void sift_down(struct page *p, size_t at)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < p->count && stands_behind(p, p->alerts[child + 1], p->alerts[child]))
            child++;
        if (child >= p->count || !stands_behind(p, p->alerts[child], p->alerts[at]))
            return;
        uint32_t swap = p->alerts[at];
        p->alerts[at] = p->alerts[child];
        p->alerts[child] = swap;
        at = child;
    }
}

static void offer(struct page *p, uint32_t number)
{
    if (p->count == p->limit) {
        if (p->limit > 0 && stands_behind(p, p->alerts[0], number)) {
            p->alerts[0] = number;
            sift_down(p, 0);
        }
        return;
    }
    size_t at = p->count++;
    p->alerts[at] = number;
    while (at > 0 && stands_behind(p, p->alerts[at], p->alerts[(at - 1) / 2])) {
        uint32_t swap = p->alerts[at];
        p->alerts[at] = p->alerts[(at - 1) / 2];
        p->alerts[(at - 1) / 2] = swap;
        at = (at - 1) / 2;
    }
}

/* The last one of the heap goes to its end, again and again: what is left is in order. */
static void put_in_order(struct page *p)
{
    size_t count = p->count;
    while (p->count > 1) {
        uint32_t last = p->alerts[0];
        p->alerts[0] = p->alerts[--p->count];
        p->alerts[p->count] = last;
        sift_down(p, 0);
    }
    p->count = count;
}

static void count(const struct alert_row *row, int64_t now_ms, struct register_found *out)
{
    out->total++;
    out->by_severity[row->severity]++;
    out->by_condition[row->condition]++;
    out->by_work[row->work]++;
    out->overdue += alert_is_overdue(row, now_ms);
    out->shelved += alert_is_shelved(row, now_ms);
    bool to_do = alert_is_to_do(row, now_ms);
    out->to_do += to_do;
    out->untouched_critical += to_do && row->work == WORK_OPEN && row->severity == SEVERITY_CRITICAL_ALERT;
}

enum register_asked register_find(struct register_book *r, const struct register_query *query,
                                  const struct register_page *wanted, struct register_found *out)
{
    struct register_filter filter;
    struct alert_key after = {0};
    char id[DESK_ID_LENGTH];
    bool first = wanted->cursor.len == 0;
    struct page page = {r, wanted->order, out->alerts, 0, wanted->limit};
    uint64_t behind = 0;
    assert(wanted->limit <= REGISTER_PAGE_MAX);
    if (!first && !register_cursor_read(r, wanted->order, wanted->cursor, id, &after))
        return REGISTER_CURSOR;
    if (!register_filter_make(r, query, &filter))
        return REGISTER_NO_MEMORY;
    memset(out, 0, sizeof *out);
    if (wanted->steps != NULL)
        *wanted->steps = (struct register_steps){0};
    for (size_t i = r->count; i-- > 0;) {
        if (!register_filter_fits(&filter, &r->rows[i]))
            continue;
        count(&r->rows[i], query->now_ms, out);
        if (wanted->steps != NULL)
            register_count_steps(r, (uint32_t)i, query->now_ms, wanted->steps);
        if (!first && !alert_key_before(after, register_key(r, (uint32_t)i, wanted->order)))
            continue;
        behind++;
        offer(&page, (uint32_t)i);
    }
    put_in_order(&page);
    out->count = page.count;
    out->truncated = r->left_closed + r->left_unclosed > 0;
    if (behind > page.count && page.count > 0)
        register_cursor_write(r, wanted->order, register_key(r, out->alerts[page.count - 1], wanted->order),
                              out->next);
    return REGISTER_OK;
}

/* What stands before the page, or behind it, is passed over before anything of it is asked. */
static bool fill(struct page *page, const struct register_filter *filter, const struct alert_key *after)
{
    bool more = false;
    for (size_t i = page->r->count; i-- > 0;) {
        const struct alert_row *row = &page->r->rows[i];
        if (!row->used ||
            (after != NULL && !alert_key_before(*after, register_key(page->r, (uint32_t)i, page->order))))
            continue;
        bool full = page->count == page->limit;
        if (full && !stands_behind(page, page->alerts[0], (uint32_t)i)) {
            more = true;
        } else if (register_filter_fits(filter, row)) {
            more = more || full;
            offer(page, (uint32_t)i);
        }
    }
    return more;
}

enum register_asked register_find_uncounted(struct register_book *r, const struct register_query *query,
                                            const struct register_page *wanted, struct register_found *out)
{
    struct register_filter filter;
    struct alert_key after;
    char id[DESK_ID_LENGTH];
    bool first = wanted->cursor.len == 0;
    struct page page = {r, wanted->order, out->alerts, 0, wanted->limit};
    assert(wanted->limit > 0 && wanted->limit <= REGISTER_PAGE_MAX);
    if (!first && !register_cursor_read(r, wanted->order, wanted->cursor, id, &after))
        return REGISTER_CURSOR;
    if (!register_filter_make(r, query, &filter))
        return REGISTER_NO_MEMORY;
    memset(out, 0, sizeof *out);
    bool more = fill(&page, &filter, first ? NULL : &after);
    put_in_order(&page);
    out->count = page.count;
    out->truncated = r->left_closed + r->left_unclosed > 0;
    if (more && page.count > 0)
        register_cursor_write(r, wanted->order, register_key(r, out->alerts[page.count - 1], wanted->order),
                              out->next);
    return REGISTER_OK;
}

/* ---- counts by a column ---- */

static int most_first(const void *a, const void *b)
{
    const struct register_count *x = a, *y = b;
    if (x->tally.alerts != y->tally.alerts)
        return x->tally.alerts > y->tally.alerts ? -1 : 1;
    return x->value < y->value ? -1 : x->value > y->value;
}

/* Keeps `out` in order, the least at its end. */
static void insert(struct register_count *out, size_t *count, size_t limit, struct register_count c)
{
    size_t at = *count;
    while (at > 0 && most_first(&c, &out[at - 1]) < 0)
        at--;
    if (at == limit)
        return;
    if (*count < limit)
        ++*count;
    memmove(out + at + 1, out + at, (*count - 1 - at) * sizeof *out);
    out[at] = c;
}

enum register_asked register_count_each(struct register_book *r, const struct register_query *query,
                                        enum register_column column, register_each_count *each, void *context)
{
    struct register_filter filter;
    size_t values = symbols_limit(&r->columns[column]);
    if (!array_reserve(&r->tallies, &r->tally_cap, values, sizeof *r->tallies) ||
        !register_filter_make(r, query, &filter))
        return REGISTER_NO_MEMORY;
    memset(r->tallies, 0, values * sizeof *r->tallies);
    for (size_t i = 0; i < r->count; i++)
        if (register_filter_fits(&filter, &r->rows[i]))
            register_tally_add(&r->tallies[r->rows[i].columns[column]], &r->rows[i]);
    for (uint32_t v = 0; v < values; v++)
        if (r->tallies[v].alerts > 0)
            each(context, &(struct register_count){v, r->tallies[v]});
    return REGISTER_OK;
}

struct most {
    struct register_count *out;
    size_t count, limit;
};

static void insert_value(void *context, const struct register_count *count)
{
    struct most *most = context;
    insert(most->out, &most->count, most->limit, *count);
}

enum register_asked register_count(struct register_book *r, const struct register_query *query,
                                   enum register_column column, struct register_count *out, size_t *limit)
{
    struct most most = {out, 0, *limit};
    enum register_asked asked = register_count_each(r, query, column, insert_value, &most);
    *limit = most.count;
    return asked;
}

enum register_asked register_bin(struct register_book *r, const struct register_query *query,
                                 const struct register_bins *bins)
{
    struct register_filter filter;
    if (!register_filter_make(r, query, &filter))
        return REGISTER_NO_MEMORY;
    memset(bins->tallies, 0, bins->count * sizeof *bins->tallies);
    for (size_t i = 0; i < r->count; i++)
        if (register_filter_fits(&filter, &r->rows[i])) {
            unsigned bin = bins->bin_of(bins->context, r->rows[i].start_ms);
            assert(bin < bins->count);
            register_tally_add(&bins->tallies[bin], &r->rows[i]);
        }
    return REGISTER_OK;
}

struct text register_value(const struct register_book *r, enum register_column column, uint32_t value)
{
    return symbols_text(&r->columns[column], value);
}

struct text register_of(const struct register_book *r, uint32_t number, enum register_column column)
{
    return symbols_text(&r->columns[column], r->rows[number].columns[column]);
}

bool register_look(const struct register_book *r, struct text id, struct register_scope scope,
                   uint32_t *out_number)
{
    uint32_t number;
    if (!register_number(r, id, &number))
        return false;
    const struct alert_row *row = &r->rows[number];
    if (scope.covers != NULL &&
        !scope.covers(scope.context,
                      symbols_text(&r->columns[COLUMN_JURISDICTION], row->columns[COLUMN_JURISDICTION]),
                      symbols_text(&r->columns[COLUMN_COMPANY], row->columns[COLUMN_COMPANY])))
        return false;
    *out_number = number;
    return true;
}

bool register_next_overdue(const struct register_book *r, int64_t now_ms, uint32_t *number)
{
    for (; *number < r->count; ++*number) {
        const struct alert_row *row = &r->rows[*number];
        if (row->used && r->mores[*number].known && alert_is_overdue(row, now_ms) &&
            alert_is_to_do(row, now_ms))
            return true;
    }
    return false;
}

static uint32_t actions_since(const struct alert_more *more, int64_t since_ms)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < more->line_count; i++)
        count += more->lines[i].action && more->lines[i].ms >= since_ms;
    return count;
}

bool register_next_done(const struct register_book *r, int64_t since_ms, struct register_scope scope,
                        uint32_t *number, uint32_t *out_actions)
{
    for (; *number < r->count; ++*number) {
        if (!r->rows[*number].used)
            continue;
        *out_actions = actions_since(&r->mores[*number], since_ms);
        if (*out_actions > 0 &&
            (scope.covers == NULL || scope.covers(scope.context, register_of(r, *number, COLUMN_JURISDICTION),
                                                  register_of(r, *number, COLUMN_COMPANY))))
            return true;
    }
    return false;
}
