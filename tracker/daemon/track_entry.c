#include "track_entry.h"

#include "fix_json.h"
#include "owntracks.h"

struct text reply_field_of(const struct reply *fields, const char *name)
{
    for (size_t i = 0; i + 1 < fields->count; i += 2)
        if (text_equal(fields->items[i].text, text_of(name)))
            return fields->items[i + 1].text;
    return TEXT("");
}

int64_t reply_number_of(const struct reply *fields, const char *name)
{
    struct text t = reply_field_of(fields, name);
    int64_t n = 0;
    for (size_t i = 0; i < t.len && i < 18 && t.data[i] >= '0' && t.data[i] <= '9'; i++)
        n = n * 10 + (t.data[i] - '0');
    return n;
}

bool track_entry_read(const struct reply *fields, struct track_entry *out)
{
    struct fix_reader reader;
    struct fix_item item;
    struct text fix = reply_field_of(fields, "fix"), late = reply_field_of(fields, "late");
    if (fix.len == 0)
        return false;
    fix_reader_init(&reader, fix);
    if ((!fix_reader_next(&reader, &item) || item.error != FIX_OK) &&
        (!owntracks_read(fix, &item) || item.error != FIX_OK))
        return false;
    *out = (struct track_entry){.fix = item.fix,
                                .verdict = text_equal(late, TEXT("1"))       ? VERDICT_LATE
                                           : text_equal(late, TEXT("clock")) ? VERDICT_CLOCK
                                                                             : VERDICT_JUDGED,
                                .received_ms = reply_number_of(fields, "received"),
                                .batch = (uint64_t)reply_number_of(fields, "batch")};
    return true;
}
