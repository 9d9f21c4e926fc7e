#include "fake_disk.h"

#include "random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fake_disk_init(struct fake_disk *d, uint64_t seed)
{
    *d = (struct fake_disk){.random = seed, .space = -1};
}

void fake_disk_fini(struct fake_disk *d)
{
    for (int i = 0; i < d->count; i++) {
        free(d->files[i].now);
        free(d->files[i].synced);
    }
    d->count = 0;
}

static void resize(uint8_t **bytes, size_t *cap, size_t size)
{
    if (size <= *cap)
        return;
    size_t grown = size * 2 + 4096;
    *bytes = realloc(*bytes, grown);
    if (*bytes == NULL)
        abort();
    memset(*bytes + *cap, 0, grown - *cap);
    *cap = grown;
}

struct fake_file *fake_disk_find(struct fake_disk *d, const char *name)
{
    for (int i = 0; i < d->count; i++)
        if (d->files[i].exists && strcmp(d->files[i].name, name) == 0)
            return &d->files[i];
    return NULL;
}

static int fake_lock(void *context)
{
    struct fake_disk *d = context;
    if (d->locked)
        return -EAGAIN;
    d->locked = true;
    return 0;
}

static int fake_list(void *context, void (*each)(void *arg, const char *name), void *arg)
{
    struct fake_disk *d = context;
    /* From the end: no order is promised. */
    for (int i = d->count - 1; i >= 0; i--)
        if (d->files[i].exists)
            each(arg, d->files[i].name);
    return 0;
}

static int fake_open(void *context, const char *name)
{
    struct fake_disk *d = context;
    struct fake_file *f = fake_disk_find(d, name);
    if (f != NULL)
        return (int)(f - d->files);
    int slot = 0;
    while (slot < d->count && (d->files[slot].exists || d->files[slot].existed))
        slot++;
    if (slot == d->count && d->count++ == FAKE_FILES_MAX)
        abort();
    f = &d->files[slot];
    free(f->now);
    free(f->synced);
    *f = (struct fake_file){.exists = true};
    snprintf(f->name, sizeof f->name, "%s", name);
    return slot;
}

static int64_t fake_size(void *context, int file)
{
    return (int64_t)((struct fake_disk *)context)->files[file].size;
}

static int64_t fake_read(void *context, int file, uint64_t at, void *out, size_t n)
{
    struct fake_file *f = &((struct fake_disk *)context)->files[file];
    if (at >= f->size)
        return 0;
    n = n < f->size - at ? n : f->size - (size_t)at;
    memcpy(out, f->now + at, n);
    return (int64_t)n;
}

static int64_t fake_write(void *context, int file, uint64_t at, const void *bytes, size_t n)
{
    struct fake_disk *d = context;
    struct fake_file *f = &d->files[file];
    if (d->write_errno != 0)
        return -d->write_errno;
    if (d->interrupt_each > 0 && ++d->writes % d->interrupt_each == 0)
        return -EINTR;
    size_t end = (size_t)at + n;
    size_t more = end > f->size ? end - f->size : 0;
    if (d->space >= 0 && more > (size_t)d->space) {
        more = (size_t)d->space;
        end = f->size + more;
        if (end <= at)
            return -ENOSPC;
        n = end - (size_t)at;
    }
    if (d->space >= 0)
        d->space -= (int64_t)more;
    resize(&f->now, &f->cap, end);
    memcpy(f->now + at, bytes, n);
    if (end > f->size)
        f->size = end;
    return (int64_t)n;
}

static int fake_sync(void *context, int file)
{
    struct fake_disk *d = context;
    struct fake_file *f = &d->files[file];
    if (d->sync_errno != 0)
        return -d->sync_errno;
    d->syncs++;
    resize(&f->synced, &f->synced_cap, f->size);
    if (f->size > 0)
        memcpy(f->synced, f->now, f->size);
    f->synced_size = f->size;
    return 0;
}

static int fake_sync_names(void *context)
{
    struct fake_disk *d = context;
    if (d->sync_errno != 0)
        return -d->sync_errno;
    for (int i = 0; i < d->count; i++)
        d->files[i].existed = d->files[i].exists;
    return 0;
}

static int fake_remove(void *context, const char *name)
{
    struct fake_disk *d = context;
    struct fake_file *f = fake_disk_find(d, name);
    if (f == NULL)
        return -ENOENT;
    f->exists = false;
    if (d->space >= 0)
        d->space += (int64_t)f->size;
    return 0;
}

static void fake_close(void *context, int file)
{
    (void)context;
    (void)file;
}

static void fake_close_all(void *context)
{
    ((struct fake_disk *)context)->locked = false;
}

struct journal_disk fake_disk_open(struct fake_disk *d)
{
    return (struct journal_disk){
        .context = d,
        .lock = fake_lock,
        .list = fake_list,
        .open = fake_open,
        .size = fake_size,
        .read = fake_read,
        .write = fake_write,
        .sync = fake_sync,
        .sync_names = fake_sync_names,
        .remove = fake_remove,
        .close = fake_close,
        .close_all = fake_close_all,
    };
}

/* What the medium holds of one block: the new bytes up to some point, and behind it the old ones or rubbish.
 */
static void cut_block(struct fake_disk *d, struct fake_file *f, size_t from, size_t to)
{
    uint64_t fate = random_below(&d->random, 8);
    size_t keep = fate < 3 ? to : fate < 5 ? from : from + (size_t)random_below(&d->random, to - from);
    for (size_t i = keep; i < to; i++) {
        bool was = i < f->synced_size;
        f->now[i] = was ? f->synced[i] : fate == 7 ? (uint8_t)random_u64(&d->random) : 0;
    }
}

static void cut_file(struct fake_disk *d, struct fake_file *f)
{
    bool same = f->size == f->synced_size && (f->size == 0 || memcmp(f->now, f->synced, f->size) == 0);
    if (same)
        return;
    size_t size = f->size;
    if (f->size > f->synced_size && random_below(&d->random, 2) == 0)
        size = f->synced_size + (size_t)random_below(&d->random, f->size - f->synced_size + 1);
    f->size = size;
    for (size_t at = 0; at < size; at += 512) {
        size_t to = at + 512 < size ? at + 512 : size;
        bool changed = to > f->synced_size || memcmp(f->now + at, f->synced + at, to - at) != 0;
        if (changed)
            cut_block(d, f, at, to);
    }
    resize(&f->synced, &f->synced_cap, f->size);
    if (f->size > 0)
        memcpy(f->synced, f->now, f->size);
    f->synced_size = f->size;
}

void fake_disk_power_cut(struct fake_disk *d)
{
    for (int i = 0; i < d->count; i++) {
        struct fake_file *f = &d->files[i];
        if (f->exists != f->existed)
            f->exists = random_below(&d->random, 2) == 0;
        f->existed = f->exists;
        if (f->exists)
            cut_file(d, f);
    }
    d->locked = false;
}
