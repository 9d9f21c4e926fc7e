/*
 * journal_disk: what the journal asks of a disk: one folder of files, as a table of functions.
 *
 * The table exists so that a test can stand in for the disk, know what has been synced, cut the power and
 * fill the volume. Every function returns 0 (or a count, or a handle) or a negated errno. Nothing else of the
 * journal touches files.
 */
#ifndef MW_JOURNAL_DISK_H
#define MW_JOURNAL_DISK_H

#include <stddef.h>
#include <stdint.h>

struct journal_disk {
    void *context;
    /* Claims the folder for this process, until close_all; -EAGAIN where another one has it. */
    int (*lock)(void *context);
    /* Calls `each` with every file's name, in no order. */
    int (*list)(void *context, void (*each)(void *arg, const char *name), void *arg);
    /* A handle for reading and writing; makes the file where there is none. */
    int (*open)(void *context, const char *name);
    int64_t (*size)(void *context, int file);
    /* May read or write less than asked, as the system's calls do. */
    int64_t (*read)(void *context, int file, uint64_t at, void *out, size_t n);
    int64_t (*write)(void *context, int file, uint64_t at, const void *bytes, size_t n);
    /* Contents on the medium when it returns 0. */
    int (*sync)(void *context, int file);
    /* Names made and removed on the medium when it returns 0. */
    int (*sync_names)(void *context);
    int (*remove)(void *context, const char *name);
    void (*close)(void *context, int file);
    /* Gives the folder back and frees the context. */
    void (*close_all)(void *context);
};

#endif
