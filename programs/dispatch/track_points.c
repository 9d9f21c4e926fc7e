#include "track_points.h"

#include "array.h"
#include "fix_json.h"
#include "passing.h"
#include "place_words.h"

#include <math.h>
#include <stdlib.h>

#define KMH 3.6

bool track_points_add_fix(struct track_points *p, const struct fix *fix, bool late)
{
    if (!fix_has(fix, FIX_HAS_POSITION) || fix->time.ms < p->from_ms || fix->time.ms > p->to_ms)
        return true;
    if (p->count == TRACK_POINTS_MAX) {
        p->truncated = true;
        return true;
    }
    if (!array_reserve(&p->items, &p->cap, p->count + 1, sizeof *p->items))
        return false;
    p->items[p->count] = (struct track_point){
        .time_ms = fix->time.ms,
        .lat_deg = fix->lat_deg,
        .lon_deg = fix->lon_deg,
        .speed_mps = fix_has(fix, FIX_HAS_SPEED) ? fix->speed_mps : NAN,
        .track_deg = fix_has(fix, FIX_HAS_TRACK) ? fix->track_deg : NAN,
        .order = (uint32_t)p->count,
        .late = late,
        .hole = p->hole,
        .said = {fix->sensors.load, fix->sensors.cover, fix->sensors.body, fix->sensors.ignition}};
    p->count++;
    p->hole = false;
    return true;
}

bool track_points_add(struct track_points *p, const struct track_row *row)
{
    struct fix_reader reader;
    struct fix_item item;
    if (p->kept_since_ms == 0)
        p->kept_since_ms = text_whole(row->received);
    p->hole = p->hole || row->hole.len > 0;
    if (row->fix.len == 0)
        return true; /* numbers that were given up, of which no fix was taken */
    fix_reader_init(&reader, row->fix);
    if (!fix_reader_next(&reader, &item) || item.error != FIX_OK)
        return true;
    return track_points_add_fix(p, &item.fix, row->late.len > 0);
}

void track_points_fini(struct track_points *p)
{
    free(p->items);
    *p = (struct track_points){0};
}

static int by_time(const void *a, const void *b)
{
    const struct track_point *x = a, *y = b;
    if (x->time_ms != y->time_ms)
        return x->time_ms < y->time_ms ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* The company has been asked about before: of a vehicle there is one. */
static void withhold(struct track_points *p, const struct scope *scope, const struct world *world)
{
    const struct scope places = {.jurisdictions = scope->jurisdictions};
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct track_point *at = &p->items[i];
        struct text where = place_jurisdiction(world, (struct mw_point){at->lat_deg, at->lon_deg});
        if (scope_covers(&places, where, (struct text){0}))
            p->items[kept++] = *at;
    }
    p->withheld = kept < p->count;
    p->count = kept;
}

/* What a fix does not say is as it was said last. */
static void carry_on(struct track_points *p)
{
    for (size_t i = 1; i < p->count; i++)
        for (size_t s = 0; s < TRACK_SENSOR_COUNT; s++)
            if (p->items[i].said[s] == 0)
                p->items[i].said[s] = p->items[i - 1].said[s];
}

/* The first, the last, and those at which a sensor changed. */
static bool has_to_stay(const struct track_points *p, size_t i)
{
    return i == 0 || i + 1 == p->count ||
           memcmp(p->items[i].said, p->items[i - 1].said, sizeof p->items[i].said) != 0;
}

/* Evenly, of those that need not stay: of `others` each whose turn it is, so that `left` are taken. */
static void thin_out(struct track_points *p, size_t most)
{
    size_t staying = 0, kept = 0, turn = 0;
    for (size_t i = 0; i < p->count; i++)
        staying += has_to_stay(p, i);
    bool changes = staying <= most / 2;
    size_t left = changes ? most - staying : most - 2, others = changes ? p->count - staying : p->count - 2;
    struct track_point before = p->items[0];
    for (size_t i = 0; i < p->count; i++) {
        const struct track_point at = p->items[i];
        bool stays =
            i == 0 || i + 1 == p->count || (changes && memcmp(at.said, before.said, sizeof at.said) != 0);
        before = at;
        if (!stays) {
            stays = (turn + 1) * left / others > turn * left / others;
            turn++;
        }
        if (stays)
            p->items[kept++] = at;
    }
    p->count = kept;
}

void track_points_settle(struct track_points *p, const struct scope *scope, const struct world *world,
                         size_t most, bool *out_simplified)
{
    if (p->count > 0)
        qsort(p->items, p->count, sizeof *p->items, by_time);
    if (scope->jurisdictions.count > 0)
        withhold(p, scope, world);
    carry_on(p);
    *out_simplified = p->count > most;
    if (*out_simplified)
        thin_out(p, most);
}

static void write_decimals(const struct track_points *p, const char *key,
                           double (*of)(const struct track_point *), int decimals, struct json_writer *w)
{
    json_write_key(w, key);
    json_write_begin_array(w);
    for (size_t i = 0; i < p->count; i++)
        json_write_fixed(w, of(&p->items[i]), decimals);
    json_write_end_array(w);
}

static double lat_of(const struct track_point *p)
{
    return p->lat_deg;
}

static double lon_of(const struct track_point *p)
{
    return p->lon_deg;
}

double track_point_kmh(const struct track_point *p)
{
    return (double)p->speed_mps * KMH;
}

static double track_of(const struct track_point *p)
{
    return (double)p->track_deg;
}

/* Places of the marked ones. */
static void write_marks(const struct track_points *p, const char *key, bool late, struct json_writer *w)
{
    json_write_key(w, key);
    json_write_begin_array(w);
    for (size_t i = 0; i < p->count; i++)
        if (late ? p->items[i].late : p->items[i].hole)
            json_write_u64(w, i);
    json_write_end_array(w);
}

const char *track_point_word(const struct track_point *p, enum track_sensor sensor)
{
    switch (sensor) {
    case TRACK_LOAD:
        return pass_load_word(p->said[sensor]);
    case TRACK_COVER:
        return pass_cover_word(p->said[sensor]);
    case TRACK_BODY:
        return pass_body_word(p->said[sensor]);
    default:
        return p->said[sensor] == FLAG_UNKNOWN ? NULL : p->said[sensor] == FLAG_TRUE ? "on" : "off";
    }
}

/* [[place, word], …]: from there on. Nothing: it was never said. */
static void write_changes(const struct track_points *p, const char *key, enum track_sensor sensor,
                          struct json_writer *w)
{
    uint8_t now = 0;
    json_write_key(w, key);
    json_write_begin_array(w);
    for (size_t i = 0; i < p->count; i++) {
        if (p->items[i].said[sensor] == now)
            continue;
        now = p->items[i].said[sensor];
        json_write_begin_array(w);
        json_write_u64(w, i);
        json_write_string(w, text_of(track_point_word(&p->items[i], sensor)));
        json_write_end_array(w);
    }
    json_write_end_array(w);
}

void track_points_write(const struct track_points *p, struct json_writer *w)
{
    json_write_key(w, "time");
    json_write_begin_array(w);
    for (size_t i = 0; i < p->count; i++)
        json_write_i64(w, p->items[i].time_ms);
    json_write_end_array(w);
    write_decimals(p, "lat", lat_of, 7, w);
    write_decimals(p, "lon", lon_of, 7, w);
    write_decimals(p, "speed", track_point_kmh, 1, w);
    write_decimals(p, "track", track_of, 1, w);
    write_marks(p, "late", true, w);
    write_marks(p, "hole", false, w);
    write_changes(p, "load", TRACK_LOAD, w);
    write_changes(p, "cover", TRACK_COVER, w);
    write_changes(p, "body", TRACK_BODY, w);
    write_changes(p, "ignition", TRACK_IGNITION, w);
}
