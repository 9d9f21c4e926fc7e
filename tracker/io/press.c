#include "press.h"

#include <stdlib.h>

#include <zstd.h>

/* Of the levels 1 to 12 the one behind which bytes of tracks hardly shrink any more: of chunks of 90 fixes with sensors it makes
 * 17.3 bytes a fix in 1.4 us, level 9 17.3 in 2.7, level 5 18.5 in 1.1. */
enum { LEVEL = 6, LEVEL_TO_PASS = 1 };

struct press {
    ZSTD_CCtx *packing;
    ZSTD_DCtx *unpacking;
    ZSTD_CDict *to;
    ZSTD_DDict *from;
};

static bool set(struct press *p, ZSTD_cParameter parameter, int value)
{
    return !ZSTD_isError(ZSTD_CCtx_setParameter(p->packing, parameter, value));
}

struct press *press_new(struct text dictionary, enum press_for what)
{
    struct press *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    int level = what == PRESS_TO_KEEP ? LEVEL : LEVEL_TO_PASS;
    p->packing = ZSTD_createCCtx();
    p->unpacking = ZSTD_createDCtx();
    bool ok = p->packing != NULL && p->unpacking != NULL;
    if (ok && dictionary.len > 0) {
        p->to = ZSTD_createCDict(dictionary.data, dictionary.len, level);
        p->from = ZSTD_createDDict(dictionary.data, dictionary.len);
        ok = p->to != NULL && p->from != NULL && !ZSTD_isError(ZSTD_CCtx_refCDict(p->packing, p->to));
    }
    if (ok && set(p, ZSTD_c_compressionLevel, level) &&
        /* What is kept with a dictionary has a hash of its own. */
        set(p, ZSTD_c_checksumFlag, what == PRESS_TO_PASS || dictionary.len == 0))
        return p;
    press_free(p);
    return NULL;
}

void press_free(struct press *p)
{
    if (p == NULL)
        return;
    ZSTD_freeCCtx(p->packing);
    ZSTD_freeDCtx(p->unpacking);
    ZSTD_freeCDict(p->to);
    ZSTD_freeDDict(p->from);
    free(p);
}

bool press_pack(struct press *p, struct text in, struct buf *out)
{
    size_t most = ZSTD_compressBound(in.len);
    buf_clear(out);
    char *to = buf_reserve(out, most);
    if (to == NULL)
        return false;
    size_t n = ZSTD_compress2(p->packing, to, most, in.data, in.len);
    if (ZSTD_isError(n))
        return false;
    out->len = n;
    return true;
}

bool press_unpack(struct press *p, struct text in, struct buf *out)
{
    unsigned long long size = ZSTD_getFrameContentSize(in.data, in.len);
    buf_clear(out);
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > out->limit)
        return false;
    char *to = buf_reserve(out, (size_t)size + 1);
    if (to == NULL)
        return false;
    size_t n = p->from != NULL
                   ? ZSTD_decompress_usingDDict(p->unpacking, to, (size_t)size, in.data, in.len, p->from)
                   : ZSTD_decompressDCtx(p->unpacking, to, (size_t)size, in.data, in.len);
    if (ZSTD_isError(n) || n != size)
        return false;
    out->len = n;
    return true;
}
