/*
 * export_jobs: a list as a sheet, CSV or a workbook, for whoever asks for all of it at once.
 *
 *     handler ── some rows ──► thread writes them ──► asked again ──► … ──► the file is sent
 *
 * The request itself is asked again for each slice, so it sees role, scope and world as they are by then, and whoever hangs up ends
 * it. Rows are gathered on the loop, for a few milliseconds of processor time at a time, since some are a hundred times as long as
 * others; alerts are looked up in a turn of their own, a page of ids, and their rows made in those that follow. A thread writes them to a file without a name (rows_file.h), which
 * the server sends as fast as it is read. There are at most EXPORTS_MAX under way, and EXPORTS_SENT_MAX files being sent.
 */
#ifndef MW_EXPORT_JOBS_H
#define MW_EXPORT_JOBS_H

#include "past_book.h"
#include "register.h"
#include "rows_file.h"
#include "track_points.h"
#include "web_route.h"
#include "worker.h"

struct gateway;

enum { EXPORTS_MAX = 2, EXPORTS_SENT_MAX = 16, EXPORT_PAGE_MAX = 2000 };

enum export_source { EXPORT_FROM_UNKNOWN, EXPORT_FROM_MEMORY, EXPORT_FROM_PAST };

/* Alerts that were found, and of which rows are to be made yet. By id: numbers are good for a turn. */
struct export_page {
    char (*ids)[DESK_ID_LENGTH]; /* EXPORT_PAGE_MAX; NULL: none was looked up yet */
    size_t count, at;
    bool over;      /* none follows it */
    uint64_t total; /* on all pages so far, of the stretch */
};

struct export_job {
    struct gateway *g;
    struct worker *worker;
    bool used, reached; /* reached: the request has come back to its handler */
    uint64_t ticket;
    struct rows_file *file;
    struct buf rows; /* in hand; the thread's while it works */
    bool failed;     /* the thread's word, or that of whoever brings rows */
    const char *why; /* theirs; NULL: the file says it */
    bool begun, last, ended, truncated;
    int64_t slice_ns;                 /* the thread's processor time when the slice in hand began */
    char cursor[REGISTER_CURSOR_MAX]; /* where the next slice, or page, begins; empty: at the beginning */
    struct export_page page;
    struct track_points points; /* of a track: all of it */
    size_t at;                  /* of these, how many are written */
    bool reading, read;         /* points, or a stretch, are on their way; points are there */
    /* Of what lies behind (export_past.h): the stretch in hand, and what is to be written yet. */
    enum export_source source;
    struct past_book stretch;
    int64_t stretch_ms, stretch_to_ms;
};

struct exports {
    struct export_job jobs[EXPORTS_MAX];
    unsigned sent; /* files that are being sent */
};

struct export_kind {
    const char *name; /* of the file, and of the sheet */
    /*
     * Appends headings, where job->begun is false, and rows, and sets job->last where there are no more. False, with a problem: it ends;
     * false, with `later`: rows are on their way, and whoever brings them calls exporting_go_on.
     */
    bool (*more)(struct gateway *g, const struct web_match *match, struct export_job *job,
                 struct web_answer *out);
};

bool exporting_make(struct gateway *g);
void exporting_unmake(struct gateway *g);
/* The handler of a route whose path ends in .csv or .xlsx. */
void exporting_step(struct gateway *g, const struct web_match *match, const struct export_kind *kind,
                    struct web_answer *out);
void exporting_go_on(struct export_job *job);
/* Whether there is time, and room, for one more row of this slice. There is for the first. */
bool exporting_has_time(const struct export_job *job);

#endif
