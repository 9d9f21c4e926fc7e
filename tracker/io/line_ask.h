/*
 * line_ask: a question to a line_socket, and its answer: a line, and so many bytes behind it. It blocks, so it is for a thread.
 *
 * An answer that keeps still for LINE_ASK_PATIENCE_S is given up. line_ask_end may be called from another thread, and whoever
 * waits then fails at once.
 */
#ifndef MW_LINE_ASK_H
#define MW_LINE_ASK_H

#include "buf.h"

enum { LINE_ASK_PATIENCE_S = 60, LINE_ASK_LINE_MAX = 1 << 20, LINE_ASK_SHA256 = 32 };
#define LINE_ASK_BYTES_MAX ((uint64_t)1 << 30)

struct line_ask;

/* Connected, without waiting for that. NULL with errno: EAGAIN where too many wait there. */
struct line_ask *line_ask_new(const char *path);
void line_ask_free(struct line_ask *a); /* takes NULL */
void line_ask_end(struct line_ask *a);
/* Another patience than LINE_ASK_PATIENCE_S. False with errno. */
bool line_ask_wait(struct line_ask *a, unsigned seconds);
/* Sends a question, without its line feed, and appends the line of its answer, without its own. False with errno. */
bool line_ask_line(struct line_ask *a, struct text question, struct buf *out_line);
/* The bytes behind it, appended. False with errno: EPROTO where more came. */
bool line_ask_bytes(struct line_ask *a, uint64_t bytes, struct buf *out);
/* The same, in a file of TMPDIR, else /tmp, that has no name; its descriptor is the caller's. -1 with errno: EFBIG above
 * LINE_ASK_BYTES_MAX, EBADMSG where their SHA-256 is another. */
int line_ask_file(struct line_ask *a, uint64_t bytes, const unsigned char sha256[LINE_ASK_SHA256]);

#endif
