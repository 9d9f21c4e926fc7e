/*
 * evidence_outside: signatures of a package that OpenSSL judges: RFC 3161 time stamps, and SM2 with SM3.
 */
#ifndef MW_EVIDENCE_OUTSIDE_H
#define MW_EVIDENCE_OUTSIDE_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>

enum evidence_outside {
    EVIDENCE_OUTSIDE_GOOD,
    EVIDENCE_OUTSIDE_BAD,
    EVIDENCE_OUTSIDE_UNABLE /* it cannot be judged: why is in the sentence */
};

/* Whether a response is a time stamp of `text` by one of the certificates in a PEM file. A sentence either way, in which it is said what time that is. */
enum evidence_outside evidence_time_stamp(struct text response, struct text text, const char *ca_path,
                                          char *said, size_t said_size);
/* Whether a signature (DER) is by the SM2 key in PEM, with SM3 and the id that GB/T 35276 gives where none is agreed. */
enum evidence_outside evidence_sm2(struct text signature, struct text text, struct text pem, char *said,
                                   size_t said_size);

#endif
