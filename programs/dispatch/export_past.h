/*
 * export_past: a sheet of what lies behind, a stretch of time after the other, the newest first: however long ago it begins, no more than a
 * stretch is in memory, a day of it or as many as have few rows.
 */
#ifndef MW_EXPORT_PAST_H
#define MW_EXPORT_PAST_H

#include "export_jobs.h"
#include "past_reading.h"

/* Whether the sheet is one of that: as it was when it was begun. */
bool export_is_past(const struct gateway *g, const struct web_match *match, struct export_job *job,
                    enum past_kind kind);
/* The stretch in hand. NULL: it is being read; or a problem; or, with neither, job->last: there is no more. */
const struct past_book *export_stretch(struct gateway *g, const struct web_match *match,
                                       struct export_job *job, enum past_kind kind, struct web_answer *out);
/* It has been written, and had so many rows. */
void export_stretch_end(struct export_job *job, uint64_t rows);

#endif
