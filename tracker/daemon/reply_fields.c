#include "reply_fields.h"

struct text reply_field_of(const struct reply *fields, const char *name)
{
    for (size_t i = 0; i + 1 < fields->count; i += 2)
        if (text_equal(fields->items[i].text, text_of(name)))
            return fields->items[i + 1].text;
    return TEXT("");
}

int64_t reply_number_of(const struct reply *fields, const char *name)
{
    return text_whole(reply_field_of(fields, name));
}
