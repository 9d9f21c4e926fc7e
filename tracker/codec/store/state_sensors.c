/*
 * The sensors of a state: the last word of each, and when it was said.
 */
#include "state_codec_private.h"

#include "sensor_words.h"

static void visit_words(struct visitor *v, struct sensors *s)
{
    state_small(v, &s->cover, COVER_FAULT);
    state_small(v, &s->body, BODY_FAULT);
    state_small(v, &s->load, LOAD_FAULT);
    state_small(v, &s->spill, FLAG_TRUE);
    state_small(v, &s->discharge, FLAG_TRUE);
    state_small(v, &s->wash, FLAG_TRUE);
    state_small(v, &s->ignition, FLAG_TRUE);
    state_small(v, &s->work, WORK_COLLECTING);
    state_small(v, &s->power, POWER_BACKUP);
    state_small(v, &s->antenna, ANTENNA_SHORT);
    state_real32(v, &s->load_kg);
    state_real32(v, &s->height_m);
}

/* Before version 7 nobody kept when. What spoke in the last fix did so at its time. */
static void visit_times(struct visitor *v, struct vehicle_state *s)
{
    uint16_t known = sensor_words_of(&s->sensors);
    state_number16(v, &s->said);
    if ((s->said & ~known) != 0)
        state_fail(v, STATE_MALFORMED);
    for (unsigned i = 0; i < VEHICLE_SENSORS; i++)
        if ((known & ~s->said) >> i & 1)
            state_when(v, &s->said_ms[i]);
}

void state_visit_sensors(struct visitor *v, struct vehicle_state *s)
{
    visit_words(v, &s->sensors);
    if (v->version >= 7)
        visit_times(v, s);
}
