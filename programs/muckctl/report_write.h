/*
 * report_write: a report on standard output, or as a workbook.
 */
#ifndef MW_REPORT_WRITE_H
#define MW_REPORT_WRITE_H

#include "sheet.h"

struct report_written {
    struct sheet sheet;
    int32_t first, last;
    const char *timezone;
    int64_t ends_ms;
    size_t summed; /* days of vehicles that are not kept yet, and were summed for it */
};

/* EX_OK, or an exit code after a sentence on stderr. */
int report_write_table(const struct report_written *w);
int report_write_csv(const struct report_written *w);
int report_write_json(const struct report_written *w);
int report_write_xlsx(const struct report_written *w, const char *command, const char *path);

#endif
