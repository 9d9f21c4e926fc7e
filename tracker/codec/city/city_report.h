/*
 * city_report: what is found in a city's files, told one by one: what cannot be used, and what is doubtful.
 *
 * Each finding says where it stands in a form for programs, and in one line for people. Of errors and of
 * warnings only so many are told; the rest are counted. Where nobody asks for all, the first error ends the
 * reading and is the problem.
 */
#ifndef MW_CITY_REPORT_H
#define MW_CITY_REPORT_H

#include "problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many errors, and how many warnings, are told. */
enum { FINDINGS_TOLD_MAX = 1000 };

struct city_finding {
    bool error;            /* the city cannot be put in force; else a warning */
    struct text file;      /* its path; "city" or "rules" for what the configuration says itself */
    uint32_t line, column; /* from 1; 0: not known, or of the file as a whole */
    const char *what;      /* "fence", "vehicle", "permit", "duty", "file"; NULL: of the file as a whole */
    struct text id;        /* empty where none is known */
    size_t number;         /* in its list, from 1; 0: not known */
    /* Where geometry is concerned: "ring", "line" or "point", counted from 1 over the thing, and the position
     * in it; its coordinates as the file has them. */
    const char *part;
    uint32_t part_number, position;
    bool placed;
    double lon_deg, lat_deg;
    size_t more;        /* this one stands for so many that are not told; else 0 */
    const char *reason; /* without the place */
    const char *text;   /* place and reason, a line for people; set by city_report_add */
};

struct city_report {
    void (*tell)(void *context, const struct city_finding *finding); /* may be NULL */
    void *tell_context;
    void (*warn)(void *context, const char *text); /* warnings alone; may be NULL */
    void *warn_context;
    struct problem *problem; /* the first error */
    size_t errors, warnings; /* found, told or not */
};

void city_report_add(struct city_report *report, struct city_finding finding);
/* Says how many were not told, if there were any. */
void city_report_end(struct city_report *report);

/* Whether what is found next is still told; else it may be counted without being worded. */
static inline bool city_report_tells(const struct city_report *report, bool error)
{
    return (error ? report->errors : report->warnings) < FINDINGS_TOLD_MAX &&
           (error || report->tell != NULL || report->warn != NULL);
}

/* Lines of a text, asked for from its begin to its end. */
struct text_lines {
    const char *begin, *at;
    uint32_t line; /* of `at`, less one */
};

/* The line, from 1, of a place in the text. */
uint32_t text_lines_at(struct text_lines *lines, const char *at);

#endif
