#include "work_said.h"

#include <string.h>

const char *const work_said_fields[WORK_SAID_FIELDS] = {
    "kind", "segment", "side",      "from_m", "to_m",  "start", "end", "heard",
    "mode", "how",     "speed_kmh", "fast_m", "fixes", "lat",   "lon", "radius_error"};

void work_said_write(struct buf *out, const struct entry *e, int64_t at_ms)
{
    buf_puts(out, "w-");
    buf_put_text(out, entry_value(e, "id"));
    buf_put_char(out, ' ');
    buf_put_text(out, entry_value(e, "rev"));
    buf_put_char(out, ' ');
    buf_put_i64(out, at_ms);
    buf_put_char(out, ' ');
    buf_put_text(out, entry_value(e, "event"));
    buf_put_char(out, ' ');
    for (size_t i = 0; i < WORK_SAID_FIELDS; i++) {
        struct text value = entry_value(e, work_said_fields[i]);
        buf_put_u64(out, value.len);
        buf_put_char(out, ':');
        buf_put_text(out, value);
    }
}

static bool take_value(struct text *rest, struct text *out)
{
    size_t len = 0, at = 0;
    for (; at < rest->len && at < 4 && rest->data[at] >= '0' && rest->data[at] <= '9'; at++)
        len = len * 10 + (size_t)(rest->data[at] - '0');
    if (at == 0 || at >= rest->len || rest->data[at] != ':' || rest->len - at - 1 < len)
        return false;
    *out = (struct text){rest->data + at + 1, len};
    *rest = (struct text){rest->data + at + 1 + len, rest->len - at - 1 - len};
    return true;
}

bool work_said_read(struct text member, struct work_said *out)
{
    if (member.len < 2 || memcmp(member.data, "w-", 2) != 0)
        return false;
    struct text rest = {member.data + 2, member.len - 2};
    out->id = text_take_word(&rest);
    out->rev = text_take_word(&rest);
    out->at = text_take_word(&rest);
    out->event = text_take_word(&rest);
    for (size_t i = 0; i < WORK_SAID_FIELDS; i++)
        if (!take_value(&rest, &out->values[i]))
            return false;
    return rest.len == 0 && out->id.len > 0;
}
