#include "feed_log.h"

#include <assert.h>
#include <stdlib.h>

/* Items of a block, which is taken with its first item and given back behind its last; blocks of a ring at first. */
enum { BLOCK = 16, BLOCKS_MIN = 4 };

/* A ring of blocks. Items are later than `base`, and each is later than the one before it. */
struct stream_log {
    struct feed_item **blocks;
    size_t cap;           /* of blocks: a power of two, or 0 */
    size_t first, count;  /* items */
    struct entry_id base; /* what came next after it is the first item, or not told yet */
};

struct feed_log {
    struct feed_place end;
    struct stream_log *streams; /* FEED_STREAM_COUNT for each partition */
    size_t bytes, bytes_max;    /* of texts, of whole blocks and of the rings */
};

const char *feed_kind_word(enum feed_kind kind)
{
    static const char *const words[FEED_KIND_COUNT] = {"nothing", "alert", "action", "shift", "world"};
    return words[kind];
}

static struct feed_item *at(const struct stream_log *s, size_t i)
{
    size_t n = s->first + i;
    return &s->blocks[n / BLOCK & (s->cap - 1)][n % BLOCK];
}

static size_t blocks_used(const struct stream_log *s)
{
    return s->count == 0 ? 0 : (s->first % BLOCK + s->count + BLOCK - 1) / BLOCK;
}

/* Without memory it stays as it is. */
static bool resize(struct feed_log *log, struct stream_log *s, size_t cap)
{
    size_t used = blocks_used(s);
    assert(used <= cap);
    struct feed_item **blocks = malloc(cap * sizeof *blocks);
    if (blocks == NULL)
        return false;
    for (size_t i = 0; i < used; i++)
        blocks[i] = s->blocks[(s->first / BLOCK + i) & (s->cap - 1)];
    free(s->blocks);
    log->bytes = log->bytes - s->cap * sizeof *blocks + cap * sizeof *blocks;
    s->blocks = blocks;
    s->cap = cap;
    s->first %= BLOCK;
    return true;
}

static void drop_ring(struct feed_log *log, struct stream_log *s)
{
    free(s->blocks);
    log->bytes -= s->cap * sizeof *s->blocks;
    s->blocks = NULL;
    s->cap = s->first = 0;
}

static void drop_first(struct feed_log *log, struct stream_log *s)
{
    struct feed_item *item = at(s, 0), *block = item - s->first % BLOCK;
    log->bytes -= item->len;
    s->base = item->id;
    free(item->bytes);
    s->first = (s->first + 1) & (s->cap * BLOCK - 1);
    s->count--;
    if (s->count > 0 && s->first % BLOCK != 0)
        return;
    free(block);
    log->bytes -= BLOCK * sizeof *block;
    if (s->count == 0)
        drop_ring(log, s);
    else if (s->cap > BLOCKS_MIN && blocks_used(s) <= s->cap / 4)
        resize(log, s, s->cap / 2);
}

struct feed_log *feed_log_new(const uint32_t *partitions, size_t count, size_t bytes_max)
{
    assert(count <= FEED_PARTITIONS_MAX);
    struct feed_log *log = calloc(1, sizeof *log);
    if (log == NULL)
        return NULL;
    log->bytes_max = bytes_max;
    log->end.count = count;
    log->end.parts = calloc(count + 1, sizeof *log->end.parts);
    log->streams = calloc(count * FEED_STREAM_COUNT + 1, sizeof *log->streams);
    if (log->end.parts == NULL || log->streams == NULL) {
        feed_log_free(log);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        log->end.parts[i].partition = partitions[i];
    return log;
}

void feed_log_clear(struct feed_log *log)
{
    for (size_t i = 0; i < log->end.count * FEED_STREAM_COUNT; i++) {
        struct stream_log *s = &log->streams[i];
        while (s->count > 0)
            drop_first(log, s);
        drop_ring(log, s);
        *s = (struct stream_log){0};
        log->end.parts[i / FEED_STREAM_COUNT].at[i % FEED_STREAM_COUNT] = (struct entry_id){0};
    }
}

void feed_log_free(struct feed_log *log)
{
    if (log == NULL)
        return;
    if (log->streams != NULL && log->end.parts != NULL)
        feed_log_clear(log);
    free(log->end.parts);
    free(log->streams);
    free(log);
}

/* ---- putting ---- */

/* A block for the item that comes next, where there is none yet. */
static bool make_room(struct feed_log *log, struct stream_log *s)
{
    size_t used = blocks_used(s);
    if (s->first % BLOCK + s->count < used * BLOCK)
        return true;
    if (used == s->cap && !resize(log, s, s->cap == 0 ? BLOCKS_MIN : 2 * s->cap))
        return false;
    struct feed_item *block = malloc(BLOCK * sizeof *block);
    if (block == NULL)
        return false;
    s->blocks[(s->first / BLOCK + used) & (s->cap - 1)] = block;
    log->bytes += BLOCK * sizeof *block;
    return true;
}

/* The stream whose first item is the oldest of all. NULL: there is none. */
static struct stream_log *oldest(const struct feed_log *log)
{
    struct stream_log *found = NULL;
    for (size_t i = 0; i < log->end.count * FEED_STREAM_COUNT; i++) {
        struct stream_log *s = &log->streams[i];
        if (s->count > 0 && (found == NULL || entry_id_compare(at(s, 0)->id, at(found, 0)->id) < 0))
            found = s;
    }
    return found;
}

static bool add(struct feed_log *log, struct stream_log *s, const struct feed_item *item)
{
    struct feed_item own = *item;
    own.bytes = item->len > 0 ? malloc(item->len) : NULL;
    if ((item->len > 0 && own.bytes == NULL) || !make_room(log, s)) {
        free(own.bytes);
        return false;
    }
    if (item->len > 0)
        memcpy(own.bytes, item->bytes, item->len);
    s->count++;
    *at(s, s->count - 1) = own;
    log->bytes += own.len;
    return true;
}

void feed_log_put(struct feed_log *log, size_t part, enum feed_stream stream, const struct feed_item *item)
{
    struct stream_log *s = &log->streams[part * FEED_STREAM_COUNT + stream];
    struct entry_id *end = &log->end.parts[part].at[stream];
    assert(entry_id_compare(*end, item->id) < 0);
    *end = item->id;
    if (!add(log, s, item)) {
        while (s->count > 0)
            drop_first(log, s);
        s->base = item->id;
    }
    while (log->bytes > log->bytes_max && (s = oldest(log)) != NULL)
        drop_first(log, s);
}

const struct feed_place *feed_log_end(const struct feed_log *log)
{
    return &log->end;
}

size_t feed_log_bytes(const struct feed_log *log)
{
    return log->bytes;
}

/* ---- reading ---- */

/* How many items are not later than an id. */
static size_t up_to(const struct stream_log *s, struct entry_id id)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (entry_id_compare(at(s, middle)->id, id) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum feed_resume resume_one(const struct stream_log *s, struct entry_id end, struct entry_id id)
{
    if (entry_id_compare(id, s->base) == 0)
        return FEED_GOES_ON;
    if (entry_id_compare(id, end) > 0)
        return FEED_AHEAD;
    size_t n = up_to(s, id);
    if (n == 0)
        return FEED_TRIMMED;
    return entry_id_compare(at(s, n - 1)->id, id) == 0 ? FEED_GOES_ON : FEED_STRANGE;
}

enum feed_resume feed_log_resume(const struct feed_log *log, const struct feed_place *place)
{
    for (size_t p = 0; p < log->end.count; p++)
        for (enum feed_stream s = 0; s < FEED_STREAM_COUNT; s++) {
            enum feed_resume how = resume_one(&log->streams[p * FEED_STREAM_COUNT + s],
                                              log->end.parts[p].at[s], place->parts[p].at[s]);
            if (how != FEED_GOES_ON)
                return how;
        }
    return FEED_GOES_ON;
}

const struct feed_item *feed_log_next(const struct feed_log *log, struct feed_place *place)
{
    const struct feed_item *found = NULL;
    struct entry_id *of = NULL;
    for (size_t p = 0; p < log->end.count; p++)
        for (enum feed_stream s = 0; s < FEED_STREAM_COUNT; s++) {
            const struct stream_log *list = &log->streams[p * FEED_STREAM_COUNT + s];
            struct entry_id *id = &place->parts[p].at[s];
            if (entry_id_compare(*id, log->end.parts[p].at[s]) >= 0)
                continue;
            size_t n = up_to(list, *id);
            if (n < list->count && (found == NULL || entry_id_compare(at(list, n)->id, found->id) < 0)) {
                found = at(list, n);
                of = id;
            }
        }
    if (found != NULL)
        *of = found->id;
    return found;
}
