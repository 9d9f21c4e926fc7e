/*
 * duty_bytes: a ledger as bytes, and back: a head with all that is no item, and pages of items.
 *
 * Names are written as texts. What is read is believed only if it is whole: whoever reads has other bytes than were
 * written looks at a store that somebody has damaged.
 */
#ifndef MW_DUTY_BYTES_H
#define MW_DUTY_BYTES_H

#include "duty_ledger.h"

#include "buf.h"
#include "names.h"

#define DUTY_BYTES_VERSION 1

void duty_head_write(const struct duty_ledger *l, const struct names *names, struct buf *out);
void duty_page_write(const struct duty_ledger *l, size_t page, struct buf *out);
/* A ledger that is not laid over a duty yet. NULL: damaged, of another version, or there is no memory. */
struct duty_ledger *duty_head_read(struct text bytes, struct names *names);
/* Pages in any order; each once. False as above. */
bool duty_page_read(struct duty_ledger *l, size_t page, struct text bytes);
/* All pages are there. */
bool duty_read_whole(struct duty_ledger *l);

#endif
