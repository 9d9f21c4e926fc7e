/*
 * topics: the MQTT topics of a vehicle: the contract's prefix, its id, and what is said there (MW_TOPIC_FIX
 * and the others of contract.h).
 */
#ifndef MW_TOPICS_H
#define MW_TOPICS_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>

/* Room for a topic of any vehicle id (64 bytes) and its zero byte. */
enum { TOPIC_SIZE = 96 };

/* Writes the topic, with a zero byte, into `cap` bytes, which have to suffice. Returns its length. */
size_t topic_write(struct text vehicle, const char *suffix, char *out, size_t cap);
/* The vehicle of a topic with this suffix; false where it is another topic. Borrowed from the topic. */
bool topic_vehicle(struct text topic, const char *suffix, struct text *out_vehicle);

#endif
