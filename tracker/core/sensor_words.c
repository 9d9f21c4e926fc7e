#include "sensor_words.h"

const char *const sensor_words_names[VEHICLE_SENSORS] = {"cover",     "body",    "load",     "spill",
                                                         "discharge", "wash",    "ignition", "work",
                                                         "power",     "antenna", "load_kg",  "height_m"};

void sensor_words_follow(struct vehicle_state *state, uint16_t words, int64_t at_ms)
{
    bool again = (state->flags & VEHICLE_SEEN) != 0 && at_ms == state->time_ms;
    uint16_t now = again ? state->said | words : words;
    for (unsigned i = 0; i < VEHICLE_SENSORS; i++) {
        bool spoke = state->said >> i & 1, speaks = now >> i & 1;
        if (spoke && !speaks)
            state->said_ms[i] = state->time_ms;
        else if (speaks)
            state->said_ms[i] = TIME_NONE; /* states are compared as bytes */
    }
    state->said = now;
}

int64_t sensor_words_ms(const struct vehicle_state *state, unsigned sensor)
{
    return state->said >> sensor & 1 ? state->time_ms : state->said_ms[sensor];
}

uint16_t sensor_words_faults(const struct sensors *s)
{
    return (uint16_t)((unsigned)(s->cover == COVER_FAULT) | (unsigned)(s->body == BODY_FAULT) << 1 |
                      (unsigned)(s->load == LOAD_FAULT) << 2);
}
