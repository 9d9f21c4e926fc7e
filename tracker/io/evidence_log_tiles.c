/*
 * Tiles are made of the hashes in memory, bundles of the entries. A full one is written once; the one at the end of its level is
 * written for each checkpoint under its width, and those go when it is full: whoever has an older checkpoint finds it in the full one.
 */
#include "evidence_log_state.h"

#include "evidence_file.h"
#include "failpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

/* The hashes of a tile, or with TLOG_TILE_ENTRIES the entries of a bundle. */
static bool fill(struct evidence_log *log, int level, uint64_t n, unsigned width, struct buf *out)
{
    struct buf entry;
    uint64_t first = n * TLOG_TILE_HASHES;
    buf_clear(out);
    if (level != TLOG_TILE_ENTRIES) {
        assert(first + width <= log->levels[level].count);
        buf_put(out, log->levels[level].hashes + first, width * sizeof(struct tlog_hash));
        return buf_ok(out);
    }
    buf_init(&entry, TLOG_ENTRY_MAX);
    bool ok = true;
    for (unsigned i = 0; i < width && ok; i++) {
        ok = evidence_log_entry(log, first + i, &entry);
        if (ok)
            tlog_bundle_put(out, buf_text(&entry));
    }
    buf_fini(&entry);
    return ok && buf_ok(out);
}

static bool put(struct evidence_log *log, int level, uint64_t n, unsigned width)
{
    char path[TLOG_PATH_MAX], below[TLOG_PATH_MAX + 8];
    struct buf bytes;
    buf_init(&bytes, TLOG_TILE_HASHES * (size_t)(TLOG_ENTRY_MAX + 2));
    tlog_tile_path(level, n, width, path);
    snprintf(below, sizeof below, "log/%s", path);
    bool ok =
        fill(log, level, n, width, &bytes) && evidence_file_put(log->root, below, buf_text(&bytes), 0444);
    buf_fini(&bytes);
    return ok;
}

static bool drop_partial(struct evidence_log *log, int level, uint64_t n)
{
    char path[TLOG_PATH_MAX], below[TLOG_PATH_MAX + 8];
    bool ok = true;
    for (unsigned width = 1; width < TLOG_TILE_HASHES && ok; width++) {
        tlog_tile_path(level, n, width, path);
        snprintf(below, sizeof below, "log/%s", path);
        ok = evidence_file_drop(log->root, below);
    }
    return ok;
}

/* Of a level with `count` hashes, those that were not all there when it had `before`. */
static bool put_level(struct evidence_log *log, int level, uint64_t before, uint64_t count)
{
    for (uint64_t n = before / TLOG_TILE_HASHES; n < count / TLOG_TILE_HASHES; n++)
        if (!put(log, level, n, TLOG_TILE_HASHES) || !drop_partial(log, level, n))
            return false;
    unsigned rest = (unsigned)(count % TLOG_TILE_HASHES);
    return rest == 0 || put(log, level, count / TLOG_TILE_HASHES, rest);
}

bool evidence_log_put_tiles(struct evidence_log *log, uint64_t before)
{
    if (!put_level(log, TLOG_TILE_ENTRIES, before, log->size))
        return false;
    for (int level = 0; level < TLOG_TILE_LEVELS && tlog_tile_hashes(log->size, (unsigned)level) > 0;
         level++) {
        failpoint_pass("evidence_tile");
        if (!put_level(log, level, tlog_tile_hashes(before, (unsigned)level),
                       tlog_tile_hashes(log->size, (unsigned)level)))
            return false;
    }
    return true;
}
