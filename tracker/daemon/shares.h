/*
 * shares: how much of the store's time one vehicle may take from the others.
 *
 * All vehicles come by one queue, so what one of them has written is what the others wait for. It is weighed: its
 * bytes, and SHARE_OF_WORD for each word, since Redis is as busy with words as with bytes. A vehicle may write
 * SHARE_AT_ONCE, which is a second or less of a store, and on and on SHARE_PER_S; what is beyond is passed over
 * until the rest is paid off. A fix weighs some 300 to 600, a message of 256 KiB some 3 MB, or 28 where each fix
 * opens and closes three violations; a unit that catches up weighs 300 KB a second.
 *
 * Only those are remembered that wrote much lately, so honest vehicles cost nothing. By the monotonic clock:
 * what was passed over is in no track, and a replay does not miss it.
 */
#ifndef MW_SHARES_H
#define MW_SHARES_H

#include "clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SHARES_MAX = 16,
    SHARE_NOTED = 64 << 10, /* of a batch: less is nobody's delay */
    SHARE_AT_ONCE = 32 << 20,
    SHARE_PER_S = 1 << 20,
    SHARE_OF_WORD = 16,
};

struct share {
    uint32_t place;
    int64_t owed; /* at `since` */
    struct mono since;
};

struct shares {
    struct share list[SHARES_MAX];
    uint32_t count;
};

void shares_clear(struct shares *s);
/* A batch writes so much of the vehicle, as it is weighed. True: with that it has had its share. */
bool shares_take(struct shares *s, uint32_t place, size_t weight, struct mono now);
/* Whether it has had its share, and has to wait. */
bool shares_over(const struct shares *s, uint32_t place, struct mono now);

#endif
