/*
 * cab: what an onboard unit does between its receiver, its journal and the broker; without the sockets.
 *
 * The way of a fix: receiver -> sampler -> journal -> (the sender says when) -> a message for the broker; the
 * tracker's ack goes to the sender and the journal. The program hands in what it hears and publishes what
 * cab_next gives it.
 *
 * Without a journal (the flash is gone or gives no numbers) fixes go out at once without boot and seq, as the
 * contract allows: CAB_UNNUMBERED. Such a fix is lost where there is no link.
 *
 * Pure: reads no clock, opens nothing; the journal's disk is a table of functions. One thread.
 */
#ifndef MW_CAB_H
#define MW_CAB_H

#include "buf.h"
#include "journal.h"
#include "sampler.h"
#include "sender.h"
#include "sensor_filter.h"

/* Largest message, under the contract's 256 KiB. */
enum { CAB_PAYLOAD_MAX = 250 << 10 };

struct cab_options {
    struct text agent; /* program and version, for the status; borrowed */
    struct wall floor; /* a time certain to have passed */
    struct sampler_options sampling;
    struct sender_options sending;
    const struct sensor_settings *sensors; /* SENSOR_COUNT of them; copied */
};

struct cab {
    struct text agent;
    struct journal *journal; /* NULL: none now */
    struct sender_options sender_options;
    struct sender sender;
    struct sampler sampler;
    struct sensor_filter sensors;
    int64_t silent_ms; /* the receiver is silent when it has said nothing for so long */
    struct mono position_at;
    bool position_seen;
    struct buf json;    /* the last fix kept */
    struct buf payload; /* the message in hand */
};

void cab_init(struct cab *c, const struct cab_options *options, struct mono now);
/* The journal stays its owner's. */
void cab_fini(struct cab *c);

/* The journal is open, or open again. Borrowed until cab_fini. */
void cab_use_journal(struct cab *c, struct journal *journal, struct mono now);

/* What became of a position or of time that passed. */
enum cab_kept {
    CAB_NOTHING,    /* no fix was due */
    CAB_JOURNALED,  /* it will be sent when the sender says so */
    CAB_UNNUMBERED, /* it is buf_text(&c->json), and to be published at once */
};

/* The receiver said this. What was thought of it goes to out_verdict. */
enum cab_kept cab_take_position(struct cab *c, const struct fix *position, struct sampler_now now,
                                enum sampler_verdict *out_verdict);
/* A reader of the hardware said this; false where it is not of the contract's form. */
bool cab_take_sensors(struct cab *c, struct text datagram, struct mono now);
/* Time passes: sensors settle, a silent receiver is told of. Before cab_next. */
enum cab_kept cab_settle(struct cab *c, struct sampler_now now);

/* The broker has let us in, or is gone. */
void cab_online(struct cab *c, struct mono now);
void cab_offline(struct cab *c);

enum cab_ack_verdict {
    CAB_ACK_BAD,     /* not an ack */
    CAB_ACK_FOREIGN, /* of another journal, or there is none */
    CAB_ACK_SAME,
    CAB_ACK_FORWARD,
    CAB_ACK_BACK,   /* the store has lost some: sent again from there */
    CAB_ACK_BEYOND, /* a number never given out: of an old image of this unit, or of a broken tracker */
};

struct cab_ack {
    enum cab_ack_verdict verdict;
    uint64_t seq;
    uint64_t used; /* the highest number given out before it */
};

/* The tracker said this. BAD, FOREIGN and BEYOND change nothing: what is kept stays kept, and goes on being
 * sent. */
struct cab_ack cab_take_ack(struct cab *c, struct text payload, struct mono now);

/* A message for the broker. */
struct cab_message {
    enum sender_verb verb;
    const char *suffix;  /* of its topic */
    struct text payload; /* borrowed until the next call */
    int qos;
    bool retain;
    uint64_t to;    /* SENDER_FIXES: the last seq in it */
    uint32_t fixes; /* and how many */
};

/* The next message, where one is due and there is a journal. The same again until cab_sent. */
bool cab_next(struct cab *c, struct mono now, struct cab_message *out);
/* It was published; `token` names it in sender_taken. */
void cab_sent(struct cab *c, const struct cab_message *message, int token, struct mono now);

/* The status message by itself. */
void cab_write_status(const struct cab *c, bool online, struct buf *out);

/* Lets the journal commit what is due, and tells in how many milliseconds cab_settle is due again. */
int64_t cab_wait_ms(struct cab *c, struct mono now, struct wall wall);

#endif
