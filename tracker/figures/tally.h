/*
 * tally: rows of what is kept, summed into the figures of a report, by whatever a key names.
 *
 * Every row goes into the cell of its key and into the total. So the sum of cells is the total where figures are sums;
 * vehicles and repeat offenders are not: one that appears in two cells, or on two days, is one vehicle. Rows of a sort have
 * to come vehicle by vehicle.
 */
#ifndef MW_TALLY_H
#define MW_TALLY_H

#include "figure.h"
#include "trip_share.h"

#include <stdbool.h>

enum tally_by {
    TALLY_BY_COMPANY,
    TALLY_BY_VEHICLE,
    TALLY_BY_SITE,
    TALLY_BY_DISPOSAL,
    TALLY_BY_MATERIAL,
    TALLY_BY_ROUTE,
    TALLY_BY_JURISDICTION,
    TALLY_BY_KIND,
    TALLY_BY_ROAD,
    TALLY_BY_COUNT
};

/* "company", ... as --by takes it; what it is called at the head of a column. */
const char *tally_by_name(enum tally_by by);
const char *tally_by_heading(enum tally_by by, enum figure_language language);
/* Whether figures of tracks, and of trips, can be told by it. */
bool tally_by_has(enum tally_by by, enum figure_group group);

enum tally_severity {
    TALLY_SEVERITY_UNKNOWN,
    TALLY_SEVERITY_MINOR,
    TALLY_SEVERITY_MAJOR,
    TALLY_SEVERITY_CRITICAL,
    TALLY_SEVERITY_COUNT
};
enum tally_severity tally_severity_of(struct text word);

struct tally_track {
    struct text vehicle;
    struct day_sum sum; /* its spans are not looked at */
    bool in_fleet;
};

struct tally_trip {
    bool weighed;
    double load_kg;
    enum answer answers[TRIP_SHARE_COUNT];
};

struct tally_finding {
    struct text vehicle;
    enum tally_severity severity;
    int64_t told_ms, acknowledged_ms, closed_ms; /* below 0: not */
};

/* How long a finding may wait for somebody, by severity. */
struct tally_limits {
    int64_t ack_ms[TALLY_SEVERITY_COUNT], close_ms[TALLY_SEVERITY_COUNT];
    int64_t now_ms; /* what is not done by now, and had to be, is late */
    bool worked;    /* somebody works findings here */
};

struct tally;

/* NULL without memory. `limits` is borrowed. */
struct tally *tally_new(enum tally_by by, const struct tally_limits *limits);
void tally_free(struct tally *tally);
/* An empty key is one of its own: what has none. All return false without memory. */
bool tally_add_track(struct tally *tally, struct text key, const struct tally_track *row);
bool tally_add_trip(struct tally *tally, struct text key, const struct tally_trip *row);
bool tally_add_finding(struct tally *tally, struct text key, const struct tally_finding *row);
/* So many vehicles of the fleet, on one day. */
bool tally_add_fleet(struct tally *tally, struct text key, int64_t vehicles);

/* Rows in the order of their keys; row tally_count is the total, whose key is empty. */
size_t tally_count(struct tally *tally);
struct text tally_key(const struct tally *tally, size_t row);
struct figure_value tally_value(const struct tally *tally, size_t row, enum figure figure);

#endif
