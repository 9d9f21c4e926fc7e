/*
 * record: what the fake store has recorded, played again: a replay of it finds the entries that are stored,
 * to the byte.
 *
 * The lines are those of `muckctl track`, put together here a second time, from docs/PROTOCOL.md.
 */
#ifndef MW_TEST_RECORD_H
#define MW_TEST_RECORD_H

#include "fake_command.h"
#include "fake_store.h"
#include "late_settings.h"

/* Keeps what an entry of a stream says, for the day it is played again. */
void record_append(struct fake_store *s, const struct command *c, size_t i, size_t n);
/* Fails the test where the replay finds something else. Returns how many signs of life were played. */
uint64_t record_check(const struct fake_store *s, const struct late_settings *late);

/*
 * What stands in the store is what stands when the same fixes come in the order of their time, but for what tells
 * of arrival. Only under one world. Returns how many things stand.
 */
uint64_t record_check_settled(const struct fake_store *s);

/* How often something was judged again, what of the told corrects, and how often late fixes were left. */
uint64_t record_redos(const struct fake_store *s, uint64_t *out_corrections, uint64_t *out_left);

#endif
