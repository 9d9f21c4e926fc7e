/*
 * web_body: the JSON of a request, and what of it can be refused in the same words everywhere.
 *
 * Each of these that says false has made the answer a problem, with the place: line and column of what is no JSON,
 * a JSON pointer to a member that is missing, unknown or of another type.
 */
#ifndef MW_WEB_BODY_H
#define MW_WEB_BODY_H

#include "json_tree.h"
#include "web_answer.h"
#include "web_request.h"

/* An object. The tree is zero, or was used before. */
bool web_body_read(const struct web_request *request, struct json_tree *tree, struct web_answer *refusal);

struct web_member {
    const char *key;
    enum json_node_type type;
    bool required;
    size_t max; /* bytes of a string, elements of an array; 0: no matter */
};

/* Whether the object has these members and no other. */
bool web_body_fits(const struct json_node *object, const struct web_member *members, size_t count,
                   struct web_answer *refusal);

/* A string member; empty with `data` NULL where it is absent. */
struct text web_body_text(const struct json_node *object, const char *key);

#endif
