/*
 * tries: wrong passwords, and who is locked out for them.
 *
 * So many a minute for a name from an address; the name alone would let anybody lock somebody out. An address has
 * ten times as many for all names together. Who is locked out is remembered, the last LOCKOUTS_KEPT of them, for
 * admins to see.
 */
#ifndef MW_TRIES_H
#define MW_TRIES_H

#include "people.h"
#include "web_rate.h"

enum { LOCKOUTS_KEPT = 64, LOCKOUT_ADDRESS_MAX = 48 };

struct lockout {
    char name[PERSON_NAME_MAX + 1], address[LOCKOUT_ADDRESS_MAX];
    struct wall since, last; /* the first try that was refused, and the last */
    uint32_t count;
};

struct tries {
    struct web_rate by_pair, by_address;
    struct lockout kept[LOCKOUTS_KEPT];
    size_t next; /* is overwritten next */
};

void tries_init(struct tries *t, struct hash_key hash, uint32_t per_min);

struct tried {
    struct text name, address;
    struct wall now;
    struct mono ticks;
};

/* Counts one. False: it is one too many; *out_new says that they have just been locked out, *out_wait_ms for how long. */
bool tries_take(struct tries *t, const struct tried *one, int64_t *out_wait_ms, bool *out_new);
/* It was right: it does not count. */
void tries_right(struct tries *t, const struct tried *one);

#endif
