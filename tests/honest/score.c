#include "score.h"

#include "street_net.h"
#include "timetable.h"
#include "town.h"

#include <stdlib.h>

void score_add(struct score *s, const struct told *told)
{
    must_reserve(&s->told, &s->cap, s->count + 1, sizeof *s->told);
    s->told[s->count++] = *told;
    if (told->warning)
        s->warnings[told->kind]++;
    else
        s->findings[told->kind]++;
}

void score_merge(struct score *s, const struct score *other)
{
    for (size_t i = 0; i < other->count; i++)
        score_add(s, &other->told[i]);
    s->vehicle_hours += other->vehicle_hours;
    s->fixes += other->fixes;
    s->trips += other->trips;
    s->unloaded += other->unloaded;
}

void score_free(struct score *s)
{
    free(s->told);
    *s = (struct score){0};
}

static uint32_t sum_of(const uint32_t *counts)
{
    uint32_t sum = 0;
    for (int k = 0; k < KIND_COUNT; k++)
        sum += counts[k];
    return sum;
}

uint32_t score_findings(const struct score *s)
{
    return sum_of(s->findings);
}

uint32_t score_warnings(const struct score *s)
{
    return sum_of(s->warnings);
}

static void print_row(const struct score *s, FILE *out, const char *name, uint32_t findings,
                      uint32_t warnings)
{
    fprintf(out, "%-16s %8u %10.2f %8u %10.2f\n", name, findings, findings * 1000 / s->vehicle_hours,
            warnings, warnings * 1000 / s->vehicle_hours);
}

void score_print(const struct score *s, FILE *out)
{
    fprintf(out, "%-16s %8s %10s %8s %10s\n", "kind", "findings", "per 1000 h", "warnings", "per 1000 h");
    for (int k = 1; k < KIND_COUNT; k++)
        if (s->findings[k] + s->warnings[k] > 0)
            print_row(s, out, kind_row((enum kind)k)->name, s->findings[k], s->warnings[k]);
    print_row(s, out, "all", score_findings(s), score_warnings(s));
    fprintf(out, "%u trips, %u of them ended otherwise than unloaded\n", s->trips, s->trips - s->unloaded);
}

void score_time(int64_t t_ms, char out[32])
{
    static const char *const days[] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};
    int local_s = (int)((t_ms - TIMETABLE_MONDAY_MS) / 1000);
    snprintf(out, 32, "%s %02d:%02d:%02d", days[local_s / 86400 % 7], local_s / 3600 % 24, local_s / 60 % 60,
             local_s % 60);
}

void score_list_row(const struct told *t, FILE *out)
{
    struct mw_point truth = spot_point(t->truth);
    char vehicle[16], at[32], start[32];
    town_vehicle_id(t->vehicle, vehicle);
    score_time(t->at_ms, at);
    score_time(t->start_ms, start);
    fprintf(out, "%s %s %s %s since %s at %.6f,%.6f truly %.6f,%.6f %.1f km/h %s",
            t->warning ? "warning" : "finding", kind_row(t->kind)->name, vehicle, at, start, t->lat_deg,
            t->lon_deg, truth.lat_deg, truth.lon_deg, t->truth_mps * 3.6, t->task);
    fprintf(out, " fence=%s permit=%s cause=%s value=%.1f limit=%.1f\n", t->fence, t->permit, t->cause,
            (double)t->value, (double)t->limit);
}

void score_list(const struct score *s, FILE *out)
{
    for (size_t i = 0; i < s->count; i++)
        score_list_row(&s->told[i], out);
}
