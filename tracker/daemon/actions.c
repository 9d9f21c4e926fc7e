#include "actions.h"

#include "array.h"
#include "commit.h"

#include <muckwatch/contract.h>

#include <assert.h>
#include <stdlib.h>

/* Acks of a whole fleet and texts of the log; never a batch, whose command is borrowed. */
enum { BYTES_MAX = 256 << 20 };

void actions_init(struct actions *a)
{
    *a = (struct actions){0};
    buf_init(&a->bytes, BYTES_MAX);
}

void actions_fini(struct actions *a)
{
    free(a->list);
    free(a->fields);
    buf_fini(&a->bytes);
    *a = (struct actions){0};
}

void actions_clear(struct actions *a)
{
    a->count = a->field_count = 0;
    buf_clear(&a->bytes);
}

void actions_put(struct actions *a, struct action action)
{
    a->failed |= !buf_ok(&a->bytes) || !array_reserve(&a->list, &a->cap, a->count + 1, sizeof *a->list);
    if (!a->failed)
        a->list[a->count++] = action;
}

void actions_put_kind(struct actions *a, enum action_kind kind)
{
    actions_put(a, (struct action){.kind = kind});
}

void actions_word(struct actions *a, enum action_kind kind, const char *static_word)
{
    actions_put(a, (struct action){.kind = kind, .word = static_word});
}

void actions_set_timer(struct actions *a, enum timer timer, int64_t after_ms)
{
    const int64_t wait_ms = after_ms > 0 ? after_ms : 0;
    actions_put(a, (struct action){.kind = ACTION_SET_TIMER, .set = {timer, wait_ms}});
}

void actions_clear_timer(struct actions *a, enum timer timer)
{
    actions_put(a, (struct action){.kind = ACTION_SET_TIMER, .set = {timer, -1}});
}

/* ---- commands ---- */

void actions_send_written(struct actions *a, struct sending to, size_t from)
{
    actions_put(
        a,
        (struct action){
            .kind = ACTION_SEND,
            .send = {.link = to.link, .ask = to.ask, .slot = to.slot, .bytes = {from, a->bytes.len - from}}});
}

void actions_send(struct actions *a, struct sending to, size_t argc, const struct text *argv)
{
    size_t from = a->bytes.len;
    resp_put_command(&a->bytes, argc);
    for (size_t i = 0; i < argc; i++)
        resp_put_text(&a->bytes, argv[i]);
    actions_send_written(a, to, from);
}

void actions_send_borrowed(struct actions *a, struct sending to, struct text command)
{
    actions_put(a, (struct action){.kind = ACTION_SEND,
                                   .send = {.link = to.link,
                                            .ask = to.ask,
                                            .slot = to.slot,
                                            .borrowed = command,
                                            .more_ms = to.more_ms}});
}

/* ---- messages ---- */

static struct span put_bytes(struct actions *a, struct text t)
{
    size_t at = a->bytes.len;
    buf_put_text(&a->bytes, t);
    return (struct span){at, a->bytes.len - at};
}

void actions_publish(struct actions *a, const struct publication *p)
{
    size_t at = a->bytes.len;
    buf_puts(&a->bytes, MW_TOPIC_PREFIX);
    buf_put_text(&a->bytes, p->vehicle);
    buf_puts(&a->bytes, p->suffix);
    struct span topic = {at, a->bytes.len - at};
    buf_put_char(&a->bytes, '\0');
    struct span payload = put_bytes(a, p->payload);
    actions_put(a, (struct action){.kind = ACTION_PUBLISH,
                                   .publish = {topic, payload, p->qos, p->expiry_s, p->told, p->nobody}});
}

/* ---- the log ---- */

void actions_tell(struct actions *a, enum log_level level, const char *event, const struct log_field *fields)
{
    size_t first = a->field_count;
    for (const struct log_field *f = fields; f->key != NULL; f++) {
        assert(f - fields < TOLD_FIELDS_MAX);
        a->failed |= !array_reserve(&a->fields, &a->field_cap, a->field_count + 1, sizeof *a->fields);
        if (a->failed)
            return;
        struct told_field *told = &a->fields[a->field_count++];
        *told = (struct told_field){.field = *f};
        if (f->type == LOG_IS_TEXT)
            told->text = put_bytes(a, f->text);
    }
    actions_put(a, (struct action){.kind = ACTION_LOG, .log = {level, event, first, a->field_count - first}});
}

/* ---- carrying out ---- */

struct text actions_bytes(const struct actions *a, struct span span)
{
    assert(span.at + span.len <= a->bytes.len);
    return (struct text){span.len > 0 ? a->bytes.data + span.at : "", span.len};
}

struct text actions_command(const struct actions *a, const struct action *send)
{
    return send->send.bytes.len > 0 ? actions_bytes(a, send->send.bytes) : send->send.borrowed;
}

void actions_fields(const struct actions *a, const struct action *log,
                    struct log_field out[TOLD_FIELDS_MAX + 1])
{
    for (size_t i = 0; i < log->log.count; i++) {
        const struct told_field *told = &a->fields[log->log.first + i];
        out[i] = told->field;
        if (told->field.type == LOG_IS_TEXT)
            out[i].text = actions_bytes(a, told->text);
    }
    out[log->log.count] = LOG_END;
}
