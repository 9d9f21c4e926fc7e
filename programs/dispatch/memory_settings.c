#include "gateway.h"

/* The configuration names the gravest first. */
static void take_times(struct whole_list list, int64_t unit_ms, int64_t out_ms[ALERT_SEVERITY_COUNT])
{
    for (size_t i = 0; i < list.count && i < ALERT_SEVERITY_COUNT; i++)
        out_ms[SEVERITY_CRITICAL_ALERT - i] = list.items[i] * unit_ms;
}

void memory_take_config(struct gateway *g)
{
    struct memory *m = &g->memory;
    const int64_t minute_ms = 60000, hour_ms = 3600000;
    m->desk = desk_settings_usual;
    m->desk.four_eyes = g->config.desk.four_eyes;
    take_times(g->config.desk.ack_min, minute_ms, m->desk.ack_ms);
    take_times(g->config.desk.handle_h, hour_ms, m->desk.handle_ms);
    take_times(g->config.desk.close_h, hour_ms, m->desk.close_ms);
    m->reasons = g->config.desk.reasons.count == 0
                     ? desk_reasons_usual
                     : (struct desk_reasons){g->config.desk.reasons.items, g->config.desk.reasons.count};
    if (m->book != NULL)
        register_desk_changed(m->book);
}
