/* correction_type: how what was said is corrected: correction.h. */
#ifndef MW_CORRECTION_TYPE_H
#define MW_CORRECTION_TYPE_H

enum correction_type {
    CORRECTION_WITHDRAWN,
    CORRECTION_UPDATED,
    CORRECTION_REOPENED, /* updated: said to be over, it goes on; what it was like before is not known any more */
    CORRECTION_LATE_DATA, /* of `offline`: updated, and otherwise as it was said */
    CORRECTION_OPENED,    /* the first entry of an id that is new */
    CORRECTION_GOES_ON,   /* the second of such: `updated` or `closed` */
    CORRECTION_COUNT
};

#endif
