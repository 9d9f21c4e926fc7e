/*
 * fake_disk: a folder in memory that knows what has been synced, so that a test can cut its power.
 *
 * After power_cut() a file has what was synced, and of what was written since, block by block of 512 bytes
 * and cut at any byte, something, nothing or rubbish; names made or removed since the last sync_names may or
 * may not be there.
 */
#ifndef MW_FAKE_DISK_H
#define MW_FAKE_DISK_H

#include "journal_disk.h"

#include <stdbool.h>

enum { FAKE_FILES_MAX = 2048 };

struct fake_file {
    char name[40];
    bool exists, existed; /* now; on the medium for certain */
    uint8_t *now, *synced;
    size_t size, synced_size, cap, synced_cap;
};

struct fake_disk {
    struct fake_file files[FAKE_FILES_MAX];
    int count;
    uint64_t random;
    int64_t space;              /* bytes that may still be added, -1: no limit */
    int write_errno;            /* when not 0 every write fails with it */
    int sync_errno;             /* as well for sync */
    int interrupt_each, writes; /* of so many writes one is interrupted; 0: none */
    bool locked;
    unsigned syncs;
};

void fake_disk_init(struct fake_disk *d, uint64_t seed);
void fake_disk_fini(struct fake_disk *d);
/* The table for a journal; the folder outlives the journal. */
struct journal_disk fake_disk_open(struct fake_disk *d);
void fake_disk_power_cut(struct fake_disk *d);
struct fake_file *fake_disk_find(struct fake_disk *d, const char *name);

#endif
