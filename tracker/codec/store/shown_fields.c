#include "shown_fields.h"

#include "json_write.h"
#include "sensor_words.h"

#include <math.h>

/* More fences than these over one place are a mistake of the map; of those behind them validity is not asked. */
enum { LOOKED_AT = 256 };

_Static_assert(SHOWN_FIELDS_AND_LIVE < 32, "a bit each");

const char *const shown_names[SHOWN_FIELDS_AND_LIVE] = {
    [SHOWN_TIME] = "time",
    [SHOWN_RECEIVED] = "received",
    [SHOWN_LAT] = "lat",
    [SHOWN_LON] = "lon",
    [SHOWN_SPEED] = "speed",
    [SHOWN_TRACK] = "track",
    [SHOWN_EPH] = "eph",
    [SHOWN_MODE] = "mode",
    [SHOWN_LOAD_KG] = "load_kg",
    [SHOWN_HEIGHT_M] = "height_m",
    [SHOWN_SENSORS_AT] = "sensors_at",
    [SHOWN_ONLINE] = "online",
    [SHOWN_TRIP] = "trip",
    [SHOWN_OPEN] = "open",
    [SHOWN_WORST] = "worst",
    [SHOWN_PLATE] = "plate",
    [SHOWN_COMPANY] = "company",
    [SHOWN_CLASS] = "class",
    [SHOWN_WASTE] = "waste",
    [SHOWN_FENCES] = "fences",
    [SHOWN_COVER] = "cover",
    [SHOWN_BODY] = "body",
    [SHOWN_LOAD] = "load",
    [SHOWN_POWER] = "power",
    [SHOWN_ANTENNA] = "antenna",
    [SHOWN_WORK] = "work",
    [SHOWN_IGNITION] = "ignition",
    [SHOWN_SPILL] = "spill",
    [SHOWN_LIVE_TIME] = "live_time",
    [SHOWN_LIVE_TIME + 1] = "live_lat",
    [SHOWN_LIVE_TIME + 2] = "live_lon",
};

static const char *const cover_words[] = {NULL, "open", "closed", "fault"};
static const char *const body_words[] = {NULL, "raised", "down", "fault"};
static const char *const load_words[] = {NULL, "empty", "loaded", "over", "fault"};
static const char *const power_words[] = {NULL, "main", "backup"};
static const char *const antenna_words[] = {NULL, "ok", "cut", "short"};
static const char *const work_words[] = {NULL, "off", "sweeping", "washing", "spraying", "collecting"};
static const char *const flag_words[] = {NULL, "0", "1"};

/* ---- what is looked up ---- */

static void find_fences(struct shown *x, const struct world *world)
{
    const struct vehicle_state *s = x->state;
    uint32_t found[LOOKED_AT];
    x->fence_count = 0;
    if (s->place_ms == TIME_NONE)
        return;
    size_t n = mw_index_point(world->index, (struct mw_point){s->lat_deg, s->lon_deg}, found, LOOKED_AT);
    for (size_t i = 0; i < n && i < LOOKED_AT; i++) {
        const struct fence *fence = &world->fences[found[i]];
        if (s->time_ms < fence->valid_from_ms || s->time_ms >= fence->valid_to_ms)
            continue;
        if (x->fence_count < SHOWN_FENCES_MAX)
            x->fences[x->fence_count] = fence->id;
        x->fence_count++;
    }
    x->fence_count += n > LOOKED_AT ? (uint32_t)(n - LOOKED_AT) : 0;
}

static enum severity worst_of(const struct vehicle_state *s)
{
    uint8_t worst = SEVERITY_NONE;
    for (uint32_t i = 0; i < s->episode_count; i++)
        if (s->episodes[i].phase == EPISODE_OPEN && s->episodes[i].severity > worst)
            worst = s->episodes[i].severity;
    return (enum severity)worst;
}

void shown_begin(struct shown *x, const struct vehicle_state *state, const struct world *world,
                 const struct names *names)
{
    x->state = state;
    x->info = world_vehicle(world, state->vehicle);
    x->names = names;
    x->vehicle = names_text(names, state->vehicle);
    x->worst = worst_of(state);
    find_fences(x, world);
}

bool shown_on_haul(const struct vehicle_state *s)
{
    return s->trip.phase >= TRIP_HAULING && s->trip.start_ms != TIME_NONE;
}

uint32_t shown_count(uint32_t set)
{
    uint32_t n = 0;
    for (; set != 0; set &= set - 1)
        n++;
    return n;
}

/* ---- which fields there are ---- */

static uint32_t bit(enum shown_field field, bool there)
{
    return (uint32_t)there << field;
}

static uint32_t fields_of_fix(const struct vehicle_state *s)
{
    bool seen = (s->flags & VEHICLE_SEEN) != 0, placed = s->place_ms != TIME_NONE;
    return bit(SHOWN_TIME, seen) | bit(SHOWN_RECEIVED, seen && s->received_ms != TIME_NONE) |
           bit(SHOWN_LAT, placed) | bit(SHOWN_LON, placed) | bit(SHOWN_SPEED, fabsf(s->speed_mps) < 1e6f) |
           bit(SHOWN_TRACK, fabsf(s->track_deg) < 1e6f) | bit(SHOWN_EPH, s->eph_m > 0 && s->eph_m < 1e7f) |
           bit(SHOWN_MODE, s->mode != FIX_MODE_UNKNOWN);
}

static uint32_t fields_of_sensors(const struct sensors *s)
{
    return bit(SHOWN_LOAD_KG, fabsf(s->load_kg) < 1e9f) | bit(SHOWN_HEIGHT_M, fabsf(s->height_m) < 1e9f) |
           bit(SHOWN_SENSORS_AT, sensor_words_of(s) != 0) | bit(SHOWN_COVER, s->cover != COVER_UNKNOWN) |
           bit(SHOWN_BODY, s->body != BODY_UNKNOWN) | bit(SHOWN_LOAD, s->load != LOAD_UNKNOWN) |
           bit(SHOWN_POWER, s->power != POWER_UNKNOWN) | bit(SHOWN_ANTENNA, s->antenna != ANTENNA_UNKNOWN) |
           bit(SHOWN_WORK, s->work != WORK_UNKNOWN) | bit(SHOWN_IGNITION, s->ignition != FLAG_UNKNOWN) |
           bit(SHOWN_SPILL, s->spill != FLAG_UNKNOWN);
}

uint32_t shown_fields(const struct shown *x)
{
    return bit(SHOWN_ONLINE, true) | bit(SHOWN_OPEN, true) | fields_of_fix(x->state) |
           fields_of_sensors(&x->state->sensors) | bit(SHOWN_TRIP, shown_on_haul(x->state)) |
           bit(SHOWN_WORST, x->worst != SEVERITY_NONE) | bit(SHOWN_PLATE, x->info->plate.len > 0) |
           bit(SHOWN_COMPANY, x->info->company_name.len > 0) | bit(SHOWN_CLASS, x->info->class_name.len > 0) |
           bit(SHOWN_WASTE, x->info->waste.len > 0) | bit(SHOWN_FENCES, x->fence_count > 0);
}

/* ---- what they say ---- */

static void put_fences(const struct shown *x, struct buf *out)
{
    struct json_writer w;
    uint32_t named = x->fence_count < SHOWN_FENCES_MAX ? x->fence_count : SHOWN_FENCES_MAX;
    json_writer_init(&w, out);
    json_write_begin_array(&w);
    for (uint32_t i = 0; i < named; i++)
        json_write_string(&w, names_text(x->names, x->fences[i]));
    if (x->fence_count > named)
        json_write_i64(&w, x->fence_count - named);
    json_write_end_array(&w);
}

static void put_faults(struct json_writer *w, uint16_t faults)
{
    if (faults == 0)
        return;
    json_write_key(w, "faults");
    json_write_begin_array(w);
    for (unsigned i = 0; i < VEHICLE_SENSORS; i++)
        if (faults >> i & 1)
            json_write_string(w, text_of(sensor_words_names[i]));
    json_write_end_array(w);
}

static void put_sensors_at(const struct vehicle_state *s, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    for (unsigned i = 0; i < VEHICLE_SENSORS; i++) {
        int64_t ms = sensor_words_ms(s, i);
        if (ms == TIME_NONE)
            continue;
        json_write_key(&w, sensor_words_names[i]);
        json_write_i64(&w, ms);
    }
    put_faults(&w, sensor_words_faults(&s->sensors));
    json_write_end_object(&w);
}

static void put_trip(const struct shown *x, struct buf *out)
{
    char id[VIOLATION_ID_LENGTH + 1];
    trip_id_write(x->vehicle, x->state->trip.start_ms, id);
    buf_puts(out, id);
}

static bool is_online(const struct vehicle_state *s)
{
    return (s->flags & (VEHICLE_ONLINE | VEHICLE_OFF)) == VEHICLE_ONLINE;
}

static void put_moving(const struct vehicle_state *s, enum shown_field field, struct buf *out)
{
    switch (field) {
    case SHOWN_TIME:
        buf_put_i64(out, s->time_ms);
        break;
    case SHOWN_RECEIVED:
        buf_put_i64(out, s->received_ms);
        break;
    case SHOWN_LAT:
        buf_put_fixed(out, s->lat_deg, 7);
        break;
    case SHOWN_LON:
        buf_put_fixed(out, s->lon_deg, 7);
        break;
    case SHOWN_SPEED:
        buf_put_fixed(out, (double)s->speed_mps * SHOWN_KMH_PER_MPS, 1);
        break;
    case SHOWN_TRACK:
        buf_put_fixed(out, (double)s->track_deg, 1);
        break;
    case SHOWN_EPH:
        buf_put_fixed(out, (double)s->eph_m, 1);
        break;
    case SHOWN_MODE:
        buf_put_i64(out, s->mode);
        break;
    case SHOWN_LOAD_KG:
        buf_put_fixed(out, (double)s->sensors.load_kg, 1);
        break;
    case SHOWN_HEIGHT_M:
        buf_put_fixed(out, (double)s->sensors.height_m, 2);
        break;
    default:
        put_sensors_at(s, out);
    }
}

static const char *word_of(const struct shown *x, enum shown_field field)
{
    const struct sensors *s = &x->state->sensors;
    switch (field) {
    case SHOWN_ONLINE:
        return is_online(x->state) ? "1" : "0";
    case SHOWN_WORST:
        return severity_name(x->worst);
    case SHOWN_COVER:
        return cover_words[s->cover];
    case SHOWN_BODY:
        return body_words[s->body];
    case SHOWN_LOAD:
        return load_words[s->load];
    case SHOWN_POWER:
        return power_words[s->power];
    case SHOWN_ANTENNA:
        return antenna_words[s->antenna];
    case SHOWN_WORK:
        return work_words[s->work];
    case SHOWN_IGNITION:
        return flag_words[s->ignition];
    default:
        return flag_words[s->spill];
    }
}

struct text shown_value(const struct shown *x, enum shown_field field, struct buf *out)
{
    switch (field) {
    case SHOWN_PLATE:
        return x->info->plate;
    case SHOWN_COMPANY:
        return x->info->company_name;
    case SHOWN_CLASS:
        return x->info->class_name;
    case SHOWN_WASTE:
        return x->info->waste;
    case SHOWN_TRIP:
        put_trip(x, out);
        break;
    case SHOWN_OPEN:
        buf_put_i64(out, vehicle_open_count(x->state));
        break;
    case SHOWN_FENCES:
        put_fences(x, out);
        break;
    default:
        if (field < SHOWN_ONLINE)
            put_moving(x->state, field, out);
        else
            return text_of(word_of(x, field));
    }
    return buf_text(out);
}

/* ---- a row's flags ---- */

static uint32_t flag(enum move_flag flag, bool holds)
{
    return holds ? (uint32_t)flag : 0;
}

uint32_t shown_flags(const struct vehicle_state *s)
{
    const struct sensors *w = &s->sensors;
    return flag(MOVE_ONLINE, is_online(s)) | flag(MOVE_MOVING, (s->flags & VEHICLE_MOVED) != 0) |
           flag(MOVE_PLACED, (s->flags & VEHICLE_PLACED) != 0) |
           flag(MOVE_IGNITION, w->ignition == FLAG_TRUE) | flag(MOVE_COVER_OPEN, w->cover == COVER_OPEN) |
           flag(MOVE_BODY_RAISED, w->body == BODY_RAISED) |
           flag(MOVE_LOADED, w->load == LOAD_LOADED || w->load == LOAD_OVER) |
           flag(MOVE_SPILLING, w->spill == FLAG_TRUE) | flag(MOVE_WORKING, w->work > WORK_OFF) |
           flag(MOVE_HAULING, shown_on_haul(s)) | (uint32_t)worst_of(s) << MOVE_WORST_SHIFT |
           flag(MOVE_FAULT, sensor_words_faults(w) != 0);
}
