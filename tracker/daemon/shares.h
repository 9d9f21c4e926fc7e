/*
 * shares: how much of everybody's time one vehicle may take from the others.
 *
 * All vehicles come by one queue, so what one of them costs is what the others wait for. What it has written is weighed
 * for the store: its bytes, and SHARE_OF_WORD for each word, since Redis is as busy with words as with bytes. What of it
 * is read is weighed for the loop: its bytes, and SHARE_OF_ELEMENT for each element, since the reader is (3 to 6 ns for
 * each of either, whatever they are). A vehicle may cost `at_once` of either, a second of a store, a third of one of the
 * loop, and on and on `per_s`. Beyond it, what it sends is passed over, fix by fix (written) or message by message,
 * unread (read), until the rest is paid off.
 *
 * A fix weighs some 300 to 600 to write and 250 to read, a message of 256 KiB some 3 MB, or 28 where each fix opens and
 * closes three violations, and 0.3 MB; a unit that catches up weighs 300 KB a second. So an honest one has written its
 * share long before it has had its share of reading. 256 KiB of `1,1,1` weigh 2.4 MB to read, and next to nothing to write.
 *
 * Only those are remembered that cost much lately, so honest vehicles cost nothing. By the monotonic clock:
 * what was passed over is in no track, and a replay does not miss it.
 */
#ifndef MW_SHARES_H
#define MW_SHARES_H

#include "clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum share_of { SHARE_WRITTEN, SHARE_READ, SHARE_KINDS };

enum {
    SHARES_MAX = 16,
    SHARE_NOTED = 64 << 10, /* of a batch: less is nobody's delay */
    SHARE_OF_WORD = 16,
    SHARE_OF_ELEMENT = 16,
    SHARE_MESSAGE_NOTED =
        1024, /* bytes: reading a smaller one costs less than its way through broker and library */
};

struct share_bound {
    int64_t at_once, per_s;
};

extern const struct share_bound share_bounds[SHARE_KINDS];

struct share {
    uint32_t place;
    int64_t owed[SHARE_KINDS]; /* at `since` */
    struct mono since;
};

struct shares {
    struct share list[SHARES_MAX];
    uint32_t count;
};

void shares_clear(struct shares *s);
/* A batch cost so much for the vehicle, as it is weighed. True: with that it has had its share of something. */
bool shares_take(struct shares *s, uint32_t place, const size_t weights[SHARE_KINDS], struct mono now);
/* Whether it has had its share, `more` included that is not taken yet, and has to wait. */
bool shares_over(const struct shares *s, uint32_t place, enum share_of kind, size_t more, struct mono now);

#endif
