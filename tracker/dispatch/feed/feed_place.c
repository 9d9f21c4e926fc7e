#include "feed_place.h"

void feed_place_write(const struct feed_place *place, struct buf *out)
{
    for (size_t i = 0; i < place->count; i++) {
        const struct feed_part *part = &place->parts[i];
        if (i > 0)
            buf_put_char(out, '_');
        buf_put_u64(out, part->partition);
        for (enum feed_stream s = 0; s < FEED_STREAM_COUNT; s++) {
            buf_put_char(out, '.');
            buf_put_i64(out, part->at[s].ms);
            if (part->at[s].n == 0)
                continue;
            buf_put_char(out, '-');
            buf_put_u64(out, part->at[s].n);
        }
    }
}

/* The text up to a mark, or to the end. */
static struct text cut(struct text *t, char mark)
{
    size_t n = 0;
    while (n < t->len && t->data[n] != mark)
        n++;
    struct text head = {t->data, n};
    n += n < t->len;
    *t = (struct text){t->data + n, t->len - n};
    return head;
}

static bool read_digits(struct text t, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;
    if (t.len == 0 || t.len > 20 || (t.len > 1 && t.data[0] == '0'))
        return false;
    for (size_t i = 0; i < t.len; i++) {
        if (t.data[i] < '0' || t.data[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(t.data[i] - '0');
        if (v > (max - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}

static bool read_id(struct text t, struct entry_id *out)
{
    uint64_t ms, n = 0;
    bool has_n = memchr(t.data, '-', t.len) != NULL;
    if (!read_digits(cut(&t, '-'), INT64_MAX, &ms) || (has_n && (!read_digits(t, UINT64_MAX, &n) || n == 0)))
        return false;
    *out = (struct entry_id){(int64_t)ms, n};
    return true;
}

static bool read_part(struct text t, struct feed_part *out)
{
    uint64_t partition;
    if (!read_digits(cut(&t, '.'), UINT32_MAX, &partition))
        return false;
    out->partition = (uint32_t)partition;
    for (enum feed_stream s = 0; s < FEED_STREAM_COUNT; s++)
        if (t.len == 0 || !read_id(cut(&t, '.'), &out->at[s]))
            return false;
    return t.len == 0;
}

static struct feed_part *part_of(struct feed_place *place, uint32_t partition)
{
    for (size_t i = 0; i < place->count; i++)
        if (place->parts[i].partition == partition)
            return &place->parts[i];
    return NULL;
}

enum feed_place_read feed_place_read(struct text t, struct feed_place *place)
{
    struct feed_part one;
    size_t known = 0, count = 0;
    if (t.len == 0 || t.len > FEED_PLACE_TEXT_MAX || t.data[t.len - 1] == '_' || t.data[t.len - 1] == '.')
        return FEED_PLACE_NONE;
    while (t.len > 0) {
        if (++count > FEED_PARTITIONS_MAX || !read_part(cut(&t, '_'), &one))
            return FEED_PLACE_NONE;
        struct feed_part *own = part_of(place, one.partition);
        known += own != NULL;
        if (own != NULL)
            *own = one;
    }
    return known == place->count && count == place->count ? FEED_PLACE_OK : FEED_PLACE_OTHER;
}
