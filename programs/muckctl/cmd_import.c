/*
 * muckctl import: tables that a city has already, made into fences and duties.
 */
#include "ctl_words.h"
#include "import_words.h"
#include "muckctl.h"

static const struct ctl_word words[] = {
    {"stops", "planned stops (CSV, NDJSON) into collection points and their duties", import_stops},
    {"segments", "centre lines of roads (GeoJSON) into segments that can be swept", import_segments},
};
static const struct ctl_words all = {"import", "tables of a city made into fences and duties", " FILE", words,
                                     sizeof words / sizeof *words};

static int run(int argc, char **argv)
{
    return ctl_words_run(&all, argc, argv);
}

const struct ctl_command ctl_import = {"import", "make a city's tables into fences and duties", run};
