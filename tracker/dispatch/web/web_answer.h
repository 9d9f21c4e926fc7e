/*
 * web_answer: an answer as a plain struct: status, fields, and a body that is bytes, a stretch of a file, or to
 * come later.
 */
#ifndef MW_WEB_ANSWER_H
#define MW_WEB_ANSWER_H

#include "buf.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

/* The most bytes of an answer that is made in memory, and of its fields. */
#define WEB_ANSWER_MAX ((size_t)16 << 20)
enum { WEB_ANSWER_FIELDS_MAX = 4096 };

struct web_answer {
    int status;
    const char *type;  /* of the content; NULL: none is said */
    struct buf fields; /* whole lines, each with its CRLF; by web_answer_field */
    struct buf body;
    int file; /* a descriptor that the server takes over and sends from; -1: none, the body counts */
    uint64_t file_at, file_length;
    unsigned *file_count; /* where such files are counted while they are being sent; NULL: nobody counts */
    struct text
        pictures_from; /* another server that a page may ask for pictures: SCHEME://HOST; empty: none */
    bool stream; /* the body begins it, and goes on until one side ends the connection (web_server_push) */
    bool later;  /* nothing is answered yet: whoever set this does it by the request's ticket */
};

void web_answer_init(struct web_answer *answer);
void web_answer_fini(struct web_answer *answer);
/* Empties it for the next request; its memory stays, but for a body that was large. */
void web_answer_clear(struct web_answer *answer);

/* Adds a field. One whose value has a control character would be two fields: it fails the answer. */
void web_answer_field(struct web_answer *answer, const char *name, struct text value);

/* Whether it can be sent as it is. */
bool web_answer_ok(const struct web_answer *answer);

/* The bytes that follow the head. */
uint64_t web_answer_length(const struct web_answer *answer);

/*
 * The head, up to its empty line. Every answer carries the fields that keep a browser from guessing, framing and
 * telling others where it was. `closes`: the connection ends with it.
 */
void web_answer_write_head(const struct web_answer *answer, bool closes, bool secret, struct buf *out);

#endif
