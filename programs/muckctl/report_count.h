/*
 * report_count: what stands in an archive of a report's days, counted by what it is to be told by.
 */
#ifndef MW_REPORT_COUNT_H
#define MW_REPORT_COUNT_H

#include "report_tracks.h"
#include "tally.h"

struct report_count {
    struct report_days *days;
    struct report_tracks *tracks;
    struct tally *tally;
    enum tally_by by;
};

/* EX_OK, or an exit code after a sentence on stderr. */
int report_count_all(struct report_count *c, const char *command);

#endif
