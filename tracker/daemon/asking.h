/*
 * asking: reloads that somebody asks for in the store: the streams `reload:ask` and `reload:done`.
 *
 *   looks ──► a question ──► asked before this start: answered as it is
 *   (1 s)                └─► else a reload (reload.h) ──► its outcome ──► the answer, in a commit
 *
 * One at a time, the oldest first. The commit that has the answer takes the question out of its stream: so what
 * stands there was not answered, whoever died, and no question is answered twice. A question from before the start
 * is not carried out, since the start has read the files itself: what its asker wants to see in force is, or not.
 * Of a question whose answer the store refuses for good no other is tried by this process.
 */
#ifndef MW_ASKING_H
#define MW_ASKING_H

#include "archived.h"
#include "batch_in_hand.h"
#include "shared.h"

enum { ASKING_TEXT_MAX = 64, ASKING_ID_MAX = 48, ASKING_ERRORS_MAX = 1024, ASKING_ANSWERS_KEPT = 1000 };

enum asking_step {
    ASKING_NOTHING, /* in hand */
    ASKING_RELOADS, /* a reload is to tell */
    ASKING_ANSWERS, /* the answer is known, and not in a commit yet */
    ASKING_COMMITS, /* it is in the commit in hand */
};

struct asking {
    enum asking_step step;
    bool looking;                /* for the next one */
    bool begun;                  /* it is known which are from before the start */
    struct stream_id start_upto; /* the newest of those */
    struct stream_id taken_upto; /* the newest that was in hand */
    /* In hand, with a zero behind each. */
    char id[ASKING_ID_MAX], request[ASKING_TEXT_MAX + 1], who[ASKING_TEXT_MAX + 1];
    char expect[ASKING_TEXT_MAX + 1]; /* empty: any world will do */
    bool ok;
    char errors[ASKING_ERRORS_MAX + 1];
};

/* It runs: looks for what is from before. */
void asking_begin(struct asking *a, struct shared *s, uint32_t partition);
/* Looks for the next question, if none is in hand. */
void asking_look(struct asking *a, struct shared *s, uint32_t partition);
void asking_begun(struct asking *a, struct shared *s, uint32_t partition, const struct reply *reply);
/* True: a reload is asked for, wanting `expect`. */
bool asking_answered(struct asking *a, struct shared *s, const struct reply *reply);
/* The reload that was asked for is over. `errors` is read only where it failed. */
void asking_reloaded(struct asking *a, bool ok, struct text errors);

bool asking_owes(const struct asking *a);
/* The answer, into the group of nobody, under this number. */
void asking_write(struct asking *a, struct shared *s, const struct batch *b, struct batch_group *g,
                  uint64_t number);
/* The commit is durable, or was given up. */
void asking_durable(struct asking *a);
void asking_given_up(struct asking *a);

#endif
