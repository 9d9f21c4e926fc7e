#include "trips_near.h"

enum { GAP_MS = 300000 };

/* From loading, or where nobody saw that from departing, to unloading, or arriving, or nothing more. */
static int64_t first_of(const struct reply *fields, const char *const names[2])
{
    for (size_t i = 0; i < 2; i++) {
        struct text value = reply_field(fields, names[i]);
        if (value.len > 0)
            return text_whole(value);
    }
    return -1;
}

static bool span_of(const struct reply *fields, int64_t *out_from, int64_t *out_to)
{
    static const char *const begins[] = {"loaded", "departed"}, *const ends[] = {"unloaded", "arrived"};
    *out_from = first_of(fields, begins);
    *out_to = first_of(fields, ends);
    if (*out_to < *out_from)
        *out_to = text_whole(reply_field(fields, "received"));
    return *out_from >= 0 && *out_to >= *out_from;
}

void trips_near_widen(struct trips_near *near, const struct reply *fields)
{
    int64_t from_ms, to_ms;
    if (!span_of(fields, &from_ms, &to_ms))
        return;
    near->from_ms = near->has_span && near->from_ms < from_ms ? near->from_ms : from_ms;
    near->to_ms = near->has_span && near->to_ms > to_ms ? near->to_ms : to_ms;
    near->has_span = true;
}

bool trips_near_search(struct trips_near *near, const struct look_asked *asked, struct archive_look *look)
{
    const struct who_asked who = {
        .look = look,
        .question = {asked->lat_deg, asked->lon_deg, asked->radius.value, near->from_ms, near->to_ms, GAP_MS},
        .vehicle = text_of(asked->vehicle)};
    return !near->has_span || who_search(&who, &near->found);
}

bool trips_near_has(const struct trips_near *near, const struct reply *fields)
{
    int64_t from_ms, to_ms;
    struct text vehicle = reply_field(fields, "vehicle");
    if (!span_of(fields, &from_ms, &to_ms))
        return false;
    for (size_t i = 0; i < near->found.count; i++) {
        const struct who_pass *pass = &near->found.items[i];
        if (pass->pass.entered_ms <= to_ms && pass->pass.left_ms >= from_ms &&
            text_equal(pass->vehicle, vehicle))
            return true;
    }
    return false;
}

void trips_near_fini(struct trips_near *near)
{
    who_found_fini(&near->found);
}
