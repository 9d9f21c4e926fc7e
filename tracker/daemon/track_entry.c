#include "track_entry.h"

#include "fix_json.h"
#include "owntracks.h"
#include "reply_fields.h"

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
