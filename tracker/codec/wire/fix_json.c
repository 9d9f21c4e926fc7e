#include "fix_json.h"

#include "fix_object.h"

enum reader_state { READER_START, READER_ARRAY_FIRST, READER_ARRAY_NEXT, READER_TAIL, READER_DONE };

const char *fix_error_name(enum fix_error error)
{
    static const char *const names[FIX_ERROR_COUNT] = {
        [FIX_OK] = "ok",
        [FIX_TOO_LARGE] = "too_large",
        [FIX_NOT_JSON] = "not_json",
        [FIX_TOO_DEEP] = "too_deep",
        [FIX_WRONG_TYPE] = "wrong_type",
        [FIX_OUT_OF_RANGE] = "out_of_range",
        [FIX_TOO_OLD] = "too_old",
        [FIX_DUPLICATE_KEY] = "duplicate_key",
        [FIX_NO_TIME] = "no_time",
        [FIX_NO_POSITION] = "no_position",
        [FIX_UNPAIRED_SEQ] = "unpaired_seq",
        [FIX_NO_VEHICLE] = "no_vehicle",
    };
    return (unsigned)error < FIX_ERROR_COUNT ? names[error] : "?";
}

/* Refuses all from here to the end. */
static void read_rest(struct json_scan *scan, enum fix_error error, struct fix_item *out)
{
    *out = (struct fix_item){.error = error,
                             .field = "",
                             .json = {scan->at, (size_t)(scan->end - scan->at)},
                             .fix.sensors = sensors_none()};
    scan->at = scan->end;
}

void fix_reader_init(struct fix_reader *reader, struct text payload)
{
    *reader = (struct fix_reader){.scan = json_scan_of(payload), .payload = payload, .state = READER_START};
}

/* After an element of the array: its comma, its bracket, or a fault. */
static bool next_in_array(struct fix_reader *reader, struct fix_item *out)
{
    struct json_scan *s = &reader->scan;
    json_scan_space(s);
    bool first = reader->state == READER_ARRAY_FIRST;
    if (json_scan_take(s, ']')) {
        reader->state = READER_TAIL;
        return fix_reader_next(reader, out);
    }
    if (!first && !json_scan_take(s, ',')) {
        reader->state = READER_DONE;
        read_rest(s, FIX_NOT_JSON, out);
        return true;
    }
    json_scan_space(s);
    fix_object_read(s, 1, NULL, out);
    bool lost = out->error == FIX_NOT_JSON || out->error == FIX_TOO_DEEP;
    reader->state = lost ? READER_DONE : READER_ARRAY_NEXT;
    return true;
}

bool fix_reader_next(struct fix_reader *reader, struct fix_item *out)
{
    struct json_scan *s = &reader->scan;
    switch (reader->state) {
    case READER_START:
        if (reader->payload.len > FIX_PAYLOAD_MAX) {
            reader->state = READER_DONE;
            read_rest(s, FIX_TOO_LARGE, out);
            return true;
        }
        json_scan_space(s);
        if (json_scan_take(s, '[')) {
            reader->state = READER_ARRAY_FIRST;
            return next_in_array(reader, out);
        }
        reader->state = READER_TAIL;
        fix_object_read(s, 0, NULL, out);
        return true;
    case READER_ARRAY_FIRST:
    case READER_ARRAY_NEXT:
        return next_in_array(reader, out);
    case READER_TAIL:
        reader->state = READER_DONE;
        json_scan_space(s);
        if (s->at == s->end)
            return false;
        read_rest(s, FIX_NOT_JSON, out);
        return true;
    default:
        return false;
    }
}

bool fix_reader_in_array(const struct fix_reader *reader)
{
    return reader->state == READER_ARRAY_NEXT;
}

void fix_reader_move(struct fix_reader *reader, const char *payload)
{
    size_t at = (size_t)(reader->scan.at - reader->payload.data);
    reader->payload.data = payload;
    reader->scan.at = payload + at;
    reader->scan.end = payload + reader->payload.len;
}

enum fix_error fix_line_read(struct text line, struct fix_line *out)
{
    *out = (struct fix_line){.item = {.json = line}};
    struct json_scan s = json_scan_of(line);
    if (line.len > FIX_PAYLOAD_MAX) {
        read_rest(&s, FIX_TOO_LARGE, &out->item);
        return FIX_TOO_LARGE;
    }
    json_scan_space(&s);
    fix_object_read(&s, 0, out, &out->item);
    json_scan_space(&s);
    if (s.at != s.end)
        read_rest(&s, FIX_NOT_JSON, &out->item);
    return out->item.error;
}
