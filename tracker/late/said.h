/*
 * said: what was said of a vehicle's episodes, trips and work, as it stands: the last entry of each id, field by field.
 *
 * From Redis' hashes or from a replay's own output; here they are alike. Names and values are copied. An id that
 * is put again replaces what was known of it, unless that has a higher revision: so it does not matter whether
 * it was read before or after the tracker said more.
 */
#ifndef MW_SAID_H
#define MW_SAID_H

#include "buf.h"
#include "entry.h"
#include "text.h"
#include "violation_id.h"
#include "work_said.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum told_in { TOLD_IN_VIOLATIONS, TOLD_IN_TRIPS, TOLD_IN_WORK };

struct said_item {
    char id[VIOLATION_ID_LENGTH + 1];
    bool trip;      /* an entry of `trips` */
    bool work;      /* of `work` */
    bool withdrawn; /* and replaced by `replaced_by`, if by anything */
    uint8_t kind;   /* enum kind; KIND_NONE of trips, and of kinds this program does not know */
    uint8_t cause;  /* enum cause */
    uint32_t rev;
    int64_t start_ms, end_ms; /* TIME_NONE: it goes on */
    int64_t told_ms;          /* event time of the last entry */
    size_t at;                /* its fields, in `bytes` */
    uint32_t fields;
};

struct said {
    struct said_item *items;
    size_t count, cap;
    struct buf bytes;
    struct said_item item; /* the one being put, */
    struct buf fields;     /* and its fields: values may lie in `bytes` themselves */
};

struct said_field {
    const char *name; /* with a zero behind it */
    struct text value;
    bool number; /* written bare in JSON, as far as is known */
};

void said_init(struct said *s, size_t limit_bytes);
void said_fini(struct said *s);
void said_clear(struct said *s);

/* Puts one item: begin, its fields in their order, end. End is false where it has no id, or there was no memory. */
void said_begin(struct said *s, enum told_in in);
void said_add(struct said *s, struct text name, struct text value, bool number);
bool said_end(struct said *s);
/* The whole of an entry. Of a trip, and of work, only the caller knows when it was told. */
bool said_put_entry(struct said *s, const struct entry *e, enum told_in in, int64_t told_ms);
/* One of `work`, as the store has it. */
bool said_put_work(struct said *s, const struct work_said *w);

/* NULL: nothing was said of it. */
const struct said_item *said_find(const struct said *s, const char *id);
/* Walks over the fields: begins with *cursor = 0; false at the end. */
bool said_next(const struct said *s, const struct said_item *item, size_t *cursor, struct said_field *out);
struct text said_value(const struct said *s, const struct said_item *item, const char *name);

/* Forgets what was over, and told, before a time. */
void said_forget(struct said *s, int64_t before_ms);

#endif
