/*
 * case_words: facts of a case as words: times in the city's zone, names of kinds, sensors.
 */
#include "case_facts.h"

#include "kinds.h"
#include "phrase_rows.h"

#include <muckwatch/zone.h>

#include <stdio.h>

void case_put_time(const struct case_facts *f, int64_t ms, bool with_ms, struct buf *out)
{
    struct mw_civil c;
    mw_civil_from_ms(f->world->zone, ms, &c);
    buf_printf(out, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
    if (with_ms)
        buf_printf(out, ".%03d", c.millisecond);
}

const char *case_kind_zh(struct text kind)
{
    const struct transition t = {.kind = kind_find(kind)};
    return phrase_row_of(&t)->noun[PHRASE_ZH];
}

const char *case_cover(const struct fix *fix)
{
    static const char *const words[] = {"", "open", "closed", "fault"};
    return words[fix->sensors.cover <= COVER_FAULT ? fix->sensors.cover : 0];
}

const char *case_body(const struct fix *fix)
{
    static const char *const words[] = {"", "raised", "down", "fault"};
    return words[fix->sensors.body <= BODY_FAULT ? fix->sensors.body : 0];
}

const char *case_load(const struct fix *fix)
{
    static const char *const words[] = {"", "empty", "loaded", "over", "fault"};
    return words[fix->sensors.load <= LOAD_FAULT ? fix->sensors.load : 0];
}
