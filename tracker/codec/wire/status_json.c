#include "status_json.h"

#include "fix_json.h"
#include "json_scan.h"
#include "json_write.h"

static bool read_seq(struct json_scan *s, uint64_t *out)
{
    struct json_number n;
    if (!json_scan_at_number(s) || json_scan_number(s, &n) != JSON_FAULT_NONE)
        return false;
    if (n.negative || n.cut || n.exp10 != 0 || n.digits > FIX_SEQ_MAX)
        return false;
    *out = n.digits;
    return true;
}

static bool read_boot(struct json_scan *s, struct text *out)
{
    struct json_string string;
    if (json_scan_peek(s) != '"' || json_scan_string(s, &string) != JSON_FAULT_NONE || string.escaped)
        return false;
    *out = string.raw;
    return string.raw.len <= FIX_BOOT_MAX;
}

static bool read_bool(struct json_scan *s, bool *out)
{
    *out = json_scan_peek(s) == 't';
    return json_scan_word(s, *out ? TEXT("true") : TEXT("false")) == JSON_FAULT_NONE;
}

/* [a,b] */
static bool read_range(struct json_scan *s, uint64_t range[2])
{
    if (!json_scan_take(s, '['))
        return false;
    for (int i = 0; i < 2; i++) {
        json_scan_space(s);
        if (!read_seq(s, &range[i]))
            return false;
        json_scan_space(s);
        if (!json_scan_take(s, i == 0 ? ',' : ']'))
            return false;
    }
    return true;
}

static bool read_skipped(struct json_scan *s, uint64_t (*ranges)[2], size_t *count)
{
    *count = 0;
    if (!json_scan_take(s, '['))
        return false;
    json_scan_space(s);
    if (json_scan_take(s, ']'))
        return true;
    for (;;) {
        uint64_t range[2];
        json_scan_space(s);
        if (!read_range(s, range))
            return false;
        if (*count < STATUS_RANGES_MAX) {
            ranges[*count][0] = range[0];
            ranges[*count][1] = range[1];
            ++*count;
        }
        json_scan_space(s);
        if (json_scan_take(s, ']'))
            return true;
        if (!json_scan_take(s, ','))
            return false;
    }
}

static bool read_member(struct json_scan *s, const struct json_string *key, uint64_t (*ranges)[2],
                        struct unit_status *out)
{
    if (json_scan_peek(s) == 'n')
        return json_scan_word(s, TEXT("null")) == JSON_FAULT_NONE;
    if (json_string_equal(key, TEXT("online")))
        return read_bool(s, &out->online);
    if (json_string_equal(key, TEXT("boot")))
        return read_boot(s, &out->boot);
    if (json_string_equal(key, TEXT("first")))
        return read_seq(s, &out->first);
    if (json_string_equal(key, TEXT("skipped")))
        return read_skipped(s, ranges, &out->skipped_count);
    return json_scan_skip(s, 1) == JSON_FAULT_NONE;
}

bool status_read(struct text payload, uint64_t (*ranges)[2], struct unit_status *out)
{
    struct json_scan s = json_scan_of(payload);
    struct unit_status status = {0};
    json_scan_space(&s);
    if (payload.len > FIX_PAYLOAD_MAX || !json_scan_take(&s, '{'))
        return false;
    json_scan_space(&s);
    bool more = !json_scan_take(&s, '}');
    while (more) {
        struct json_string key;
        json_scan_space(&s);
        if (json_scan_peek(&s) != '"' || json_scan_key(&s, &key) != JSON_FAULT_NONE ||
            !read_member(&s, &key, ranges, &status))
            return false;
        json_scan_space(&s);
        more = json_scan_take(&s, ',');
        if (!more && !json_scan_take(&s, '}'))
            return false;
    }
    json_scan_space(&s);
    if (s.at != s.end)
        return false;
    status.skipped = (const uint64_t(*)[2])ranges;
    *out = status;
    return true;
}

void ack_write(struct text boot, uint64_t seq, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    json_write_key(&w, "boot");
    json_write_string(&w, boot);
    json_write_key(&w, "seq");
    json_write_u64(&w, seq);
    json_write_end_object(&w);
}
