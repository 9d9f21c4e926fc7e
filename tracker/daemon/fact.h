/*
 * fact: what the outside tells the stages, one thing at a time, and when it was.
 *
 * Plain data. Texts, replies and messages are borrowed for the length of the call; a proposal is handed over.
 */
#ifndef MW_FACT_H
#define MW_FACT_H

#include "action.h"
#include "clock.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct proposal;

/* Both clocks, read when the fact came. */
struct now {
    struct wall wall;
    struct mono mono;
};

/* What the store answered. NOTHING: the connection went, and nobody knows whether it was done. */
enum reply_type { REPLY_NOTHING, REPLY_NIL, REPLY_TEXT, REPLY_INTEGER, REPLY_ARRAY, REPLY_ERROR };

struct reply {
    enum reply_type type;
    struct text text; /* of a text or an error, with a zero behind it; else empty */
    int64_t integer;  /* of an integer, or of a text that is one; else 0 */
    const struct reply *items;
    size_t count; /* of an array; else 0 */
};

/* An item; one of no type where there is none. */
static inline struct reply reply_at(const struct reply *reply, size_t i)
{
    return i < reply->count ? reply->items[i] : (struct reply){.text = {"", 0}};
}

/* A message of the broker's. */
struct message {
    struct text topic, payload;
    int qos;
    bool retain; /* the broker had it in memory before we subscribed */
};

enum fact_kind {
    FACT_BEGUN, /* first of all */
    FACT_STORE_CONNECTED,
    FACT_STORE_LOST,         /* after everything that was asked was answered with nothing */
    FACT_ANSWERED,           /* `reply` to `ask` */
    FACT_UNSENT,             /* what was to be sent for `ask` was not, and will not be answered */
    FACT_RECORDER_CONNECTED, /* the store's second connection */
    FACT_BROKER_CONNECTED,
    FACT_BROKER_SUBSCRIBED, /* every subscription was answered, and `granted` or not */
    FACT_BROKER_LOST,       /* or an attempt to connect failed */
    FACT_LIVE_CONNECTED,
    FACT_LIVE_SUBSCRIBED, /* `granted` or not */
    FACT_MESSAGE,
    FACT_READ, /* a turn's reading of fixes ended; `drained`: nothing more was there */
    FACT_LIVE_READ,
    FACT_DUE,          /* `timer` */
    FACT_WARNED,       /* whether `handing` handed a warning to the broker; in the order of their actions */
    FACT_TAKEN,        /* the broker has the message of that number */
    FACT_BUILT,        /* `proposal`: what ACTION_BUILD asked for, good or not */
    FACT_CLEARED,      /* what ACTION_CLEAR asked for */
    FACT_RELOAD_ASKED, /* SIGHUP */
    FACT_STOP_ASKED,   /* SIGTERM */
};

struct fact {
    enum fact_kind kind;
    struct now now;
    union {
        struct {
            enum ask ask;
            uint32_t slot; /* as it was sent */
            struct reply reply;
        } answer;
        struct message message;
        bool drained, granted;
        struct {
            bool done;
            int message_id; /* 0: nobody will confirm it */
        } handing;
        struct {
            enum timer timer;
            struct clock_sync sync; /* of TIMER_JANITOR alone */
        };
        struct proposal *take_proposal; /* its contents are taken, it stays with the caller */
    };
};

#endif
