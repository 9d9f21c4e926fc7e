/*
 * backlog: messages that were read and that the batch in hand had no room for, in the order they came; the first
 * may have been taken in part.
 *
 * They go into the next batches, and nothing more is read, and nothing that was read is answered, before the
 * last of them is durable. So the broker still has whatever is here, and a backlog may be given up at any time:
 * what was taken of it then comes again as duplicates.
 *
 * Its size is bounded by what the library reads past a hold (batch_in_hand.h): a full batch stops the reading.
 */
#ifndef MW_BACKLOG_H
#define MW_BACKLOG_H

#include "buf.h"
#include "fact.h"
#include "fix_json.h"

#include <stdbool.h>
#include <stddef.h>

struct backlog_message {
    size_t topic_at, topic_len, payload_at, payload_len; /* in backlog.bytes */
    int qos;
    bool retain;
    bool begun;               /* it was taken in part: */
    struct fix_reader reader; /* goes on from here, over the payload where it lay then */
};

struct backlog {
    struct backlog_message *list;
    size_t count, cap, next;
    struct buf bytes;
};

void backlog_init(struct backlog *b);
void backlog_fini(struct backlog *b);
bool backlog_empty(const struct backlog *b);
void backlog_clear(struct backlog *b);
/* Behind all others. `begun`: the reader that stopped in it, or NULL. False without memory. */
bool backlog_add(struct backlog *b, const struct message *message, const struct fix_reader *begun);
/* The first; its bytes stay until the next is added. True: it was begun, and `*out_reader` goes on. */
bool backlog_first(const struct backlog *b, struct message *out, struct fix_reader *out_reader);
/* The reader of the first has come this far. */
void backlog_cut(struct backlog *b, const struct fix_reader *reader);
/* The first is taken whole. */
void backlog_pop(struct backlog *b);

#endif
