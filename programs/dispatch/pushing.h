/* pushing: streams of events: what memory takes in, handed to those who listen (streaming.c). */
#ifndef MW_PUSHING_H
#define MW_PUSHING_H

#include "feed.h"
#include "loop.h"

struct gateway;
struct memory_reader;

struct pushing {
    struct feed_log *log;
    struct feed *feed;
    struct loop_timer *tick;
    struct buf told; /* of the entry in hand */
};

/* False without memory. After memory_make. */
bool pushing_make(struct gateway *g);
void pushing_unmake(struct gateway *g);
/* Whoever has no right any more to the stream they have. `people_too`: people were read anew. */
void pushing_settle(struct gateway *g, bool people_too);
/* Memory is another one: all is read anew. */
void pushing_forget(struct gateway *g);
void pushing_remembers(struct gateway *g);

/* Whose an alert was, before an entry of it is taken. */
struct pushing_was {
    bool known;
    size_t len;
    char realm[1024]; /* "jurisdiction\0company" */
};
void pushing_before(const struct gateway *g, struct fields entry, struct pushing_was *out);
/* An entry that memory has taken; one that could not be understood has its place all the same. */
struct pushing_entry {
    enum feed_stream stream;
    struct entry_id id;
    struct fields fields;
    bool understood;
};
void pushing_take(struct memory_reader *r, const struct pushing_entry *entry, const struct pushing_was *was);
/* An entry of `live`. */
void pushing_moved(struct memory_reader *r, struct entry_id id, struct fields entry);

#endif
