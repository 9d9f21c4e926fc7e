/* muckctl import stops: a table of planned stops into collection points and duties. */
#include "arguments.h"
#include "import_words.h"
#include "progress.h"
#include "stop_words.h"
#include "stops_read.h"
#include "whole_file.h"

#include <muckwatch/hours.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char command[] = "muckctl import stops";

struct request {
    const char *table, *fences, *fleet, *rejected, *box, *class_name, *service_days, *vehicles, *crs;
    struct argument_number stay_min;
    struct stop_names names;
    struct stop_rules rules;
    struct plates plates;
    char *day_names; /* a copy of --days, cut at its commas */
};

static const char about[] =
    "Makes a table of planned stops (CSV with a row of column names, or NDJSON) into fences of kind\n"
    "collection and duties of a fleet file, a duty for each trip and set of weekdays. Columns are named by\n"
    "options. Clocks are 18:05, 1805 or, past midnight, 2417. What cannot be used goes to --rejected with\n"
    "its line and reason: no position, a place off --bbox, no clock, no weekday, a clock that goes back\n"
    "within its trip (the fewest are left out that leave the others in order). Exit status 1: more than\n"
    "5 % fell out; 65: the file is no table, or lacks a column; 66: it cannot be read; 73, 74: a file\n"
    "cannot be written.";

static int usage(const char *what)
{
    fprintf(stderr, "%s: %s; '%s --help' tells more\n", command, what, command);
    return EX_USAGE;
}

/* "--days" names one column of lists, or with seven names those of Monday to Sunday. */
static bool take_days(struct request *r)
{
    const char *days = r->names.columns[STOP_DAYS];
    if (days == NULL || strchr(days, ',') == NULL)
        return true;
    size_t count = 0, size = strlen(days) + 1;
    r->day_names = malloc(size);
    if (r->day_names == NULL)
        return false;
    memcpy(r->day_names, days, size);
    for (char *at = r->day_names, *comma; at != NULL && count <= STOP_DAY_COLUMNS; at = comma, count++) {
        comma = strchr(at, ',');
        if (comma != NULL)
            *comma++ = '\0';
        if (count < STOP_DAY_COLUMNS)
            r->names.days[count] = at;
    }
    r->names.columns[STOP_DAYS] = NULL;
    r->rules.day_columns = true;
    return count == STOP_DAY_COLUMNS;
}

static bool good_hours(const char *text)
{
    struct mw_hours *hours = NULL;
    struct mw_hours_error error;
    bool good = mw_hours_parse(text, strlen(text), &hours, &error) == MW_HOURS_OK;
    mw_hours_free(hours);
    return good;
}

/* -1: go on. */
static int settle_request(struct request *r)
{
    double box[4];
    const char *const *columns = r->names.columns;
    if (r->fences == NULL || r->fleet == NULL)
        return usage("--fences FILE and --fleet FILE are needed");
    if (columns[STOP_ROUTE] == NULL || columns[STOP_TIME] == NULL || columns[STOP_LON] == NULL ||
        columns[STOP_LAT] == NULL)
        return usage("--route, --time, --lon and --lat are needed");
    if (columns[STOP_PLATE] == NULL && r->class_name == NULL)
        return usage("--plate COLUMN or --class NAME is needed: whose duties they are");
    if (columns[STOP_DAYS] != NULL && r->service_days != NULL)
        return usage("--days and --service-days exclude each other");
    if (r->service_days != NULL && !good_hours(r->service_days))
        return usage("--service-days is no expression of days such as 'Mo-Fr; PH off'");
    for (int i = 0; i < STOP_COLUMNS; i++)
        r->rules.has[i] = columns[i] != NULL;
    if (!take_days(r))
        return usage("--days is a column, or seven with commas between, Monday first");
    if (r->box != NULL && !import_box(r->box, box))
        return usage("--bbox is WEST,SOUTH,EAST,NORTH in degrees");
    if (r->box != NULL) {
        r->rules.bounded = true;
        r->rules.west = box[0], r->rules.south = box[1], r->rules.east = box[2], r->rules.north = box[3];
    }
    r->rules.class_name = r->class_name != NULL ? text_of(r->class_name) : TEXT("");
    r->rules.days = r->service_days != NULL ? text_of(r->service_days) : TEXT("");
    if (!import_crs(r->crs, &r->rules.crs))
        return usage("--crs is wgs84, gcj02 or bd09");
    r->rules.stay_min = (int)r->stay_min.value;
    return -1;
}

static int read_arguments(struct request *r, int argc, char **argv)
{
    const char **columns = r->names.columns;
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "fences", "FILE", "write the points here (GeoJSON)", &r->fences},
        {ARGUMENT_TEXT, "fleet", "FILE", "write the duties here (JSON)", &r->fleet},
        {ARGUMENT_TEXT, "rejected", "FILE", "write what fell out here (CSV; default: told on stderr)",
         &r->rejected},
        {ARGUMENT_TEXT, "route", "COLUMN", "the route", &columns[STOP_ROUTE]},
        {ARGUMENT_TEXT, "trip", "COLUMN", "the trip of the route", &columns[STOP_TRIP]},
        {ARGUMENT_TEXT, "order", "COLUMN", "a stop's number (default: as they come)", &columns[STOP_ORDER]},
        {ARGUMENT_TEXT, "time", "COLUMN", "when it begins", &columns[STOP_TIME]},
        {ARGUMENT_TEXT, "leave", "COLUMN", "when it ends (default: --stay later)", &columns[STOP_LEAVE]},
        {ARGUMENT_TEXT, "lon", "COLUMN", "longitude", &columns[STOP_LON]},
        {ARGUMENT_TEXT, "lat", "COLUMN", "latitude", &columns[STOP_LAT]},
        {ARGUMENT_TEXT, "days", "COLUMN", "weekdays: a list, or seven columns of Y and N, 'Mon,Tue,…'",
         &columns[STOP_DAYS]},
        {ARGUMENT_TEXT, "plate", "COLUMN", "the vehicle whose duty it is", &columns[STOP_PLATE]},
        {ARGUMENT_TEXT, "vehicles", "FILE",
         "a fleet file that tells whose plates they are (default: they are ids)", &r->vehicles},
        {ARGUMENT_TEXT, "waste", "COLUMN", "what is collected", &columns[STOP_WASTE]},
        {ARGUMENT_TEXT, "name", "COLUMN", "the point's name", &columns[STOP_NAME]},
        {ARGUMENT_TEXT, "list", "MEMBER", "NDJSON: the stops are a list of this name on each line",
         &r->names.list},
        {ARGUMENT_TEXT, "class", "NAME", "whose duties they are where there is no plate", &r->class_name},
        {ARGUMENT_TEXT, "service-days", "EXPRESSION", "of stops without weekdays, 'Mo,Tu,Th-Sa; PH off'",
         &r->service_days},
        {ARGUMENT_NUMBER, "stay", "MIN", "minutes, 0 to 720 (default: 10)", &r->stay_min},
        {ARGUMENT_TEXT, "crs", "SYSTEM", "of the coordinates: wgs84 (default), gcj02, bd09", &r->crs},
        {ARGUMENT_TEXT, "bbox", "W,S,E,N", "the region, in degrees", &r->box},
        {0},
    };
    const struct command_line line = {command, "--fences FILE --fleet FILE [OPTIONS] TABLE", about, rows, 1,
                                      1};
    switch (arguments_read(&line, argc, argv, &r->table)) {
    case ARGUMENTS_DONE:
        return EX_OK;
    case ARGUMENTS_WRONG:
        return EX_USAGE;
    case ARGUMENTS_OK:
        break;
    }
    return settle_request(r);
}

static int no_memory(void)
{
    fprintf(stderr, "%s: no memory\n", command);
    return EX_OSERR;
}

static int write_all(const struct request *r, const struct stops *stops)
{
    size_t duties;
    struct buf fences, fleet;
    buf_init(&fences, SIZE_MAX);
    buf_init(&fleet, SIZE_MAX);
    int code = stops_write(stops, &fences, &fleet, &duties) ? EX_OK : no_memory();
    if (code == EX_OK)
        code = whole_file_put(command, r->fences, buf_text(&fences), IMPORT_FILE_MODE);
    if (code == EX_OK)
        code = whole_file_put(command, r->fleet, buf_text(&fleet), IMPORT_FILE_MODE);
    buf_fini(&fences);
    buf_fini(&fleet);
    if (code == EX_OK)
        code = import_tell_rejects(command, r->table, r->rejected, &stops->rejects);
    if (code != EX_OK)
        return code;
    printf("%zu of %zu stops in %zu duties, %zu rejected\n", stops->kept, stops->rows, duties,
           stops->rejects.count);
    return import_end(stops->rows, stops->rejects.count);
}

static int take_table(struct request *r, struct text table, struct stops *stops)
{
    char problem[200];
    int64_t drawn_ms = 0;
    r->names.progress = import_progress;
    r->names.context = &drawn_ms;
    enum stops_read_status status = stops_read(table, &r->names, stops, problem);
    progress_clear();
    if (status == STOPS_READ_WRONG) {
        fprintf(stderr, "%s:%s\n", r->table, problem);
        return EX_DATAERR;
    }
    if (status == STOPS_READ_NO_MEMORY || !stops_settle(stops))
        return no_memory();
    if (stops->rows == 0) {
        fprintf(stderr, "%s: %s: no stops\n", command, r->table);
        return EX_DATAERR;
    }
    return write_all(r, stops);
}

static int take_plates(struct request *r)
{
    struct buf fleet;
    if (r->vehicles == NULL)
        return EX_OK;
    int code = import_read(command, r->vehicles, &fleet);
    enum plates_status status = code == EX_OK ? plates_read(&r->plates, buf_text(&fleet)) : PLATES_OK;
    buf_fini(&fleet);
    r->rules.plates = &r->plates;
    if (status == PLATES_NO_MEMORY)
        return no_memory();
    if (status == PLATES_OK)
        return code;
    fprintf(stderr, "%s: %s: no list of vehicles; 'muckctl check' tells more\n", command, r->vehicles);
    return EX_DATAERR;
}

static int run_request(struct request *r)
{
    struct buf table;
    struct stops stops;
    int code = take_plates(r);
    if (code != EX_OK)
        return code;
    code = import_read(command, r->table, &table);
    if (code == EX_OK) {
        stops_init(&stops, &r->rules);
        code = take_table(r, buf_text(&table), &stops);
        stops_fini(&stops);
    }
    buf_fini(&table);
    return code;
}

int import_stops(int argc, char **argv)
{
    struct request r = {.stay_min = {10, 0, 720}};
    plates_init(&r.plates);
    int code = read_arguments(&r, argc, argv);
    if (code == -1)
        code = run_request(&r);
    plates_fini(&r.plates);
    free(r.day_names);
    return code;
}
