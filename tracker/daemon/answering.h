/*
 * answering: what units and cabs are told, once what it speaks of is durable.
 *
 * Called only between two batches: then the states in memory are those of the store, and acknowledgements
 * read their numbers from them.
 */
#ifndef MW_ANSWERING_H
#define MW_ANSWERING_H

#include "partition.h"
#include "shared.h"

/* The warnings of a batch that has just become durable, before it is cleared. */
void answering_warn(struct shared *s, struct partition *p);
/* The acks that are due, while there is a broker to take them; nothing may be judged that is not durable. */
void answering_acknowledge(struct shared *s, struct partition *p);
/* Every unit hears how far its journal is durable: the store went back. */
void answering_owe_all(struct partition *p, struct now now);

#endif
