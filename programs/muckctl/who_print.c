/*
 * Findings and hauls of a vehicle are read once, when its first pass is printed, and kept by id, the last entry of each.
 */
#include "who_print.h"

#include "arena.h"
#include "array.h"
#include "json_members.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum { ID_SIZE = 27 };

/* A finding or a haul, as it stands. */
struct told {
    char id[ID_SIZE], kind[24];
    int64_t first_ms, last_ms; /* INT64_MAX: it goes on */
    bool withdrawn;
};

struct told_list {
    struct told *items;
    size_t count, cap;
};

/* What is known of one vehicle. */
struct dossier {
    struct text vehicle;
    struct told_list findings, hauls;
    char plate[64], company[96];
};

struct printing {
    const struct who_print *how;
    struct dossier *dossiers;
    size_t count, cap;
    struct dossier *reading;
    size_t printed;
};

/* ---- what was told of it ---- */

static struct told *told_at(struct told_list *list, struct text id)
{
    for (size_t i = list->count; i > 0; i--)
        if (text_equal(text_of(list->items[i - 1].id), id))
            return &list->items[i - 1];
    if (id.len >= ID_SIZE || !array_reserve(&list->items, &list->cap, list->count + 1, sizeof *list->items))
        return NULL;
    struct told *told = &list->items[list->count++];
    *told = (struct told){.withdrawn = false};
    memcpy(told->id, id.data, id.len);
    return told;
}

static void copy(char *out, size_t size, struct text value)
{
    if (value.len > 0)
        snprintf(out, size, "%.*s", TEXT_ARG(value));
}

static int note(struct printing *p, const struct reply *fields, bool haul)
{
    struct dossier *d = p->reading;
    struct told *told = told_at(haul ? &d->hauls : &d->findings, reply_field(fields, haul ? "trip" : "id"));
    if (told == NULL)
        return EX_OSERR;
    struct text first = reply_field(fields, haul ? "loaded" : "start"),
                last = reply_field(fields, haul ? "unloaded" : "end");
    if (haul && first.len == 0)
        first = reply_field(fields, "departed");
    if (haul && last.len == 0)
        last = reply_field(fields, "arrived");
    copy(told->kind, sizeof told->kind, reply_field(fields, "kind"));
    copy(d->plate, sizeof d->plate, reply_field(fields, "plate"));
    copy(d->company, sizeof d->company, reply_field(fields, "company"));
    told->first_ms = text_whole(first);
    told->last_ms = last.len > 0 ? text_whole(last) : haul ? told->first_ms : INT64_MAX;
    told->withdrawn = text_equal(reply_field(fields, "event"), TEXT("withdrawn"));
    return EX_OK;
}

static int note_finding(void *context, struct text id, const struct reply *fields)
{
    (void)id;
    return note(context, fields, false);
}

static int note_haul(void *context, struct text id, const struct reply *fields)
{
    (void)id;
    return note(context, fields, true);
}

/* NULL without memory. */
static struct dossier *dossier_of(struct printing *p, struct text vehicle)
{
    for (size_t i = 0; i < p->count; i++)
        if (text_equal(p->dossiers[i].vehicle, vehicle))
            return &p->dossiers[i];
    if (!array_reserve(&p->dossiers, &p->cap, p->count + 1, sizeof *p->dossiers))
        return NULL;
    p->reading = &p->dossiers[p->count++];
    *p->reading = (struct dossier){.vehicle = vehicle};
    /* A name of the table ends with a zero. */
    const struct kept_asked violations = {.stream = "violations", .vehicle = vehicle.data},
                            trips = {.stream = "trips", .vehicle = vehicle.data};
    int code = kept_stream(p->how->kept, &violations, note_finding, p);
    if (code == EX_OK)
        code = kept_stream(p->how->kept, &trips, note_haul, p);
    return code == EX_OK ? p->reading : NULL;
}

static bool meets(const struct told *told, const struct pass *pass)
{
    return !told->withdrawn && told->first_ms <= pass->left_ms && told->last_ms >= pass->entered_ms;
}

static const struct told *next_meeting(const struct told_list *list, const struct pass *pass, size_t *cursor)
{
    while (*cursor < list->count) {
        const struct told *told = &list->items[(*cursor)++];
        if (meets(told, pass))
            return told;
    }
    return NULL;
}

/* ---- JSON ---- */

static void write_findings(struct json_writer *w, const struct dossier *d, const struct pass *pass)
{
    const struct told *told;
    json_write_key(w, "findings");
    json_write_begin_array(w);
    for (size_t cursor = 0; (told = next_meeting(&d->findings, pass, &cursor)) != NULL;) {
        json_write_begin_object(w);
        json_write_table(w, JSON_WORD("id", told->id), JSON_WORD("kind", told->kind));
        json_write_end_object(w);
    }
    json_write_end_array(w);
}

static void write_members(struct json_writer *w, const struct dossier *d, const struct pass *pass)
{
    size_t cursor = 0;
    const struct told *haul = next_meeting(&d->hauls, pass, &cursor);
    json_write_table(
        w, JSON_TEXT("vehicle", d->vehicle), JSON_WORD_IF_ANY("plate", d->plate[0] != '\0' ? d->plate : NULL),
        JSON_WORD_IF_ANY("company", d->company[0] != '\0' ? d->company : NULL),
        JSON_WHOLE("entered", pass->entered_ms), JSON_WHOLE("left", pass->left_ms),
        JSON_WHOLE("nearest_at", pass->nearest_ms), JSON_FIXED_IF_ANY("nearest_m", pass->nearest_m, 1),
        JSON_FIXED_IF_ANY("lat", pass->lat_deg, 7), JSON_FIXED_IF_ANY("lon", pass->lon_deg, 7),
        JSON_FIXED_IF_ANY("speed", (double)pass->speed_mps * 3.6, 1),
        JSON_FIXED_IF_ANY("load_kg", (double)pass->load_kg, 0),
        JSON_WORD_IF_ANY("load", pass_load_word(pass->load)),
        JSON_WORD_IF_ANY("cover", pass_cover_word(pass->cover)),
        JSON_WORD_IF_ANY("body", pass_body_word(pass->body)));
    write_findings(w, d, pass);
    json_write_table(w, JSON_WORD_IF_ANY("trip", haul != NULL ? haul->id : NULL));
}

static void print_json(struct printing *p, const struct dossier *d, const struct pass *pass)
{
    struct buf *out = &p->how->look->out;
    struct json_writer w;
    bool geo = p->how->geojson;
    buf_clear(out);
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    if (geo) {
        json_write_table(&w, JSON_WORD("type", "Feature"));
        json_write_key(&w, "geometry");
        json_write_begin_object(&w);
        json_write_table(&w, JSON_WORD("type", "Point"));
        json_write_key(&w, "coordinates");
        json_write_begin_array(&w);
        json_write_fixed(&w, pass->lon_deg, 7);
        json_write_fixed(&w, pass->lat_deg, 7);
        json_write_end_array(&w);
        json_write_end_object(&w);
        json_write_key(&w, "properties");
        json_write_begin_object(&w);
    }
    write_members(&w, d, pass);
    if (geo)
        json_write_end_object(&w);
    json_write_end_object(&w);
    printf("%s%.*s%s", geo && p->printed > 0 ? ",\n" : "", (int)out->len, out->data, geo ? "" : "\n");
}

/* ---- text ---- */

static void put_time(struct look *look, int64_t ms)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, ms);
    look_put_time(look, text_of(digits));
    buf_put_char(&look->out, ' ');
}

static void put_number(struct look *look, double value, int decimals, size_t width)
{
    char bytes[64];
    struct buf number = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    if (isfinite(value))
        buf_put_fixed(&number, value, decimals);
    else
        buf_put_char(&number, '-');
    look_put_text(look, buf_text(&number), width);
    buf_put_char(&look->out, ' ');
}

static void put_word(struct look *look, const char *word, size_t width)
{
    look_put_text(look, text_of(word != NULL && word[0] != '\0' ? word : "-"), width);
    buf_put_char(&look->out, ' ');
}

static void print_text(struct look *look, const struct dossier *d, const struct pass *pass)
{
    size_t cursor = 0;
    const struct told *told, *haul = next_meeting(&d->hauls, pass, &cursor);
    buf_clear(&look->out);
    put_time(look, pass->entered_ms);
    put_time(look, pass->left_ms);
    look_put_text(look, d->vehicle, 12);
    buf_put_char(&look->out, ' ');
    put_word(look, d->plate, 10);
    put_number(look, pass->nearest_m, 1, 7);
    put_number(look, (double)pass->speed_mps * 3.6, 1, 6);
    put_number(look, (double)pass->load_kg, 0, 7);
    put_word(look, pass_load_word(pass->load), 7);
    put_word(look, pass_cover_word(pass->cover), 7);
    put_word(look, pass_body_word(pass->body), 7);
    put_word(look, haul != NULL ? haul->id : NULL, 26);
    for (cursor = 0; (told = next_meeting(&d->findings, pass, &cursor)) != NULL;)
        buf_printf(&look->out, "%s:%s ", told->kind, told->id);
    printf("%.*s\n", (int)look->out.len, look->out.data);
}

int who_print(const struct who_print *how, const struct who_found *found)
{
    struct printing p = {.how = how};
    int code = EX_OK;
    if (how->geojson)
        printf("{\"type\":\"FeatureCollection\",\"features\":[\n");
    else if (!how->json)
        printf("%-19s %-19s %-12s %-10s %-7s %-6s %-7s %-7s %-7s %-7s %-26s %s\n", "entered", "left",
               "vehicle", "plate", "m", "km/h", "kg", "load", "cover", "body", "trip", "findings");
    for (size_t i = 0; i < found->count && code == EX_OK; i++) {
        const struct dossier *d = dossier_of(&p, found->items[i].vehicle);
        if (d == NULL)
            code = EX_OSERR;
        else if (how->json || how->geojson)
            print_json(&p, d, &found->items[i].pass);
        else
            print_text(how->look, d, &found->items[i].pass);
        p.printed++;
    }
    if (how->geojson)
        printf("\n]}\n");
    for (size_t i = 0; i < p.count; i++) {
        free(p.dossiers[i].findings.items);
        free(p.dossiers[i].hauls.items);
    }
    free(p.dossiers);
    return code;
}
