#include "asking.h"

#include "reply_fields.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <string.h>

void asking_begin(struct asking *a, struct shared *s, uint32_t partition)
{
    char key[MW_KEY_MAX];
    a->begun = false;
    a->taken_upto = (struct stream_id){0}; /* a store that went back may have questions again */
    if (a->looking)
        return; /* the next look begins */
    a->looking = true;
    snprintf(key, sizeof key, MW_KEY_RELOAD_ASK, (unsigned)partition);
    const struct text argv[] = {TEXT("XREVRANGE"), text_of(key),  TEXT("+"),
                                TEXT("-"),         TEXT("COUNT"), TEXT("1")};
    actions_send(&s->actions, (struct sending){.ask = ASK_QUESTIONS_BEFORE}, sizeof argv / sizeof *argv,
                 argv);
}

void asking_look(struct asking *a, struct shared *s, uint32_t partition)
{
    char key[MW_KEY_MAX], from[52];
    if (!a->begun)
        asking_begin(a, s, partition);
    if (a->step != ASKING_NOTHING || a->looking)
        return;
    snprintf(key, sizeof key, MW_KEY_RELOAD_ASK, (unsigned)partition);
    snprintf(from, sizeof from, "(%lld-%llu", (long long)a->taken_upto.ms,
             (unsigned long long)a->taken_upto.seq);
    const struct text argv[] = {TEXT("XRANGE"), text_of(key),  text_of(from),
                                TEXT("+"),      TEXT("COUNT"), TEXT("1")};
    a->looking = true;
    actions_send(&s->actions, (struct sending){.ask = ASK_QUESTION}, sizeof argv / sizeof *argv, argv);
}

static void keep(char *out, size_t size, struct text t)
{
    size_t len = t.len < size - 1 ? t.len : size - 1;
    if (len > 0)
        memcpy(out, t.data, len);
    out[len] = '\0';
}

static void answer(struct asking *a, bool ok, struct text errors)
{
    a->step = ASKING_ANSWERS;
    a->ok = ok;
    keep(a->errors, sizeof a->errors, ok ? TEXT("") : errors);
}

/* True: a reload is wanted. */
static bool take(struct asking *a, struct shared *s, const struct reply *entry)
{
    const struct reply id = reply_at(entry, 0), fields = reply_at(entry, 1);
    struct text request = reply_field_of(&fields, "request");
    a->taken_upto = stream_id_read(id.text);
    snprintf(a->id, sizeof a->id, "%lld-%llu", (long long)a->taken_upto.ms,
             (unsigned long long)a->taken_upto.seq);
    keep(a->request, sizeof a->request, request);
    keep(a->who, sizeof a->who, reply_field_of(&fields, "who"));
    keep(a->expect, sizeof a->expect, reply_field_of(&fields, "expect"));
    tell_info(&s->actions, "reload_asked", LOG_TEXT("request", text_of(a->request)),
              LOG_TEXT("who", text_of(a->who)));
    if (request.len == 0 || request.len > ASKING_TEXT_MAX) {
        answer(a, false, TEXT("a question has a `request` of 1 to 64 bytes"));
    } else if (stream_id_before(a->start_upto, a->taken_upto)) {
        a->step = ASKING_RELOADS;
        return true;
    } else {
        answer(a, strcmp(a->expect, s->world->hash) == 0,
               TEXT("the tracker has started since, and read the files then: ask again"));
    }
    return false;
}

void asking_begun(struct asking *a, struct shared *s, uint32_t partition, const struct reply *reply)
{
    const struct reply entry = reply_at(reply, 0);
    a->looking = false;
    if (reply->type == REPLY_NOTHING)
        return;
    a->begun = true;
    a->start_upto = stream_id_read(reply_at(&entry, 0).text);
    asking_look(a, s, partition);
}

bool asking_answered(struct asking *a, struct shared *s, const struct reply *reply)
{
    const struct reply entry = reply_at(reply, 0);
    a->looking = false;
    return reply->type == REPLY_ARRAY && reply->count > 0 && a->begun && a->step == ASKING_NOTHING &&
           take(a, s, &entry);
}

void asking_reloaded(struct asking *a, bool ok, struct text errors)
{
    if (a->step == ASKING_RELOADS)
        answer(a, ok, errors);
}

bool asking_owes(const struct asking *a)
{
    return a->step == ASKING_ANSWERS;
}

static void trim_answers(struct commit_group *g)
{
    op_begin(g, "XTRIM", TEXT("reload:done"), 2);
    resp_put_i64(&g->ops, 0);
    resp_put_i64(&g->ops, ASKING_ANSWERS_KEPT);
}

void asking_write(struct asking *a, struct shared *s, const struct batch *b, struct batch_group *g,
                  uint64_t number)
{
    entry_begin(&s->entry);
    entry_add(&s->entry, "request", text_of(a->request), false);
    entry_add(&s->entry, "who", text_of(a->who), false);
    entry_add(&s->entry, "ask", text_of(a->id), false);
    entry_add(&s->entry, "result", a->ok ? TEXT("ok") : TEXT("refused"), false);
    entry_add(&s->entry, "ruleset", text_of(s->world->hash), false);
    entry_add(&s->entry, "errors", text_of(a->errors), false);
    entry_add_number(&s->entry, "received", b->received.ms);
    entry_add_number(&s->entry, "batch", (int64_t)number);
    commit_put_entry(&g->ops, "reload:done", &s->entry);
    op_begin(&g->ops, "XDEL", TEXT("reload:ask"), 1);
    op_put_word(&g->ops, a->id);
    trim_answers(&g->ops);
    a->step = ASKING_COMMITS;
}

void asking_durable(struct asking *a)
{
    if (a->step == ASKING_COMMITS)
        a->step = ASKING_NOTHING;
}

void asking_given_up(struct asking *a)
{
    if (a->step == ASKING_COMMITS)
        a->step = ASKING_ANSWERS;
}
