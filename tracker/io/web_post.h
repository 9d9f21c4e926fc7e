/*
 * web_post: sends a body to a server by HTTPS, over libcurl, on the loop.
 *
 * The server's certificate has to be good for its name, by the system's authorities or by those of a file. No redirect is followed, no
 * proxy of the environment is used, no other protocol spoken. An answer's body is not kept, and one that is larger than 64 KiB ends the
 * exchange, as does one that has not come within `timeout_ms` in all.
 *
 * libcurl looks each name up on a thread, which goes on when the exchange is given up, for as long as the system's resolver waits. So
 * that a resolver that never answers does not fill the process with them, a name that was not found in time is not looked up again while
 * there are WEB_POST_THREADS_MAX threads.
 */
#ifndef MW_WEB_POST_H
#define MW_WEB_POST_H

#include "loop.h"

struct web_poster;

/* As many as may be under way at once; and threads that the process, whatever they do, may have for a name to be looked up again. */
enum { WEB_POSTS_MAX = 64, WEB_POST_THREADS_MAX = 96 };

struct web_post {
    const char *url;
    const char *ca_file;        /* NULL: the system's */
    const char *const *headers; /* "Name: value" */
    size_t header_count;
    struct text body;
    int64_t timeout_ms;
    bool *
        name_lost; /* of the host, false at first: whether its look-up was given up the last time. Has to be there until `done` */
};

enum web_post_sent { WEB_POST_SENT, WEB_POST_NO_MEMORY, WEB_POST_CROWDED /* by threads, or posts */ };

/* The status of the answer; 0 and a reason: there is none. Never from inside web_post_send. */
typedef void web_posted(void *arg, int status, const char *reason);

/* NULL without memory. */
struct web_poster *web_poster_new(struct loop *loop);
/* Nobody is told of what is under way. Takes NULL. */
void web_poster_free(struct web_poster *poster);
/* All but `name_lost` is copied. */
enum web_post_sent web_post_send(struct web_poster *poster, const struct web_post *post, web_posted *done,
                                 void *arg);

#endif
