#include "backlog.h"

#include "array.h"

#include <assert.h>
#include <stdlib.h>

enum {
    BYTES_MAX = 64 << 20,
    BYTES_KEPT = 1 << 20, /* memory that is kept for the next one */
};

void backlog_init(struct backlog *b)
{
    *b = (struct backlog){0};
    buf_init(&b->bytes, BYTES_MAX);
}

void backlog_fini(struct backlog *b)
{
    free(b->list);
    buf_fini(&b->bytes);
    *b = (struct backlog){0};
}

bool backlog_empty(const struct backlog *b)
{
    return b->next == b->count;
}

void backlog_clear(struct backlog *b)
{
    b->count = b->next = 0;
    buf_clear(&b->bytes);
    if (b->bytes.cap > BYTES_KEPT) {
        buf_fini(&b->bytes);
        buf_init(&b->bytes, BYTES_MAX);
    }
}

bool backlog_add(struct backlog *b, const struct message *m, const struct fix_reader *begun)
{
    if (!array_reserve(&b->list, &b->cap, b->count + 1, sizeof *b->list))
        return false;
    /* A larger one is refused for its size, and only its beginning is recorded. */
    size_t len = m->payload.len > FIX_PAYLOAD_MAX ? FIX_PAYLOAD_MAX + 1 : m->payload.len;
    struct backlog_message *kept = &b->list[b->count];
    *kept = (struct backlog_message){.topic_at = b->bytes.len,
                                     .topic_len = m->topic.len,
                                     .payload_at = b->bytes.len + m->topic.len,
                                     .payload_len = len,
                                     .qos = m->qos,
                                     .retain = m->retain,
                                     .begun = begun != NULL};
    if (begun != NULL)
        kept->reader = *begun;
    buf_put_text(&b->bytes, m->topic);
    buf_put(&b->bytes, m->payload.data, len);
    if (!buf_ok(&b->bytes))
        return false;
    b->count++;
    return true;
}

static struct text bytes_of(const struct backlog *b, size_t at, size_t len)
{
    return (struct text){len > 0 ? b->bytes.data + at : "", len};
}

bool backlog_first(const struct backlog *b, struct message *out, struct fix_reader *out_reader)
{
    assert(!backlog_empty(b));
    const struct backlog_message *m = &b->list[b->next];
    *out = (struct message){.topic = bytes_of(b, m->topic_at, m->topic_len),
                            .payload = bytes_of(b, m->payload_at, m->payload_len),
                            .qos = m->qos,
                            .retain = m->retain};
    if (m->begun) {
        *out_reader = m->reader;
        fix_reader_move(out_reader, out->payload.data);
    }
    return m->begun;
}

void backlog_cut(struct backlog *b, const struct fix_reader *reader)
{
    assert(!backlog_empty(b));
    b->list[b->next].begun = true;
    b->list[b->next].reader = *reader;
}

void backlog_pop(struct backlog *b)
{
    assert(!backlog_empty(b));
    if (++b->next == b->count)
        backlog_clear(b);
}
