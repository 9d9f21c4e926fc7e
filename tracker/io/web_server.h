/*
 * web_server: HTTP/1 for the gateway: libevent's connections, read by dispatch/web.
 *
 * libevent's own evhttp is not used, for the reasons at the head of web_head.h and http_status.c: it repairs what
 * it should refuse before anybody sees it, and has no bound of connections and none of a connection's whole time.
 *
 * What is bounded: connections (at that many, one that is idle goes for a new one, else newcomers wait in the
 * kernel's queue); a request comes within 10 s in all, whoever trickles it, and one with a large body within a time that
 * grows with its size, of which there are two at once; a head and a body have a size; what is
 * not read of answers has a time that grows with their size, and a bound for all connections together. Descriptors
 * are left for store and files, and where there are none the listener rests instead of spinning.
 *
 * Requests of one connection are answered one after the other, in order. Everything happens on the loop's thread.
 */
#ifndef MW_WEB_SERVER_H
#define MW_WEB_SERVER_H

#include "loop.h"
#include "web_answer.h"
#include "web_chunk.h"
#include "web_request.h"

struct web_server;
struct web_tls;

struct web_server_options {
    const char *host;
    uint16_t port;
    unsigned connections; /* at most; fewer where descriptors are few */
};

struct web_server_callbacks {
    /* The most bytes that a body of this request may have; 0: it has none. */
    size_t (*room)(void *arg, const struct web_request *request);
    /* Answers, or sets `later`. */
    void (*ask)(void *arg, const struct web_request *request, struct web_answer *out);
    /* What was refused before it could be asked: the status. */
    void (*refused)(void *arg, int status);
    /* All that was pushed to a stream has been sent; whoever had it is gone. */
    void (*drained)(void *arg, uint64_t ticket);
    void (*gone)(void *arg, uint64_t ticket);
};

struct web_server_figures {
    unsigned open, most;
    uint64_t accepted, too_slow, not_accepted;
};

/* NULL when it cannot listen there; errno says why. `host` is a name or an address of this machine. */
struct web_server *web_server_new(struct loop *loop, const struct web_server_options *options,
                                  const struct web_server_callbacks *callbacks, void *arg);
void web_server_free(struct web_server *server);

/* Connections that come from now on speak TLS; NULL: they do not. Borrowed until the next. */
void web_server_set_tls(struct web_server *server, struct web_tls *tls);

/* Answers what was to be answered later. The answer stays the caller's, but for its file. False: whoever asked is
 * gone. */
bool web_server_answer(struct web_server *server, uint64_t ticket, struct web_answer *answer);

/* Asks once more, with `noted`, what was to be answered later. False: whoever asked is gone. */
bool web_server_ask_again(struct web_server *server, uint64_t ticket);

/*
 * A stream is an answer with `stream` set: it is open from the answer on, without a bound of time but that what is
 * pushed is taken whole within a minute. `gone` is not called for one that web_server_end_stream, or a push that
 * fails, has ended.
 */
/* Sends more. Nothing is copied. False: it is not there, or could not take it and has ended. `drained` comes where not all was sent at
 * once. */
bool web_server_push(struct web_server *server, uint64_t ticket, struct web_chunk *chunk);
/* What of it was not taken yet, beside what lies in the kernel (128 KiB at most). */
size_t web_server_unsent(const struct web_server *server, uint64_t ticket);
/* Ends it: what was pushed is sent yet where `politely`. */
void web_server_end_stream(struct web_server *server, uint64_t ticket, bool politely);

struct web_server_figures web_server_figures(const struct web_server *server);

#endif
