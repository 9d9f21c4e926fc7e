/*
 * http_request: the head of an HTTP/1 request, as far as a few small pages need it (RFC 9112).
 *
 * A request line and headers up to an empty line. Of the headers only those that announce a body matter, since a
 * body is refused. Lines may end in LF alone. What follows the head is not looked at: one connection, one
 * answer.
 *
 * The gateway's reader (web_head.h) is another one on purpose. That one stands behind proxies and has connections that go on, so it
 * refuses all that two readers might understand differently, and makes what handlers need. Here one request ends the connection, so
 * none can be hidden in another; whoever asks is a monitor, or a person with `printf` and `nc`: without Host, with lines that end in
 * LF. And the tracker's own page needs nothing of the gateway's rooms.
 */
#ifndef MW_HTTP_REQUEST_H
#define MW_HTTP_REQUEST_H

#include "buf.h"
#include "text.h"

#include <stdbool.h>

/* The longest head that is looked at, in bytes. */
enum { HTTP_HEAD_MAX = 4096 };

struct http_request {
    bool head_only;   /* HEAD: the answer's body is left out */
    struct text path; /* without the query; borrowed */
};

/* 0: the head is not whole yet; 200; or the status code that refuses it: 400, 405, 413, 431, 505. */
int http_request_read(struct text bytes, struct http_request *out);

/* The head of an answer of so many bytes, after which the connection is closed. */
void http_write_head(int code, const char *content_type, size_t length, struct buf *out);

#endif
