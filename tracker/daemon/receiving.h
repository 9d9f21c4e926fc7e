/*
 * receiving: what a message says, judged, and what that causes, collected in the batch.
 *
 * Only while nothing is under way to the store. What cannot be kept in the batch (memory) is not judged
 * either: the connection is dropped, and the broker delivers it again.
 */
#ifndef MW_RECEIVING_H
#define MW_RECEIVING_H

#include "partition.h"
#include "shared.h"

/* What the broker says of itself, not of a vehicle: may come at any time. True: it was that, and is done. */
bool receiving_told(struct shared *s, const struct message *m);
/* Takes a message into the batch, and holds the broker when that is full; what has no room is kept back. */
void receiving_take(struct shared *s, struct partition *p, const struct message *m);
/* What was kept back, into the next batch, as far as that has room. */
void receiving_go_on(struct shared *s, struct partition *p);

#endif
