/*
 * unit: the onboard unit: receiver and sensors in, journal, broker out. Wires the rooms together for
 * onboard.c.
 */
#ifndef MW_UNIT_H
#define MW_UNIT_H

#include "loop.h"
#include "onboard_config.h"

struct unit;

/* Opens the journal, makes the sockets, begins to connect. EX_OK, or an exit code after saying why. */
int unit_new(struct loop *loop, const struct onboard_config *config, const char *password,
             struct unit **out_unit);
/* The way of unit_new as far as its first word to anybody, and without the journal: EX_OK, or the exit code of a start, after
 * saying why. */
int unit_check(struct loop *loop, const struct onboard_config *config, const char *password);
/* Says goodbye, commits, closes. Takes NULL. */
void unit_free(struct unit *u);
/* What it has counted, to the log. */
void unit_log_counts(struct unit *u);

#endif
