/* muckctl import segments: centre lines of roads into segments that can be swept. */
#include "arguments.h"
#include "centre_lines.h"
#include "import_words.h"
#include "progress.h"
#include "whole_file.h"

#include <stdio.h>
#include <sysexits.h>

static const char command[] = "muckctl import segments";

struct request {
    const char *roads, *fences, *rejected, *box, *crs;
    struct line_names names;
};

static const char about[] =
    "Makes centre lines of roads (GeoJSON) into fences of kind sweep, from junction to junction: a\n"
    "line is cut where an end of another lies within 0.5 m of it, and what is longer than 2 km then into\n"
    "equal pieces. One-way is yes, no or -1 (against the line), Y, N, 1, 0, FT, TF, B; empty is no. What\n"
    "cannot be used goes to --rejected with its line and reason. Exit status 1: more than 5 % fell out; 65:\n"
    "the file is no FeatureCollection; 66: it cannot be read; 73, 74: a file cannot be written.";

static int usage(const char *what)
{
    fprintf(stderr, "%s: %s; '%s --help' tells more\n", command, what, command);
    return EX_USAGE;
}

/* -1: go on. */
static int read_arguments(struct request *r, int argc, char **argv)
{
    double box[4];
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "fences", "FILE", "write the segments here (GeoJSON)", &r->fences},
        {ARGUMENT_TEXT, "rejected", "FILE", "write what fell out here (CSV; default: told on stderr)",
         &r->rejected},
        {ARGUMENT_TEXT, "id", "PROPERTY", "the id (default: the feature's own)", &r->names.id},
        {ARGUMENT_TEXT, "name", "PROPERTY", "the road's name", &r->names.name},
        {ARGUMENT_TEXT, "oneway", "PROPERTY", "one-way", &r->names.oneway},
        {ARGUMENT_TEXT, "width", "PROPERTY", "width in metres; 0: unknown", &r->names.width},
        {ARGUMENT_TEXT, "level", "PROPERTY", "level of the road, 1 to 4; 0: unknown", &r->names.level},
        {ARGUMENT_TEXT, "crs", "SYSTEM", "of the coordinates: wgs84 (default), gcj02, bd09", &r->crs},
        {ARGUMENT_TEXT, "bbox", "W,S,E,N", "the region, in degrees", &r->box},
        {0},
    };
    const struct command_line line = {command, "--fences FILE [OPTIONS] ROADS.geojson", about, rows, 1, 1};
    switch (arguments_read(&line, argc, argv, &r->roads)) {
    case ARGUMENTS_DONE:
        return EX_OK;
    case ARGUMENTS_WRONG:
        return EX_USAGE;
    case ARGUMENTS_OK:
        break;
    }
    if (r->fences == NULL)
        return usage("--fences FILE is needed");
    if (!import_crs(r->crs, &r->names.crs))
        return usage("--crs is wgs84, gcj02 or bd09");
    if (r->box == NULL)
        return -1;
    if (!import_box(r->box, box))
        return usage("--bbox is WEST,SOUTH,EAST,NORTH in degrees");
    r->names.bounded = true;
    r->names.west = box[0], r->names.south = box[1], r->names.east = box[2], r->names.north = box[3];
    return -1;
}

static int no_memory(void)
{
    fprintf(stderr, "%s: no memory\n", command);
    return EX_OSERR;
}

static int write_all(const struct request *r, const struct centre_lines *lines)
{
    struct buf out;
    struct line_tally tally;
    int64_t drawn_ms = 0;
    buf_init(&out, SIZE_MAX);
    bool whole = centre_lines_write(lines, &out, &tally, import_progress, &drawn_ms);
    progress_clear();
    int code = whole ? whole_file_put(command, r->fences, buf_text(&out), IMPORT_FILE_MODE) : no_memory();
    buf_fini(&out);
    if (code == EX_OK)
        code = import_tell_rejects(command, r->roads, r->rejected, &lines->rejects);
    if (code != EX_OK)
        return code;
    printf("%zu segments of %zu roads, %.1f km, %zu cuts at junctions, %zu rejected\n", tally.segments,
           lines->features - lines->fallen, tally.metres / 1000, tally.cuts, lines->fallen);
    if (tally.shorts > 0)
        printf("%zu segments are shorter than 20 m: no duty may name them\n", tally.shorts);
    return import_end(lines->features, lines->fallen);
}

static int take_roads(const struct request *r, struct text roads, struct centre_lines *lines)
{
    char problem[200];
    switch (centre_lines_read(lines, roads, &r->names, problem)) {
    case CENTRE_LINES_WRONG:
        fprintf(stderr, "%s:%s\n", r->roads, problem);
        return EX_DATAERR;
    case CENTRE_LINES_NO_MEMORY:
        return no_memory();
    case CENTRE_LINES_OK:
        break;
    }
    if (lines->features == 0) {
        fprintf(stderr, "%s: %s: no roads\n", command, r->roads);
        return EX_DATAERR;
    }
    return write_all(r, lines);
}

int import_segments(int argc, char **argv)
{
    struct request r = {0};
    struct buf roads;
    struct centre_lines lines;
    int code = read_arguments(&r, argc, argv);
    if (code != -1)
        return code;
    code = import_read(command, r.roads, &roads);
    if (code == EX_OK) {
        centre_lines_init(&lines);
        code = take_roads(&r, buf_text(&roads), &lines);
        centre_lines_fini(&lines);
    }
    buf_fini(&roads);
    return code;
}
