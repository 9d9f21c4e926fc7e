#include "line_fix.h"

#include "owntracks.h"

bool line_fix_read(struct text line, struct fix_line *out)
{
    if (fix_line_read(line, out) == FIX_OK)
        return true;
    return out->vehicle.len > 0 && owntracks_read(line, &out->item) && out->item.error == FIX_OK;
}

int64_t line_fix_received_ms(struct text line)
{
    static const char begin[] = "{\"vehicle\":\"", key[] = "\",\"received\":";
    enum { BEGIN = sizeof begin - 1, KEY = sizeof key - 1 };
    if (line.len < BEGIN || memcmp(line.data, begin, BEGIN) != 0)
        return 0;
    const char *quote = memchr(line.data + BEGIN, '"', line.len - BEGIN);
    size_t at = quote != NULL ? (size_t)(quote - line.data) : line.len;
    if (line.len - at < KEY || memcmp(line.data + at, key, KEY) != 0)
        return 0;
    return text_whole((struct text){line.data + at + KEY, line.len - at - KEY});
}

struct text line_fix_behind(struct text line, const char *key)
{
    size_t n = strlen(key), at = 0, len = 0;
    while (at + n <= line.len && memcmp(line.data + at, key, n) != 0)
        at++;
    if (at + n > line.len)
        return (struct text){NULL, 0};
    at += n;
    while (at + len < line.len && strchr("\",}", line.data[at + len]) == NULL)
        len++;
    return (struct text){line.data + at, len};
}
