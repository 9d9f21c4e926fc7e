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
    one->looked = password_look(text_of(one->password), text_of(one->hash));
}

/* ---- on the loop's ---- */

/* Who it is, if the password was right and is still theirs. */
static const struct person *signed_in(struct gateway *g, const struct signing_one *one)
{
    const struct person *person = people_find(&g->people, text_of(one->name));
    bool same = person != NULL && text_equal(person->password, text_of(one->hash));
    return one->looked == PASSWORD_RIGHT && same ? person : NULL;
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

/* Nobody has looked: it does not count, and whoever asks does so again. */
static void answer_unknown(struct gateway *g, const struct signing_one *one, struct web_answer *out)
{
    const struct tried tried = {text_of(one->name), text_of(one->address), clock_wall(), loop_now(g->loop)};
    tries_right(&g->tries, &tried);
    web_answer_field(out, "Retry-After", TEXT("2"));
    web_problem(out, 503, "there was no memory to look at the password in");
}

static void tell(struct gateway *g, const struct signing_one *one, bool in)
{
    bool unknown = one->looked == PASSWORD_UNKNOWN;
    gateway_count_signed(g, in ? SIGNED_RIGHT : unknown ? SIGNED_UNKNOWN : SIGNED_WRONG);
    const struct log_field fields[] = {LOG_STR("user", one->name), LOG_STR("address", one->address), LOG_END};
    log_event(unknown ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
              in        ? "signed_in"
              : unknown ? "sign_in_not_looked_at"
                        : "sign_in_wrong",
              fields);
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
    else if (one->looked == PASSWORD_UNKNOWN)
        answer_unknown(g, one, &answer);
    else
        web_problem(&answer, 401, "the name or the password is wrong");
    tell(g, one, person != NULL);
    gateway_answer(g, one->ticket, &answer);
    web_answer_fini(&answer);
    sodium_memzero(one, sizeof *one);
    s->first = (s->first + 1) % SIGNING_QUEUE;
    s->count--;
    if (s->count > 0)
        begin(g);
}

/* Where there is no thread, `looked` is unknown. */
static void begin(struct gateway *g)
{
    if (!worker_run(g->signing.worker, look, on_looked, g))
        on_looked(g);
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
