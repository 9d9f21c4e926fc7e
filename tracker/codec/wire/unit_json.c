#include "unit_json.h"

#include "fix_json.h"
#include "json_scan.h"
#include "json_write.h"

#include <string.h>

void unit_status_write(const struct status_message *status, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    json_write_key(&w, "online");
    json_write_bool(&w, status->online);
    if (status->boot.len > 0) {
        json_write_key(&w, "boot");
        json_write_string(&w, status->boot);
        json_write_key(&w, "first");
        json_write_u64(&w, status->first);
        json_write_key(&w, "skipped");
        json_write_begin_array(&w);
        for (size_t i = 0; i < status->skipped_count; i++) {
            json_write_begin_array(&w);
            json_write_u64(&w, status->skipped[i].first);
            json_write_u64(&w, status->skipped[i].last);
            json_write_end_array(&w);
        }
        json_write_end_array(&w);
    }
    json_write_key(&w, "agent");
    json_write_string(&w, status->agent);
    json_write_end_object(&w);
}

static bool read_seq(struct json_scan *scan, uint64_t *out)
{
    struct json_number n;
    if (!json_scan_at_number(scan) || json_scan_number(scan, &n) != JSON_FAULT_NONE)
        return false;
    /* Written as a plain whole number: that is what our tracker sends. */
    if (n.negative || n.cut || n.exp10 != 0 || n.digits > FIX_SEQ_MAX)
        return false;
    *out = n.digits;
    return true;
}

static bool read_boot(struct json_scan *scan, struct text *out)
{
    struct json_string s;
    if (json_scan_peek(scan) != '"' || json_scan_string(scan, &s) != JSON_FAULT_NONE || s.escaped)
        return false;
    *out = s.raw;
    return s.raw.len > 0 && s.raw.len <= FIX_BOOT_MAX;
}

bool unit_ack_read(struct text payload, struct unit_ack *out)
{
    struct json_scan scan = json_scan_of(payload);
    struct unit_ack ack = {0};
    bool has_boot = false, has_seq = false;
    json_scan_space(&scan);
    if (payload.len == 0 || !json_scan_take(&scan, '{'))
        return false;
    do {
        struct json_string key;
        json_scan_space(&scan);
        if (json_scan_peek(&scan) != '"' || json_scan_key(&scan, &key) != JSON_FAULT_NONE)
            return false;
        bool ok = true;
        if (json_string_equal(&key, TEXT("boot")))
            ok = has_boot = read_boot(&scan, &ack.boot);
        else if (json_string_equal(&key, TEXT("seq")))
            ok = has_seq = read_seq(&scan, &ack.seq);
        else
            ok = json_scan_skip(&scan, 1) == JSON_FAULT_NONE;
        if (!ok)
            return false;
        json_scan_space(&scan);
    } while (json_scan_take(&scan, ','));
    if (!json_scan_take(&scan, '}') || !has_boot || !has_seq)
        return false;
    *out = ack;
    return true;
}

/* Where the member `sensors` begins, with its comma, or where the object's brace stands. */
static size_t numbers_place(struct text fix)
{
    static const char sensors[] = ",\"sensors\":{";
    size_t n = sizeof sensors - 1;
    for (size_t i = 0; i + n <= fix.len; i++)
        if (fix.data[i] == ',' && memcmp(fix.data + i, sensors, n) == 0)
            return i;
    return fix.len > 0 ? fix.len - 1 : 0;
}

void unit_fix_put_numbers(struct text fix, struct text boot, uint64_t seq, struct buf *out)
{
    size_t at = numbers_place(fix);
    buf_put(out, fix.data, at);
    buf_puts(out, ",\"boot\":");
    json_put_string(out, boot);
    buf_puts(out, ",\"seq\":");
    buf_put_u64(out, seq);
    buf_put(out, fix.data + at, fix.len - at);
}

bool unit_sensors_read(struct text payload, struct sensors *out)
{
    enum { SENSORS_MAX = 2048 };
    static const char before[] = "{\"time\":1577836800,\"mode\":0,\"sensors\":";
    char fix[sizeof before + SENSORS_MAX];
    struct buf b = {.data = fix, .cap = sizeof fix, .limit = sizeof fix};
    struct json_scan scan = json_scan_of(payload);
    json_scan_space(&scan);
    /* One object and nothing behind it, or the rest would be taken for more of the fix around it. */
    if (payload.len > SENSORS_MAX - 1 || json_scan_peek(&scan) != '{' ||
        json_scan_skip(&scan, 1) != JSON_FAULT_NONE)
        return false;
    json_scan_space(&scan);
    if (scan.at != scan.end)
        return false;
    buf_puts(&b, before);
    buf_put_text(&b, payload);
    buf_put_char(&b, '}');
    struct fix_reader reader;
    struct fix_item item;
    fix_reader_init(&reader, buf_text(&b));
    if (!buf_ok(&b) || !fix_reader_next(&reader, &item) || item.error != FIX_OK ||
        !fix_has(&item.fix, FIX_HAS_SENSORS) || item.unknown != 0 || item.json.len != b.len)
        return false; /* a word that nobody knows is a slip of the driver: here it can still be told */
    *out = item.fix.sensors;
    return true;
}
