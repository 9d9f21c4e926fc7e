/*
 * The log signed, told to others, and what it holds proven.
 *
 * A checkpoint is on the disk, beside all before it, before anybody is told. The store's and the broker's copies are there so that others hold what was
 * signed: a log that is shorter than one of them, or another, is a copy from a backup or a fork, and is not signed over.
 */
#include "keeping.h"

#include "failpoint.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define STREAM "muck:{0}:checkpoints"

/* ---- what others hold ---- */

static void refuse(struct keeping *k, const char *why, const struct tlog_head *head)
{
    log_error("checkpoint_of_another_log", LOG_STR("why", why), LOG_INT("held", head->size),
              LOG_INT("log", evidence_log_size(k->log)),
              LOG_STR("meaning",
                      "what was published is not continued by this log: it is from a backup, or a fork"));
    k->refusing = true;
    keeping_end(k, EX_DATAERR);
}

static void compare_note(struct keeping *k, struct text note)
{
    struct tlog_note parts;
    struct tlog_checkpoint c;
    if (!tlog_note_split(note, &parts) || !tlog_checkpoint_read(parts.text, &c) ||
        !text_equal(c.origin, k->config.origin))
        return; /* somebody else's */
    switch (evidence_log_compare(k->log, &c.head)) {
    case EVIDENCE_LOG_HELD:
        if (c.head.size > k->told_size)
            k->told_size = c.head.size;
        return;
    case EVIDENCE_LOG_HELD_LATER:
        refuse(k, "a longer log was published", &c.head);
        return;
    case EVIDENCE_LOG_HELD_OTHER:
        refuse(k, "other entries were published", &c.head);
        return;
    }
}

static void on_held(void *arg, const struct redis_reply *reply)
{
    struct keeping *k = arg;
    if (redis_reply_type(reply) != REDIS_ARRAY)
        return; /* the connection went: it is asked again with the next one */
    for (size_t i = 0; i < redis_reply_count(reply) && !k->refusing; i++) {
        const struct redis_reply *fields = redis_reply_at(redis_reply_at(reply, i), 1);
        for (size_t f = 0; f + 1 < redis_reply_count(fields); f += 2)
            if (text_equal(redis_reply_text(redis_reply_at(fields, f)), TEXT("note")))
                compare_note(k, redis_reply_text(redis_reply_at(fields, f + 1)));
    }
    k->compared = !k->refusing;
    if (k->compared)
        keeping_sign(k);
}

void keeping_compare(struct keeping *k)
{
    const struct text words[] = {TEXT("XREVRANGE"), TEXT(STREAM),  TEXT("+"),
                                 TEXT("-"),         TEXT("COUNT"), TEXT("100")};
    k->compared = false;
    k->told_size = 0;
    redis_send(k->redis, 6, words, on_held, k);
}

/* ---- telling ---- */

static void on_told(void *arg, const struct redis_reply *reply)
{
    struct keeping *k = arg;
    if (redis_reply_type(reply) == REDIS_TEXT)
        k->told_size = k->telling_size;
    else if (redis_reply_type(reply) == REDIS_ERROR)
        log_warn("store_refuses", LOG_TEXT("reply", redis_reply_text(reply)));
}

static void tell_store(struct keeping *k)
{
    char size[24];
    if (k->told_size >= evidence_log_signed(k->log) || !redis_connected(k->redis))
        return;
    k->telling_size = evidence_log_signed(k->log);
    snprintf(size, sizeof size, "%llu", (unsigned long long)k->telling_size);
    const struct text words[] = {
        TEXT("XADD"), TEXT(STREAM), TEXT("MAXLEN"), TEXT("~"),    TEXT("100000"),
        TEXT("*"),    TEXT("size"), text_of(size),  TEXT("note"), evidence_log_checkpoint(k->log)};
    redis_send(k->redis, 10, words, on_told, k);
}

static void tell_broker(struct keeping *k)
{
    const struct mqtt_publication p = {.topic = k->config.mqtt.topic.data,
                                       .payload = evidence_log_checkpoint(k->log),
                                       .qos = 1,
                                       .retain = true};
    if (k->mqtt == NULL || !mqtt_connected(k->mqtt) || k->published_size == evidence_log_signed(k->log))
        return;
    if (mqtt_publish(k->mqtt, &p, NULL) == MQTT_OK)
        k->published_size = evidence_log_signed(k->log);
}

static void on_broker(void *arg, bool session_present)
{
    struct keeping *k = arg;
    (void)session_present;
    k->published_size = 0;
    if (k->compared && evidence_log_signed(k->log) > 0)
        tell_broker(k);
}

bool keeping_mqtt_make(struct keeping *k, struct problem *out_problem)
{
    const struct mqtt_options options = {
        .host = k->config.mqtt.host.data,
        .port = (uint16_t)k->config.mqtt.port,
        .client_id = "muckwatch-evidence",
        .username = k->config.mqtt.username.len > 0 ? k->config.mqtt.username.data : NULL,
        .password = k->mqtt_password,
        .cafile = k->config.mqtt.cafile.len > 0 ? k->config.mqtt.cafile.data : NULL};
    const struct mqtt_callbacks callbacks = {.connected = on_broker};
    if (mqtt_new(k->loop, &options, &callbacks, k, &k->mqtt) == MQTT_OK)
        return true;
    problem_set(out_problem, "mqtt: the broker's options are refused; the log says which");
    return false;
}

/* ---- proving ---- */

/* The files that prove an edition, for whoever asks for it. */
static bool keep_files(struct keeping *k, struct evidence_edition *e)
{
    struct keeping_files files;
    bool ok = keeping_make_files(k, e, &files);
    failpoint_pass("evidence_proof");
    ok = ok && evidence_register_begin(k->reg) && evidence_register_put_object(k->reg, e->id, files.list);
    for (size_t i = 0; i < files.count && ok; i++)
        ok = evidence_register_put_object(k->reg, e->id, files.hashes[i]);
    e->proven_by = evidence_log_signed(k->log);
    memcpy(e->proof, files.list, sizeof e->proof);
    ok = ok && evidence_register_set_proof(k->reg, e) && evidence_register_commit(k->reg);
    if (!ok)
        evidence_register_undo(k->reg);
    return ok;
}

/* The first checkpoint that holds an edition proves it, and no later one. False where it is to be tried again. */
static bool prove_next(struct keeping *k, bool *out_there)
{
    struct evidence_edition e;
    struct arena arena;
    if (!evidence_register_next_unproven(k->reg, evidence_log_signed(k->log), &e, out_there))
        return false;
    if (!*out_there)
        return true;
    arena_init(&arena);
    bool ok = arena_copy_text(&arena, e.id, &e.id) && keep_files(k, &e);
    arena_fini(&arena);
    return ok;
}

void keeping_sign(struct keeping *k)
{
    const struct evidence_log_signer signer = {k->key.key, k->key.secret};
    bool there = true;
    if (!k->compared || k->refusing)
        return;
    bool more = evidence_log_signed(k->log) < evidence_log_size(k->log);
    if (!evidence_log_sign(k->log, &signer)) {
        keeping_failed(k, "checkpoint", strerror(errno));
        return;
    }
    k->count.signed_count += more;
    failpoint_pass("evidence_published");
    tell_store(k);
    tell_broker(k);
    while (there)
        if (!prove_next(k, &there)) {
            keeping_failed(k, "proof", strerror(errno));
            return;
        }
}
