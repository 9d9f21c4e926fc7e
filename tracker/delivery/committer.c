#include "committer.h"

#include <assert.h>

void committer_init(struct committer *c, uint64_t number)
{
    *c = (struct committer){.number = number};
}

enum commit_step committer_begin(struct committer *c, uint32_t groups)
{
    assert(c->pieces == 0 && groups > 0);
    c->stack[c->pieces++] = (struct commit_piece){.to = groups};
    return COMMIT_SEND;
}

bool committer_busy(const struct committer *c)
{
    return c->pieces > 0;
}

const struct commit_piece *committer_piece(const struct committer *c, uint64_t *out_number)
{
    assert(c->pieces > 0);
    *out_number = c->number + 1;
    return &c->stack[c->pieces - 1];
}

static enum commit_step piece_applied(struct committer *c)
{
    c->number++;
    c->pieces--;
    return c->pieces > 0 ? COMMIT_SEND : COMMIT_FINISHED;
}

static enum commit_step piece_bad(struct committer *c)
{
    struct commit_piece *p = &c->stack[c->pieces - 1];
    if (p->to - p->from == 1) {
        /* One odd answer is no proof: a store or a link that talks nonsense for a moment must cost no fix. */
        if (!p->quarantined && ++p->refusals < COMMIT_REFUSALS)
            return COMMIT_RETRY;
        bool was = p->quarantined;
        p->quarantined = true;
        return was ? COMMIT_STUCK : COMMIT_SEND;
    }
    assert(c->pieces < COMMIT_PIECES_MAX);
    uint32_t middle = p->from + (p->to - p->from) / 2;
    /* The first half goes first: order is kept although nobody promises it across vehicles. */
    c->stack[c->pieces++] = (struct commit_piece){.from = p->from, .to = middle};
    p->from = middle;
    return COMMIT_SEND;
}

enum commit_step committer_answer(struct committer *c, enum commit_answer answer)
{
    if (c->pieces == 0)
        return COMMIT_IDLE;
    switch (answer) {
    case COMMIT_APPLIED:
        return piece_applied(c);
    case COMMIT_UNKNOWN:
        return COMMIT_RETRY;
    case COMMIT_BAD:
        return piece_bad(c);
    case COMMIT_BEHIND:
        c->pieces = 0;
        return COMMIT_RELOAD;
    case COMMIT_FENCED:
        c->pieces = 0;
        return COMMIT_STOP;
    }
    return COMMIT_RETRY;
}
