/*
 * reply_fields: entries of streams and hashes as Redis answers them: names and values by turns.
 */
#ifndef MW_REPLY_FIELDS_H
#define MW_REPLY_FIELDS_H

#include "fact.h"

/* A field; empty where there is none. */
struct text reply_field_of(const struct reply *fields, const char *name);
/* The same as a whole number: text_whole. */
int64_t reply_number_of(const struct reply *fields, const char *name);

#endif
