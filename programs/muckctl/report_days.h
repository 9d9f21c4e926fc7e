/*
 * report_days: the days that a report is about, and the world that each was judged by, from an archive.
 */
#ifndef MW_REPORT_DAYS_H
#define MW_REPORT_DAYS_H

#include "archive_report.h"
#include "city_day.h"
#include "names.h"
#include "world.h"

/* A month, and the day behind it, since a trip may end there. */
enum { REPORT_DAYS_MAX = 32, REPORT_WORLDS_MAX = 64 };

struct report_days {
    struct archive_folder *folder;
    struct city_days days;
    struct mw_zone *zone;
    char timezone[72];
    int64_t gap_ms;
    int32_t first, last;
    int64_t from_ms, to_ms;
    struct names *names; /* of all worlds */
    struct report_day {
        int64_t start_ms;
        const struct world *world; /* in force at its end; NULL: none is archived, or it cannot be read */
        bool heard;                /* somebody was */
    } day[REPORT_DAYS_MAX + 1];
    struct report_world {
        char hash[80];
        struct world *world;
    } worlds[REPORT_WORLDS_MAX];
    size_t world_count;
};

/* EX_OK, or an exit code after a sentence on stderr. Files are held (archive_report_hold) before. */
int report_days_read(struct report_days *d, const char *command, struct archive_folder *folder);
/* The worlds of the days from `first` to `last`. */
int report_days_worlds(struct report_days *d, const char *command, int32_t first, int32_t last);
void report_days_fini(struct report_days *d);

/* The world of a day, or of an instant in one. */
const struct world *report_world_of(const struct report_days *d, int32_t day);
/* All empty, or false, where the world does not know. */
struct text report_company(const struct world *world, struct text vehicle);
bool report_in_fleet(const struct world *world, struct text vehicle);
/* The route of a permit that names one; with several nobody knows which was taken. */
struct text report_route(const struct world *world, struct text permit);
bool report_has_route(const struct world *world, struct text permit);
struct text report_material(const struct world *world, struct text permit);
bool report_has_wash(const struct world *world, struct text site);

#endif
