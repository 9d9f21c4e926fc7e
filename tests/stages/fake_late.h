/*
 * fake_late: what the fake store keeps so that late data can be judged again: whole entries of a track and of
 * `past`, ids that were said, hashes of violations and of trips; and what is asked of them.
 */
#ifndef MW_TEST_FAKE_LATE_H
#define MW_TEST_FAKE_LATE_H

#include "buf.h"
#include "fake_command.h"
#include "fake_store.h"

/* An operation of a commit, whose arguments are args[i] and the n - 1 that follow. */
void fake_late_write(struct fake_store *s, int64_t now_ms, const struct command *c, size_t i, size_t n);
/* XRANGE of an own stream, ZRANGEBYSCORE, HGETALL. False: it is none of these. */
bool fake_late_ask(const struct fake_store *s, const struct command *c, struct fake_reply *out);

/* A field of an entry or a hash; empty: it has none of that name. The bytes are the row's. */
struct text fake_late_field(const struct fake_row *row, const char *name);
/* The same as a number; 0: it has none. */
int64_t fake_late_number(const struct fake_row *row, const char *name);

/* Words as they stand in a row. */
void fake_late_put_word(struct buf *b, struct text word);

#endif
