/*
 * receipt: a page for whoever is handed a case: what was handed over, to whom and by whom, as the log has it, with room for two signatures.
 */
#ifndef MW_RECEIPT_H
#define MW_RECEIPT_H

#include "buf.h"
#include "problem.h"
#include "sealed.h"

struct receipt {
    const struct sealed_header *header;
    struct text to, who, reason, origin; /* of the log */
    int64_t at_ms;
    uint64_t log_index; /* of the entry that tells of it */
    unsigned char record[SEALED_SHA256], package[SEALED_SHA256];
};

/* Appends the PDF. False with the reason in the problem. */
bool receipt_pdf(const struct receipt *r, struct buf *out, struct problem *out_problem);

#endif
