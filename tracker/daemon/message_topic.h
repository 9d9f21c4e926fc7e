/*
 * message_topic: what a message is, and whose, by its topic. Whether the name is one of a vehicle is not looked at.
 */
#ifndef MW_MESSAGE_TOPIC_H
#define MW_MESSAGE_TOPIC_H

#include "text.h"

enum topic { TOPIC_NONE, TOPIC_FIX, TOPIC_LIVE, TOPIC_STATUS, TOPIC_OWNTRACKS };

/* Fills the vehicle in unless it is TOPIC_NONE. */
enum topic message_topic(struct text topic, struct text *out_vehicle);

#endif
