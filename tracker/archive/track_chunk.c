#include "track_chunk.h"

#include "fix_json.h"
#include "line_fix.h"
#include "outline.h"

#include <sodium.h>

enum { GROUP_BITS = 7, MORE = 0x80 };

/* ---- numbers ---- */

static void put_number(struct buf *out, uint64_t v)
{
    for (; v >= MORE; v >>= GROUP_BITS)
        buf_put_char(out, (char)(unsigned char)(v | MORE));
    buf_put_char(out, (char)(unsigned char)v);
}

/* So that small ones of either sign are short. */
static uint64_t folded(int64_t v)
{
    return (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
}

static int64_t unfolded(uint64_t v)
{
    return (int64_t)(v >> 1 ^ (~(v & 1) + 1));
}

static bool take_number(struct text *from, uint64_t *out)
{
    uint64_t v = 0;
    for (unsigned shift = 0; from->len > 0 && shift < 64; shift += GROUP_BITS) {
        unsigned char byte = (unsigned char)*from->data;
        *from = (struct text){from->data + 1, from->len - 1};
        v |= (uint64_t)(byte & (MORE - 1)) << shift;
        if (byte < MORE) {
            *out = v;
            return true;
        }
    }
    return false;
}

static int64_t difference(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static void put_places(const struct part_track *track, size_t from, size_t to, struct buf *out)
{
    int64_t batch = 0, ms = 0;
    buf_clear(out);
    for (size_t i = from; i < to; i++) {
        const struct part_line *line = &track->lines[i];
        put_number(out, folded(difference(line->batch, batch)));
        put_number(out, folded(difference(line->at.ms, ms)));
        put_number(out, line->at.seq);
        put_number(out, line->late);
        batch = line->batch;
        ms = line->at.ms;
    }
}

bool track_chunk_next(struct track_chunk_places *places, struct part_line *out)
{
    uint64_t batch, ms, seq, late;
    if (!take_number(&places->left, &batch) || !take_number(&places->left, &ms) ||
        !take_number(&places->left, &seq) || !take_number(&places->left, &late))
        return false;
    places->batch = (int64_t)((uint64_t)places->batch + (uint64_t)unfolded(batch));
    places->ms = (int64_t)((uint64_t)places->ms + (uint64_t)unfolded(ms));
    *out = (struct part_line){.at = {0, places->ms, seq},
                              .batch = places->batch,
                              .late = late == 1   ? PART_LATE
                                      : late == 2 ? PART_BY_CLOCK
                                                  : PART_IN_ORDER};
    return true;
}

/* ---- ranges ---- */

static void widen(struct archive_chunk *chunk, const struct fix *fix)
{
    int64_t ms = fix->time.ms;
    if (!chunk->has_time || ms < chunk->time_first_ms)
        chunk->time_first_ms = ms;
    if (!chunk->has_time || ms > chunk->time_last_ms)
        chunk->time_last_ms = ms;
    chunk->has_time = true;
    if (!fix_has(fix, FIX_HAS_POSITION))
        return;
    if (!chunk->has_box) {
        chunk->lat_min = chunk->lat_max = fix->lat_deg;
        chunk->lon_min = chunk->lon_max = fix->lon_deg;
        chunk->has_box = true;
    }
    chunk->lat_min = fix->lat_deg < chunk->lat_min ? fix->lat_deg : chunk->lat_min;
    chunk->lat_max = fix->lat_deg > chunk->lat_max ? fix->lat_deg : chunk->lat_max;
    chunk->lon_min = fix->lon_deg < chunk->lon_min ? fix->lon_deg : chunk->lon_min;
    chunk->lon_max = fix->lon_deg > chunk->lon_max ? fix->lon_deg : chunk->lon_max;
}

/* Behind the last line that belongs with `from`: of one life, and within an hour of arrival. */
static size_t end_of(const struct part_track *track, size_t from)
{
    int64_t least = track->lines[from].received_ms, most = least;
    size_t i = from + 1;
    for (; i < track->count && track->lines[i].at.life == track->lines[from].at.life; i++) {
        int64_t at = track->lines[i].received_ms;
        least = at < least ? at : least;
        most = at > most ? at : most;
        if (most - least > TRACK_CHUNK_MS)
            break;
    }
    return i;
}

/* What is made of the lines while they are read. */
struct reading {
    struct outline_maker outline;
    struct chunk_summing *summing;
    bool failed;
};

static void read_fix(struct reading *r, const struct fix *fix, bool late)
{
    outline_add(&r->outline, fix, late);
    if (fix == NULL || r->summing->gap_ms < 0)
        return;
    const struct day_point point = day_point_of(fix);
    r->failed = !day_points_add(&r->summing->points, &point) || r->failed;
}

static void range(const struct part_track *track, size_t from, size_t to, struct archive_chunk *out,
                  struct reading *reading)
{
    const struct part_line *first = &track->lines[from], *last = &track->lines[to - 1];
    out->first = first->at;
    out->last = last->at;
    out->batch_first = first->batch;
    out->batch_last = last->batch;
    out->received_first_ms = out->received_last_ms = first->received_ms;
    for (size_t i = from; i < to; i++) {
        struct fix_line line;
        int64_t received = track->lines[i].received_ms;
        if (received < out->received_first_ms)
            out->received_first_ms = received;
        if (received > out->received_last_ms)
            out->received_last_ms = received;
        bool is_fix = line_fix_read(part_text(track, i), &line);
        enum part_late late = track->lines[i].late;
        if (is_fix)
            widen(out, &line.item.fix);
        read_fix(reading, is_fix && late != PART_BY_CLOCK ? &line.item.fix : NULL, late == PART_LATE);
    }
}

static bool put_sum(struct chunk_summing *summing, struct buf *out)
{
    struct day_piece piece;
    if (summing->gap_ms < 0)
        return true;
    bool ok = day_piece_make(&summing->points, summing->gap_ms, &piece);
    if (ok)
        day_piece_write(&piece, summing->gap_ms, out);
    day_piece_fini(&piece);
    return ok;
}

void track_chunk_hash(struct text lines, unsigned char out[ARCHIVE_CHUNK_HASH])
{
    crypto_generichash(out, ARCHIVE_CHUNK_HASH, (const unsigned char *)lines.data, lines.len, NULL, 0);
}

bool track_chunk_make(const struct part_track *track, size_t *from, struct chunk_summing *summing,
                      struct buf *places, struct archive_chunk *out)
{
    size_t begin = *from, to = end_of(track, begin);
    size_t at = begin > 0 ? track->lines[begin - 1].end : 0;
    struct reading reading = {.summing = summing};
    put_places(track, begin, to, places);
    size_t places_len = places->len;
    *out = (struct archive_chunk){.vehicle = track->vehicle,
                                  .lines = {track->text.data + at, track->lines[to - 1].end - at},
                                  .count = (uint32_t)(to - begin)};
    outline_begin(&reading.outline);
    summing->points.count = 0;
    range(track, begin, to, out, &reading);
    bool ok = outline_end(&reading.outline, places);
    size_t outline_end_at = places->len;
    if (!ok || reading.failed || !put_sum(summing, places))
        return false;
    out->places = (struct text){places->data, places_len};
    out->outline = (struct text){places->data + places_len, outline_end_at - places_len};
    out->sum = (struct text){places->data + outline_end_at, places->len - outline_end_at};
    track_chunk_hash(out->lines, out->hash);
    *from = to;
    return buf_ok(places);
}

void track_chunk_key(struct text line, unsigned char out[ARCHIVE_ENTRY_HASH])
{
    struct fix_line read;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, ARCHIVE_ENTRY_HASH);
    enum fix_error error = fix_line_read(line, &read);
    if (error == FIX_OK && fix_has(&read.item.fix, FIX_HAS_SEQ)) {
        const struct fix *fix = &read.item.fix;
        crypto_generichash_update(&state, (const unsigned char *)fix->boot.data, fix->boot.len);
        crypto_generichash_update(&state, (const unsigned char *)&fix->seq, sizeof fix->seq);
    } else {
        /* Behind the time of arrival, which is the line's own second member and no text. */
        const char *comma = line.len > 0 ? memchr(line.data, ',', line.len) : NULL;
        size_t rest = comma != NULL ? line.len - (size_t)(comma + 1 - line.data) : 0;
        const char *second = rest > 0 ? memchr(comma + 1, ',', rest) : NULL;
        if (second != NULL)
            crypto_generichash_update(&state, (const unsigned char *)second,
                                      line.len - (size_t)(second - line.data));
    }
    crypto_generichash_final(&state, out, ARCHIVE_ENTRY_HASH);
}
