/*
 * fake_store: what the tracker's store does, written a second time from docs/DELIVERY.md and commit.lua, in
 * plain C: claims, commits, beats, states, texts of worlds. Commands in Redis' protocol in, replies out.
 *
 * It watches while it works: a commit that comes again under its number has to have the same bytes.
 */
#ifndef MW_TEST_FAKE_STORE_H
#define MW_TEST_FAKE_STORE_H

#include "fact.h"
#include "fake_list.h"

struct fake_store {
    char instance[64]; /* of the owner; empty: nobody yet */
    char token[64];
    int64_t epoch, clock_ms, seen_ms;
    uint64_t batch;
    uint64_t calls; /* so many times it was called */
    int64_t others; /* claims of other trackers */
    struct fake_list tracks, rejects, violations, states, rulesets, texts;
    struct fake_list record, told;          /* lines of a track, and entries of violations: record.h */
    struct fake_list streams, said, hashes; /* fake_late.h */
    struct fake_list asks, answers;         /* for reloads: by id */
    unsigned asked;                         /* so many were ever asked */
    size_t warnings;                        /* entries of what cabs were told */
    int64_t id_ms;                          /* of the last entry of a stream */
    uint64_t id_n;
    bool library;
    bool log_new;    /* its append-only file begins with its last start */
    unsigned saving; /* so many times a new one is put off */
    /* The bytes of the last commit that was applied. */
    char *applied;
    size_t applied_len;

    /* A commit that broke: its bytes, and which operation is next. Begun one above batch: there is one. */
    uint64_t begun;
    char *rest;
    size_t rest_len, rest_at;

    bool breaking; /* so many operations more are carried out, and then none */
    unsigned operations, breaks;
    const char *error;      /* NULL: it is well; else what every command is answered, and not done */
    bool forgetful;         /* nobody has ever committed anything */
    bool everysec;          /* not durable */
    const char *user_rules; /* of the user default; NULL: all */
    const char *damaged;    /* a field of the owner's record that says nothing any more */
    char wrong_key[160];    /* has another type than ours */
    bool parts;             /* it has refused a batch for it, and that came in pieces */
    const char *fault;      /* what the tracker did that it must not do */
};

struct fake_store *fake_store_new(void);
void fake_store_free(struct fake_store *s);
/* As a backup: what is in it, but not how it is. */
struct fake_store *fake_store_copy(const struct fake_store *s);

/* A reply with what it points to. */
struct fake_reply {
    struct reply reply;
    struct reply *items, *inner;
    char **kept;
    size_t kept_count;
};

void fake_store_ask(struct fake_store *s, int64_t now_ms, struct text command, struct fake_reply *out);
/* Somebody asks for a reload. */
void fake_store_question(struct fake_store *s, const char *expect);
/* Another tracker takes the partition. */
void fake_store_take_over(struct fake_store *s, int64_t now_ms);
void fake_reply_fini(struct fake_reply *r);

#endif
