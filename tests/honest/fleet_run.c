#include "fleet_run.h"

#include "fix_write.h"
#include "fleet.h"
#include "unit.h"
#include "world_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the world ---- */

static bool read_made(void *context, const char *path, struct buf *out, struct problem *out_problem)
{
    struct fleet_run *run = context;
    (void)out_problem;
    buf_put_text(out, buf_text(strstr(path, "fences") != NULL ? &run->fences : &run->fleet));
    return buf_ok(out);
}

static void warn(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "honest: %s\n", text);
}

static bool load(struct fleet_run *run)
{
    struct config config;
    struct problem problem;
    struct world_load_options options = {.warn = warn, .read = read_made, .read_context = run};
    bool ok = config_init(&config) &&
              config_read(&config, TEXT("muckwatch.yaml"), text_of(town_configuration()), &problem) &&
              world_load(&config, run->names, options, &run->world, &problem);
    if (!ok)
        fprintf(stderr, "honest: %s\n", problem.text);
    config_fini(&config);
    return ok;
}

bool fleet_run_open(struct fleet_run *run, const char *data_dir, const struct run_options *o)
{
    *run = (struct fleet_run){.planting = {o->error95_m, o->interval_s}};
    run->town = town_new(data_dir, o->seed, o->planted ? &run->planting : NULL);
    if (run->town == NULL)
        return false;
    run->names = names_new(100000);
    buf_init(&run->fences, 64 << 20);
    buf_init(&run->fleet, 16 << 20);
    town_write_fences(run->town, &run->fences);
    town_write_fleet(run->town, &run->fleet);
    if (run->names == NULL || !buf_ok(&run->fences) || !buf_ok(&run->fleet))
        abort();
    return load(run);
}

void fleet_run_close(struct fleet_run *run)
{
    if (run->town == NULL)
        return;
    world_free(run->world);
    names_free(run->names);
    buf_fini(&run->fences);
    buf_fini(&run->fleet);
    town_free(run->town);
}

/* ---- a vehicle's week ---- */

struct week {
    struct fleet_run *run;
    struct score *score;
    struct fleet *fleet;
    struct outcome *out;
    struct unit unit;
    struct meter meter;
    uint32_t vehicle;
};

static void copy_name(const struct names *names, uint32_t symbol, char *out, size_t cap)
{
    snprintf(out, cap, "%.*s", TEXT_ARG(names_text(names, symbol)));
}

static void tell(struct week *w, const struct transition *t, bool warning)
{
    const struct driver *d = &w->unit.driver;
    struct told told = {.warning = warning,
                        .kind = t->kind,
                        .vehicle = w->vehicle,
                        .at_ms = t->at_ms,
                        .start_ms = t->start_ms,
                        .end_ms = INT64_MAX,
                        .lat_deg = t->lat_deg,
                        .lon_deg = t->lon_deg,
                        .truth = d->at,
                        .truth_mps = d->speed_mps,
                        .task = task_name(d->task),
                        .cause = cause_name(t->cause),
                        .value = t->value,
                        .limit = t->limit};
    copy_name(w->run->names, t->fence, told.fence, sizeof told.fence);
    copy_name(w->run->names, t->permit, told.permit, sizeof told.permit);
    score_add(w->score, &told);
}

static void collect(struct week *w)
{
    const struct outcome *o = w->out;
    for (uint32_t i = 0; i < o->transition_count; i++)
        if (o->transitions[i].event == TRANSITION_OPENED)
            tell(w, &o->transitions[i], false);
    for (uint32_t i = 0; i < o->warning_count; i++)
        if (o->warnings[i].event == TRANSITION_NONE)
            tell(w, &o->warnings[i].about, true);
    w->score->trips += o->trip_count;
    for (uint32_t i = 0; i < o->trip_count; i++)
        w->score->unloaded += strcmp(o->trips[i].end_reason, "unloaded") == 0;
}

static void take(struct week *w, const struct fix *fix)
{
    struct arrival arrival = {fix->time.ms + 700, fix->time.ms + 700, false};
    uint32_t place;
    while (fleet_fire(w->fleet, arrival.clock_ms, &place, w->out))
        collect(w);
    while (fleet_take_fix(w->fleet, 0, fix, arrival, w->out))
        collect(w);
    collect(w);
}

/* Nothing is said, and the clock goes on. */
static void wait(struct week *w, int64_t clock_ms)
{
    uint32_t place;
    while (fleet_fire(w->fleet, clock_ms, &place, w->out))
        collect(w);
}

static bool begin(struct week *w, const struct run_options *o)
{
    const struct town_vehicle *v = &w->run->town->vehicles[w->vehicle];
    uint32_t place;
    w->fleet = fleet_new(w->run->names, (struct fleet_options){.vehicle_limit = 1, .adopt_first = true});
    if (w->fleet == NULL || !fleet_set_world(w->fleet, w->run->world) ||
        !fleet_place(w->fleet, text_of(v->id), &place))
        return false;
    unit_start(&w->unit, w->run->town, v, o->seed, o->error95_m, o->interval_s * 1000, TIMETABLE_MONDAY_MS);
    return true;
}

bool fleet_run_score(struct fleet_run *run, const struct run_options *o, struct score *out,
                     struct audit *audit, struct planted_list *planted)
{
    struct week w = {.run = run, .score = out, .out = calloc(1, sizeof *w.out)};
    uint64_t fixes = (uint64_t)o->days * 86400 / (uint64_t)o->interval_s;
    bool ok = w.out != NULL;
    for (w.vehicle = 0; ok && w.vehicle < TOWN_VEHICLES; w.vehicle += o->every) {
        struct fix fix;
        if (o->silent && run->town->vehicles[w.vehicle].unit.says_speed)
            continue;
        size_t first_told = out->count, first_planted = planted != NULL ? planted->count : 0;
        ok = begin(&w, o);
        if (ok && planted != NULL) {
            meter_start(&w.meter, planted, &w.unit.driver);
            w.unit.meter = &w.meter;
        }
        if (audit != NULL)
            audit_begin(audit, run->world);
        for (uint64_t i = 0; ok && i < fixes; i++) {
            if (unit_next(&w.unit, &fix))
                take(&w, &fix);
            else
                wait(&w, w.unit.driver.now_ms + 700);
            if (audit != NULL)
                audit_look(audit, &w.unit.driver);
        }
        if (ok && planted != NULL) {
            meter_stop(&w.meter, &w.unit.driver);
            planted_match(planted, first_planted, out, first_told, o->interval_s);
        }
        out->fixes += fixes;
        out->vehicle_hours += o->days * 24;
        unit_stop(&w.unit);
        fleet_free(w.fleet);
    }
    free(w.out);
    return ok;
}

/* ---- dump ---- */

static bool write_file(const char *folder, const char *name, struct text bytes)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(bytes.data, 1, bytes.len, f) != bytes.len || fclose(f) != 0) {
        fprintf(stderr, "honest: %s: cannot be written\n", path);
        return false;
    }
    return true;
}

/* Where it truly is at a fix, how fast, and what it does there. */
static void write_truth(const struct driver *d, int64_t at_ms, struct buf *out)
{
    struct mw_point at = spot_point(d->at);
    buf_printf(out, "%lld\t%.6f\t%.6f\t%.1f\t%s\n", (long long)at_ms, at.lat_deg, at.lon_deg, d->speed_mps,
               task_name(d->task));
}

static bool dump_fixes(struct fleet_run *run, const struct run_options *o, const struct town_vehicle *v,
                       const char *folder)
{
    struct unit unit;
    struct buf lines, truth;
    struct fix fix;
    buf_init(&lines, (size_t)1 << 30);
    buf_init(&truth, (size_t)1 << 30);
    unit_start(&unit, run->town, v, o->seed, o->error95_m, o->interval_s * 1000, TIMETABLE_MONDAY_MS);
    for (int64_t i = 0; i < (int64_t)o->days * 86400 / o->interval_s; i++) {
        if (!unit_next(&unit, &fix))
            continue;
        struct wall received = {fix.time.ms + 700};
        fix_write_line(text_of(v->id), &fix, &received, &lines);
        write_truth(&unit.driver, fix.time.ms, &truth);
    }
    unit_stop(&unit);
    bool ok = buf_ok(&lines) && buf_ok(&truth) && write_file(folder, "fixes.ndjson", buf_text(&lines)) &&
              write_file(folder, "truth.tsv", buf_text(&truth));
    buf_fini(&lines);
    buf_fini(&truth);
    return ok;
}

bool fleet_run_dump(struct fleet_run *run, const struct run_options *o, const char *vehicle,
                    const char *folder)
{
    for (uint32_t i = 0; i < TOWN_VEHICLES; i++)
        if (strcmp(run->town->vehicles[i].id, vehicle) == 0)
            return write_file(folder, "muckwatch.yaml", text_of(town_configuration())) &&
                   write_file(folder, "fences.geojson", buf_text(&run->fences)) &&
                   write_file(folder, "fleet.json", buf_text(&run->fleet)) &&
                   dump_fixes(run, o, &run->town->vehicles[i], folder);
    fprintf(stderr, "honest: there is no vehicle %s\n", vehicle);
    return false;
}
