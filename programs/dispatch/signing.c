/*
 * What signing_queue.h says, done.
 */
#include "gateway.h"
#include "log.h"
#include "session_answer.h"
#include "web_problem.h"

#include <sodium.h>
#include <string.h>

static void begin(struct gateway *g);

/* ---- on the thread ---- */

static void look(void *arg)
{
    struct signing *s = &((struct gateway *)arg)->signing;
    struct signing_one *one = &s->queue[s->first];
    one->right = password_is(text_of(one->password), text_of(one->hash));
}

/* ---- on the loop's ---- */

/* Who it is, if the password was right and is still theirs. */
static const struct person *signed_in(struct gateway *g, const struct signing_one *one)
{
    const struct person *person = people_find(&g->people, text_of(one->name));
    bool same = person != NULL && one->known && memcmp(person->mark, one->mark, sizeof one->mark) == 0;
    return one->right && same ? person : NULL;
}

static void answer_right(struct gateway *g, const struct signing_one *one, const struct person *person,
                         struct web_answer *out)
{
    uint8_t bytes[SECRET_BYTES];
    char secret[SECRET_CHARS + 1], hash[TOKEN_HASH_SIZE + 1];
    const struct tried tried = {text_of(one->name), text_of(one->address), clock_wall(), loop_now(g->loop)};
    randombytes_buf(bytes, sizeof bytes);
    secret_write(bytes, secret);
    secret_hash(text_of(secret), hash);
    tries_right(&g->tries, &tried);
    if (sessions_open(&g->sessions, person, hash, loop_now(g->loop)))
        session_answer_opened(g, person, secret, out);
    else
        web_problem(out, 503, "there are as many sessions as there may be");
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(secret, sizeof secret);
}

static void on_looked(void *arg)
{
    struct gateway *g = arg;
    struct signing *s = &g->signing;
    struct signing_one *one = &s->queue[s->first];
    struct web_answer answer;
    web_answer_init(&answer);
    const struct person *person = signed_in(g, one);
    if (person != NULL)
        answer_right(g, one, person, &answer);
    else
        web_problem(&answer, 401, "the name or the password is wrong");
    gateway_count_signed(g, person != NULL ? SIGNED_RIGHT : SIGNED_WRONG);
    log_info(person != NULL ? "signed_in" : "sign_in_wrong", LOG_STR("user", one->name),
             LOG_STR("address", one->address));
    gateway_answer(g, one->ticket, &answer);
    web_answer_fini(&answer);
    sodium_memzero(one, sizeof *one);
    s->first = (s->first + 1) % SIGNING_QUEUE;
    s->count--;
    if (s->count > 0)
        begin(g);
}

static void begin(struct gateway *g)
{
    if (worker_run(g->signing.worker, look, on_looked, g))
        return;
    log_warn("sign_in_no_thread");
    on_looked(g); /* nobody has looked, so it is not right */
}

bool gateway_sign_in(struct gateway *g, const struct signing_one *one)
{
    struct signing *s = &g->signing;
    if (s->count == SIGNING_QUEUE)
        return false;
    s->queue[(s->first + s->count++) % SIGNING_QUEUE] = *one;
    if (s->count == 1)
        begin(g);
    return true;
}
