/*
 * Signing in and out.
 */
#include "credentials.h"
#include "gateway.h"
#include "handlers.h"
#include "json_members.h"
#include "log.h"
#include "session_answer.h"
#include "web_body.h"
#include "web_problem.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

void handle_session(void *context, const struct web_match *match, struct web_answer *out)
{
    session_answer(context, match->request->who, out);
}

void handle_sign_out(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    char hash[TOKEN_HASH_SIZE + 1];
    if (credentials_session(match->request, gateway_is_secret(g), hash))
        sessions_close(&g->sessions, hash);
    pushing_settle(g, false);
    session_answer_closed(g, out);
}

static void put_wait(int64_t wait_ms, struct web_answer *out)
{
    char seconds[24];
    snprintf(seconds, sizeof seconds, "%lld", (long long)(wait_ms + 999) / 1000);
    web_answer_field(out, "Retry-After", text_of(seconds));
}

static bool may_try(struct gateway *g, const struct tried *tried, struct web_answer *out)
{
    int64_t wait_ms;
    bool fresh;
    if (tries_take(&g->tries, tried, &wait_ms, &fresh))
        return true;
    if (fresh)
        log_warn("sign_in_locked", LOG_TEXT("user", tried->name), LOG_TEXT("address", tried->address));
    gateway_count_signed(g, SIGNED_LOCKED);
    put_wait(wait_ms, out);
    web_problem(out, 429, "too many wrong passwords for this name");
    return false;
}

static void take_in(struct gateway *g, const struct web_request *r, const struct tried *tried,
                    struct text password, struct web_answer *out)
{
    struct signing_one one = {.ticket = r->ticket};
    const struct person *person = people_find(&g->people, tried->name);
    snprintf(one.name, sizeof one.name, "%.*s", TEXT_ARG(tried->name));
    snprintf(one.address, sizeof one.address, "%.*s", TEXT_ARG(tried->address));
    snprintf(one.password, sizeof one.password, "%.*s", TEXT_ARG(password));
    if (person != NULL)
        snprintf(one.hash, sizeof one.hash, "%.*s", TEXT_ARG(person->password));
    out->later = gateway_sign_in(g, &one);
    sodium_memzero(&one, sizeof one);
    if (out->later)
        return;
    tries_right(&g->tries, tried);
    put_wait(2000, out);
    web_problem(out, 503, "too many are signing in");
}

void handle_sign_in(void *context, const struct web_match *match, struct web_answer *out)
{
    static const struct web_member members[] = {{"user", JSON_NODE_STRING, true, PERSON_NAME_MAX},
                                                {"password", JSON_NODE_STRING, true, PASSWORD_MAX}};
    struct gateway *g = context;
    const struct web_request *r = match->request;
    struct json_tree tree = {0};
    if (web_body_read(r, &tree, out) && web_body_fits(tree.nodes, members, 2, out)) {
        const struct tried tried = {web_body_text(tree.nodes, "user"), r->address, r->now, r->ticks};
        if (!person_name_valid(tried.name))
            web_problem_at(out, 400, "bad-body", "/user", TEXT("/user: nobody can be called so"));
        else if (may_try(g, &tried, out))
            take_in(g, r, &tried, web_body_text(tree.nodes, "password"), out);
    }
    json_tree_fini(&tree);
}

void handle_lockouts(void *context, const struct web_match *match, struct web_answer *out)
{
    (void)match;
    const struct gateway *g = context;
    struct json_writer w;
    json_writer_init(&w, &out->body);
    json_write_begin_object(&w);
    json_write_key(&w, "items");
    json_write_begin_array(&w);
    for (size_t i = 0; i < LOCKOUTS_KEPT; i++) {
        /* The newest first. */
        const struct lockout *one = &g->tries.kept[(g->tries.next + LOCKOUTS_KEPT - 1 - i) % LOCKOUTS_KEPT];
        if (one->count == 0)
            continue;
        json_write_begin_object(&w);
        json_write_table(&w, JSON_TEXT("user", text_of(one->name)),
                         JSON_TEXT("address", text_of(one->address)), JSON_WHOLE("since", one->since.ms),
                         JSON_WHOLE("last", one->last.ms), JSON_WHOLE("count", one->count));
        json_write_end_object(&w);
    }
    json_write_end_array(&w);
    json_write_table(&w, JSON_WORD("next", NULL));
    json_write_end_object(&w);
    out->status = 200;
    out->type = "application/json";
}
