/*
 * desk_request: what somebody asks to be done, from JSON.
 *
 *   {"action":"acknowledge","rev":0,"request":"…"} and what the action needs: `why` (shelve, reopen; else as one
 *   likes; of a note its text), `to` (assign), `found` and `media` (handled), `verdict`, `reason` and `why` (review), `until`
 *   (shelve), `of` (duplicate). In a list also `id`.
 *
 * `request` is the asker's own name for this one: the same one again gets its first answer.
 */
#ifndef MW_DESK_REQUEST_H
#define MW_DESK_REQUEST_H

#include "desk.h"
#include "json_tree.h"

struct desk_reasons {
    const struct text *items;
    size_t count;
};

/* Drifting position, faulty fence, permit not entered, faulty unit, emergency, duplicate. */
extern const struct desk_reasons desk_reasons_usual;

/* Where a request is not of its form: the member, and a sentence. */
struct desk_fault {
    char pointer[80];
    const char *text;
};

/*
 * Reads one request. `id` is that of the path, or empty: then the request names it. Texts are borrowed from the tree;
 * `media` lies in the request itself, which is not to be copied. False, with the fault, where it is not of its form.
 */
bool desk_request_read(const struct json_node *node, struct text id, struct desk_reasons reasons,
                       struct desk_request *out, struct desk_fault *out_fault);

#endif
