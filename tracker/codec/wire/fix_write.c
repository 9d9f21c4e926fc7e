#include "fix_write.h"

#include "json_write.h"
#include "time_text.h"

#include <math.h>

static void write_word(struct json_writer *w, const char *key, const char *const *words, unsigned value)
{
    if (value == 0)
        return;
    json_write_key(w, key);
    json_write_string(w, text_of(words[value - 1]));
}

static void write_flag(struct json_writer *w, const char *key, unsigned value)
{
    if (value == FLAG_UNKNOWN)
        return;
    json_write_key(w, key);
    json_write_bool(w, value == FLAG_TRUE);
}

static void write_number(struct json_writer *w, const char *key, bool present, double value, int decimals)
{
    if (!present)
        return;
    json_write_key(w, key);
    json_write_fixed(w, value, decimals);
}

static void write_sensors(struct json_writer *w, const struct sensors *s)
{
    static const char *const cover[] = {"open", "closed", "fault"};
    static const char *const body[] = {"raised", "down", "fault"};
    static const char *const load[] = {"empty", "loaded", "over", "fault"};
    static const char *const work[] = {"off", "sweeping", "washing", "spraying", "collecting"};
    static const char *const power[] = {"main", "backup"};
    static const char *const antenna[] = {"ok", "cut", "short"};
    json_write_key(w, "sensors");
    json_write_begin_object(w);
    write_word(w, "cover", cover, s->cover);
    write_word(w, "body", body, s->body);
    write_word(w, "load", load, s->load);
    write_number(w, "load_kg", !isnan(s->load_kg), (double)s->load_kg, 1);
    write_number(w, "height_m", !isnan(s->height_m), (double)s->height_m, 2);
    write_flag(w, "spill", s->spill);
    write_flag(w, "discharge", s->discharge);
    write_flag(w, "wash", s->wash);
    write_word(w, "work", work, s->work);
    write_flag(w, "ignition", s->ignition);
    write_word(w, "power", power, s->power);
    write_word(w, "antenna", antenna, s->antenna);
    json_write_end_object(w);
}

static void write_time(struct json_writer *w, struct wall time)
{
    char bytes[40];
    struct buf text = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    time_text_write(time, &text);
    json_write_key(w, "time");
    json_write_string(w, buf_text(&text));
}

static void write_fields(struct json_writer *w, const struct fix *fix)
{
    bool position = fix_has(fix, FIX_HAS_POSITION);
    write_time(w, fix->time);
    write_number(w, "lat", position, fix->lat_deg, 7);
    write_number(w, "lon", position, fix->lon_deg, 7);
    write_number(w, "speed", fix_has(fix, FIX_HAS_SPEED), (double)fix->speed_mps, 2);
    write_number(w, "track", fix_has(fix, FIX_HAS_TRACK), (double)fix->track_deg, 1);
    write_number(w, "alt", fix_has(fix, FIX_HAS_ALT), (double)fix->alt_m, 1);
    write_number(w, "eph", fix_has(fix, FIX_HAS_EPH), (double)fix->eph_m, 1);
    write_number(w, "mode", fix_has(fix, FIX_HAS_MODE), fix->mode, 0);
    write_number(w, "sats", fix_has(fix, FIX_HAS_SATS), fix->sats, 0);
    if (fix_has(fix, FIX_HAS_SEQ)) {
        json_write_key(w, "boot");
        json_write_string(w, fix->boot);
        json_write_key(w, "seq");
        json_write_u64(w, fix->seq);
    }
    if (fix_has(fix, FIX_HAS_SENSORS))
        write_sensors(w, &fix->sensors);
}

void fix_write(const struct fix *fix, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    write_fields(&w, fix);
    json_write_end_object(&w);
}

void fix_write_line(struct text vehicle, const struct fix *fix, const struct wall *received, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    json_write_key(&w, "vehicle");
    json_write_string(&w, vehicle);
    write_fields(&w, fix);
    if (received != NULL) {
        json_write_key(&w, "received");
        json_write_i64(&w, received->ms);
    }
    json_write_end_object(&w);
    buf_put_char(out, '\n');
}
