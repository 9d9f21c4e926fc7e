/*
 * signing_queue: passwords, looked at one at a time on a thread of their own: each takes 64 MiB and some 0.1 s.
 *
 * At most SIGNING_QUEUE wait; whoever comes then is told to come again. Passwords are wiped when they are no
 * longer needed.
 */
#ifndef MW_SIGNING_QUEUE_H
#define MW_SIGNING_QUEUE_H

#include "password.h"
#include "tries.h"
#include "worker.h"

enum { SIGNING_QUEUE = 16 };

struct signing_one {
    uint64_t ticket;
    char name[PERSON_NAME_MAX + 1], address[LOCKOUT_ADDRESS_MAX];
    char password[PASSWORD_MAX + 1], hash[PASSWORD_HASH_SIZE];
    enum password_looked looked;
};

struct signing {
    struct worker *worker;
    struct signing_one queue[SIGNING_QUEUE]; /* a ring */
    size_t first, count;
};

#endif
