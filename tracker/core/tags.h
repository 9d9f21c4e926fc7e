/*
 * tags: whose street it is. Jurisdiction and road class of the place where a transition happens, by the
 * district and route fences there: the innermost district, and where roads cross the one whose middle is
 * nearest.
 */
#ifndef MW_TAGS_H
#define MW_TAGS_H

#include "moment.h"
#include "outcome.h"

/* Sets jurisdiction and road_class of a transition at this moment; empty where no fence says. */
void tags_fill(const struct moment *m, struct transition *t);

#endif
