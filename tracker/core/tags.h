/*
 * tags: what the world says of a transition that is otherwise complete: whose street it is, and the words for
 * it (told.h). Jurisdiction and road class are those of the place where it happens, by the district and route
 * fences there: the innermost district, and where roads cross the one whose middle is nearest.
 */
#ifndef MW_TAGS_H
#define MW_TAGS_H

#include "moment.h"
#include "outcome.h"

/* Sets jurisdiction and road_class of a transition at this moment, empty where no fence says; and all of
 * told.h. */
void tags_fill(const struct moment *m, struct transition *t);

#endif
