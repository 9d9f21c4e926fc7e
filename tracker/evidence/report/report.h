/*
 * report: a sealed case as a PDF that says by itself what happened, when, where, and how sure one can be; and its map as SVG.
 *
 * A rendering: the files below data/ are the data. Each page has the case, its edition, and the SHA-256 of these files, as text and as a QR code; the log's record
 * cannot be on it, since the record stands for the report too. A case that nobody has reviewed has DRAFT across each page. The same case gives the same
 * bytes: no clock is asked, and the dates in the file are those of the sealing. There is one family of fonts, and without it there is no report: another would
 * show other forms of the same characters.
 */
#ifndef MW_REPORT_H
#define MW_REPORT_H

#include "report_options.h"

/* Appends the file. False with the reason in the problem. */
bool report_pdf(const struct case_facts *f, const struct report_options *options, struct buf *out,
                struct problem *out_problem);
bool report_map_svg(const struct case_facts *f, struct buf *out);

#endif
