/*
 * who_audit: a question about whom a track tells is written down before it is answered: tracks are personal data.
 *
 * To the stream `audit` of the store (docs/PROTOCOL.md), or to audit.ndjson in the archive's folder, which is then on the
 * disk when this returns.
 */
#ifndef MW_WHO_AUDIT_H
#define MW_WHO_AUDIT_H

#include "look.h"

struct who_audit {
    const char *command, *archive;
    const char *purpose; /* NULL: none was said */
    int64_t from_ms, to_ms;
    const char *near; /* "LAT,LON,METRES" */
};

/* To the store if `look` has one, and to the folder where that does not take it. EX_OK; else an exit code after a sentence
 * on stderr, and nothing may be answered. */
int who_audit(struct look *look, const struct who_audit *audit);

#endif
