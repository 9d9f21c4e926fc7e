/*
 * line_socket: a Unix stream socket that is asked a line at a time and answers in order.
 *
 * A line has at most LINE_SOCKET_MAX bytes; a longer one ends the connection. So does one that has nothing to say for a minute. The
 * socket is 0660: who may ask is who may open it, by its folder and group.
 */
#ifndef MW_LINE_SOCKET_H
#define MW_LINE_SOCKET_H

#include "buf.h"
#include "loop.h"

enum { LINE_SOCKET_MAX = 65536, LINE_SOCKET_PEERS = 16 };

struct line_socket;
/* Appends the answer to a line (without its line feed); both are borrowed for the call. `uid` is the asker's. False ends the
 * connection once the answer is out. */
typedef bool line_socket_asked(void *arg, struct text line, unsigned uid, struct buf *answer);

/* One that a process left behind is replaced, one that lives is not. NULL with errno. */
struct line_socket *line_socket_new(struct loop *loop, const char *path, line_socket_asked *asked, void *arg);
void line_socket_free(struct line_socket *s);

#endif
