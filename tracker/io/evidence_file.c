/*
 * A file is written beside its place under a name of its own, synced, and renamed; then the folder is synced. What a kill leaves
 * is a file named .new-…, which the next one of that process' number writes over or which stays and means nothing.
 */
#include "evidence_file.h"

#include "fd_whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

static bool join(char out[PATH_BYTES], const char *root, const char *path)
{
    int len = snprintf(out, PATH_BYTES, "%s/%s", root, path);
    if (len > 0 && len < PATH_BYTES)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

/* The folder above what a path names; false where it has none. */
static bool cut_last(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return false;
    *slash = '\0';
    return true;
}

static bool make_folder(const char *path)
{
    char above[PATH_BYTES];
    if (mkdir(path, 0750) != 0)
        return errno == EEXIST;
    snprintf(above, sizeof above, "%s", path);
    return !cut_last(above) || folder_sync(above);
}

bool evidence_file_folders(const char *root, const char *path)
{
    char full[PATH_BYTES];
    if (!join(full, root, path))
        return false;
    for (char *slash = strchr(full + strlen(root) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool ok = make_folder(full);
        *slash = '/';
        if (!ok)
            return false;
    }
    return true;
}

static bool write_new(const char *path, struct text bytes, unsigned mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    bool ok = fd_write_whole(fd, bytes) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    int error = errno;
    ok = close(fd) == 0 && ok;
    if (!ok) {
        unlink(path);
        errno = error;
    }
    return ok;
}

bool evidence_file_put(const char *root, const char *path, struct text bytes, unsigned mode)
{
    char full[PATH_BYTES], folder[PATH_BYTES], made[PATH_BYTES + 32];
    if (!join(full, root, path) || !evidence_file_folders(root, path))
        return false;
    memcpy(folder, full, sizeof folder);
    cut_last(folder);
    snprintf(made, sizeof made, "%s/.new-%ld", folder, (long)getpid());
    unlink(made);
    if (!write_new(made, bytes, mode))
        return false;
    if (rename(made, full) == 0)
        return folder_sync(folder);
    int error = errno;
    unlink(made);
    errno = error;
    return false;
}

static bool read_all(int fd, char *at, size_t left)
{
    while (left > 0) {
        ssize_t n = read(fd, at, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        left -= (size_t)n;
    }
    return true;
}

bool evidence_file_get(const char *root, const char *path, struct buf *out)
{
    char full[PATH_BYTES];
    if (!join(full, root, path))
        return false;
    int fd = open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    struct stat st;
    size_t size = fstat(fd, &st) == 0 && st.st_size >= 0 ? (size_t)st.st_size : SIZE_MAX;
    char *at = size < SIZE_MAX ? buf_reserve(out, size) : NULL;
    bool ok = at != NULL && read_all(fd, at, size);
    int error = at == NULL ? EFBIG : errno;
    out->len += ok ? size : 0;
    close(fd);
    errno = error;
    return ok;
}

bool evidence_file_drop(const char *root, const char *path)
{
    char full[PATH_BYTES];
    return join(full, root, path) && (unlink(full) == 0 || errno == ENOENT);
}
