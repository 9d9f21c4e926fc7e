#include "report_count.h"

#include <math.h>
#include <stdio.h>
#include <sysexits.h>

/* What keys of trips and of findings are made of. */
struct subject {
    struct text vehicle, company, permit, site, disposal;
    const struct world *world;
};

/* By what a trip or a finding has of its own, or through its permit. */
static struct text key_of(enum tally_by by, const struct subject *s)
{
    switch (by) {
    case TALLY_BY_COMPANY:
        return s->company.len > 0 ? s->company : report_company(s->world, s->vehicle);
    case TALLY_BY_VEHICLE:
        return s->vehicle;
    case TALLY_BY_SITE:
        return s->site;
    case TALLY_BY_DISPOSAL:
        return s->disposal;
    case TALLY_BY_MATERIAL:
        return report_material(s->world, s->permit);
    case TALLY_BY_ROUTE:
        return report_route(s->world, s->permit);
    default:
        return TEXT("");
    }
}

static const struct world *world_at(const struct report_count *c, int64_t ms)
{
    return report_world_of(c->days, city_day_of(&c->days->days, ms));
}

/* ---- tracks and fleet ---- */

static bool count_tracks(struct report_count *c)
{
    for (size_t i = 0; i < c->tracks->count; i++) {
        const struct report_row *row = &c->tracks->rows[i];
        if (row->day > c->days->last)
            continue;
        const struct subject subject = {.vehicle = row->vehicle, .world = report_world_of(c->days, row->day)};
        const struct tally_track track = {row->vehicle, row->sum,
                                          report_in_fleet(subject.world, row->vehicle)};
        if (!tally_add_track(c->tally, key_of(c->by, &subject), &track))
            return false;
    }
    return true;
}

/* Where nobody was heard on a day it was not the vehicles. */
static bool count_fleet(struct report_count *c)
{
    for (int32_t day = c->days->first; day <= c->days->last; day++) {
        const struct report_day *at = &c->days->day[day - c->days->first];
        for (uint32_t i = 0; at->heard && at->world != NULL && i < at->world->vehicle_count; i++) {
            const struct vehicle_info *info = &at->world->vehicles[i];
            if (info->id == 0)
                continue;
            const struct subject subject = {.vehicle = names_text(at->world->names, info->id),
                                            .company = info->company_name,
                                            .world = at->world};
            if (!tally_add_fleet(c->tally, key_of(c->by, &subject), 1))
                return false;
        }
    }
    return true;
}

/* ---- trips ---- */

static bool is_found(struct text found, const char *kind)
{
    size_t len = strlen(kind);
    for (size_t at = 1; at + len < found.len; at++)
        if (found.data[at - 1] == ',' && found.data[at + len] == ',' &&
            memcmp(found.data + at, kind, len) == 0)
            return true;
    return false;
}

static bool on_trip(void *arg, const struct report_trip *trip)
{
    struct report_count *c = arg;
    const struct world *world = world_at(c, trip->departed_ms);
    struct trip_seen seen = {.departed_ms = trip->departed_ms,
                             .ended_ms = trip->unloaded_ms,
                             .completeness = trip->completeness,
                             .cover_share = trip->unloaded_ms >= 0
                                                ? report_cover_share(c->tracks, trip->vehicle,
                                                                     trip->departed_ms, trip->unloaded_ms)
                                                : NAN,
                             .has_permit = trip->permit.len > 0,
                             .permit_has_route = report_has_route(world, trip->permit),
                             .site_has_wash = report_has_wash(world, trip->site)};
    struct tally_trip row = {.weighed = !isnan(trip->load_kg), .load_kg = trip->load_kg};
    for (int share = 0; share < TRIP_SHARE_COUNT; share++) {
        seen.found[share] = is_found(trip->found, trip_share_kind((enum trip_share)share));
        row.answers[share] = trip_share_of(&seen, (enum trip_share)share);
    }
    const struct subject subject = {.vehicle = trip->vehicle,
                                    .permit = trip->permit,
                                    .site = trip->site,
                                    .disposal = trip->disposal,
                                    .world = world};
    return tally_add_trip(c->tally, key_of(c->by, &subject), &row);
}

/* ---- findings ---- */

static struct text finding_key(const struct report_count *c, const struct report_finding *f)
{
    const struct subject subject = {.vehicle = f->vehicle,
                                    .company = f->company,
                                    .permit = f->permit,
                                    .site = f->site,
                                    .disposal = f->disposal,
                                    .world = world_at(c, f->start_ms)};
    return c->by == TALLY_BY_KIND           ? f->kind
           : c->by == TALLY_BY_JURISDICTION ? f->jurisdiction
           : c->by == TALLY_BY_ROAD         ? f->road_class
                                            : key_of(c->by, &subject);
}

static bool on_finding(void *arg, const struct report_finding *f)
{
    struct report_count *c = arg;
    const struct tally_finding row = {f->vehicle, tally_severity_of(f->severity), f->told_ms,
                                      f->acknowledged_ms, f->closed_ms};
    return tally_add_finding(c->tally, finding_key(c, f), &row);
}

int report_count_all(struct report_count *c, const char *command)
{
    const struct report_range range = {c->days->first, c->days->last, c->days->from_ms, c->days->to_ms};
    if (!count_tracks(c) || !count_fleet(c)) {
        fprintf(stderr, "%s: out of memory\n", command);
        return EX_OSERR;
    }
    if (archive_report_trips(c->days->folder, &range, on_trip, c) &&
        archive_report_findings(c->days->folder, &range, on_finding, c))
        return EX_OK;
    fprintf(stderr, "%s: %s\n", command, archive_report_why(c->days->folder));
    return EX_DATAERR;
}
