/*
 * duty_stage: the stage that holds what vehicles did against what duties expect.
 *
 *   `work` ──► a page of entries behind the cursor ──► the book (duty_book.h) ──► what it tells, what of it changed,
 *              and the new cursor: all in one commit
 *
 * It reads the stream as it is in the store, so nothing counts that is not durable, and an entry counts once: the cursor
 * goes on in the commit that has what came of it (`duty`), under the same epoch, token and number as every other. A
 * process that dies before it has done nothing; one that dies after it has done all.
 *
 * The book in memory is that of the store and of the commit in hand. After a commit that was given up, or a claim, it is
 * read anew. One page is in hand at a time.
 */
#ifndef MW_DUTY_STAGE_H
#define MW_DUTY_STAGE_H

#include "archived.h"
#include "batch_in_hand.h"
#include "duty_book.h"
#include "shared.h"

enum { DUTY_STAGE_PAGE = 512 };

enum duty_stage_step {
    DUTY_STAGE_UNREAD,  /* the book is still in the store */
    DUTY_STAGE_ASKED,   /* for it */
    DUTY_STAGE_IDLE,    /* up to the cursor all is in it */
    DUTY_STAGE_LOOKS,   /* for what is behind it */
    DUTY_STAGE_HAS,     /* a page, that is in no commit yet */
    DUTY_STAGE_COMMITS, /* it is in the commit in hand */
};

struct duty_stage {
    struct duty_book book;
    enum duty_stage_step step;
    uint32_t asked; /* questions that are not answered yet; */
    uint32_t stale; /* the first of them are of before, and their answers mean nothing */
    struct stream_id cursor, page_to;
    struct duty_work page[DUTY_STAGE_PAGE];
    size_t page_count;
    bool page_full;
    bool other_world; /* than the book knows */
    uint64_t passed_over;
    /* While it writes: */
    struct shared *shared;
    struct batch_group *group;
    struct buf bytes;
};

void duty_stage_init(struct duty_stage *m, const struct names *names);
void duty_stage_fini(struct duty_stage *m);
/* What is in memory means nothing any more. */
void duty_stage_forget(struct duty_stage *m);
void duty_stage_note_world(struct duty_stage *m);

/* Asks for what comes next, if nothing is in hand. */
void duty_stage_look(struct duty_stage *m, struct shared *s, uint32_t partition);
void duty_stage_answered(struct duty_stage *m, struct shared *s, const struct reply *reply);
/* Something is to be written. */
bool duty_stage_owes(const struct duty_stage *m);
/* What comes of the page in hand, into the group of nobody. */
void duty_stage_write(struct duty_stage *m, struct shared *s, struct batch_group *g);
/* The commit is durable. True: there is more to look for at once. */
bool duty_stage_durable(struct duty_stage *m);

#endif
