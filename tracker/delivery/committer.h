/*
 * committer: in which pieces and in which order a batch goes to the store, whatever the store answers.
 *
 * A batch is a number of groups, one a vehicle. At first the whole of it is one commit with the next number.
 * What the store answers decides what is done next:
 *
 *   applied       that piece is done: the next piece, with the next number, or the batch is finished
 *   unknown       nobody knows: the same piece with the same number again, on a new connection, after a pause
 *   bad           nothing was written: the piece is halved. A piece of one group is sent again after a pause,
 *                 and at the third refusal goes to quarantine: what its fixes caused is left out, they are
 *                 recorded as refused, and only their numbers are used up
 *   behind        the store has lost what it had acknowledged: forget everything and load again
 *   fenced        someone else owns the partition: stop
 *
 * The number of a piece changes only when the piece before it was applied, so whatever was sent under a
 * number is either applied once or not at all. Pure: no clock, no socket. The caller sends and waits.
 */
#ifndef MW_COMMITTER_H
#define MW_COMMITTER_H

#include <stdbool.h>
#include <stdint.h>

enum commit_answer { COMMIT_APPLIED, COMMIT_UNKNOWN, COMMIT_BAD, COMMIT_BEHIND, COMMIT_FENCED };

enum commit_step {
    COMMIT_IDLE,     /* no batch is under way */
    COMMIT_SEND,     /* send groups [from, to) under `number`, quarantined or not */
    COMMIT_RETRY,    /* the same, but not before a pause and on a new connection */
    COMMIT_FINISHED, /* every group is durable, or its refusal is */
    COMMIT_STUCK,    /* even the refusal of a group is bad: as COMMIT_RETRY, and an alarm */
    COMMIT_RELOAD,   /* the store went back */
    COMMIT_STOP,     /* fenced */
};

struct commit_piece {
    uint32_t from, to;
    uint32_t refusals; /* of a piece of one group, so far */
    bool quarantined;
};

/* So many times in a row a single group has to be refused before it is believed to be bad. */
enum { COMMIT_REFUSALS = 3 };

/* Halving keeps at most one waiting piece a level. */
enum { COMMIT_PIECES_MAX = 34 };

struct committer {
    uint64_t number; /* of the last piece that was applied */
    uint32_t pieces; /* waiting; the last is the one in hand */
    struct commit_piece stack[COMMIT_PIECES_MAX];
};

/* A store whose last applied number is `number`. */
void committer_init(struct committer *c, uint64_t number);
/* A batch of groups, at least one. The one before is finished. */
enum commit_step committer_begin(struct committer *c, uint32_t groups);
/* What the store said to the piece in hand. */
enum commit_step committer_answer(struct committer *c, enum commit_answer answer);
bool committer_busy(const struct committer *c);
/* The piece in hand, and the number it goes under. */
const struct commit_piece *committer_piece(const struct committer *c, uint64_t *out_number);

#endif
