#include "sim_units.h"

#include "sim_chance.h"

#include <assert.h>
#include <stdlib.h>

#include <sys/random.h>

static void set_up_unit(struct sim_engine *e, uint32_t unit, const struct sim_vehicle *vehicle, uint32_t copy)
{
    struct sim_unit *u = &e->units[unit];
    static const char digits[] = "0123456789abcdef";
    int64_t begin_ms = sim_trace_begin_ms(e->trace);
    u->trace = e->trace;
    u->vehicle = vehicle;
    if (copy == 0)
        snprintf(u->id, sizeof u->id, "%.8s%.54s", e->o->prefix, vehicle->id);
    else
        snprintf(u->id, sizeof u->id, "%.8s%.48s-%u", e->o->prefix, vehicle->id, copy + 1);
    /* Not by the seed: two runs are two journals, and the broker may still hold what it heard of the first.
     */
    uint64_t boot = 0;
    if (getrandom(&boot, sizeof boot, 0) != (ssize_t)sizeof boot)
        boot = sim_random_u64(&e->random) ^ (uint64_t)clock_wall().ms;
    for (int i = 0; i < 16; i++)
        u->boot_bytes[i] = digits[boot >> (60 - 4 * i) & 15];
    u->shift_ms = e->o->shift_ms;
    u->period_ms = sim_trace_period_ms(e->trace);
    sender_init(&u->sender, &e->sender, 0);
    sender_journal(&u->sender, 1, 0, 0);
    u->dead_change_ms = sim_random_after_ms(&e->random, begin_ms, e->o->dead_zone.every_s);
    u->reboot_ms = sim_random_after_ms(&e->random, begin_ms, e->o->reboot.every_s);
    u->error_change_ms = sim_random_after_ms(&e->random, begin_ms, e->o->clock_error.every_s);
}

bool sim_units_new(struct sim_engine *e)
{
    uint32_t vehicles = e->trace->vehicle_count;
    e->unit_count = e->o->units > 0 ? e->o->units : vehicles;
    e->units = calloc(e->unit_count, sizeof *e->units);
    e->queue = calloc(e->unit_count, sizeof *e->queue);
    e->unit_of_vehicle = calloc((size_t)vehicles + 1, sizeof *e->unit_of_vehicle);
    e->names = names_new(e->unit_count + 1);
    e->unit_of_name = calloc((size_t)e->unit_count + 2, sizeof *e->unit_of_name);
    if (e->units == NULL || e->queue == NULL || e->unit_of_vehicle == NULL || e->names == NULL ||
        e->unit_of_name == NULL)
        return false;
    uint32_t unit = 0;
    for (uint32_t v = 0; v < vehicles; v++) {
        uint32_t copies = e->unit_count / vehicles + (v < e->unit_count % vehicles);
        e->unit_of_vehicle[v] = unit;
        for (uint32_t c = 0; c < copies; c++, unit++) {
            uint32_t symbol;
            set_up_unit(e, unit, &e->trace->vehicles[v], c);
            if (!names_intern(e->names, text_of(e->units[unit].id), &symbol))
                return false;
            if (symbol <= e->unit_count)
                e->unit_of_name[symbol] = unit;
        }
    }
    assert(unit == e->unit_count);
    e->unit_of_vehicle[vehicles] = unit;
    return true;
}

void sim_units_free(struct sim_engine *e)
{
    names_free(e->names);
    free(e->unit_of_name);
    free(e->unit_of_vehicle);
    free(e->queue);
    free(e->units);
}
