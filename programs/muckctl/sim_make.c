#include "sim_make.h"

#include "fix_write.h"
#include "sim_chance.h"
#include "sim_send.h"

#include <assert.h>

void sim_toggle_dead_zone(struct sim_engine *e, uint32_t unit, int64_t at_ms)
{
    struct sim_unit *u = &e->units[unit];
    u->dead = !u->dead;
    u->dead_change_ms =
        sim_random_after_ms(&e->random, at_ms, u->dead ? e->o->dead_zone.for_s : e->o->dead_zone.every_s);
    if (u->dead) {
        e->report.dead_zones++;
        sender_offline(&u->sender);
    } else if (sim_link_of(e, unit)->up) {
        sender_online(&u->sender, loop_now(e->loop));
        sim_enqueue(e, unit);
    }
}

static void reboot(struct sim_engine *e, uint32_t unit, int64_t at_ms)
{
    struct sim_unit *u = &e->units[unit];
    u->reboot_ms = sim_random_after_ms(&e->random, at_ms, e->o->reboot.every_s);
    if (!sim_unit_reboot(u, 1 + sim_random_u64(&e->random) % 1024, &e->sender))
        return;
    e->report.reboots++;
    if (!u->dead && sim_link_of(e, unit)->up)
        sender_online(&u->sender, loop_now(e->loop));
    sim_enqueue(e, unit);
}

static void toggle_clock_error(struct sim_engine *e, struct sim_unit *u, int64_t at_ms)
{
    bool wrong = u->error_count > 0 && u->errors[u->error_count - 1].until == UINT64_MAX;
    if (wrong) {
        u->errors[u->error_count - 1].until = u->made;
    } else if (u->error_count < SIM_EPISODES_MAX) {
        int64_t off_ms = (int64_t)(e->o->clock_off_s * 1000);
        u->errors[u->error_count++] = (struct sim_clock_error){u->made, UINT64_MAX, off_ms};
        e->report.clock_errors++;
    }
    u->error_change_ms =
        sim_random_after_ms(&e->random, at_ms, wrong ? e->o->clock_error.every_s : e->o->clock_error.for_s);
}

static void make_fix(struct sim_engine *e, uint32_t unit, int64_t at_ms)
{
    struct sim_unit *u = &e->units[unit];
    if (at_ms >= u->dead_change_ms)
        sim_toggle_dead_zone(e, unit, at_ms);
    if (at_ms >= u->reboot_ms)
        reboot(e, unit, at_ms);
    if (at_ms >= u->error_change_ms)
        toggle_clock_error(e, u, at_ms);
    sim_unit_make(u);
    e->report.fixes++;
    if (e->o->ledger != NULL) {
        struct fix fix = sim_unit_fix(u, u->made - 1, e->o->numbers);
        buf_clear(&e->payload);
        fix_write_line(text_of(u->id), &fix, NULL, &e->payload);
        fwrite(e->payload.data, 1, e->payload.len, e->o->ledger);
    }
    sim_enqueue(e, unit);
}

/* How many fixes may wait in all before making pauses: as fast as it goes is as fast as they are
 * acknowledged. */
static bool is_full(const struct sim_engine *e)
{
    return e->o->speed == 0 && e->queue_count >= e->unit_count / 2 + 1 &&
           mqtt_unanswered(e->links[0].mqtt) > 500;
}

static bool line_is_due(struct sim_engine *e, int64_t due_ms, struct mono now)
{
    if (e->o->rate > 0) {
        double elapsed_s = (double)(now.ms - e->budget_at.ms) / 1000;
        e->budget_at = now;
        e->budget += elapsed_s * e->o->rate;
        if (e->budget > e->o->rate) /* a second's worth is what a pause may save up */
            e->budget = e->o->rate;
        if (e->budget < 1)
            return false;
    }
    if (e->o->speed == 0)
        return !is_full(e);
    double at_ms = (double)(now.ms - e->started.ms) * e->o->speed;
    return (double)(due_ms - sim_trace_begin_ms(e->trace)) <= at_ms;
}

static bool is_finished(const struct sim_engine *e, struct mono now)
{
    return e->interrupted || (!e->o->repeat && e->next_line >= e->trace->line_count) ||
           (e->o->fixes > 0 && e->report.fixes >= e->o->fixes) ||
           (e->o->for_s > 0 && (double)(now.ms - e->started.ms) >= e->o->for_s * 1000);
}

void sim_make_due(struct sim_engine *e, struct mono now)
{
    const struct sim_trace *t = e->trace;
    /* So many a turn at most, that acknowledgements are read in between. */
    for (int n = 0; e->making && n < 2000; n++) {
        if (is_finished(e, now)) {
            e->making = false;
            e->done_making = now;
            return;
        }
        const struct sim_line *line = &t->lines[e->next_line % t->line_count];
        int64_t due_ms = line->due_ms + (int64_t)(e->next_line / t->line_count) * sim_trace_period_ms(t);
        if (!line_is_due(e, due_ms, now))
            return;
        assert(line->vehicle < t->vehicle_count);
        e->next_line++;
        for (uint32_t u = e->unit_of_vehicle[line->vehicle]; u < e->unit_of_vehicle[line->vehicle + 1]; u++) {
            make_fix(e, u, due_ms);
            e->budget -= e->o->rate > 0;
        }
    }
}
