/* duty_work_read: what duties need of an entry of `work`. */
#include "duty_entry.h"

/* What is read of them. */
enum field {
    KIND,
    VEHICLE,
    SEGMENT,
    REV,
    EVENT,
    HOW,
    MODE,
    SIDE,
    START,
    END,
    HEARD,
    RECEIVED,
    LAT,
    LON,
    RADIUS_ERROR,
    FROM_M,
    TO_M,
    FAST_M,
    FIELDS
};

static const struct text field_names[FIELDS] = {
    [KIND] = {"kind", 4},     [VEHICLE] = {"vehicle", 7}, [SEGMENT] = {"segment", 7},
    [REV] = {"rev", 3},       [EVENT] = {"event", 5},     [HOW] = {"how", 3},
    [MODE] = {"mode", 4},     [SIDE] = {"side", 4},       [START] = {"start", 5},
    [END] = {"end", 3},       [HEARD] = {"heard", 5},     [RECEIVED] = {"received", 8},
    [LAT] = {"lat", 3},       [LON] = {"lon", 3},         [RADIUS_ERROR] = {"radius_error", 12},
    [FROM_M] = {"from_m", 6}, [TO_M] = {"to_m", 4},       [FAST_M] = {"fast_m", 6},
};

/* Once through all of them: entries come by the ten thousand. */
static void take_fields(const struct entry_fields *fields, struct text values[FIELDS])
{
    struct text name, value;
    for (enum field f = 0; f < FIELDS; f++)
        values[f] = TEXT("");
    for (size_t place = 0; fields->at(fields->context, place, &name, &value); place++)
        for (enum field f = 0; f < FIELDS; f++)
            if (text_equal(name, field_names[f])) {
                values[f] = value;
                break;
            }
}

/* A whole number; DUTY_NEVER where there is none. */
static int64_t take_ms(struct text t)
{
    return t.len == 0 ? DUTY_NEVER : text_whole(t);
}

/* A number as entries have them: digits, and at most seven behind a point. */
static double take_number(struct text t)
{
    bool below = t.len > 0 && t.data[0] == '-', behind = false;
    int64_t digits = 0;
    double unit = 1;
    for (size_t i = below; i < t.len && i < 18; i++)
        if (t.data[i] == '.') {
            behind = true;
        } else if (t.data[i] >= '0' && t.data[i] <= '9') {
            digits = digits * 10 + (t.data[i] - '0');
            unit *= behind ? 10 : 1;
        }
    return (double)(below ? -digits : digits) / unit;
}

static enum work_side side_of(struct text word)
{
    for (enum work_side side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        if (text_equal(word, text_of(work_side_name(side))))
            return side;
    return SIDE_UNKNOWN;
}

static enum duty_work_type type_of(struct text kind)
{
    if (text_equal(kind, TEXT("clock")))
        return DUTY_WORK_CLOCK;
    if (text_equal(kind, TEXT("visit")))
        return DUTY_WORK_STOP;
    return text_equal(kind, TEXT("interval")) ? DUTY_WORK_DRIVE : DUTY_WORK_NONE;
}

struct duty_work duty_work_read(const struct entry_fields *fields, const struct names *names)
{
    struct text values[FIELDS];
    take_fields(fields, values);
    struct duty_work w = {.type = type_of(values[KIND]),
                          .vehicle = names_find(names, values[VEHICLE]),
                          .segment = names_find(names, values[SEGMENT]),
                          .rev = (uint32_t)text_whole(values[REV]),
                          .withdrawn = text_equal(values[EVENT], TEXT("withdrawn")),
                          .inferred = text_equal(values[HOW], TEXT("inferred")),
                          .mode = work_mode_find(values[MODE]),
                          .side = side_of(values[SIDE]),
                          .start_ms = take_ms(values[START]),
                          .end_ms = take_ms(values[END]),
                          .heard_ms = take_ms(values[HEARD]),
                          .received_ms = take_ms(values[RECEIVED]),
                          .lat_deg = take_number(values[LAT]),
                          .lon_deg = take_number(values[LON]),
                          .error_m = (float)take_number(values[RADIUS_ERROR]),
                          .from_m = (float)take_number(values[FROM_M]),
                          .to_m = (float)take_number(values[TO_M]),
                          .fast_m = (float)take_number(values[FAST_M])};
    bool timed = w.end_ms >= 0 && (w.start_ms >= 0 || w.type == DUTY_WORK_CLOCK);
    if (w.vehicle == 0 || !timed)
        w.type = DUTY_WORK_NONE;
    return w;
}
