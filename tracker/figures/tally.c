#include "tally.h"

#include "array.h"
#include "names.h"

#include <stdlib.h>

enum { KEYS_MAX = 4000000 };

struct cell {
    struct text key;
    int64_t vehicles, vehicle_days, fleet_heard, fleet;
    int64_t fixes, valid, heard_ms, moving_ms;
    double way_m, gap_m;
    int64_t trips, weighed, answers[TRIP_SHARE_COUNT][ANSWER_YES + 1];
    double load_kg;
    int64_t findings, of_severity[TALLY_SEVERITY_COUNT], offenders, repeaters;
    int64_t acked, acked_ms, ack_on_time, ack_due, closed, closed_ms, close_on_time, close_due;
    /* The vehicle of the last row of its sort, and how many rows it has had. */
    uint32_t driver, offender;
    int64_t offences;
};

struct tally {
    enum tally_by by;
    const struct tally_limits *limits;
    struct names *keys, *vehicles;
    struct cell *cells; /* the first is the total, the second that of no key; then by number of key */
    size_t count, cap;
    struct cell **order;
};

const char *tally_by_name(enum tally_by by)
{
    static const char *const names[] = {
        [TALLY_BY_COMPANY] = "company",   [TALLY_BY_VEHICLE] = "vehicle",
        [TALLY_BY_SITE] = "site",         [TALLY_BY_DISPOSAL] = "disposal",
        [TALLY_BY_MATERIAL] = "material", [TALLY_BY_ROUTE] = "route",
        [TALLY_BY_KIND] = "kind",         [TALLY_BY_JURISDICTION] = "jurisdiction",
        [TALLY_BY_ROAD] = "road",
    };
    return names[by];
}

const char *tally_by_heading(enum tally_by by, enum figure_language language)
{
    static const char *const zh[] = {
        [TALLY_BY_COMPANY] = "企业",    [TALLY_BY_VEHICLE] = "车辆",      [TALLY_BY_SITE] = "工地",
        [TALLY_BY_DISPOSAL] = "消纳场", [TALLY_BY_MATERIAL] = "物料",     [TALLY_BY_ROUTE] = "路线",
        [TALLY_BY_KIND] = "违规类型",   [TALLY_BY_JURISDICTION] = "辖区", [TALLY_BY_ROAD] = "道路类别",
    };
    return language == FIGURE_ZH ? zh[by] : tally_by_name(by);
}

bool tally_by_has(enum tally_by by, enum figure_group group)
{
    if (group == FIGURE_OF_TRACKS)
        return by == TALLY_BY_COMPANY || by == TALLY_BY_VEHICLE;
    return group == FIGURE_OF_FINDINGS ||
           (by != TALLY_BY_JURISDICTION && by != TALLY_BY_KIND && by != TALLY_BY_ROAD);
}

enum tally_severity tally_severity_of(struct text word)
{
    static const char *const words[TALLY_SEVERITY_COUNT] = {"", "minor", "major", "critical"};
    for (int i = TALLY_SEVERITY_MINOR; i < TALLY_SEVERITY_COUNT; i++)
        if (text_equal(word, text_of(words[i])))
            return (enum tally_severity)i;
    return TALLY_SEVERITY_UNKNOWN;
}

/* ---- cells ---- */

struct tally *tally_new(enum tally_by by, const struct tally_limits *limits)
{
    struct tally *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    *t = (struct tally){
        .by = by, .limits = limits, .keys = names_new(KEYS_MAX), .vehicles = names_new(KEYS_MAX)};
    if (t->keys != NULL && t->vehicles != NULL && array_reserve(&t->cells, &t->cap, 2, sizeof *t->cells)) {
        t->cells[0] = t->cells[1] = (struct cell){0};
        t->count = 2;
        return t;
    }
    tally_free(t);
    return NULL;
}

void tally_free(struct tally *t)
{
    if (t == NULL)
        return;
    names_free(t->keys);
    names_free(t->vehicles);
    free(t->cells);
    free(t->order);
    free(t);
}

/* A key that is too long for a name is cut. */
static bool number_of(struct names *names, struct text text, uint32_t *out)
{
    *out = 0;
    if (text.len > NAMES_TEXT_MAX)
        text.len = NAMES_TEXT_MAX;
    return text.len == 0 || names_intern(names, text, out);
}

/* The key's cell and the total. */
static bool cells_of(struct tally *t, struct text key, struct cell *out[2])
{
    uint32_t number;
    if (!number_of(t->keys, key, &number) ||
        !array_reserve(&t->cells, &t->cap, (size_t)number + 2, sizeof *t->cells))
        return false;
    for (; t->count < (size_t)number + 2; t->count++)
        t->cells[t->count] = (struct cell){.key = names_text(t->keys, (uint32_t)t->count - 1)};
    out[0] = &t->cells[number + 1];
    out[1] = &t->cells[0];
    return true;
}

bool tally_add_track(struct tally *t, struct text key, const struct tally_track *row)
{
    struct cell *cells[2];
    uint32_t vehicle;
    if (!number_of(t->vehicles, row->vehicle, &vehicle) || !cells_of(t, key, cells))
        return false;
    for (int i = 0; i < 2; i++) {
        struct cell *c = cells[i];
        bool drove = row->sum.moving_ms > 0;
        c->vehicles += drove && c->driver != vehicle;
        c->driver = drove ? vehicle : c->driver;
        c->vehicle_days += drove;
        c->fleet_heard += row->in_fleet && row->sum.fixes > 0;
        c->fixes += row->sum.fixes;
        c->valid += row->sum.valid;
        c->heard_ms += row->sum.heard_ms;
        c->moving_ms += row->sum.moving_ms;
        c->way_m += row->sum.way_m;
        c->gap_m += row->sum.gap_m;
    }
    return true;
}

bool tally_add_fleet(struct tally *t, struct text key, int64_t vehicles)
{
    struct cell *cells[2];
    if (!cells_of(t, key, cells))
        return false;
    cells[0]->fleet += vehicles;
    cells[1]->fleet += vehicles;
    return true;
}

bool tally_add_trip(struct tally *t, struct text key, const struct tally_trip *row)
{
    struct cell *cells[2];
    if (!cells_of(t, key, cells))
        return false;
    for (int i = 0; i < 2; i++) {
        cells[i]->trips++;
        cells[i]->weighed += row->weighed;
        cells[i]->load_kg += row->weighed ? row->load_kg : 0;
        for (size_t share = 0; share < TRIP_SHARE_COUNT; share++)
            cells[i]->answers[share][row->answers[share]]++;
    }
    return true;
}

/* Done within its time, done at all, or due. */
static void add_wait(int64_t told_ms, int64_t done_ms, int64_t limit_ms, int64_t now_ms, int64_t *counts[4])
{
    if (done_ms >= 0) {
        int64_t took_ms = done_ms > told_ms ? done_ms - told_ms : 0;
        ++*counts[0];
        *counts[1] += took_ms;
        *counts[2] += took_ms <= limit_ms;
    }
    *counts[3] += done_ms >= 0 || told_ms + limit_ms < now_ms;
}

static void add_finding(struct cell *c, uint32_t vehicle, const struct tally_finding *row,
                        const struct tally_limits *limits)
{
    int64_t *acks[] = {&c->acked, &c->acked_ms, &c->ack_on_time, &c->ack_due};
    int64_t *closes[] = {&c->closed, &c->closed_ms, &c->close_on_time, &c->close_due};
    c->findings++;
    c->of_severity[row->severity]++;
    c->offences = c->offender == vehicle ? c->offences + 1 : 1;
    c->offender = vehicle;
    c->offenders += c->offences == 1;
    c->repeaters += c->offences == FIGURE_REPEAT_LEAST;
    add_wait(row->told_ms, row->acknowledged_ms, limits->ack_ms[row->severity], limits->now_ms, acks);
    add_wait(row->told_ms, row->closed_ms, limits->close_ms[row->severity], limits->now_ms, closes);
}

bool tally_add_finding(struct tally *t, struct text key, const struct tally_finding *row)
{
    struct cell *cells[2];
    uint32_t vehicle;
    if (!number_of(t->vehicles, row->vehicle, &vehicle) || !cells_of(t, key, cells))
        return false;
    add_finding(cells[0], vehicle, row, t->limits);
    add_finding(cells[1], vehicle, row, t->limits);
    return true;
}

/* ---- rows ---- */

static int by_key(const void *a, const void *b)
{
    return text_compare((*(struct cell *const *)a)->key, (*(struct cell *const *)b)->key);
}

static bool is_used(const struct tally *t, const struct cell *c)
{
    bool tracks = tally_by_has(t->by, FIGURE_OF_TRACKS), trips = tally_by_has(t->by, FIGURE_OF_TRIPS);
    return c->key.len > 0 || c->findings > 0 || (tracks && (c->fixes > 0 || c->fleet > 0)) ||
           (trips && c->trips > 0);
}

size_t tally_count(struct tally *t)
{
    size_t n = 0;
    free(t->order);
    t->order = calloc(t->count, sizeof(struct cell *));
    if (t->order == NULL)
        return 0;
    for (size_t i = 1; i < t->count; i++)
        if (is_used(t, &t->cells[i]))
            t->order[n++] = &t->cells[i];
    if (n > 1)
        qsort(t->order, n, sizeof(struct cell *), by_key);
    t->order[n] = &t->cells[0];
    return n;
}

struct text tally_key(const struct tally *t, size_t row)
{
    return t->order[row]->key;
}

static struct figure_value counted(double value)
{
    return (struct figure_value){.standing = FIGURE_KNOWN, .value = value};
}

static struct figure_value mean(double sum, int64_t of)
{
    return of == 0 ? (struct figure_value){.standing = FIGURE_UNKNOWN}
                   : (struct figure_value){.standing = FIGURE_KNOWN, .value = sum / (double)of, .of = of};
}

static struct figure_value share(int64_t n, int64_t of, int64_t unknown)
{
    struct figure_value v = mean(100.0 * (double)n, of);
    v.unknown = unknown;
    return v;
}

static struct figure_value of_answers(const struct cell *c, enum trip_share which)
{
    const int64_t *answers = c->answers[which];
    return share(answers[ANSWER_YES], answers[ANSWER_YES] + answers[ANSWER_NO], answers[ANSWER_UNKNOWN]);
}

static struct figure_value on_time(const struct tally *t, int64_t n, int64_t due, int64_t findings)
{
    return t->limits->worked ? share(n, due, findings - due) : share(0, 0, findings);
}

static struct figure_value of_tracks(const struct cell *c, enum figure figure)
{
    static const double HOUR_MS = 3600000;
    switch (figure) {
    case FIGURE_VEHICLES:
        return counted((double)c->vehicles);
    case FIGURE_VEHICLE_DAYS:
        return counted((double)c->vehicle_days);
    case FIGURE_ONLINE:
        return share(c->fleet_heard, c->fleet, 0);
    case FIGURE_DRIVEN_H:
        return counted((double)c->moving_ms / HOUR_MS);
    case FIGURE_HEARD_H:
        return counted((double)c->heard_ms / HOUR_MS);
    case FIGURE_WAY_KM:
        return counted(c->way_m / 1000);
    case FIGURE_VALID:
        return share(c->valid, c->fixes, 0);
    default: { /* FIGURE_COMPLETE */
        double whole_m = c->way_m + c->gap_m;
        return whole_m > 0 ? (struct figure_value){.standing = FIGURE_KNOWN,
                                                   .value = 100 * c->way_m / whole_m,
                                                   .of = (int64_t)(whole_m + 0.5)}
                           : (struct figure_value){.standing = FIGURE_UNKNOWN};
    }
    }
}

static struct figure_value of_trips(const struct cell *c, enum figure figure)
{
    if (figure == FIGURE_TRIPS)
        return counted((double)c->trips);
    if (figure != FIGURE_TONNES)
        return of_answers(c, (enum trip_share)(figure - FIGURE_SEALED));
    return (struct figure_value){.standing = c->trips > 0 && c->weighed == 0 ? FIGURE_UNKNOWN : FIGURE_KNOWN,
                                 .value = c->load_kg / 1000,
                                 .of = c->weighed,
                                 .unknown = c->trips - c->weighed};
}

static struct figure_value of_findings(const struct tally *t, const struct cell *c, enum figure figure)
{
    int64_t trips = tally_by_has(t->by, FIGURE_OF_TRIPS) ? c->trips : t->cells[0].trips;
    switch (figure) {
    case FIGURE_FINDINGS:
        return counted((double)c->findings);
    case FIGURE_MINOR:
        return counted((double)c->of_severity[TALLY_SEVERITY_MINOR]);
    case FIGURE_MAJOR:
        return counted((double)c->of_severity[TALLY_SEVERITY_MAJOR]);
    case FIGURE_CRITICAL:
        return counted((double)c->of_severity[TALLY_SEVERITY_CRITICAL]);
    case FIGURE_PER_100:
        return mean(100.0 * (double)c->findings, trips);
    case FIGURE_REPEAT:
        return (struct figure_value){
            .standing = FIGURE_KNOWN, .value = (double)c->repeaters, .of = c->offenders};
    case FIGURE_ACK_MIN:
        return mean((double)c->acked_ms / 60000, c->acked);
    case FIGURE_ACK_ON_TIME:
        return on_time(t, c->ack_on_time, c->ack_due, c->findings);
    case FIGURE_CLOSE_H:
        return mean((double)c->closed_ms / 3600000, c->closed);
    default: /* FIGURE_CLOSE_ON_TIME */
        return on_time(t, c->close_on_time, c->close_due, c->findings);
    }
}

struct figure_value tally_value(const struct tally *t, size_t row, enum figure figure)
{
    const struct cell *c = t->order[row];
    enum figure_group group = figure_rows[figure].group;
    /* The total is of all there is, whatever the rows are by. */
    if (c != &t->cells[0] && !tally_by_has(t->by, group))
        return (struct figure_value){.standing = FIGURE_NONE};
    return group == FIGURE_OF_TRACKS  ? of_tracks(c, figure)
           : group == FIGURE_OF_TRIPS ? of_trips(c, figure)
                                      : of_findings(t, c, figure);
}
