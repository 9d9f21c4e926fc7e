/*
 * web_request: a whole request as a plain struct, for whoever answers it. All is borrowed until the answer.
 */
#ifndef MW_WEB_REQUEST_H
#define MW_WEB_REQUEST_H

#include "clock.h"
#include "role.h"
#include "web_head.h"
#include "web_target.h"

struct person; /* ../people/people.h */

struct web_request {
    const struct web_head *head;
    const struct web_target *target;
    struct text body;
    struct text address; /* who sent it: an IP address */
    bool secret;         /* came by TLS */
    uint64_t ticket;     /* names it to the server, where it is answered later */
    struct wall now;
    struct mono ticks;
    const struct person *who; /* NULL: nobody signed in */
    enum role role;
    bool noted; /* that this is asked has been written down: it is asked again */
};

static inline struct text web_field(const struct web_request *r, enum web_field field)
{
    return r->head->fields[field];
}

#endif
