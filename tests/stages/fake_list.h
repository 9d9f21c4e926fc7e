/*
 * fake_list: rows with a key each, of fake_store; they own their bytes.
 */
#ifndef MW_TEST_FAKE_LIST_H
#define MW_TEST_FAKE_LIST_H

#include "text.h"

#include <stdint.h>

struct fake_row {
    char *key; /* vehicle, id or hash */
    char *value;
    size_t len;
    char note[24]; /* of a track: late; of a refusal: its reason; of a violation: its rev */
    uint64_t batch;
};

struct fake_list {
    struct fake_row *rows;
    size_t count, cap;
};

/* A copy with a zero behind it. */
char *fake_bytes(const char *data, size_t len);
struct fake_row *fake_list_add(struct fake_list *list, struct text key, struct text value);
/* In the place of the one of that key, if there is one. */
void fake_list_put(struct fake_list *list, struct text key, struct text value);
const struct fake_row *fake_list_find(const struct fake_list *list, const char *key);
void fake_list_fini(struct fake_list *list);
struct fake_list fake_list_copy(const struct fake_list *from);

#endif
