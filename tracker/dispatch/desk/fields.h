/*
 * fields: what an entry of a stream or a hash says, as names and texts in their order. Borrowed.
 */
#ifndef MW_FIELDS_H
#define MW_FIELDS_H

#include "text.h"

struct field {
    struct text name, value;
};

struct fields {
    const struct field *items;
    size_t count;
};

/* The value of a field; empty where it is not there. */
struct text fields_value(struct fields fields, const char *name);
/* A whole number, or `otherwise` where it is none. */
int64_t fields_whole(struct fields fields, const char *name, int64_t otherwise);

/* The id of an entry of a stream: MS-N. Zero is before all. */
struct entry_id {
    int64_t ms;
    uint64_t n;
};

/* False where the text is none. */
bool entry_id_read(struct text t, struct entry_id *out);
int entry_id_compare(struct entry_id a, struct entry_id b);

#endif
