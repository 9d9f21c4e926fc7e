/*
 * names: every identifier text once, as a small number.
 *
 * Names of vehicles, fences, permits and companies are compared and stored everywhere. Inside the process
 * each name is a symbol: its index in this table; 0 is no name. A symbol lives as long as the table, also
 * when the world that it came from is replaced. So a vehicle's state, a plain struct, can name a fence that
 * the new world no longer has. The table has at most `limit` names; when it is full, interning fails and the
 * caller refuses the input.
 *
 * Any thread may find, read and intern: one builds a world while another judges. Finding and reading take no
 * lock and never wait; interning a text that is there already does neither. Freeing is for when all are done.
 */
#ifndef MW_NAMES_H
#define MW_NAMES_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

struct names;

/* A table for at most `limit` names of at most NAMES_TEXT_MAX bytes, or NULL without memory. */
struct names *names_new(uint32_t limit);
void names_free(struct names *names);

#define NAMES_TEXT_MAX 255

/* Finds or adds. False when the text is empty or too long, the table is full, or memory is gone. */
bool names_intern(struct names *names, struct text text, uint32_t *out_symbol);
/* The symbol of a text, or 0 if it was never interned. Allocates nothing. */
uint32_t names_find(const struct names *names, struct text text);
/* The text of a symbol, followed by a zero byte; empty for 0. Borrowed from the table, stays where it is. */
struct text names_text(const struct names *names, uint32_t symbol);
/* How many symbols there are; the largest symbol. */
uint32_t names_count(const struct names *names);

#endif
