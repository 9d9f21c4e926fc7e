/*
 * json_fault: the message for a person whose text is not JSON: line, column and reason, in Jansson's words.
 *
 * The column is that of the last character of the token that was not expected, counted in characters from 1,
 * and the token is shown where it is short; people and their editors know these messages.
 */
#ifndef MW_JSON_FAULT_H
#define MW_JSON_FAULT_H

#include "json_tree.h"

struct json_fault_place {
    unsigned line, column;
    char text[200]; /* reason */
};

/* `fault` has come from reading `text`. */
void json_fault_find(struct text text, const struct json_tree_fault *fault, struct json_fault_place *out);

#endif
