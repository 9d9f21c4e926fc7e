/*
 * archive_report: what a report is made of, read from an archive's folder that was opened to be looked at.
 *
 * First the days' files are held that have what figures lack, then the city's is read: so what is summed meanwhile is read
 * twice at most, and never missed. Texts of rows are borrowed for the call. All return false where a file fails, and
 * archive_report_why says a sentence.
 */
#ifndef MW_ARCHIVE_REPORT_H
#define MW_ARCHIVE_REPORT_H

#include "archive_folder.h"
#include "buf.h"

struct report_track {
    struct text vehicle, cover;
    int32_t day;
    struct day_sum sum; /* without its spans: those are `cover` */
};

struct report_trip {
    struct text id, vehicle, permit, site, disposal;
    int64_t departed_ms, unloaded_ms; /* below 0: none */
    double load_kg, completeness;     /* NaN: not known */
    struct text found;                /* kinds of findings that stand about it, each between commas */
};

struct report_finding {
    struct text vehicle, company, kind, severity, jurisdiction, road_class;
    struct text permit, site, disposal;                    /* its own, else its trip's */
    int64_t start_ms, told_ms, acknowledged_ms, closed_ms; /* the latter two below 0: not */
};

/* False ends the walk, which then fails. */
typedef bool report_each_track(void *arg, const struct report_track *row);
typedef bool report_each_trip(void *arg, const struct report_trip *row);
typedef bool report_each_finding(void *arg, const struct report_finding *row);
/* A chunk that is summed up to, but not with, a day of the city. */
struct report_chunk {
    struct text vehicle;
    int32_t upto_day;
    int64_t time_first_ms, time_last_ms;
};
typedef bool report_each_chunk(void *arg, int32_t file, const struct report_chunk *chunk);
typedef bool report_each_tail(void *arg, uint32_t part, struct text body);

const char *archive_report_why(const struct archive_folder *folder);
/* What figures are kept by; false in *out: none are. The text lives until the folder is closed. */
bool archive_report_settings(struct archive_folder *folder, struct archive_figure_settings *settings,
                             bool *out);
/* Days' files from one on that figures lack something of, held as they are. The list is to be freed. */
bool archive_report_hold(struct archive_folder *folder, int32_t from, int32_t **out_files, size_t *out_count);
/* Chunks of a held file that figures lack, or lack some days of. */
bool archive_report_lacking(struct archive_folder *folder, int32_t file, report_each_chunk *each, void *arg);
bool archive_report_tail(struct archive_folder *folder, int32_t file, report_each_tail *each, void *arg);

/* Vehicle by vehicle: days from one to another; findings and trips that began in [from, to). */
struct report_range {
    int32_t first_day, last_day;
    int64_t from_ms, to_ms;
};
bool archive_report_tracks(struct archive_folder *folder, const struct report_range *range,
                           report_each_track *each, void *arg);
bool archive_report_trips(struct archive_folder *folder, const struct report_range *range,
                          report_each_trip *each, void *arg);
bool archive_report_findings(struct archive_folder *folder, const struct report_range *range,
                             report_each_finding *each, void *arg);
/* Whether anybody has ever worked findings here. */
bool archive_report_worked(struct archive_folder *folder, bool *out);
/* The world in force at a time: the last one before it, else the first. An empty text where there is none. The world's
 * canonical text; empty: it is not archived. Into emptied buffers. */
bool archive_report_ruleset(struct archive_folder *folder, int64_t at_ms, struct buf *out_hash);
bool archive_report_world(struct archive_folder *folder, struct text hash, struct buf *out);

#endif
