/* duty_work_read: what duties need of an entry of `work`. */
#include "duty_entry.h"

static struct text value(const struct entry_fields *fields, const char *name)
{
    return fields->value(fields->context, name);
}

/* A whole number; `none` where there is none. */
static int64_t take_ms(const struct entry_fields *fields, const char *name)
{
    struct text t = value(fields, name);
    return t.len == 0 ? DUTY_NEVER : text_whole(t);
}

/* A number as entries have them: digits, and at most seven behind a point. */
static double take_number(const struct entry_fields *fields, const char *name)
{
    struct text t = value(fields, name);
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
    struct duty_work w = {.type = type_of(value(fields, "kind")),
                          .vehicle = names_find(names, value(fields, "vehicle")),
                          .segment = names_find(names, value(fields, "segment")),
                          .rev = (uint32_t)text_whole(value(fields, "rev")),
                          .withdrawn = text_equal(value(fields, "event"), TEXT("withdrawn")),
                          .inferred = text_equal(value(fields, "how"), TEXT("inferred")),
                          .mode = work_mode_find(value(fields, "mode")),
                          .side = side_of(value(fields, "side")),
                          .start_ms = take_ms(fields, "start"),
                          .end_ms = take_ms(fields, "end"),
                          .heard_ms = take_ms(fields, "heard"),
                          .received_ms = take_ms(fields, "received"),
                          .lat_deg = take_number(fields, "lat"),
                          .lon_deg = take_number(fields, "lon"),
                          .error_m = (float)take_number(fields, "radius_error"),
                          .from_m = (float)take_number(fields, "from_m"),
                          .to_m = (float)take_number(fields, "to_m"),
                          .fast_m = (float)take_number(fields, "fast_m")};
    bool timed = w.end_ms >= 0 && (w.start_ms >= 0 || w.type == DUTY_WORK_CLOCK);
    if (w.vehicle == 0 || !timed)
        w.type = DUTY_WORK_NONE;
    return w;
}
