/*
 * web_post: sends a body to a server by HTTPS, over libcurl, on the loop.
 *
 * The server's certificate has to be good for its name, by the system's authorities or by those of a file. No redirect is followed, no
 * proxy of the environment is used, no other protocol spoken. An answer's body is not kept, and one that is larger than 64 KiB ends the
 * exchange, as does one that has not come within `timeout_ms` in all.
 */
#ifndef MW_WEB_POST_H
#define MW_WEB_POST_H

#include "loop.h"

struct web_poster;

/* As many as may be under way at once. */
enum { WEB_POSTS_MAX = 64 };

struct web_post {
    const char *url;
    const char *ca_file;        /* NULL: the system's */
    const char *const *headers; /* "Name: value" */
    size_t header_count;
    struct text body;
    int64_t timeout_ms;
};

/* The status of the answer; 0 and a reason: there is none. Never from inside web_post_send. */
typedef void web_posted(void *arg, int status, const char *reason);

/* NULL without memory. */
struct web_poster *web_poster_new(struct loop *loop);
/* Nobody is told of what is under way. Takes NULL. */
void web_poster_free(struct web_poster *poster);
/* All is copied. False without memory, or where there are as many as may be at once. */
bool web_post_send(struct web_poster *poster, const struct web_post *post, web_posted *done, void *arg);

#endif
