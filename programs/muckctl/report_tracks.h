/*
 * report_tracks: what the tracks of a report's days give: the sums that are kept and, where those lack something that has
 * come since (today, above all), sums that are made now.
 */
#ifndef MW_REPORT_TRACKS_H
#define MW_REPORT_TRACKS_H

#include "report_days.h"
#include "summing.h"
#include "trip_share.h"

struct report_row {
    struct text vehicle;
    int32_t day;
    struct day_sum sum;
};

struct report_tracks {
    struct report_days *days;
    struct names *vehicles;
    struct report_row *rows; /* vehicle by vehicle, day by day; the day behind the last one too */
    size_t count, cap;
    uint64_t *lacking; /* by vehicle: a bit a day, from the first on, that is to be summed now */
    size_t lacking_cap, lacking_count;
    struct held_file { /* that has chunks of a vehicle which figures lack */
        uint32_t vehicle;
        int32_t file;
    } * held;
    size_t held_count, held_cap;
    struct tail_point { /* of the tails, those of a vehicle one behind the other */
        struct day_point point;
        uint32_t next; /* its place here, from 1; 0: it is the vehicle's last */
    } * tail;
    size_t tail_count, tail_cap;
    struct tail_ends { /* by vehicle */
        uint32_t first, last;
    } * ends;
    size_t ends_count, ends_cap;
    size_t summed; /* days of vehicles that were summed now */
    void (*progress)(size_t done, size_t all);
};

/* Holds what it needs of the folder. EX_OK, or an exit code after a sentence on stderr. */
int report_tracks_hold(struct report_tracks *t, struct report_days *days, const char *command, int32_t first);
int report_tracks_read(struct report_tracks *t, const char *command);
void report_tracks_fini(struct report_tracks *t);

/* How much of [from, to) was covered by a known cover; NaN of no time. */
double report_cover_share(const struct report_tracks *t, struct text vehicle, int64_t from_ms, int64_t to_ms);

#endif
