/*
 * What the engine itself can tell: when hours are open, where a position lies in another system of coordinates, and
 * where it is in words.
 */
#include "gateway.h"
#include "handlers.h"
#include "json_write.h"
#include "open_windows.h"
#include "place_words.h"
#include "web_body.h"
#include "web_problem.h"

#include <math.h>
#include <muckwatch/coords.h>
#include <stdio.h>

enum { WINDOWS_DEFAULT = 10, POSITIONS_MAX = 10000 };

static const struct world *world_of(const struct gateway *g, struct web_answer *out)
{
    if (g->following.world != NULL)
        return g->following.world;
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, "no world is known yet");
    return NULL;
}

/* ---- hours ---- */

static size_t characters(struct text t)
{
    size_t count = 0;
    for (size_t i = 0; i < t.len; i++)
        count += ((unsigned char)t.data[i] & 0xc0) != 0x80;
    return count;
}

static void write_window(struct json_writer *w, const struct open_window *one)
{
    json_write_begin_object(w);
    json_write_key(w, "from");
    if (one->start_unknown)
        json_write_null(w);
    else
        json_write_i64(w, one->from_ms);
    json_write_key(w, "to");
    if (one->to_ms == INT64_MAX)
        json_write_null(w);
    else
        json_write_i64(w, one->to_ms);
    json_write_key(w, "guessed");
    json_write_bool(w, one->guessed_year != 0);
    json_write_end_object(w);
}

static void write_windows(struct json_writer *w, const struct open_hours *hours, int64_t from_ms,
                          unsigned count)
{
    struct open_window one;
    json_write_key(w, "items");
    json_write_begin_array(w);
    while (count-- > 0 && open_window_next(hours, from_ms, &one)) {
        write_window(w, &one);
        if (one.to_ms == INT64_MAX)
            break;
        from_ms = one.to_ms;
    }
    json_write_end_array(w);
}

static void answer_hours(const struct web_match *match, const struct world *world,
                         const struct mw_hours *parsed, struct web_answer *out)
{
    const struct open_hours hours = {parsed, world->calendar, world->zone};
    int64_t from_ms = (int64_t)web_match_number(match, "from", (double)match->request->now.ms);
    struct mw_hours_answer now;
    struct json_writer w;
    mw_hours_at(parsed, world->calendar, world->zone, from_ms, &now);
    json_writer_init(&w, &out->body);
    json_write_begin_object(&w);
    json_write_key(&w, "timezone");
    json_write_string(&w, world->timezone);
    json_write_key(&w, "at");
    json_write_i64(&w, from_ms);
    json_write_key(&w, "open");
    json_write_bool(&w, now.open);
    json_write_key(&w, "holidays");
    json_write_bool(&w, mw_hours_uses_holidays(parsed) || mw_hours_uses_school_holidays(parsed));
    write_windows(&w, &hours, from_ms, (unsigned)web_match_number(match, "n", WINDOWS_DEFAULT));
    json_write_key(&w, "next");
    json_write_null(&w);
    json_write_end_object(&w);
    out->status = 200;
    out->type = "application/json";
}

void handle_hours(void *context, const struct web_match *match, struct web_answer *out)
{
    const struct world *world = world_of(context, out);
    struct text expr = web_match_text(match, "expr", 0);
    struct mw_hours *hours;
    struct mw_hours_error error;
    char detail[256];
    if (world == NULL)
        return;
    switch (mw_hours_parse(expr.data, expr.len, &hours, &error)) {
    case MW_HOURS_OK:
        answer_hours(match, world, hours, out);
        mw_hours_free(hours);
        return;
    case MW_HOURS_NO_MEMORY:
        web_problem(out, 503, "there is no memory for it");
        return;
    default:
        snprintf(detail, sizeof detail, "at character %zu: %s",
                 characters((struct text){expr.data, error.at}) + 1, error.text);
        web_problem_at(out, 400, "bad-hours", "expr", text_of(detail));
    }
}

/* ---- coordinates ---- */

/* CGCS2000 and WGS-84 are the same to some centimetres. */
static struct mw_point to_wgs84(struct text crs, struct mw_point p)
{
    if (text_equal(crs, TEXT("gcj02")))
        return mw_coords_wgs84_from_gcj02(p);
    return text_equal(crs, TEXT("bd09")) ? mw_coords_wgs84_from_bd09(p) : p;
}

static struct mw_point from_wgs84(struct text crs, struct mw_point p)
{
    if (text_equal(crs, TEXT("gcj02")))
        return mw_coords_gcj02_from_wgs84(p);
    return text_equal(crs, TEXT("bd09")) ? mw_coords_bd09_from_wgs84(p) : p;
}

/* [lat, lon] on the globe. */
static bool read_position(const struct json_node *n, struct mw_point *out)
{
    if (json_node_length(n) != 2)
        return false;
    const struct json_node *lat = json_node_first(n), *lon = json_node_next(lat);
    if (lat->type != JSON_NODE_NUMBER || lon->type != JSON_NODE_NUMBER)
        return false;
    *out = (struct mw_point){lat->number, lon->number};
    return fabs(out->lat_deg) <= 90 && fabs(out->lon_deg) <= 180;
}

static void convert_all(const struct web_match *match, const struct json_node *positions,
                        struct web_answer *out)
{
    struct text from = web_match_text(match, "crs", 0), to = web_match_text(match, "to", 0);
    struct json_writer w;
    if (to.data == NULL)
        to = TEXT("wgs84");
    json_writer_init(&w, &out->body);
    json_write_begin_object(&w);
    json_write_key(&w, "crs");
    json_write_string(&w, to);
    json_write_key(&w, "positions");
    json_write_begin_array(&w);
    const struct json_node *n = json_node_first(positions);
    for (uint32_t i = 0; i < positions->len; i++, n = json_node_next(n)) {
        struct mw_point p;
        if (!read_position(n, &p)) {
            char pointer[48];
            snprintf(pointer, sizeof pointer, "/positions/%u", i);
            web_problem_at(out, 400, "bad-body", pointer,
                           TEXT("a position is [latitude, longitude] in degrees"));
            return;
        }
        p = from_wgs84(to, to_wgs84(from, p));
        json_write_begin_array(&w);
        json_write_fixed(&w, p.lat_deg, 7);
        json_write_fixed(&w, p.lon_deg, 7);
        json_write_end_array(&w);
    }
    json_write_end_array(&w);
    json_write_end_object(&w);
    out->status = 200;
    out->type = "application/json";
}

void handle_convert(void *context, const struct web_match *match, struct web_answer *out)
{
    static const struct web_member members[] = {{"positions", JSON_NODE_ARRAY, true, POSITIONS_MAX}};
    (void)context;
    struct json_tree tree = {0};
    if (web_body_read(match->request, &tree, out) && web_body_fits(tree.nodes, members, 1, out))
        convert_all(match, json_node_member(tree.nodes, "positions"), out);
    json_tree_fini(&tree);
}

/* ---- a place ---- */

void handle_place(void *context, const struct web_match *match, struct web_answer *out)
{
    const struct world *world = world_of(context, out);
    if (world == NULL)
        return;
    const struct mw_point at = {web_match_number(match, "lat", 0), web_match_number(match, "lon", 0)};
    struct json_writer w;
    json_writer_init(&w, &out->body);
    place_words_write(world, at, match->request->now, &w);
    out->status = 200;
    out->type = "application/json";
}
