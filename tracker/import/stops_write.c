/*
 * stops_write: stops that stay, as circles of a fence file and duties of a fleet file.
 *
 * Ids say where a thing comes from and stay when the table is read again: ROUTE/TRIP/NUMBER of a fence, ROUTE/TRIP of a
 * duty, and ROUTE/TRIP//2 of a trip's second. A slash within a route's or trip's own name is written %2F, so that no two
 * of them meet.
 */
#include "json_write.h"
#include "stop_words.h"
#include "stops.h"

#include <stdlib.h>

struct writing {
    const struct stops *stops;
    struct json_writer fences, fleet;
    struct buf id;
    size_t duties;
    bool *written; /* of the trip in hand */
};

static void put_part(struct buf *id, struct text part)
{
    for (size_t i = 0; i < part.len; i++)
        if (part.data[i] == '/' || part.data[i] == '%')
            buf_printf(id, "%%%02X", (unsigned)part.data[i]);
        else
            buf_put_char(id, part.data[i]);
}

static void put_trip(struct writing *w, const struct stop *stop)
{
    buf_clear(&w->id);
    put_part(&w->id, stop->route);
    if (!w->stops->rules.has[STOP_TRIP])
        return;
    buf_put_char(&w->id, '/');
    put_part(&w->id, stop->trip);
}

static void put_fence_id(struct writing *w, const struct stop *stop)
{
    put_trip(w, stop);
    buf_printf(&w->id, "/%u", (unsigned)stop->number);
}

static void write_text(struct json_writer *out, const char *key, struct text value)
{
    if (value.len == 0)
        return;
    json_write_key(out, key);
    json_write_string(out, value);
}

static void write_fence(struct writing *w, const struct stop *stop)
{
    struct json_writer *out = &w->fences;
    put_fence_id(w, stop);
    json_write_begin_object(out);
    write_text(out, "type", TEXT("Feature"));
    write_text(out, "id", buf_text(&w->id));
    json_write_key(out, "properties");
    json_write_begin_object(out);
    write_text(out, "kind", TEXT("collection"));
    write_text(out, "name", stop->name);
    write_text(out, "crs", w->stops->rules.crs);
    json_write_end_object(out);
    json_write_key(out, "geometry");
    json_write_begin_object(out);
    write_text(out, "type", TEXT("Point"));
    json_write_key(out, "coordinates");
    json_write_begin_array(out);
    json_write_double(out, stop->lon);
    json_write_double(out, stop->lat);
    json_write_end_array(out);
    json_write_end_object(out);
    json_write_end_object(out);
    buf_put_char(w->fences.out, '\n');
}

static void write_point(struct writing *w, const struct stop *stop)
{
    char window[16];
    struct json_writer *out = &w->fleet;
    struct buf b = {.data = window, .cap = sizeof window, .limit = sizeof window};
    buf_printf(&b, "%02d:%02d-%02d:%02d", stop->from_min / 60, stop->from_min % 60, stop->to_min / 60,
               stop->to_min % 60);
    put_fence_id(w, stop);
    json_write_begin_object(out);
    write_text(out, "fence", buf_text(&w->id));
    write_text(out, "window", buf_text(&b));
    json_write_end_object(out);
}

static bool same_duty(const struct stop *a, const struct stop *b)
{
    return a->days == b->days && text_equal(a->waste, b->waste);
}

static int by_text(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

/* Each vehicle once; by class where a stop of the duty has no plate. */
static bool write_vehicles(struct writing *w, const struct stop *first, const struct stop *end)
{
    size_t count = 0;
    bool all = true;
    struct json_writer *out = &w->fleet;
    struct text *plates = calloc((size_t)(end - first), sizeof *plates);
    for (const struct stop *s = first; s < end && plates != NULL; s++)
        if (s->kept && same_duty(s, first)) {
            plates[count++] = s->plate;
            all = all && s->plate.len > 0;
        }
    if (plates == NULL)
        return false;
    qsort(plates, count, sizeof *plates, by_text);
    json_write_key(out, all ? "vehicles" : "classes");
    json_write_begin_array(out);
    for (size_t i = 0; i < count && all; i++)
        if (i == 0 || !text_equal(plates[i], plates[i - 1]))
            json_write_string(out, plates[i]);
    if (!all)
        json_write_string(out, w->stops->rules.class_name);
    json_write_end_array(out);
    free(plates);
    return true;
}

static bool write_duty(struct writing *w, const struct stop *first, const struct stop *end, unsigned number)
{
    char days[24];
    struct json_writer *out = &w->fleet;
    put_trip(w, first);
    if (number > 1)
        buf_printf(&w->id, "//%u", number);
    json_write_begin_object(out);
    write_text(out, "id", buf_text(&w->id));
    write_text(out, "type", TEXT("collection"));
    if (!write_vehicles(w, first, end))
        return false;
    write_text(out, "waste", first->waste);
    stop_days_write(first->days == STOP_DAYS_ALL ? 0 : first->days, days);
    write_text(out, "days", w->stops->rules.has[STOP_DAYS] ? text_of(days) : w->stops->rules.days);
    json_write_key(out, "points");
    json_write_begin_array(out);
    for (const struct stop *s = first; s < end; s++)
        if (s->kept && same_duty(s, first)) {
            write_point(w, s);
            w->written[s - w->stops->items] = true;
        }
    json_write_end_array(out);
    json_write_end_object(out);
    buf_put_char(w->fleet.out, '\n');
    w->duties++;
    return true;
}

static bool write_trip(struct writing *w, const struct stop *trip, const struct stop *end)
{
    unsigned number = 0;
    for (const struct stop *s = trip; s < end; s++) {
        if (!s->kept)
            continue;
        write_fence(w, s);
        if (!w->written[s - w->stops->items] && !write_duty(w, s, end, ++number))
            return false;
    }
    return true;
}

bool stops_write(const struct stops *s, struct buf *out_fences, struct buf *out_fleet, size_t *out_duties)
{
    struct writing w = {.stops = s, .written = calloc(s->count + 1, sizeof *w.written)};
    bool ok = w.written != NULL;
    buf_init(&w.id, SIZE_MAX);
    json_writer_init(&w.fences, out_fences);
    json_writer_init(&w.fleet, out_fleet);
    json_write_begin_object(&w.fences);
    write_text(&w.fences, "type", TEXT("FeatureCollection"));
    json_write_key(&w.fences, "features");
    json_write_begin_array(&w.fences);
    json_write_begin_object(&w.fleet);
    json_write_key(&w.fleet, "duties");
    json_write_begin_array(&w.fleet);
    for (size_t i = 0, next; i < s->count && ok; i = next) {
        const struct stop *first = &s->items[i];
        for (next = i + 1; next < s->count && text_equal(first->route, s->items[next].route) &&
                           text_equal(first->trip, s->items[next].trip);)
            next++;
        ok = write_trip(&w, first, first + (next - i));
    }
    json_write_end_array(&w.fences);
    json_write_end_object(&w.fences);
    json_write_end_array(&w.fleet);
    json_write_end_object(&w.fleet);
    ok = ok && buf_ok(&w.id) && buf_ok(out_fences) && buf_ok(out_fleet);
    *out_duties = w.duties;
    buf_fini(&w.id);
    free(w.written);
    return ok;
}
