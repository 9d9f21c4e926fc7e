#include "whole_file.h"

#include "fd_whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

static int fail(const char *command, const char *path, int error, int code)
{
    fprintf(stderr, "%s: %s: %s\n", command, path, strerror(error));
    return code;
}

int whole_file_put(const char *command, const char *path, struct text bytes, unsigned mode)
{
    char beside[PATH_BYTES];
    if (snprintf(beside, sizeof beside, "%s.part", path) >= (int)sizeof beside)
        return fail(command, path, ENAMETOOLONG, EX_USAGE);
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return fail(command, beside, errno, EX_CANTCREAT);
    bool ok = fd_write_whole(fd, bytes) && fsync(fd) == 0;
    int error = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        error = errno;
    }
    if (ok && rename(beside, path) == 0)
        return EX_OK;
    error = ok ? errno : error;
    unlink(beside);
    return fail(command, path, error, EX_IOERR);
}
