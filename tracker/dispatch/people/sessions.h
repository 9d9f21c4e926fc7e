/*
 * sessions: who is signed in, kept here and nowhere else: a restart signs everybody out.
 *
 * Of a session's name only the hash is kept. A table has a fixed size; of one person there are at most
 * SESSIONS_A_PERSON, and the one that was used least lately goes for a new one, so nobody can fill the table for
 * others. Time is the loop's.
 */
#ifndef MW_SESSIONS_H
#define MW_SESSIONS_H

#include "clock.h"
#include "people.h"

enum { SESSIONS_A_PERSON = 20 };

struct session {
    char secret_hash[TOKEN_HASH_SIZE + 1]; /* empty: free */
    char name[PERSON_NAME_MAX];
    size_t name_length;
    uint8_t mark[PERSON_MARK_SIZE];
    struct mono used;
};

struct sessions {
    struct session *items;
    size_t most;
    int64_t idle_ms;
};

/* False without memory. */
bool sessions_init(struct sessions *s, size_t most, int64_t idle_ms);
void sessions_fini(struct sessions *s);

/* False where the table is full. */
bool sessions_open(struct sessions *s, const struct person *person, const char *secret_hash, struct mono now);
/* Whose it is, and it is used now; NULL: it is not there, has been idle for too long, or its person has changed. */
const struct person *sessions_find(struct sessions *s, const struct people *people, const char *secret_hash,
                                   struct mono now);
/* Whether it is there, which is no use of it. */
bool sessions_are_open(const struct sessions *s, const char *secret_hash, struct mono now);
/* False: there was none. */
bool sessions_close(struct sessions *s, const char *secret_hash);
/* Ends those whose person is gone or has changed, or that have been idle for too long. Returns how many are left. */
size_t sessions_settle(struct sessions *s, const struct people *people, struct mono now);

#endif
