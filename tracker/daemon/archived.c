#include "archived.h"

#include "reply_fields.h"

#include <stdlib.h>

enum { LAGS_MS = 60000, TOLD_EVERY_MS = 60000 };

struct stream_id stream_id_read(struct text id)
{
    char bytes[48] = "";
    if (id.len > 0)
        memcpy(bytes, id.data, id.len < sizeof bytes - 1 ? id.len : sizeof bytes - 1);
    char *dash = NULL;
    int64_t ms = strtoll(bytes, &dash, 10);
    return (struct stream_id){ms, *dash == '-' ? strtoull(dash + 1, NULL, 10) : 0};
}

/* A clock that was set back begins anew. */
static int64_t behind_since(const struct archived *a, struct archived_watch *watch, struct now now)
{
    if (!a->there || a->upto_ms > 0)
        watch->empty_since_ms = 0;
    else if (watch->empty_since_ms == 0 || watch->empty_since_ms > now.wall.ms)
        watch->empty_since_ms = now.wall.ms;
    return a->upto_ms > 0 ? a->upto_ms : watch->empty_since_ms;
}

void archived_read(struct archived *a, struct archived_watch *watch, const struct reply *reply,
                   struct now now)
{
    static const char *const names[ARCHIVED_STREAMS] = {
        "last:violations", "last:trips",  "last:warnings", "last:work",  "last:collections", "last:coverage",
        "last:actions",    "last:shifts", "last:audit",    "last:marks", "last:attended"};
    *a = (struct archived){.known = reply->type == REPLY_ARRAY};
    if (!a->known)
        return;
    a->there = reply->count > 0;
    a->batch = reply_number_of(reply, "batch");
    a->upto_ms = reply_number_of(reply, "upto");
    a->seen_ms = reply_number_of(reply, "seen");
    for (int i = 0; i < ARCHIVED_STREAMS; i++)
        a->last[i] = stream_id_read(reply_field_of(reply, names[i]));
    a->behind_since_ms = behind_since(a, watch, now);
}

bool stream_id_before(struct stream_id a, struct stream_id b)
{
    return a.ms < b.ms || (a.ms == b.ms && a.seq < b.seq);
}

struct archived archived_both(const struct archived *a, const struct archived *b)
{
    struct archived both = a->there ? *a : *b;
    both.known = a->known && b->known;
    if (!a->there || !b->there)
        return both;
    both.batch = b->batch < both.batch ? b->batch : both.batch;
    both.upto_ms = b->upto_ms < both.upto_ms ? b->upto_ms : both.upto_ms;
    both.behind_since_ms =
        b->behind_since_ms < both.behind_since_ms ? b->behind_since_ms : both.behind_since_ms;
    for (int i = 0; i < ARCHIVED_STREAMS; i++)
        if (stream_id_before(b->last[i], both.last[i]))
            both.last[i] = b->last[i];
    return both;
}

bool archived_lags(const struct archived *a, struct now now)
{
    return a->known && a->there && now.wall.ms - a->behind_since_ms > LAGS_MS;
}

bool archived_lag_is_due(const struct archived *a, struct archived_watch *watch, struct now now)
{
    if (!archived_lags(a, now)) {
        watch->told_ms = a->known ? 0 : watch->told_ms;
        return false;
    }
    if (watch->told_ms != 0 && watch->told_ms <= now.wall.ms && now.wall.ms - watch->told_ms < TOLD_EVERY_MS)
        return false;
    watch->told_ms = now.wall.ms;
    return true;
}
