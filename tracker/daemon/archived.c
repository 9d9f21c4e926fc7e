#include "archived.h"

#include "reply_fields.h"

#include <stdlib.h>

enum { LAGS_MS = 60000 };

struct stream_id stream_id_read(struct text id)
{
    char bytes[48] = "";
    if (id.len > 0)
        memcpy(bytes, id.data, id.len < sizeof bytes - 1 ? id.len : sizeof bytes - 1);
    char *dash = NULL;
    int64_t ms = strtoll(bytes, &dash, 10);
    return (struct stream_id){ms, *dash == '-' ? strtoull(dash + 1, NULL, 10) : 0};
}

void archived_read(struct archived *a, const struct reply *reply)
{
    static const char *const names[ARCHIVED_STREAMS] = {"last:violations", "last:trips", "last:warnings",
                                                        "last:marks", "last:attended"};
    *a = (struct archived){.known = reply->type == REPLY_ARRAY};
    if (!a->known)
        return;
    a->there = reply->count > 0;
    a->batch = reply_number_of(reply, "batch");
    a->upto_ms = reply_number_of(reply, "upto");
    a->seen_ms = reply_number_of(reply, "seen");
    for (int i = 0; i < ARCHIVED_STREAMS; i++)
        a->last[i] = stream_id_read(reply_field_of(reply, names[i]));
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
    for (int i = 0; i < ARCHIVED_STREAMS; i++)
        if (stream_id_before(b->last[i], both.last[i]))
            both.last[i] = b->last[i];
    return both;
}

bool archived_lags(const struct archived *a, struct now now)
{
    return a->known && a->there && now.wall.ms - a->upto_ms > LAGS_MS;
}
