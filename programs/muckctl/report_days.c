#include "report_days.h"

#include "ruleset.h"
#include "site_wash.h"
#include "zoneinfo.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum { NAMES_LIMIT = 8000000 };

/* A text of 29 MB is that of 10,000 fences. */
#define WORLD_TEXT_MAX ((size_t)1 << 30)

static int failed(const char *command, const struct report_days *d)
{
    fprintf(stderr, "%s: %s\n", command, archive_report_why(d->folder));
    return EX_DATAERR;
}

int report_days_read(struct report_days *d, const char *command, struct archive_folder *folder)
{
    struct archive_figure_settings settings;
    bool kept;
    d->folder = folder;
    if (!archive_report_settings(folder, &settings, &kept))
        return failed(command, d);
    if (!kept) {
        fprintf(stderr, "%s: no figures are kept here yet: start muckwatch-archive, or use --rebuild\n",
                command);
        return EX_DATAERR;
    }
    snprintf(d->timezone, sizeof d->timezone, "%.*s", TEXT_ARG(settings.timezone));
    enum zoneinfo_status found = zoneinfo_load(ZONEINFO_DIR, d->timezone, &d->zone);
    if (found != ZONEINFO_OK) {
        fprintf(stderr, "%s: %s: %s\n", command, d->timezone, zoneinfo_status_text(found));
        return EX_CONFIG;
    }
    d->days = (struct city_days){d->zone, settings.ends_ms};
    d->gap_ms = settings.gap_ms;
    d->names = names_new(NAMES_LIMIT);
    return d->names != NULL ? EX_OK : EX_OSERR;
}

void report_days_fini(struct report_days *d)
{
    for (size_t i = 0; i < d->world_count; i++)
        world_free(d->worlds[i].world);
    names_free(d->names);
    mw_zone_free(d->zone);
}

/* One that cannot be read is told once, and its days have none. */
static const struct world *load_world(struct report_days *d, const char *command, struct text hash,
                                      struct buf *text)
{
    struct problem problem;
    for (size_t i = 0; i < d->world_count; i++)
        if (text_equal(text_of(d->worlds[i].hash), hash))
            return d->worlds[i].world;
    if (d->world_count == REPORT_WORLDS_MAX || hash.len == 0 || hash.len >= sizeof d->worlds[0].hash)
        return NULL;
    struct report_world *world = &d->worlds[d->world_count++];
    snprintf(world->hash, sizeof world->hash, "%.*s", TEXT_ARG(hash));
    if (!archive_report_world(d->folder, hash, text))
        fprintf(stderr, "%s: %s\n", command, archive_report_why(d->folder));
    else if (!ruleset_load(buf_text(text), hash, d->names, &world->world, &problem))
        fprintf(stderr, "%s: what it says of vehicles, permits and sites is not known: %s\n", command,
                problem.text);
    return world->world;
}

int report_days_worlds(struct report_days *d, const char *command, int32_t first, int32_t last)
{
    struct buf hash, text;
    buf_init(&hash, 256);
    buf_init(&text, WORLD_TEXT_MAX);
    bool ok = true;
    d->first = first;
    d->last = last;
    for (int32_t day = first; day <= last + 2; day++)
        d->day[day - first].start_ms = city_day_start_ms(&d->days, day);
    d->from_ms = d->day[0].start_ms;
    d->to_ms = d->day[last + 1 - first].start_ms;
    for (int32_t day = first; day <= last && ok; day++) {
        ok = archive_report_ruleset(d->folder, d->day[day + 1 - first].start_ms, &hash);
        if (ok)
            d->day[day - first].world = load_world(d, command, buf_text(&hash), &text);
    }
    buf_fini(&hash);
    buf_fini(&text);
    return ok ? EX_OK : failed(command, d);
}

/* ---- what a world knows ---- */

const struct world *report_world_of(const struct report_days *d, int32_t day)
{
    return day >= d->first && day <= d->last ? d->day[day - d->first].world : NULL;
}

static const struct vehicle_info *info_of(const struct world *world, struct text vehicle)
{
    uint32_t symbol = world != NULL ? names_find(world->names, vehicle) : 0;
    const struct vehicle_info *info = symbol > 0 ? world_vehicle(world, symbol) : NULL;
    return info != NULL && info->id == symbol ? info : NULL;
}

struct text report_company(const struct world *world, struct text vehicle)
{
    const struct vehicle_info *info = info_of(world, vehicle);
    return info != NULL ? info->company_name : TEXT("");
}

bool report_in_fleet(const struct world *world, struct text vehicle)
{
    return info_of(world, vehicle) != NULL;
}

static const struct permit *permit_of(const struct world *world, struct text permit)
{
    uint32_t symbol = world != NULL ? names_find(world->names, permit) : 0;
    uint32_t place = symbol > 0 ? world_permit_by_id(world, symbol) : UINT32_MAX;
    return place != UINT32_MAX ? &world->permits[place] : NULL;
}

struct text report_route(const struct world *world, struct text permit)
{
    const struct permit *p = permit_of(world, permit);
    return p != NULL && p->route_count == 1 ? names_text(world->names, world->fences[p->routes[0]].id)
                                            : TEXT("");
}

bool report_has_route(const struct world *world, struct text permit)
{
    const struct permit *p = permit_of(world, permit);
    return p != NULL && p->route_count > 0;
}

struct text report_material(const struct world *world, struct text permit)
{
    const struct permit *p = permit_of(world, permit);
    return p != NULL ? p->material : TEXT("");
}

/* A report tells of days, not of a moment. */
static bool counts_always(const void *context, uint32_t fence)
{
    (void)context;
    (void)fence;
    return true;
}

bool report_has_wash(const struct world *world, struct text site)
{
    uint32_t symbol = world != NULL ? names_find(world->names, site) : 0;
    uint32_t place = symbol > 0 ? world_fence_by_id(world, symbol) : UINT32_MAX;
    const struct wash_question any = {.counts = counts_always};
    return place != UINT32_MAX && site_wash_any(world, place, &any);
}
