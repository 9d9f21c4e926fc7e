/*
 * yaml_depth: whether a YAML text is nested no deeper, and has no more in it, than a configuration may.
 *
 * libyaml's time grows with the square of the depth (200,000 braces took it a minute) and of the number of anchors, ours
 * with that of the keys of a mapping (50,000 took 4 s). So both are looked at event by event, before anything is loaded,
 * and the first that is too much ends it.
 */
#ifndef MW_YAML_DEPTH_H
#define MW_YAML_DEPTH_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>

enum { YAML_DEPTH_MAX = 64, YAML_VALUES_MAX = 20000 };

struct yaml_place {
    size_t line, column; /* from 1 */
    bool many;           /* it is not too deep, but one too many: keys, values and aliases count */
};

/* False, with the place that is too much. True for what is not YAML: whoever loads it says what is wrong. */
bool yaml_depth_holds(struct text bytes, struct yaml_place *out_deep);

#endif
