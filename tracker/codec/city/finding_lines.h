/*
 * finding_lines: findings of a check as lines: for people on stderr, or as JSON, an object a line, on stdout.
 *
 *   {"level":"error","file":"fences.geojson","line":7,"thing":"fence","id":"site-4","part":"ring",
 *    "part_number":1,"position":7,"feature":"site-4","ring":1,"vertex":7,"lon":112.9,"lat":30.4,"reason":"...","text":"..."}
 *   {"level":"summary","errors":1,"warnings":0}
 *
 * The form is a contract (docs/CONFIGURATION.md): what does not apply is left out, members may be added.
 */
#ifndef MW_FINDING_LINES_H
#define MW_FINDING_LINES_H

#include "buf.h"
#include "city_report.h"
#include "world.h"

struct finding_lines {
    const char *command; /* in front of errors for people */
    bool json;
    const char *config; /* its path */
    size_t errors, warnings;
};

/* For world_load_options.tell; the context is a struct finding_lines. */
void finding_lines_tell(void *lines, const struct city_finding *finding);
/* The same of a reason that begins with its file, and line and column where it has them. */
void finding_lines_problem(struct finding_lines *lines, const char *path, const struct problem *problem);
/* The same for config_check_file, which is about the path in `lines`. */
void finding_lines_hear(void *lines, const struct problem *problem);
/* The last line: as JSON always, for people only after errors. `world` is NULL where there is none. */
void finding_lines_end(const struct finding_lines *lines, const struct world *world);

/* One finding as an object, without the line's end. */
void finding_write_json(const struct city_finding *finding, struct buf *out);

#endif
