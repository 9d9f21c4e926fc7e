#include "attention.h"

enum {
    QUIET_MS = 200,    /* nothing has come for so long: what waited has been read */
    SMALL_BATCHES = 3, /* or so many batches in a row far below the broker's limit */
};

void attention_subscribed(struct attention *a, bool granted, struct now now)
{
    a->subscribed = granted;
    a->last_message = now.mono;
}

void attention_message(struct attention *a, struct now now)
{
    a->last_message = now.mono;
}

void attention_lost(struct attention *a, struct partition *p, struct now now)
{
    partition_unattend(p, now);
    a->caught_up = false;
    a->small_batches = 0;
}

void attention_read(struct attention *a, bool drained, const struct batch *b)
{
    bool small = drained && b->messages < b->full / 2;
    a->small_batches = small ? a->small_batches + 1 : 0;
}

bool attention_after_small_batches(const struct attention *a)
{
    return a->small_batches >= SMALL_BATCHES;
}

bool attention_after_silence(const struct attention *a, struct now now)
{
    return now.mono.ms - a->last_message.ms > QUIET_MS;
}

void attention_caught_up(struct attention *a, struct partition *p, struct now now)
{
    a->caught_up = true;
    attended_start(&p->attended, now.wall, now.mono);
}
