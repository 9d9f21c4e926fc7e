#include "json_members.h"

void json_write_members(struct json_writer *w, const struct json_member *members, size_t count)
{
    for (const struct json_member *m = members; m < members + count; m++) {
        if (m->type == JSON_MEMBER_LEFT_OUT)
            continue;
        json_write_key(w, m->name);
        switch (m->type) {
        case JSON_MEMBER_TEXT:
            json_write_string(w, m->text);
            break;
        case JSON_MEMBER_WHOLE:
            json_write_i64(w, m->whole);
            break;
        case JSON_MEMBER_FIXED:
            json_write_fixed(w, m->number, m->decimals);
            break;
        case JSON_MEMBER_TRUTH:
            json_write_bool(w, m->whole != 0);
            break;
        case JSON_MEMBER_NULL:
        case JSON_MEMBER_LEFT_OUT:
            json_write_null(w);
            break;
        }
    }
}
