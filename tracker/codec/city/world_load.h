/*
 * world_load: a city's configuration and files to a world, whole or not at all.
 *
 * Reads every file that the configuration names and the time zone, builds the world, and names it by a hash:
 * the hexadecimal BLAKE2b-256 of one canonical JSON text (RFC 8785) of all that judges:
 *
 *   {"calendar":[days],"calendar_years":[years],"common":{...},"duties":[...],"fences":[...],
 *    "permits":[...],"rules":{KIND:{"":{every class},CLASS:{...}}},"timezone":"...","vehicles":[...],
 *    "version":1}
 *
 * A city with a school calendar has also "school_calendar":[days] and "school_calendar_years":[years], before
 * the time zone. Lists are sorted by id, calendar days by their text. So the hash does not depend on white
 * space, on the order of keys, features or files, or on how things are spread over files, and it changes when
 * anything that judges does. Properties that nobody knows do not take part. The time zone takes part by its
 * name: its rules come from the system's tz database.
 *
 * Blocks on files; may run on a thread of its own, while others use the names.
 */
#ifndef MW_WORLD_LOAD_H
#define MW_WORLD_LOAD_H

#include "city_report.h"
#include "config.h"
#include "world.h"

struct world_file {
    struct text path;
    struct text bytes;
};

/* The texts a world was made of, for `muck:ruleset:HASH`. Owns them. */
struct world_texts {
    struct world_file *files; /* calendars, fences, fleet, each in the order of the configuration */
    size_t file_count;
    struct text canonical; /* whose hash is the world's */
    struct arena arena;    /* of the paths */
};

struct world_load_options {
    void (*warn)(void *context, const char *text); /* each warning, a line for people; may be NULL */
    /*
     * Each finding, error or warning; may be NULL. With it loading goes on after an error, with whatever can
     * be looked at still, so that all that is wrong in all files is told; it fails in the end all the same.
     */
    void (*tell)(void *context, const struct city_finding *finding);
    void *context; /* of both */
    /* Warn also of what is allowed but doubtful (city_doubts.h), as of now. */
    bool doubts;
    int64_t now_ms;
    struct world_texts *texts; /* filled, for world_texts_fini; NULL: not wanted */
    /* Says the bytes of a file of the configuration in the place of the disk, which it is read from if this
     * is NULL. */
    bool (*read)(void *context, const char *path, struct buf *out, struct problem *out_problem);
    void *read_context;
    bool read_lines; /* what it says are files as people wrote them: lines are told of them too */
};

/* Loads a world. False, with the reason in the problem, and nothing in *out_world and texts. */
bool world_load(const struct config *config, struct names *names, struct world_load_options options,
                struct world **out_world, struct problem *out_problem);
void world_texts_fini(struct world_texts *texts);

/*
 * Whether holidays of `year` can be asked for, and school holidays: true if no hours use them or the calendar
 * knows the year; otherwise false, with the first fence, permit or duty that does in the problem. For --check.
 */
bool world_check_year(const struct world *world, int year, struct problem *out_problem);

#endif
