/*
 * journal_folder: the journal's disk, over POSIX calls relative to the folder's descriptor. fdatasync writes
 * the size of a file that has grown as well (POSIX: whatever is needed to read the data back).
 */
#include "journal_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct disk {
    int folder;
    int lock;
    bool read_only;
};

static int disk_lock(void *context)
{
    struct disk *d = context;
    d->lock = openat(d->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (d->lock < 0)
        return -errno;
    if (flock(d->lock, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    return 0;
}

static int disk_list(void *context, void (*each)(void *arg, const char *name), void *arg)
{
    struct disk *d = context;
    int fd = openat(d->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL) {
        int error = errno;
        if (fd >= 0)
            close(fd);
        return -error;
    }
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        each(arg, e->d_name);
    closedir(dir);
    return 0;
}

static int disk_open(void *context, const char *name)
{
    struct disk *d = context;
    int flags = d->read_only ? O_RDONLY : O_RDWR | O_CREAT;
    int fd = openat(d->folder, name, flags | O_CLOEXEC | O_NOFOLLOW, 0640);
    return fd < 0 ? -errno : fd;
}

static int64_t disk_size(void *context, int file)
{
    (void)context;
    struct stat st;
    return fstat(file, &st) != 0 ? -errno : (int64_t)st.st_size;
}

static int64_t disk_read(void *context, int file, uint64_t at, void *out, size_t n)
{
    (void)context;
    ssize_t got = pread(file, out, n, (off_t)at);
    return got < 0 ? -errno : got;
}

static int64_t disk_write(void *context, int file, uint64_t at, const void *bytes, size_t n)
{
    (void)context;
    ssize_t put = pwrite(file, bytes, n, (off_t)at);
    return put < 0 ? -errno : put;
}

static int disk_sync(void *context, int file)
{
    (void)context;
    return fdatasync(file) != 0 ? -errno : 0;
}

static int disk_sync_names(void *context)
{
    struct disk *d = context;
    return fsync(d->folder) != 0 ? -errno : 0;
}

static int disk_remove(void *context, const char *name)
{
    struct disk *d = context;
    return unlinkat(d->folder, name, 0) != 0 ? -errno : 0;
}

static void disk_close(void *context, int file)
{
    (void)context;
    close(file);
}

static void disk_close_all(void *context)
{
    struct disk *d = context;
    if (d->lock >= 0)
        close(d->lock);
    close(d->folder);
    free(d);
}

static int open_folder(const char *path, bool read_only, struct journal_disk *out)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -errno;
    struct disk *d = malloc(sizeof *d);
    if (d == NULL) {
        close(folder);
        return -ENOMEM;
    }
    *d = (struct disk){.folder = folder, .lock = -1, .read_only = read_only};
    *out = (struct journal_disk){
        .context = d,
        .lock = disk_lock,
        .list = disk_list,
        .open = disk_open,
        .size = disk_size,
        .read = disk_read,
        .write = disk_write,
        .sync = disk_sync,
        .sync_names = disk_sync_names,
        .remove = disk_remove,
        .close = disk_close,
        .close_all = disk_close_all,
    };
    return 0;
}

int journal_folder_open(const char *path, struct journal_disk *out)
{
    if (mkdir(path, 0750) != 0 && errno != EEXIST)
        return -errno;
    return open_folder(path, false, out);
}

int journal_folder_open_to_read(const char *path, struct journal_disk *out)
{
    return open_folder(path, true, out);
}
