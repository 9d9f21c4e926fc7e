/*
 * ruleset: a world once more, from what was recorded of it.
 *
 * The canonical text that a world is named after (world_load.h) has all that judges, the thresholds and the
 * name of the time zone included. So it is all that has to be kept: its hash shows that it is whole and the
 * right one, and the world that is made of it must come out with that hash again. Where it does not, this
 * version knows settings that the recording one did not, or the other way round, and judging by it would be
 * judging by other rules.
 *
 * In a folder of rulesets each has a file, HASH.json, of exactly these bytes, so that
 * `b2sum -l 256 HASH.json` tells its name.
 */
#ifndef MW_RULESET_H
#define MW_RULESET_H

#include "buf.h"
#include "names.h"
#include "problem.h"
#include "text.h"
#include "world.h"

#include <stdbool.h>

/* Whether this can name a ruleset: 64 hexadecimal digits in lower case. */
bool ruleset_name_valid(struct text hash);
/* What a canonical text is called. */
enum { RULESET_NAME_SIZE = 65 };
void ruleset_name(struct text canonical, char out[RULESET_NAME_SIZE]);

/* Where it lies in a folder; cut if it is longer than `path`. */
enum { RULESET_PATH_MAX = 4096 };
void ruleset_path(const char *dir, struct text hash, char path[RULESET_PATH_MAX]);

/*
 * Makes the world. False, with the reason in the problem: no such name, another text, a text that makes no
 * world, a world with another hash.
 */
bool ruleset_load(struct text canonical, struct text hash, struct names *names, struct world **out_world,
                  struct problem *out_problem);
/* The same from the file in a folder. */
bool ruleset_load_file(const char *dir, struct text hash, struct names *names, struct world **out_world,
                       struct problem *out_problem);

#endif
