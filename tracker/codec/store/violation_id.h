/*
 * violation_id: the name of an episode, the same whoever works it out from the same facts.
 *
 * The first 26 characters (130 bits) of the lower-case unpadded base32 of BLAKE2b-256 over
 * `vehicle\0kind\0subject\0start`, start as decimal milliseconds.
 */
#ifndef MW_VIOLATION_ID_H
#define MW_VIOLATION_ID_H

#include "clock.h"
#include "text.h"

#define VIOLATION_ID_LENGTH 26

/* Writes the id and a terminating zero. The subject may be empty. Allocates nothing. */
void violation_id_write(struct text vehicle, struct text kind, struct text subject, struct wall start,
                        char out[VIOLATION_ID_LENGTH + 1]);

#endif
