#include "tlog_tile.h"

#include <assert.h>
#include <stdio.h>

void tlog_tile_path(int level, uint64_t n, unsigned width, char out[TLOG_PATH_MAX])
{
    char place[32], *at = place + sizeof place - 1;
    assert(level >= TLOG_TILE_ENTRIES && level < TLOG_TILE_LEVELS);
    assert(width >= 1 && width <= TLOG_TILE_HASHES && n <= TLOG_SIZE_MAX / TLOG_TILE_HASHES);
    *at = '\0';
    for (bool last = true; last || n > 0; last = false, n /= 1000) {
        unsigned part = (unsigned)(n % 1000);
        if (!last)
            *--at = '/';
        for (unsigned i = 0; i < 3; i++, part /= 10)
            *--at = (char)('0' + part % 10);
        if (!last)
            *--at = 'x';
    }
    int len = level == TLOG_TILE_ENTRIES ? snprintf(out, TLOG_PATH_MAX, "tile/entries/%s", at)
                                         : snprintf(out, TLOG_PATH_MAX, "tile/%d/%s", level, at);
    assert(len > 0 && len < TLOG_PATH_MAX - 8);
    if (width < TLOG_TILE_HASHES)
        snprintf(out + len, TLOG_PATH_MAX - (size_t)len, ".p/%u", width);
}

void tlog_bundle_put(struct buf *out, struct text entry)
{
    assert(entry.len <= TLOG_ENTRY_MAX);
    buf_put_char(out, (char)(entry.len >> 8));
    buf_put_char(out, (char)(entry.len & 0xff));
    buf_put_text(out, entry);
}

bool tlog_bundle_take(struct text *bundle, struct text *out_entry)
{
    if (bundle->len < 2)
        return false;
    size_t len = (size_t)(unsigned char)bundle->data[0] << 8 | (unsigned char)bundle->data[1];
    if (bundle->len - 2 < len)
        return false;
    *out_entry = (struct text){bundle->data + 2, len};
    *bundle = (struct text){bundle->data + 2 + len, bundle->len - 2 - len};
    return true;
}
