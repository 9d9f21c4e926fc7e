/*
 * phrase_measure: how much, against which limit, in the words of the kind.
 */
#ifndef MW_PHRASE_MEASURE_H
#define MW_PHRASE_MEASURE_H

#include "outcome.h"
#include "wording.h"

enum measure_detail {
    MEASURE_CAB,   /* what the crew can act on: value and limit, where there are both */
    MEASURE_SHORT, /* value and limit */
    MEASURE_FULL,  /* and how far over it that is, and how far the position may be wrong */
};

/* Nothing where nothing was measured. */
void phrase_put_measure(const struct transition *t, enum phrase_language language, enum measure_detail detail,
                        struct buf *out);

#endif
