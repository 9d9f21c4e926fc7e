/*
 * paper_track: the fixes as GeoJSON (RFC 7946), GPX 1.1 and CSV. A fix without a place is in the CSV alone.
 */
#include "csv_cells.h"
#include "json_write.h"
#include "papers.h"
#include "time_text.h"

#include <math.h>

static const double kmh_per_mps = 3.6;

static void write_text(struct json_writer *w, const char *key, struct text value)
{
    if (value.len == 0)
        return;
    json_write_key(w, key);
    json_write_string(w, value);
}

static void write_time(struct json_writer *w, const char *key, int64_t ms)
{
    char bytes[40];
    struct buf text = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    time_text_write((struct wall){ms}, &text);
    write_text(w, key, buf_text(&text));
}

static void write_fixed(struct json_writer *w, const char *key, double value, int decimals)
{
    json_write_key(w, key);
    json_write_fixed(w, value, decimals);
}

static void write_place(struct json_writer *w, const struct fix *fix)
{
    json_write_begin_array(w);
    json_write_fixed(w, fix->lon_deg, 7);
    json_write_fixed(w, fix->lat_deg, 7);
    json_write_end_array(w);
}

static bool has_place(const struct case_fix *fix)
{
    return fix_has(&fix->fix, FIX_HAS_POSITION);
}

static void write_line(const struct case_facts *f, struct json_writer *w)
{
    json_write_begin_object(w);
    write_text(w, "type", TEXT("Feature"));
    json_write_key(w, "geometry");
    json_write_begin_object(w);
    write_text(w, "type", TEXT("LineString"));
    json_write_key(w, "coordinates");
    json_write_begin_array(w);
    for (size_t i = 0; i < f->fix_count; i++)
        if (has_place(&f->fixes[i]))
            write_place(w, &f->fixes[i].fix);
    json_write_end_array(w);
    json_write_end_object(w);
    json_write_key(w, "properties");
    json_write_begin_object(w);
    write_text(w, "id", f->header.id);
    write_text(w, "vehicle", f->header.vehicle);
    write_text(w, "kind", f->header.kind);
    write_time(w, "start", case_start_ms(f));
    write_time(w, "end", case_end_ms(f));
    json_write_end_object(w);
    json_write_end_object(w);
}

static void write_point(const struct case_facts *f, const struct case_fix *c, struct json_writer *w)
{
    const struct fix *fix = &c->fix;
    json_write_begin_object(w);
    write_text(w, "type", TEXT("Feature"));
    json_write_key(w, "geometry");
    json_write_begin_object(w);
    write_text(w, "type", TEXT("Point"));
    json_write_key(w, "coordinates");
    write_place(w, fix);
    json_write_end_object(w);
    json_write_key(w, "properties");
    json_write_begin_object(w);
    json_write_key(w, "n");
    json_write_u64(w, c->n);
    write_time(w, "time", fix->time.ms);
    write_time(w, "received", c->received_ms);
    if (fix_has(fix, FIX_HAS_SPEED))
        write_fixed(w, "speed_kmh", (double)fix->speed_mps * kmh_per_mps, 1);
    if (fix_has(fix, FIX_HAS_TRACK))
        write_fixed(w, "track", (double)fix->track_deg, 1);
    if (fix_has(fix, FIX_HAS_EPH))
        write_fixed(w, "eph_m", (double)fix->eph_m, 1);
    write_text(w, "cover", text_of(case_cover(fix)));
    write_text(w, "body", text_of(case_body(fix)));
    write_text(w, "load", text_of(case_load(fix)));
    write_text(w, "late", c->late);
    json_write_key(w, "within");
    json_write_bool(w, case_is_within(f, c));
    json_write_end_object(w);
    json_write_end_object(w);
}

void paper_geojson(const struct case_facts *f, struct buf *out)
{
    struct json_writer w;
    size_t places = 0;
    for (size_t i = 0; i < f->fix_count; i++)
        places += has_place(&f->fixes[i]);
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    write_text(&w, "type", TEXT("FeatureCollection"));
    json_write_key(&w, "features");
    json_write_begin_array(&w);
    if (places > 1) /* a line has two points at least */
        write_line(f, &w);
    for (size_t i = 0; i < f->fix_count; i++)
        if (has_place(&f->fixes[i]))
            write_point(f, &f->fixes[i], &w);
    json_write_end_array(&w);
    json_write_end_object(&w);
    buf_put_char(out, '\n');
}

/* Ids of violations and vehicles need no escapes: letters, digits, dots, lines. */
void paper_gpx(const struct case_facts *f, struct buf *out)
{
    buf_puts(out,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
             "<gpx version=\"1.1\" creator=\"Muckwatch\" xmlns=\"http://www.topografix.com/GPX/1/1\">\n");
    buf_printf(out, "<trk><name>%.*s %.*s</name><trkseg>\n", TEXT_ARG(f->header.vehicle),
               TEXT_ARG(f->header.id));
    for (size_t i = 0; i < f->fix_count; i++) {
        if (!has_place(&f->fixes[i]))
            continue;
        buf_puts(out, "<trkpt lat=\"");
        buf_put_fixed(out, f->fixes[i].fix.lat_deg, 7);
        buf_puts(out, "\" lon=\"");
        buf_put_fixed(out, f->fixes[i].fix.lon_deg, 7);
        buf_puts(out, "\"><time>");
        time_text_write(f->fixes[i].fix.time, out);
        buf_puts(out, "</time></trkpt>\n");
    }
    buf_puts(out, "</trkseg></trk>\n</gpx>\n");
}

/* ---- CSV ---- */

static void put_cell(struct buf *out, struct text cell)
{
    buf_put_char(out, ',');
    csv_put_text(out, cell);
}

static void put_number(struct buf *out, bool there, double value, int decimals)
{
    buf_put_char(out, ',');
    if (there)
        csv_put_number(out, value, decimals);
}

static void put_when(struct buf *out, int64_t ms)
{
    char bytes[40];
    struct buf text = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    time_text_write((struct wall){ms}, &text);
    put_cell(out, buf_text(&text));
}

static void put_row(const struct case_facts *f, const struct case_fix *c, struct buf *out)
{
    const struct fix *fix = &c->fix;
    const struct sensors *s = &fix->sensors;
    buf_put_u64(out, c->n);
    put_when(out, fix->time.ms);
    put_when(out, c->received_ms);
    put_number(out, has_place(c), fix->lat_deg, 7);
    put_number(out, has_place(c), fix->lon_deg, 7);
    put_number(out, fix_has(fix, FIX_HAS_SPEED), (double)fix->speed_mps * kmh_per_mps, 1);
    put_number(out, fix_has(fix, FIX_HAS_TRACK), (double)fix->track_deg, 1);
    put_number(out, fix_has(fix, FIX_HAS_EPH), (double)fix->eph_m, 1);
    put_number(out, fix_has(fix, FIX_HAS_MODE), fix->mode, 0);
    put_number(out, fix_has(fix, FIX_HAS_SATS), fix->sats, 0);
    put_cell(out, text_of(case_cover(fix)));
    put_cell(out, text_of(case_body(fix)));
    put_cell(out, text_of(case_load(fix)));
    put_number(out, !isnan(s->load_kg), (double)s->load_kg, 1);
    put_number(out, !isnan(s->height_m), (double)s->height_m, 2);
    put_cell(out, fix_has(fix, FIX_HAS_SEQ) ? fix->boot : TEXT(""));
    buf_put_char(out, ',');
    if (fix_has(fix, FIX_HAS_SEQ))
        buf_put_u64(out, fix->seq);
    put_cell(out, c->late);
    put_cell(out, case_is_within(f, c) ? TEXT("1") : TEXT("0"));
    put_cell(out, c->sha256);
    buf_puts(out, CSV_ROW_END);
}

void paper_csv(const struct case_facts *f, struct buf *out)
{
    static const char *const columns[] = {"n",         "time",  "received", "lat",     "lon",
                                          "speed_kmh", "track", "eph_m",    "mode",    "sats",
                                          "cover",     "body",  "load",     "load_kg", "height_m",
                                          "boot",      "seq",   "late",     "within",  "sha256"};
    buf_puts(out, CSV_BEGIN);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (i > 0)
            buf_put_char(out, ',');
        csv_put_text(out, text_of(columns[i]));
    }
    buf_puts(out, CSV_ROW_END);
    for (size_t i = 0; i < f->fix_count; i++)
        put_row(f, &f->fixes[i], out);
}
