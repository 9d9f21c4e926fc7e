#include "sensor_filter.h"

#include <math.h>
#include <stddef.h>

static bool is_number(unsigned index)
{
    return index >= SENSOR_LOAD_KG;
}

static float unknown(unsigned index)
{
    return is_number(index) ? NAN : 0;
}

static bool is_known(unsigned index, float value)
{
    return is_number(index) ? !isnan(value) : value != 0;
}

static const size_t offsets[SENSOR_COUNT] = {
    [SENSOR_COVER] = offsetof(struct sensors, cover),
    [SENSOR_BODY] = offsetof(struct sensors, body),
    [SENSOR_LOAD] = offsetof(struct sensors, load),
    [SENSOR_SPILL] = offsetof(struct sensors, spill),
    [SENSOR_DISCHARGE] = offsetof(struct sensors, discharge),
    [SENSOR_WASH] = offsetof(struct sensors, wash),
    [SENSOR_IGNITION] = offsetof(struct sensors, ignition),
    [SENSOR_WORK] = offsetof(struct sensors, work),
    [SENSOR_POWER] = offsetof(struct sensors, power),
    [SENSOR_ANTENNA] = offsetof(struct sensors, antenna),
    [SENSOR_LOAD_KG] = offsetof(struct sensors, load_kg),
    [SENSOR_HEIGHT_M] = offsetof(struct sensors, height_m),
};

static float get(const struct sensors *s, unsigned index)
{
    const char *at = (const char *)s + offsets[index];
    return is_number(index) ? *(const float *)(const void *)at : (float)*(const uint8_t *)at;
}

static void set(struct sensors *s, unsigned index, float value)
{
    char *at = (char *)s + offsets[index];
    if (is_number(index))
        *(float *)(void *)at = value;
    else
        *(uint8_t *)at = (uint8_t)value;
}

/* Whether going from one value to the other is news. */
static bool differs(const struct sensor_filter *f, unsigned index, float a, float b)
{
    if (is_known(index, a) != is_known(index, b))
        return true;
    if (!is_known(index, a))
        return false;
    return is_number(index) ? fabs((double)a - (double)b) >= f->settings[index].delta : a != b;
}

void sensor_filter_init(struct sensor_filter *f, const struct sensor_settings settings[SENSOR_COUNT])
{
    *f = (struct sensor_filter){0};
    for (unsigned i = 0; i < SENSOR_COUNT; i++) {
        f->settings[i] = settings[i];
        f->cells[i].value = f->cells[i].heard = unknown(i);
    }
}

void sensor_filter_hear(struct sensor_filter *f, const struct sensors *heard, struct mono now)
{
    for (unsigned i = 0; i < SENSOR_COUNT; i++) {
        struct sensor_cell *c = &f->cells[i];
        float value = get(heard, i);
        if (!is_known(i, value))
            continue;
        if (!c->waiting || differs(f, i, value, c->heard))
            c->since = now;
        c->last = now;
        c->heard = value;
        c->waiting = differs(f, i, value, c->value);
        if (!c->waiting)
            c->value = value;
    }
}

bool sensor_filter_settle(struct sensor_filter *f, struct mono now)
{
    bool news = false;
    for (unsigned i = 0; i < SENSOR_COUNT; i++) {
        struct sensor_cell *c = &f->cells[i];
        const struct sensor_settings *s = &f->settings[i];
        if (s->stale_ms > 0 && is_known(i, c->heard) && now.ms - c->last.ms >= s->stale_ms) {
            news = news || is_known(i, c->value);
            c->value = c->heard = unknown(i);
            c->waiting = false;
        } else if (c->waiting && now.ms - c->since.ms >= s->debounce_ms) {
            c->value = c->heard;
            c->waiting = false;
            news = true;
        }
    }
    return news;
}

struct sensors sensor_filter_values(const struct sensor_filter *f)
{
    struct sensors out = sensors_none();
    for (unsigned i = 0; i < SENSOR_COUNT; i++)
        set(&out, i, f->cells[i].value);
    return out;
}

int64_t sensor_filter_wait_ms(const struct sensor_filter *f, struct mono now)
{
    int64_t wait_ms = -1;
    for (unsigned i = 0; i < SENSOR_COUNT; i++) {
        const struct sensor_cell *c = &f->cells[i];
        int64_t due_ms = INT64_MAX;
        if (c->waiting)
            due_ms = c->since.ms + f->settings[i].debounce_ms;
        if (f->settings[i].stale_ms > 0 && is_known(i, c->heard) &&
            c->last.ms + f->settings[i].stale_ms < due_ms)
            due_ms = c->last.ms + f->settings[i].stale_ms;
        if (due_ms == INT64_MAX)
            continue;
        int64_t in_ms = due_ms > now.ms ? due_ms - now.ms : 0;
        wait_ms = wait_ms < 0 || in_ms < wait_ms ? in_ms : wait_ms;
    }
    return wait_ms;
}
