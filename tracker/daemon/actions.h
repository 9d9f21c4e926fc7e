/*
 * actions: what the stages want done, in order: a list that is reused from fact to fact.
 *
 * It owns the bytes that its actions speak of, but for those of a `borrowed` command, which stay until its
 * answer. Who carries it out takes one action after the other; facts that come of that meanwhile are told at
 * once, and what they ask for is appended. A list that found no memory is `failed`: then nothing more of it
 * may be carried out, and the process ends as by a kill, which costs nothing.
 */
#ifndef MW_ACTIONS_H
#define MW_ACTIONS_H

#include "action.h"
#include "buf.h"
#include "log.h"

#include <stdbool.h>

enum { TOLD_FIELDS_MAX = 3 };

/* A field of a line for the log, with its text among the list's bytes. */
struct told_field {
    struct log_field field;
    struct span text;
};

struct actions {
    struct action *list;
    size_t count, cap;
    struct told_field *fields;
    size_t field_count, field_cap;
    struct buf bytes;
    bool failed;
};

void actions_init(struct actions *a);
void actions_fini(struct actions *a);
void actions_clear(struct actions *a);

/* An action that needs no bytes. */
void actions_put(struct actions *a, struct action action);
void actions_put_kind(struct actions *a, enum action_kind kind);
void actions_word(struct actions *a, enum action_kind kind, const char *static_word);
void actions_set_timer(struct actions *a, enum timer timer, int64_t after_ms);
void actions_clear_timer(struct actions *a, enum timer timer);

/* Commands to the store. `slot` is 0 but for ASK_CHORE and ASK_TRACK. */
struct sending {
    enum link link;
    enum ask ask;
    uint32_t slot;
    uint32_t more_ms; /* of a borrowed one: action.h */
};
void actions_send(struct actions *a, struct sending to, size_t argc, const struct text *argv);
/* One that is written already and stays where it is until it is answered. */
void actions_send_borrowed(struct actions *a, struct sending to, struct text command);
/* One that was appended to `bytes` from there on. */
void actions_send_written(struct actions *a, struct sending to, size_t from);

/* To `muck/v1/{vehicle}{suffix}`. */
struct publication {
    struct text vehicle;
    const char *suffix;
    struct text payload;
    int qos;
    uint32_t expiry_s;
    bool told;   /* FACT_WARNED is to say what became of it */
    bool nobody; /* it is too late for it: it goes nowhere, and that is what is said */
};
void actions_publish(struct actions *a, const struct publication *p);

/* A line for the log, as log.h's macros; at most TOLD_FIELDS_MAX fields. */
void actions_tell(struct actions *a, enum log_level level, const char *event, const struct log_field *fields);
#define tell_error(a, ...) TELL_EVENT(a, LOG_LEVEL_ERROR, __VA_ARGS__, LOG_END)
#define tell_warn(a, ...)  TELL_EVENT(a, LOG_LEVEL_WARN, __VA_ARGS__, LOG_END)
#define tell_info(a, ...)  TELL_EVENT(a, LOG_LEVEL_INFO, __VA_ARGS__, LOG_END)
#define TELL_EVENT(a, level, event, ...)                                                                     \
    actions_tell((a), (level), (event), (const struct log_field[]){__VA_ARGS__})

/* For who carries them out: bytes, and the fields of a line, good until the list changes. */
struct text actions_bytes(const struct actions *a, struct span span);
struct text actions_command(const struct actions *a, const struct action *send);
void actions_fields(const struct actions *a, const struct action *log,
                    struct log_field out[TOLD_FIELDS_MAX + 1]);

#endif
