#include "timetable.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS    (24 * 60 * MINUTE_MS)

static const struct {
    const char *text;
    struct {
        int from_min, to_min;
    } spans[2];
    int count;
    bool sunday_off;
} rows[] = {
    [TIMETABLE_DAY] = {"06:00-20:00", {{360, 1200}}, 1, false},
    [TIMETABLE_NIGHT] = {"20:00-05:00", {{1200, 1740}}, 1, false},
    [TIMETABLE_WORKDAYS] = {"Mo-Sa 07:00-19:00", {{420, 1140}}, 1, true},
    [TIMETABLE_SPLIT] = {"09:00-16:00,20:00-04:00", {{540, 960}, {1200, 1680}}, 2, false},
    [TIMETABLE_ALWAYS] = {"", {{330, 1290}}, 1, false},
    [TIMETABLE_EARLY] = {"06:00-14:00", {{360, 840}}, 1, false},
    [TIMETABLE_LATE] = {"21:00-05:00", {{1260, 1740}}, 1, false},
    [TIMETABLE_MORNING] = {"07:00-15:00", {{420, 900}}, 1, false},
    [TIMETABLE_AFTERNOON] = {"15:00-23:00", {{900, 1380}}, 1, false},
    [TIMETABLE_TWO_SHIFTS] = {"06:00-14:00,21:00-05:00", {{360, 840}, {1260, 1740}}, 2, false},
};

const char *timetable_text(enum timetable_row row)
{
    return rows[row].text;
}

struct timetable_window timetable_window(enum timetable_row row, int64_t t_ms)
{
    int64_t day = (t_ms - TIMETABLE_MONDAY_MS) / DAY_MS - 1;
    for (;; day++) {
        if (rows[row].sunday_off && ((day % 7) + 7) % 7 == 6)
            continue;
        for (int i = 0; i < rows[row].count; i++) {
            int64_t midnight_ms = TIMETABLE_MONDAY_MS + day * DAY_MS;
            struct timetable_window w = {midnight_ms + rows[row].spans[i].from_min * MINUTE_MS,
                                         midnight_ms + rows[row].spans[i].to_min * MINUTE_MS};
            if (t_ms < w.close_ms)
                return w;
        }
    }
}
