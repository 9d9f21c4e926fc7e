/*
 * shift: who has the watch, and how it goes from one to the next.
 *
 *   nobody ── take ──► A has it ── offer to B, with a document ──► B reads it ── accept ──► B has it
 *                          ▲                                        │
 *                          └──────────── cancel ────────────────────┘
 *
 * A hand-over is signed by both: by the offer of whoever goes and the acceptance of whoever comes. A watch that was left without
 * one can be taken, with a reason. Each entry of `shifts` says all that holds after it, so the newest one is the state. `rev` counts entries; the
 * store's script (shift.lua) holds to it.
 */
#ifndef MW_SHIFT_H
#define MW_SHIFT_H

#include "buf.h"
#include "desk.h"

enum shift_event { SHIFT_TAKE, SHIFT_OFFER, SHIFT_ACCEPT, SHIFT_CANCEL, SHIFT_EVENT_COUNT };

enum { SHIFT_DOCUMENT_MAX = 320 << 10 };

/* Zero: nobody has had it yet. */
struct shift {
    uint64_t rev, number; /* the watch's, one more with each who has it */
    struct text on;       /* who has it; empty: nobody */
    int64_t since_ms;
    struct text to; /* to whom it is offered; empty: to nobody */
};

struct shift_request {
    enum shift_event event;
    uint64_t rev;
    struct text request;
    struct text to, why; /* of an offer; of a take what happened, of an offer what whoever goes adds */
};

enum shift_refusal {
    SHIFT_OK,
    SHIFT_ROLE,
    SHIFT_STALE,
    SHIFT_HELD,    /* somebody has it: a reason is needed to take it from them */
    SHIFT_NOT_ON,  /* only who has it offers it, or takes the offer back */
    SHIFT_NOT_TO,  /* it is offered to somebody else, or to nobody */
    SHIFT_TO_SELF, /* nobody hands over to themselves */
    SHIFT_REFUSAL_COUNT
};

const char *shift_event_word(enum shift_event event);
bool shift_event_find(struct text word, enum shift_event *out);
const char *shift_refusal_text(enum shift_refusal refusal);

enum shift_refusal shift_decide(const struct shift *now, const struct shift_request *request,
                                const struct desk_person *person);
/* As an entry tells it that was written at `at_ms`. False, and nothing changed, where it is none, or an older one. */
bool shift_take_entry(struct shift *shift, struct fields entry, int64_t at_ms);

/* The command that writes it, if nothing was written since. `document` is JSON, of an offer; else empty. */
void shift_call_write(const struct shift *now, const struct shift_request *request,
                      const struct desk_person *person, struct text document, struct buf *out);

#endif
