#define _GNU_SOURCE /* SOCK_NONBLOCK, SOCK_CLOEXEC */
#include "unix_claim.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

bool unix_address(const char *path, struct sockaddr_un *out)
{
    size_t length = strlen(path);
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (length >= sizeof out->sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(out->sun_path, path, length);
    return true;
}

/* A socket that nobody listens at any more refuses; one with too many waiting is not to be waited for. */
static bool is_alive(const struct sockaddr_un *at, int type)
{
    int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool alive = fd >= 0 && (connect(fd, (const struct sockaddr *)at, sizeof *at) == 0 || errno == EAGAIN);
    if (fd >= 0)
        close(fd);
    return alive;
}

int unix_claim(const struct sockaddr_un *at, int type)
{
    if (is_alive(at, type)) {
        errno = EADDRINUSE;
        return -1;
    }
    unlink(at->sun_path);
    int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* The mode before the name as well: there is no moment at which others may use it. */
    if (fd < 0 || (fchmod(fd, 0660) == 0 && bind(fd, (const struct sockaddr *)at, sizeof *at) == 0 &&
                   chmod(at->sun_path, 0660) == 0))
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}
