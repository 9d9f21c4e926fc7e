/* unix_claim: sockets with a name in the file system. */
#ifndef MW_UNIX_CLAIM_H
#define MW_UNIX_CLAIM_H

#include <stdbool.h>
#include <sys/un.h>

/* False with ENAMETOOLONG. */
bool unix_address(const char *path, struct sockaddr_un *out);
/* A socket of `type` (SOCK_STREAM, SOCK_DGRAM) under that name, for owner and group, that does not block: -1 with errno. The name of
 * one that nobody listens at any more is taken; EADDRINUSE where somebody does. */
int unix_claim(const struct sockaddr_un *at, int type);

#endif
