/*
 * yaml_depth: whether a YAML text is nested no deeper than a configuration may be.
 *
 * libyaml's time grows with the square of the depth: 200,000 braces took it a minute. So the depth is looked
 * at event by event, before anything is loaded, and the first that is too deep ends it.
 */
#ifndef MW_YAML_DEPTH_H
#define MW_YAML_DEPTH_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>

enum { YAML_DEPTH_MAX = 64 };

struct yaml_place {
    size_t line, column; /* from 1 */
};

/* False, with the place that is too deep. True for what is not YAML: whoever loads it says what is wrong. */
bool yaml_depth_holds(struct text bytes, struct yaml_place *out_deep);

#endif
