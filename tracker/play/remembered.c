#include "remembered.h"

#include "array.h"

#include <stdlib.h>
#include <string.h>

enum { SAID_MAX_BYTES = 64 << 20 };

void remembered_init(struct remembered *m)
{
    *m = (struct remembered){0};
    said_init(&m->said, SAID_MAX_BYTES);
}

void remembered_fini(struct remembered *m)
{
    for (size_t i = 0; i < m->point_count; i++)
        free(m->points[i].bytes);
    free(m->points);
    free(m->fixes);
    said_fini(&m->said);
}

bool remembered_add_fix(struct remembered *m, const struct late_fix *fix)
{
    if (!array_reserve(&m->fixes, &m->fix_cap, m->fix_count + 1, sizeof *m->fixes))
        return false;
    struct late_fix *f = &m->fixes[m->fix_count++];
    *f = *fix;
    f->fix.boot = TEXT(""); /* it borrowed the line */
    return true;
}

bool remembered_add_point(struct remembered *m, const struct remembered_point *point, struct text state)
{
    char *bytes = malloc(state.len);
    if (bytes == NULL || !array_reserve(&m->points, &m->point_cap, m->point_count + 1, sizeof *m->points)) {
        free(bytes);
        return false;
    }
    memcpy(bytes, state.data, state.len);
    struct remembered_point *p = &m->points[m->point_count++];
    *p = *point;
    p->bytes = bytes;
    p->len = state.len;
    return true;
}

const struct remembered_point *remembered_before(const struct remembered *m, int64_t ms, uint64_t world)
{
    const struct remembered_point *best = NULL, *first = NULL;
    for (size_t i = 0; i < m->point_count; i++) {
        const struct remembered_point *p = &m->points[i];
        if (p->world < world)
            continue;
        if (first == NULL || p->upto_ms < first->upto_ms)
            first = p;
        if (p->upto_ms < ms && (best == NULL || p->upto_ms >= best->upto_ms))
            best = p;
    }
    return best != NULL ? best : first;
}

/* Keeps the points that `keep` names, in their order. */
static void keep_points(struct remembered *m, bool (*keep)(const struct remembered_point *, int64_t),
                        int64_t ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->point_count; i++)
        if (keep(&m->points[i], ms))
            m->points[kept++] = m->points[i];
        else
            free(m->points[i].bytes);
    m->point_count = kept;
}

static bool ends_before(const struct remembered_point *p, int64_t ms)
{
    return p->upto_ms < ms;
}

static bool ends_at_or_after(const struct remembered_point *p, int64_t ms)
{
    return p->upto_ms >= ms;
}

void remembered_drop_from(struct remembered *m, int64_t ms)
{
    keep_points(m, ends_before, ms);
}

void remembered_trim(struct remembered *m, int64_t horizon_begins_ms, bool keep_said)
{
    const struct remembered_point *oldest = remembered_before(m, horizon_begins_ms, 0);
    if (oldest == NULL || oldest->upto_ms >= horizon_begins_ms)
        return;
    int64_t time_ms = oldest->time_ms;
    keep_points(m, ends_at_or_after, oldest->upto_ms);
    if (!keep_said)
        said_forget(&m->said, time_ms);
    size_t kept = 0;
    for (size_t i = 0; i < m->fix_count; i++)
        if (m->fixes[i].fix.time.ms > time_ms)
            m->fixes[kept++] = m->fixes[i];
    m->fix_count = kept;
}
