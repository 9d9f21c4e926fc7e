/*
 * web_route: the table of what can be asked, and what of a request can be judged by the table alone.
 *
 * A row says for a method and a path which parameters there are, with type and bounds, how large a body may be,
 * who may ask, how often, and whether asking is written down first. From it come 404, 405 with Allow, 400 that
 * names a parameter, 413, 401 and 403; a handler sees a request that fits its row. What is not in the table cannot
 * be asked, and what a row does not name cannot be said: a parameter that nobody reads would be a filter that is
 * not applied.
 */
#ifndef MW_WEB_ROUTE_H
#define MW_WEB_ROUTE_H

#include "web_answer.h"
#include "web_request.h"

enum web_parameter_type {
    WEB_PARAMETER_TEXT,   /* min to max bytes */
    WEB_PARAMETER_WHOLE,  /* min to max */
    WEB_PARAMETER_NUMBER, /* min to max */
    WEB_PARAMETER_WORD,   /* one of `words` */
};

struct web_parameter_row {
    const char *name;
    enum web_parameter_type type;
    double min, max;
    const char *words; /* "1|2|off" */
    bool required;
    bool repeats; /* may stand several times: any of them */
};

/* How often somebody may ask (web_rate.h); FREE: for machines, as often as they like. */
enum web_rate_class {
    WEB_RATE_READ,
    WEB_RATE_CHANGE,
    WEB_RATE_HEAVY,
    WEB_RATE_CLASS_COUNT,
    WEB_RATE_FREE = WEB_RATE_CLASS_COUNT
};

enum { WEB_ROW_PARAMETERS_MAX = 24 };

struct web_match;
/* Fills in the answer, or sets `later` and keeps the request's ticket. */
typedef void web_handler(void *context, const struct web_match *match, struct web_answer *out);

struct web_route {
    const char *name; /* for the log and metrics */
    enum web_method method;
    const char *pattern; /* "/api/v1/violations/{id}"; {…} is any one segment */
    const struct web_parameter_row *parameters;
    size_t parameter_count;
    size_t body_max; /* 0: no body */
    enum role least; /* who may ask; ROLE_NOBODY: everybody */
    enum web_rate_class rate;
    bool audited; /* written down before it is answered */
    web_handler *handler;
};

#define WEB_PARAMETERS(rows) .parameters = (rows), .parameter_count = sizeof(rows) / sizeof((rows)[0])
#define WEB_BODY_MAX         ((size_t)64 << 10)

struct web_routes {
    const struct web_route *rows;
    size_t count;
};

struct web_match {
    const struct web_route *route;
    const struct web_request *request;
    struct text ids[WEB_SEGMENTS_MAX]; /* what stood for each {…}, in order */
    size_t id_count;
};

/*
 * Finds the row. HEAD is answered by the row of GET. False, with a problem in the answer: no such path, another
 * method, a parameter that is not of the row.
 */
bool web_route_find(struct web_routes routes, const struct web_request *request, struct web_match *out,
                    struct web_answer *refusal);
/* Whether whoever asks may: 401 where nobody is signed in, 403 where the role does not do. */
bool web_route_allows(const struct web_match *match, struct web_answer *refusal);
/* Whether a request that changes something comes from a page of ours, or from none, and its body is JSON. */
bool web_route_body_fits(const struct web_match *match, struct web_answer *refusal);

/* A parameter's value, empty with `data` NULL if it was not said; of those that repeat the nth. */
struct text web_match_text(const struct web_match *match, const char *name, size_t nth);
/* A WHOLE or NUMBER, or `otherwise`. */
double web_match_number(const struct web_match *match, const char *name, double otherwise);

#endif
