/*
 * action: one thing that the stages want done. Lists of them are in actions.h.
 */
#ifndef MW_ACTION_H
#define MW_ACTION_H

#include "log.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Connections to the store: the one for everything, and one of its own for the texts of a new world. */
enum link { LINK_TO_STORE, LINK_TO_RECORDER };

/* What a command to the store asks; comes back with its answer. */
enum ask {
    ASK_NOTHING, /* nobody waits for the answer */
    ASK_SETTINGS,
    ASK_DEFAULT_USER,
    ASK_INFO,
    ASK_PERSISTENCE,
    ASK_REWRITE,
    ASK_LIBRARY,
    ASK_CLAIM,
    ASK_RECORD,
    ASK_RECORDED,
    ASK_STATES,
    ASK_KEYS,
    ASK_TRACK, /* of a vehicle, in `slot` */
    ASK_COMMIT,
    ASK_BEAT,
    ASK_TEXTS, /* on the recorder's connection */
    ASK_MEMORY,
    ASK_ARCHIVE,          /* how far it is registered to have come */
    ASK_EVIDENCE,         /* the same of a keeper of evidence */
    ASK_QUESTIONS_BEFORE, /* the newest that asked for a reload before it ran */
    ASK_QUESTION,         /* the next one */
    ASK_LATE,             /* of a vehicle that is judged again, in `slot` */
    ASK_DUTIES,           /* what is stored of duties */
    ASK_WORK,             /* the next page of work that they are held against */
    ASK_CHORE,            /* of the janitor's, in `slot` */
    ASK_COUNT
};

enum timer {
    TIMER_TICK,     /* a few times a second: catching up, watchdog, parking */
    TIMER_BEAT,     /* says to the store that we live */
    TIMER_DEADLINE, /* the engine's next deadline, or the next ack */
    TIMER_RETRY,    /* a commit is sent again, or the walk of the start is begun again */
    TIMER_GIVE_UP,  /* a stop that takes too long */
    TIMER_JANITOR,
    TIMER_REDO, /* the next slice of judging again */
    TIMER_TURN, /* of a reload: its next step, from outside any answer */
    TIMER_COUNT
};

enum action_kind {
    ACTION_SEND,           /* a command to the store; answered by FACT_ANSWERED or FACT_UNSENT with its ask */
    ACTION_DROP_STORE,     /* its answers have come apart from its questions: `word` says why */
    ACTION_OPEN_RECORDER,  /* for `size` bytes: meanwhile the store may be silent for longer */
    ACTION_CLOSE_RECORDER, /* never wanted in an answer on it */
    ACTION_LISTEN,         /* the broker: connect if need be; all that is held leaves; read on */
    ACTION_HOLD,           /* nothing is read, and nothing leaves */
    ACTION_LEAVE,          /* close without a word: what is held stays unacknowledged */
    ACTION_DROP_BROKER,    /* the same for the fixes, and connect anew: it delivers again */
    ACTION_PUBLISH,        /* best effort */
    ACTION_SET_TIMER,      /* below 0: clear it */
    ACTION_BUILD,          /* a proposal from the files, beside the loop */
    ACTION_CLEAR,          /* clear away `gone`, beside the loop if that can be */
    ACTION_LOG,
    ACTION_NOTIFY, /* the supervisor: `word` */
    ACTION_END,    /* the last one: the process ends with `exit_code`; what is held stays so */
};

/* A run of the list's own bytes, which move while it grows. */
struct span {
    size_t at, len;
};

struct proposal;

struct action {
    enum action_kind kind;
    union {
        struct {
            enum link link;
            enum ask ask;
            uint32_t slot;
            struct span bytes;    /* the command, in the store's protocol; without any: */
            struct text borrowed; /* the same; stays until the answer */
            uint32_t more_ms;     /* that the store may be silent, beside what its size says */
        } send;
        struct {
            struct span topic, payload; /* the topic with a zero behind it */
            int qos;
            uint32_t expiry_s; /* 0: never */
            bool told;         /* FACT_WARNED says what became of it, at once */
            bool nobody;       /* it does not go out: it would have expired */
        } publish;
        struct {
            enum timer timer;
            int64_t after_ms;
        } set;
        struct {
            enum log_level level;
            const char *event;
            size_t first, count; /* of the list's fields */
        } log;
        const char *word;
        struct proposal *gone;
        size_t size; /* of what the recorder has to take in */
        int exit_code;
    };
};

#endif
