/*
 * scope: of what somebody may know: jurisdictions with all below them, and companies.
 *
 * scope_covers is the one function that says so. Every list, count, snapshot, push, export and look-up asks it for
 * each thing it would tell; a filter of a request narrows what a scope leaves and never widens it. Where a scope
 * names jurisdictions, what has none is not covered: nobody knows whose it is.
 */
#ifndef MW_SCOPE_H
#define MW_SCOPE_H

#include "options.h"
#include "text.h"

#include <stdbool.h>

struct scope {
    struct text_list jurisdictions, companies; /* none: all of them */
};

/* Whether a jurisdiction is `above` or lies below it: "city/east" is below "city", "city-east" is not. */
bool scope_is_within(struct text jurisdiction, struct text above);

bool scope_covers(const struct scope *scope, struct text jurisdiction, struct text company);

/* Whether it leaves nothing out. */
bool scope_is_whole(const struct scope *scope);

#endif
