/* report_options: what a report is told beside the case, and the one family of fonts. */
#ifndef MW_REPORT_OPTIONS_H
#define MW_REPORT_OPTIONS_H

#include "case_facts.h"

#define REPORT_FONT "Noto Sans CJK SC"

struct report_options {
    struct text issuer;                  /* who issues it, as the head says; empty: nobody is named */
    struct text law;                     /* of this kind, as configured; empty: it says so */
    unsigned char digest[SEALED_SHA256]; /* bag_data_digest */
};

/* The version of the fonts, as fontconfig counts; 0, with the reason: they are not there. */
int report_font_version(struct problem *out_problem);

#endif
