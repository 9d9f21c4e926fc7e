/*
 * fuzz: an entry of a stream, its names and values parted by the byte 0. The row that is made of it is JSON that holds as many
 * fields, in UTF-8, and a line of a track is one line.
 */
#include "entry_row.h"
#include "json_scan.h"
#include "track_line.h"

#include <stdlib.h>

enum { ITEMS_MAX = 64, OUT_MAX = 1 << 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static size_t cut(struct text from, struct archive_answer *items)
{
    size_t count = 0;
    while (from.len > 0 && count < ITEMS_MAX) {
        const char *zero = memchr(from.data, '\0', from.len);
        size_t len = zero != NULL ? (size_t)(zero - from.data) : from.len;
        items[count++] = (struct archive_answer){.type = ANSWER_TEXT, .text = {from.data, len}};
        len += zero != NULL;
        from = (struct text){from.data + len, from.len - len};
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct archive_answer items[ITEMS_MAX];
    const struct archive_answer entry = {
        .type = ANSWER_LIST, .items = items, .count = cut((struct text){(const char *)data, size}, items)};
    const struct track_entry_fields fields = archive_answer_fields(&entry);
    struct buf out;
    buf_init(&out, OUT_MAX);
    for (size_t i = 0; i < archive_stream_count; i++) {
        struct archive_row row;
        must(entry_row_make(&archive_streams[i], &entry, &out, &row));
        must(row.fields.len >= 2 && row.fields.data[0] == '{');
        struct json_scan scan = json_scan_of(row.fields);
        must(json_scan_skip(&scan, 4) == JSON_FAULT_NONE && scan.at == scan.end);
    }
    for (enum track_line_kind kind = TRACK_LINE_LIFE; kind <= TRACK_LINE_REDO; kind++) {
        buf_clear(&out);
        track_line_put(&out, kind, TEXT("v"), &fields);
        must(buf_ok(&out) && (out.len == 0 || memchr(out.data, '\n', out.len) == NULL));
    }
    buf_fini(&out);
    return 0;
}
