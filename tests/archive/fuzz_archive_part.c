/*
 * fuzz: what a tail holds. Lines that can be read are the same when they are written and read again; chunks of them keep the
 * numbers of each; and numbers that are no chunk's end somewhere.
 */
#include "open_part.h"
#include "track_chunk.h"

#include <stdlib.h>

enum { VEHICLES = 4, BODY_MAX = 1 << 22 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* A press that makes nothing smaller, and nothing the same. */
static bool reverse(void *context, struct text in, struct buf *out)
{
    (void)context;
    buf_clear(out);
    for (size_t i = in.len; i > 0; i--)
        buf_put_char(out, in.data[i - 1]);
    return buf_ok(out);
}
static const struct archive_press reversed = {NULL, reverse, reverse, 100};

static bool same(const struct part_line *a, const struct part_line *b)
{
    return a->at.ms == b->at.ms && a->at.seq == b->at.seq && a->batch == b->batch && a->late == b->late;
}

static void check_chunks(const struct part_track *track)
{
    must(track != NULL);
    struct buf places;
    struct archive_chunk chunk;
    struct chunk_summing summing = {.gap_ms = 300000};
    struct day_piece piece;
    size_t line = 0;
    buf_init(&places, BODY_MAX);
    for (size_t from = 0; from < track->count;) {
        struct track_chunk_places read = {0};
        struct part_line at;
        must(track_chunk_make(track, &from, &summing, &places, &chunk));
        must(day_piece_read(chunk.sum, summing.gap_ms, &piece) && piece.sum.fixes <= chunk.count);
        day_piece_fini(&piece);
        for (read.left = chunk.places; track_chunk_next(&read, &at); line++)
            must(line < track->count && same(&at, &track->lines[line]));
        must(read.left.len == 0 && line == from && chunk.count > 0);
    }
    must(line == track->count);
    day_points_fini(&summing.points);
    buf_fini(&places);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text body = {(const char *)data, size}, vehicle, line;
    struct track_chunk_places any = {.left = body};
    struct part_line at;
    struct open_part part;
    struct buf written;
    unsigned char key[ARCHIVE_ENTRY_HASH];
    struct day_piece piece;
    day_piece_read(body, size > 0 ? data[0] : 0, &piece);
    day_piece_fini(&piece);
    while (track_chunk_next(&any, &at))
        continue;
    part_init(&part, 1, &reversed);
    buf_init(&written, BODY_MAX);
    while (part_read(&body, &vehicle, &at, &line)) {
        struct part_line again = at;
        struct text vehicle_again, line_again;
        buf_clear(&written);
        part_write(&written, vehicle, &at, line);
        struct text rest = buf_text(&written);
        must(part_read(&rest, &vehicle_again, &again, &line_again) && rest.len == 0);
        must(same(&at, &again) && at.received_ms == again.received_ms && at.at.life == again.at.life);
        must(text_equal(vehicle, vehicle_again) && text_equal(line, line_again));
        track_chunk_key(line, key);
        must(part_add(&part, (uint32_t)(vehicle.len % VEHICLES), vehicle, &at, line));
    }
    for (size_t i = 0; i < part.count; i++)
        check_chunks(part_whole(&part, &part.tracks[i]));
    part_fini(&part);
    buf_fini(&written);
    return 0;
}
