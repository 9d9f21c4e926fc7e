#include "open_part.h"

#include "array.h"

#include <stdlib.h>

enum { TRACK_BYTES_MAX = 1 << 28 };

void part_init(struct open_part *part, uint32_t number, const struct archive_press *press)
{
    *part = (struct open_part){.number = number, .press = press};
    struct buf *const buffers[] = {&part->whole.text, &part->packed, &part->unpacked};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        buf_init(buffers[i], TRACK_BYTES_MAX);
}

static void let_go(struct part_waiting *track)
{
    for (struct part_frame *frame = track->first, *next; frame != NULL; frame = next) {
        next = frame->next;
        free(frame);
    }
    track->first = track->last = NULL;
    track->bytes = 0;
    buf_fini(&track->text);
}

void part_fini(struct open_part *part)
{
    for (size_t i = 0; i < part->count; i++)
        let_go(&part->tracks[i]);
    free(part->tracks);
    free(part->places);
    buf_fini(&part->whole.text);
    free(part->whole.lines);
    buf_fini(&part->packed);
    buf_fini(&part->unpacked);
    *part = (struct open_part){0};
}

/* The track of a vehicle, which may be new. NULL without memory. */
static struct part_waiting *track_of(struct open_part *part, uint32_t number, struct text vehicle)
{
    if (number >= part->places_cap) {
        size_t was = part->places_cap;
        if (!array_reserve(&part->places, &part->places_cap, (size_t)number + 1, sizeof *part->places))
            return NULL;
        memset(part->places + was, 0, (part->places_cap - was) * sizeof *part->places);
    }
    if (part->places[number] > 0)
        return &part->tracks[part->places[number] - 1];
    if (!array_reserve(&part->tracks, &part->cap, part->count + 1, sizeof *part->tracks))
        return NULL;
    struct part_waiting *track = &part->tracks[part->count++];
    *track = (struct part_waiting){.vehicle = vehicle};
    buf_init(&track->text, TRACK_BYTES_MAX);
    part->places[number] = (uint32_t)part->count;
    return track;
}

/* What came since the last frame becomes one. */
static bool press_track(struct open_part *part, struct part_waiting *track)
{
    if (!part->press->pack(part->press->context, buf_text(&track->text), &part->packed))
        return false;
    struct part_frame *frame = malloc(sizeof *frame + part->packed.len);
    if (frame == NULL)
        return false;
    frame->next = NULL;
    frame->len = part->packed.len;
    memcpy(frame->bytes, part->packed.data, frame->len);
    *(track->last != NULL ? &track->last->next : &track->first) = frame;
    track->last = frame;
    part->bytes += sizeof *frame + frame->len;
    part->bytes -= track->text.len;
    buf_fini(&track->text);
    buf_init(&track->text, TRACK_BYTES_MAX);
    return true;
}

bool part_add(struct open_part *part, uint32_t vehicle_number, struct text vehicle,
              const struct part_line *at, struct text line)
{
    struct part_waiting *track = track_of(part, vehicle_number, vehicle);
    bool full = track != NULL && part->press != NULL && track->text.len >= part->press->at_bytes;
    if (track == NULL || (full && !press_track(part, track)))
        return false;
    size_t from = track->text.len;
    part_write(&track->text, vehicle, at, line);
    if (!buf_ok(&track->text))
        return false;
    part->written = (struct text){track->text.data + from, track->text.len - from};
    part->bytes += part->written.len;
    track->bytes += part->written.len;
    part->longest = track->bytes > part->longest ? track->bytes : part->longest;
    return true;
}

void part_let_go(struct open_part *part, struct part_waiting *track)
{
    for (const struct part_frame *frame = track->first; frame != NULL; frame = frame->next)
        part->bytes -= sizeof *frame + frame->len;
    part->bytes -= track->text.len;
    let_go(track);
}

const struct part_waiting *part_find(const struct open_part *part, uint32_t vehicle_number)
{
    uint32_t place = vehicle_number < part->places_cap ? part->places[vehicle_number] : 0;
    return place > 0 ? &part->tracks[place - 1] : NULL;
}

/* Lines as they were written, behind those that the track has. */
static bool read_lines(struct part_track *track, struct text body)
{
    struct text vehicle, line;
    struct part_line at;
    while (part_read(&body, &vehicle, &at, &line)) {
        if (!array_reserve(&track->lines, &track->cap, track->count + 1, sizeof *track->lines))
            return false;
        buf_put_text(&track->text, line);
        buf_put_char(&track->text, '\n');
        at.end = track->text.len;
        track->lines[track->count++] = at;
    }
    return body.len == 0 && buf_ok(&track->text);
}

const struct part_track *part_whole(struct open_part *part, const struct part_waiting *track)
{
    struct part_track *whole = &part->whole;
    whole->vehicle = track->vehicle;
    whole->count = 0;
    buf_clear(&whole->text);
    for (const struct part_frame *frame = track->first; frame != NULL; frame = frame->next) {
        const struct text bytes = {frame->bytes, frame->len};
        if (!part->press->unpack(part->press->context, bytes, &part->unpacked) ||
            !read_lines(whole, buf_text(&part->unpacked)))
            return NULL;
    }
    return read_lines(whole, buf_text(&track->text)) ? whole : NULL;
}

struct text part_text(const struct part_track *track, size_t line)
{
    size_t from = line > 0 ? track->lines[line - 1].end : 0;
    return (struct text){track->text.data + from, track->lines[line].end - 1 - from};
}

void part_write(struct buf *body, struct text vehicle, const struct part_line *at, struct text line)
{
    const int64_t numbers[] = {at->at.life,         at->batch, at->at.ms,
                               (int64_t)at->at.seq, at->late,  at->received_ms};
    buf_put_text(body, vehicle);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        buf_put_char(body, ' ');
        buf_put_i64(body, numbers[i]);
    }
    buf_put_char(body, ' ');
    buf_put_text(body, line);
    buf_put_char(body, '\n');
}

/* The word before the next space, which goes with it. False where there is no space. */
static bool take_word(struct text *line, struct text *out)
{
    const char *space = line->len > 0 ? memchr(line->data, ' ', line->len) : NULL;
    if (space == NULL)
        return false;
    *out = (struct text){line->data, (size_t)(space - line->data)};
    *line = (struct text){space + 1, line->len - out->len - 1};
    return true;
}

static bool take_number(struct text *line, int64_t *out)
{
    struct text word;
    if (!take_word(line, &word) || word.len == 0)
        return false;
    bool below = word.data[0] == '-';
    *out = below ? -text_whole((struct text){word.data + 1, word.len - 1}) : text_whole(word);
    return true;
}

bool part_read(struct text *body, struct text *out_vehicle, struct part_line *out_at, struct text *out_line)
{
    const char *feed = body->len > 0 ? memchr(body->data, '\n', body->len) : NULL;
    int64_t seq, late;
    if (feed == NULL)
        return false;
    struct text line = {body->data, (size_t)(feed - body->data)};
    struct part_line at = {{0}, 0, 0, 0, PART_IN_ORDER};
    bool ok = take_word(&line, out_vehicle) && take_number(&line, &at.at.life) &&
              take_number(&line, &at.batch) && take_number(&line, &at.at.ms) && take_number(&line, &seq) &&
              take_number(&line, &late) && take_number(&line, &at.received_ms);
    if (!ok)
        return false;
    at.at.seq = (uint64_t)seq;
    at.late = late == 1 ? PART_LATE : late == 2 ? PART_BY_CLOCK : PART_IN_ORDER;
    *out_at = at;
    *out_line = line;
    *body = (struct text){feed + 1, body->len - (size_t)(feed + 1 - body->data)};
    return true;
}
