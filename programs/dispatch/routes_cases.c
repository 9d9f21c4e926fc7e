/*
 * Sealed cases: what the keeper's register says of one, read on the thread that reads files; and its package, from the keeper's socket.
 *
 * That a package is asked for is in the audit before this is called. Scope is that of the register's row, since the alert itself may be
 * let go of by then.
 */
#include "gateway.h"
#include "handlers.h"
#include "json_tree.h"
#include "json_write.h"
#include "log.h"
#include "web_problem.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool copy(char *out, size_t cap, struct text t)
{
    int n = snprintf(out, cap, "%.*s", TEXT_ARG(t));
    return n >= 0 && (size_t)n < cap;
}

/* Whether there is a keeper to ask, and such a name. */
static bool may_be(struct gateway *g, const struct web_match *match, bool socket, struct web_answer *out)
{
    if (g->config.evidence.dir.len == 0 || (socket && g->config.evidence.socket.len == 0))
        web_problem(out, 404, "there is no keeper of evidence here (%s)",
                    g->config.evidence.dir.len == 0 ? "evidence.dir" : "evidence.socket");
    else if (match->ids[0].len != DESK_ID_LENGTH)
        web_problem(out, 404, "no such case is sealed");
    else
        return true;
    return false;
}

/* By what he may know now. False, with a problem. */
static bool may_know(struct gateway *g, const char *who, enum role least, const struct evidence_seen *seen,
                     struct web_answer *out)
{
    const struct person *person = people_find(&g->people, text_of(who));
    if (person == NULL || person->role == ROLE_NOBODY)
        web_problem(out, 401, "you are signed out");
    else if (person->role < least)
        web_problem(out, 403, "it takes another role by now");
    else if (!seen->there ||
             !scope_covers(&person->scope, text_of(seen->jurisdiction), text_of(seen->company)))
        web_problem(out, 404, "no such case is sealed");
    else
        return true;
    return false;
}

/* ---- what is sealed ---- */

struct seeing {
    struct gateway *g;
    uint64_t ticket;
    char who[PERSON_NAME_MAX + 1], id[DESK_ID_LENGTH + 1], dir[CASE_PATH_MAX], why[CASE_WHY_MAX];
    bool read;
    struct evidence_seen seen;
};

static void see(void *arg)
{
    struct seeing *s = arg;
    s->read = evidence_seen_read(s->dir, text_of(s->id), &s->seen, s->why, sizeof s->why);
}

static void put_text(struct json_writer *w, const char *key, const char *value)
{
    json_write_key(w, key);
    json_write_string(w, text_of(value));
}

static void write_seen(const struct seeing *s, struct web_answer *out)
{
    struct json_writer w;
    json_writer_init(&w, &out->body);
    json_write_begin_object(&w);
    put_text(&w, "id", s->id);
    put_text(&w, "state", s->seen.state);
    put_text(&w, "review", s->seen.review);
    json_write_key(&w, "held");
    json_write_bool(&w, s->seen.held);
    json_write_key(&w, "gone");
    json_write_bool(&w, s->seen.gone);
    json_write_key(&w, "editions");
    json_write_begin_array(&w);
    for (size_t i = 0; i < s->seen.count; i++) {
        const struct evidence_seen_edition *e = &s->seen.editions[i];
        json_write_begin_object(&w);
        json_write_key(&w, "edition");
        json_write_u64(&w, e->edition);
        put_text(&w, "why", e->why);
        json_write_key(&w, "sealed_at");
        json_write_i64(&w, e->sealed_at_ms);
        json_write_key(&w, "log");
        json_write_i64(&w, e->index);
        json_write_key(&w, "proven");
        json_write_bool(&w, e->proven);
        json_write_end_object(&w);
    }
    json_write_end_array(&w);
    json_write_end_object(&w);
    out->status = 200;
    out->type = "application/json";
}

/* Why is for whoever keeps the machine, not for everybody who asks. */
static void cannot_read(const char *why, struct web_answer *out)
{
    log_warn("register_unread", LOG_STR("reason", why));
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, "the register of cases cannot be read now");
}

static void on_seen(void *arg)
{
    struct seeing *s = arg;
    struct web_answer answer;
    web_answer_init(&answer);
    if (!s->read)
        cannot_read(s->why, &answer);
    else if (may_know(s->g, s->who, ROLE_VIEWER, &s->seen, &answer))
        write_seen(s, &answer);
    gateway_answer(s->g, s->ticket, &answer);
    web_answer_fini(&answer);
    free(s);
}

void handle_case(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    if (!may_be(g, match, false, out))
        return;
    struct seeing *s = calloc(1, sizeof *s);
    if (s != NULL) {
        s->g = g;
        s->ticket = match->request->ticket;
        snprintf(s->why, sizeof s->why, "it was not its turn");
        const struct job job = {see, on_seen, s};
        out->later = copy(s->id, sizeof s->id, match->ids[0]) &&
                     copy(s->who, sizeof s->who, match->request->who->name) &&
                     copy(s->dir, sizeof s->dir, g->config.evidence.dir) && jobs_add(&g->jobs, &job);
    }
    if (out->later)
        return;
    free(s);
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, "too many are reading");
}

/* ---- a package: on the thread ---- */

static bool put_question(const struct case_fetch *f, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    put_text(&w, "op", "export");
    put_text(&w, "id", f->id);
    put_text(&w, "who", f->who);
    if (f->edition > 0) {
        json_write_key(&w, "edition");
        json_write_u64(&w, f->edition);
    }
    json_write_end_object(&w);
    return buf_ok(out);
}

/* A name as the keeper gives it; one that would be another field of the answer is none. */
static bool is_name(const char *name)
{
    for (const char *c = name; *c != '\0'; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '-' || *c == '.'))
            return false;
    return name[0] != '\0';
}

static bool read_hash(const struct json_node *n, unsigned char out[LINE_ASK_SHA256])
{
    size_t len = 0;
    struct text hex = json_node_is(n, JSON_NODE_STRING) ? json_node_text(n) : TEXT("");
    return hex.len == 2 * LINE_ASK_SHA256 &&
           sodium_hex2bin(out, LINE_ASK_SHA256, hex.data, hex.len, NULL, &len, NULL) == 0 &&
           len == LINE_ASK_SHA256;
}

static void take_answer(struct case_fetch *f, const struct json_node *n)
{
    const struct json_node *error = json_node_member(n, "error"), *name = json_node_member(n, "name"),
                           *bytes = json_node_member(n, "bytes"), *sha256 = json_node_member(n, "sha256");
    unsigned char hash[LINE_ASK_SHA256];
    if (json_node_is(error, JSON_NODE_STRING)) {
        f->refused =
            json_node_member(n, "field") != NULL; /* what was asked for is not there; else it may be later */
        copy(f->why, sizeof f->why, json_node_text(error));
        return;
    }
    if (!json_node_is(name, JSON_NODE_STRING) || !json_node_is(bytes, JSON_NODE_NUMBER) || !bytes->whole ||
        bytes->number < 1 || !read_hash(sha256, hash) ||
        !copy(f->name, sizeof f->name, json_node_text(name)) || !is_name(f->name)) {
        snprintf(f->why, sizeof f->why, "the keeper's answer is none");
        return;
    }
    f->length = (uint64_t)bytes->number;
    f->file = line_ask_file(f->ask, f->length, hash);
    if (f->file < 0)
        copy(f->why, sizeof f->why,
             errno == EBADMSG ? TEXT("what came has another SHA-256") : text_of(strerror(errno)));
}

static void ask_keeper(struct case_fetch *f)
{
    struct buf question, line;
    struct json_tree tree = {0};
    buf_init(&question, LINE_ASK_LINE_MAX);
    buf_init(&line, LINE_ASK_LINE_MAX);
    if (!put_question(f, &question) || !line_ask_line(f->ask, buf_text(&question), &line))
        copy(f->why, sizeof f->why, text_of(strerror(errno)));
    else if (json_tree_read(&tree, buf_text(&line), NULL) != JSON_TREE_OK ||
             !json_node_is(tree.nodes, JSON_NODE_OBJECT))
        snprintf(f->why, sizeof f->why, "the keeper's answer is none");
    else
        take_answer(f, tree.nodes);
    json_tree_fini(&tree);
    buf_fini(&question);
    buf_fini(&line);
}

static void fetch(void *arg)
{
    struct case_fetch *f = arg;
    f->read = evidence_seen_read(f->dir, text_of(f->id), &f->seen, f->why, sizeof f->why);
    if (f->read && f->seen.there)
        ask_keeper(f);
}

/* ---- and on the loop's ---- */

static void end_fetch(struct case_fetch *f)
{
    line_ask_free(f->ask);
    if (f->file >= 0)
        close(f->file);
    *f = (struct case_fetch){.g = f->g, .worker = f->worker, .file = -1};
}

static void answer_file(struct case_fetch *f, struct web_answer *out)
{
    char disposition[128];
    snprintf(disposition, sizeof disposition, "attachment; filename=\"%s\"", f->name);
    web_answer_field(out, "Content-Disposition", text_of(disposition));
    out->status = 200;
    out->type = "application/zip";
    out->file = f->file;
    out->file_length = f->length;
    out->file_count = &f->g->cases.sent;
    f->file = -1;
}

static void on_fetched(void *arg)
{
    struct case_fetch *f = arg;
    struct web_answer answer;
    web_answer_init(&answer);
    if (!f->read)
        cannot_read(f->why, &answer);
    else if (!may_know(f->g, f->who, ROLE_ENFORCER, &f->seen, &answer))
        ; /* answered */
    else if (f->refused)
        web_problem(&answer, 404, "%s", f->why);
    else if (f->file < 0) {
        web_answer_field(&answer, "Retry-After",
                         TEXT("60")); /* by then a checkpoint holds what has just been sealed */
        web_problem(&answer, 503, "the keeper of evidence gives none: %s", f->why);
    } else
        answer_file(f, &answer);
    gateway_answer(f->g, f->ticket, &answer);
    web_answer_fini(&answer);
    end_fetch(f);
}

static bool begin_fetch(struct gateway *g, const struct web_match *match, struct case_fetch *f)
{
    f->ticket = match->request->ticket;
    f->edition = (uint32_t)web_match_number(match, "edition", 0);
    f->ask = line_ask_new(g->config.evidence.socket.data);
    f->used = f->ask != NULL && copy(f->id, sizeof f->id, match->ids[0]) &&
              copy(f->who, sizeof f->who, match->request->who->name) &&
              copy(f->dir, sizeof f->dir, g->config.evidence.dir) &&
              worker_run(f->worker, fetch, on_fetched, f);
    if (!f->used)
        end_fetch(f);
    return f->used;
}

void handle_package(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    struct case_fetch *f = NULL;
    if (!may_be(g, match, true, out))
        return;
    for (size_t i = 0; i < CASE_FETCHES_MAX; i++)
        if (!g->cases.fetches[i].used)
            f = &g->cases.fetches[i];
    bool room = f != NULL && g->cases.sent < CASE_SENT_MAX;
    out->later = room && begin_fetch(g, match, f);
    if (out->later)
        return;
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, room ? "the keeper of evidence is away" : "others are being exported");
}

bool case_desk_make(struct gateway *g)
{
    bool ok = true;
    for (size_t i = 0; i < CASE_FETCHES_MAX; i++) {
        g->cases.fetches[i] = (struct case_fetch){.g = g, .worker = worker_new(g->loop), .file = -1};
        ok = ok && g->cases.fetches[i].worker != NULL;
    }
    return ok;
}

/* A keeper that keeps still does not keep it from ending. */
void case_desk_unmake(struct gateway *g)
{
    for (size_t i = 0; i < CASE_FETCHES_MAX; i++) {
        struct case_fetch *f = &g->cases.fetches[i];
        if (f->g == NULL)
            continue;
        if (f->ask != NULL)
            line_ask_end(f->ask);
        worker_free(f->worker);
        f->worker = NULL;
        end_fetch(f);
    }
}
