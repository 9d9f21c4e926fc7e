#include "report_tracks.h"

#include "array.h"
#include "open_part.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum { VEHICLES_MAX = 4000000, DAY_MS = 86400000 };

_Static_assert(REPORT_DAYS_MAX <= 64, "a bit a day");

static int failed(const struct report_tracks *t, const char *command)
{
    fprintf(stderr, "%s: %s\n", command, archive_report_why(t->days->folder));
    return EX_DATAERR;
}

int report_tracks_hold(struct report_tracks *t, struct report_days *days, const char *command, int32_t first)
{
    int32_t *files;
    size_t count;
    *t = (struct report_tracks){.days = days, .vehicles = names_new(VEHICLES_MAX)};
    if (t->vehicles == NULL)
        return EX_OSERR;
    /* Nothing comes before it was there. */
    int32_t from = (int32_t)(city_day_start_ms(&days->days, first) / DAY_MS) - 1;
    bool ok = archive_report_hold(days->folder, from, &files, &count);
    t->held_cap = count;
    t->held = ok ? calloc(count + 1, sizeof *t->held) : NULL;
    for (size_t i = 0; i < count && t->held != NULL; i++)
        t->held[i].file = files[i];
    t->held_count = t->held != NULL ? count : 0;
    free(files);
    return ok && t->held != NULL ? EX_OK : failed(t, command);
}

void report_tracks_fini(struct report_tracks *t)
{
    for (size_t i = 0; i < t->count; i++)
        day_sum_fini(&t->rows[i].sum);
    free(t->rows);
    free(t->lacking);
    free(t->held);
    free(t->tail);
    free(t->ends);
    names_free(t->vehicles);
}

/* ---- what figures lack ---- */

static bool lacks(struct report_tracks *t, struct text vehicle, uint64_t days, uint32_t *out)
{
    if (!names_intern(t->vehicles, vehicle, out) ||
        !array_reserve(&t->lacking, &t->lacking_cap, (size_t)*out + 1, sizeof *t->lacking))
        return false;
    while (t->lacking_count <= *out)
        t->lacking[t->lacking_count++] = 0;
    t->lacking[*out] |= days;
    return true;
}

/* Days of the report, and the one behind it, that overlap two times and are not before `upto`. */
static uint64_t days_between(const struct report_days *d, int64_t first_ms, int64_t last_ms, int32_t upto)
{
    uint64_t days = 0;
    for (int32_t day = d->first; day <= d->last + 1; day++) {
        const struct report_day *at = &d->day[day - d->first];
        if (day >= upto && first_ms < at[1].start_ms && last_ms >= at[0].start_ms)
            days |= UINT64_C(1) << (day - d->first);
    }
    return days;
}

static bool on_chunk(void *arg, int32_t file, const struct report_chunk *chunk)
{
    struct report_tracks *t = arg;
    uint64_t days = days_between(t->days, chunk->time_first_ms, chunk->time_last_ms, chunk->upto_day);
    uint32_t vehicle;
    if (days == 0)
        return true;
    if (!lacks(t, chunk->vehicle, days, &vehicle))
        return false;
    const struct held_file *last = &t->held[t->held_count - 1];
    if (last->vehicle == vehicle && last->file == file)
        return true;
    if (!array_reserve(&t->held, &t->held_cap, t->held_count + 1, sizeof *t->held))
        return false;
    t->held[t->held_count++] = (struct held_file){vehicle, file};
    return true;
}

/* A walk over one file's tail. */
struct tail_walk {
    struct report_tracks *tracks;
    int32_t file;
    uint32_t part;
    struct {
        bool asked, closed;
    } * vehicles; /* by number, of this part */
    size_t count, cap;
};

static bool is_closed(struct tail_walk *w, uint32_t vehicle, struct text name, bool *out)
{
    struct archive_folder *folder = w->tracks->days->folder;
    const struct archive_disk *disk = archive_folder_disk(folder);
    if (!array_reserve(&w->vehicles, &w->cap, (size_t)vehicle + 1, sizeof *w->vehicles))
        return false;
    while (w->count <= vehicle)
        w->vehicles[w->count++].asked = false;
    if (!w->vehicles[vehicle].asked &&
        !disk->is_closed(disk->context, w->file, w->part, name, &w->vehicles[vehicle].closed))
        return false;
    w->vehicles[vehicle].asked = true;
    *out = w->vehicles[vehicle].closed;
    return true;
}

static bool keep_point(struct report_tracks *t, uint32_t vehicle, const struct day_point *point)
{
    if (!array_reserve(&t->tail, &t->tail_cap, t->tail_count + 1, sizeof *t->tail) ||
        !array_reserve(&t->ends, &t->ends_cap, (size_t)vehicle + 1, sizeof *t->ends))
        return false;
    while (t->ends_count <= vehicle)
        t->ends[t->ends_count++] = (struct tail_ends){0, 0};
    struct tail_ends *ends = &t->ends[vehicle];
    t->tail[t->tail_count++] = (struct tail_point){.point = *point};
    uint32_t place = (uint32_t)t->tail_count;
    if (ends->first == 0)
        ends->first = place;
    else
        t->tail[ends->last - 1].next = place;
    ends->last = place;
    return true;
}

static bool on_tail(void *arg, uint32_t part, struct text body)
{
    struct tail_walk *w = arg;
    struct text name, line;
    struct part_line at;
    if (part != w->part)
        w->count = 0;
    w->part = part;
    while (part_read(&body, &name, &at, &line)) {
        struct report_tracks *t = w->tracks;
        uint32_t vehicle;
        bool closed;
        struct day_point point;
        if (at.late == PART_BY_CLOCK || !summing_read(line, &point))
            continue;
        uint64_t days = days_between(t->days, point.ms, point.ms, INT32_MIN);
        if (days == 0)
            continue;
        if (!lacks(t, name, 0, &vehicle) || !is_closed(w, vehicle, name, &closed))
            return false;
        if (!closed && (!lacks(t, name, days, &vehicle) || !keep_point(t, vehicle, &point)))
            return false;
    }
    return true;
}

static bool find_lacking(struct report_tracks *t)
{
    size_t files = t->held_count;
    bool ok = true;
    for (size_t i = 0; i < files && ok; i++) {
        struct tail_walk walk = {.tracks = t, .file = t->held[i].file};
        ok = archive_report_lacking(t->days->folder, t->held[i].file, on_chunk, t) &&
             archive_report_tail(t->days->folder, t->held[i].file, on_tail, &walk);
        free(walk.vehicles);
    }
    return ok;
}

/* ---- rows ---- */

static struct report_row *add_row(struct report_tracks *t, struct text vehicle, int32_t day)
{
    uint32_t number;
    if (!names_intern(t->vehicles, vehicle, &number) ||
        !array_reserve(&t->rows, &t->cap, t->count + 1, sizeof *t->rows))
        return NULL;
    t->rows[t->count] = (struct report_row){.vehicle = names_text(t->vehicles, number), .day = day};
    return &t->rows[t->count++];
}

static bool is_lacking(const struct report_tracks *t, struct text vehicle, int32_t day)
{
    uint32_t number = names_find(t->vehicles, vehicle);
    return number > 0 && number < t->lacking_count && (t->lacking[number] >> (day - t->days->first) & 1) != 0;
}

static bool on_kept(void *arg, const struct report_track *kept)
{
    struct report_tracks *t = arg;
    if (is_lacking(t, kept->vehicle, kept->day))
        return true;
    struct report_row *row = add_row(t, kept->vehicle, kept->day);
    if (row == NULL)
        return false;
    row->sum = kept->sum;
    return day_sum_cover_read(&row->sum, kept->cover);
}

static bool add_tail(const struct report_tracks *t, struct summing *s, uint32_t vehicle)
{
    uint32_t at = vehicle < t->ends_count ? t->ends[vehicle].first : 0;
    for (; at != 0; at = t->tail[at - 1].next)
        if (!summing_add_point(s, &t->tail[at - 1].point))
            return false;
    return true;
}

/* As muckwatch-archive will keep it. A sum of which a file is gone stays as it is kept. */
static bool sum_now(struct report_tracks *t, struct summing *s, uint32_t vehicle, int32_t day)
{
    struct archive_day_sum sum = {.vehicle = names_text(t->vehicles, vehicle), .day = day};
    bool there;
    if (!s->disk->files_of_day(s->disk->context, &sum, &there))
        return false;
    if (!there) {
        t->lacking[vehicle] &= ~(UINT64_C(1) << (day - t->days->first));
        return true;
    }
    for (size_t i = 0; i < t->held_count; i++)
        if (t->held[i].vehicle == vehicle)
            summing_name_file(&sum, t->held[i].file);
    summing_begin(s, day);
    if (!summing_add_files(s, &sum) || !add_tail(t, s, vehicle))
        return false;
    t->summed++;
    bool ok = summing_make(s, &sum.sum);
    struct report_row *row = ok && sum.sum.fixes > 0 ? add_row(t, sum.vehicle, day) : NULL;
    if (row != NULL)
        row->sum = sum.sum;
    else
        day_sum_fini(&sum.sum);
    return ok && (row != NULL || sum.sum.fixes == 0);
}

static bool sum_lacking(struct report_tracks *t)
{
    struct summing s = summing_new(archive_folder_disk(t->days->folder), t->days->days, t->days->gap_ms);
    bool ok = true;
    for (uint32_t vehicle = 1; vehicle < t->lacking_count && ok; vehicle++) {
        for (int32_t day = t->days->first; day <= t->days->last + 1 && ok; day++)
            if ((t->lacking[vehicle] >> (day - t->days->first) & 1) != 0)
                ok = sum_now(t, &s, vehicle, day);
        if (t->progress != NULL)
            t->progress(vehicle, t->lacking_count - 1);
    }
    summing_free(&s);
    return ok;
}

static int by_row(const void *a, const void *b)
{
    const struct report_row *x = a, *y = b;
    int order = text_compare(x->vehicle, y->vehicle);
    return order != 0 ? order : x->day < y->day ? -1 : x->day > y->day;
}

int report_tracks_read(struct report_tracks *t, const char *command)
{
    struct report_days *d = t->days;
    const struct report_range range = {d->first, d->last + 1, d->from_ms, d->to_ms};
    if (!find_lacking(t) || !sum_lacking(t) || !archive_report_tracks(d->folder, &range, on_kept, t))
        return failed(t, command);
    if (t->count > 1)
        qsort(t->rows, t->count, sizeof *t->rows, by_row);
    for (size_t i = 0; i < t->count; i++)
        if (t->rows[i].day <= d->last)
            d->day[t->rows[i].day - d->first].heard = true;
    return EX_OK;
}

double report_cover_share(const struct report_tracks *t, struct text vehicle, int64_t from_ms, int64_t to_ms)
{
    size_t low = 0, high = t->count;
    double known_ms = 0;
    if (to_ms <= from_ms)
        return NAN;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (text_compare(t->rows[middle].vehicle, vehicle) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < t->count && text_equal(t->rows[low].vehicle, vehicle); low++)
        known_ms += trip_known_ms(t->rows[low].sum.cover, t->rows[low].sum.cover_count, from_ms, to_ms);
    return known_ms / (double)(to_ms - from_ms);
}
