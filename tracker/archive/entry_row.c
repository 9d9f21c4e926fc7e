#include "entry_row.h"

#include "json_scan.h"
#include "json_write.h"

#include <sodium.h>

static bool is_utf8(struct text t)
{
    const char *p = t.data, *end = t.data + t.len;
    for (size_t n; p < end; p += n) {
        n = (unsigned char)*p < 0x80 ? 1 : json_utf8_length(p, end);
        if (n == 0)
            return false;
    }
    return true;
}

/* A text as it is; bytes that are none, in hexadecimal. */
static void write_value(struct json_writer *w, struct text value)
{
    static const char digits[] = "0123456789abcdef";
    if (is_utf8(value)) {
        json_write_string(w, value);
        return;
    }
    json_write_begin_object(w);
    json_write_key(w, "hex");
    json_write_raw(w, TEXT("\""));
    for (size_t i = 0; i < value.len; i++) {
        unsigned char byte = (unsigned char)value.data[i];
        buf_put_char(w->out, digits[byte >> 4]);
        buf_put_char(w->out, digits[byte & 15]);
    }
    buf_put_char(w->out, '"');
    json_write_end_object(w);
}

static int64_t time_or_none(struct text value)
{
    return value.len > 0 ? text_whole(value) : -1;
}

bool entry_row_make(const struct archive_stream_row *stream, const struct archive_answer *entry,
                    struct buf *fields, struct archive_row *out)
{
    struct json_writer w;
    buf_clear(fields);
    json_writer_init(&w, fields);
    json_write_begin_object(&w);
    for (size_t i = 0; i + 1 < entry->count; i += 2) {
        char key[64];
        struct text name = entry->items[i].text;
        size_t len = name.len < sizeof key - 1 ? name.len : sizeof key - 1;
        memcpy(key, name.data, len);
        key[len] = '\0';
        json_write_key(&w, key);
        write_value(&w, entry->items[i + 1].text);
    }
    json_write_end_object(&w);
    struct text rev = archive_answer_field(entry, "rev");
    *out = (struct archive_row){
        .stream = text_of(stream->name),
        .id = stream->id != NULL ? archive_answer_field(entry, stream->id) : TEXT(""),
        .event = archive_answer_field(entry, "event"),
        .kind = archive_answer_field(entry, "kind"),
        .vehicle = archive_answer_field(entry, "vehicle"),
        .company = archive_answer_field(entry, "company"),
        .fields = buf_text(fields),
        .rev = rev.len > 0 ? text_whole(rev) : 1,
        .start_ms = stream->start != NULL ? time_or_none(archive_answer_field(entry, stream->start)) : -1,
        .received_ms = time_or_none(archive_answer_field(entry, "received")),
    };
    if (!buf_ok(fields))
        return false;
    crypto_generichash(out->hash, sizeof out->hash, (const unsigned char *)fields->data, fields->len, NULL,
                       0);
    return true;
}
