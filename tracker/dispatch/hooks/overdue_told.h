/*
 * overdue_told: which alerts have been told to be overdue, behind which time: what the store knows, once more in memory, by id.
 */
#ifndef MW_OVERDUE_TOLD_H
#define MW_OVERDUE_TOLD_H

#include "buf.h"
#include "desk.h"

struct overdue_alert {
    char id[DESK_ID_LENGTH];
    uint32_t partition;
    int64_t due_ms;
};

/* Ascending by id; zero is empty. */
struct overdue_told {
    struct overdue_alert *items;
    size_t count, cap;
};

void overdue_told_fini(struct overdue_told *told);
bool overdue_told_has(const struct overdue_told *told, const char *id, int64_t due_ms);
/* False without memory. */
bool overdue_told_put(struct overdue_told *told, const struct overdue_alert *alert);
void overdue_told_remove(struct overdue_told *told, size_t at);

/* The field of an alert in `hooks`: "overdue:ID". */
enum { OVERDUE_FIELD_SIZE = 8 + DESK_ID_LENGTH + 1 };
void overdue_field(const char *id, char out[OVERDUE_FIELD_SIZE]);
/* False: it is none. */
bool overdue_field_read(struct text name, struct text value, uint32_t partition, struct overdue_alert *out);

/* The call of overdue.lua. */
void overdue_call_write(const struct overdue_alert *alert, struct fields entry, struct buf *out);

#endif
