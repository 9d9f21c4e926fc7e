/*
 * The world's files: what they are, one of them, and others in their place. All of it is done by a job on the thread, one at a time.
 */
#include "gateway.h"
#include "handlers.h"
#include "json_scan.h"
#include "json_write.h"
#include "web_problem.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- jobs ---- */

/* The rest of what the thread began: what the loop knows. */
static void end_shown(struct gateway *g, struct web_answer *out)
{
    struct json_writer w;
    if (out->status != 200)
        return;
    json_writer_init_within(&w, &out->body);
    json_write_key(&w, "ruleset");
    if (g->following.world != NULL)
        json_write_string(&w, text_of(g->following.world->hash));
    else
        json_write_null(&w);
    json_write_key(&w, "unsettled");
    json_write_bool(&w, g->world.change.open);
    json_write_end_object(&w);
}

static void forget_body(struct world_job *job)
{
    free(job->body);
    job->body = NULL;
}

static void on_done(void *arg)
{
    struct gateway *g = arg;
    struct world_job *job = &g->world.job;
    g->world.busy = false;
    if (job->task == WORLD_SETTLE) {
        world_settled(g);
    } else if (job->written) {
        world_ask(g, g->world.ticket);
    } else {
        if (job->task == WORLD_SHOW)
            end_shown(g, &job->answer);
        gateway_answer(g, g->world.ticket - 1, &job->answer);
    }
    forget_body(job);
}

static void work(void *arg)
{
    world_job_do(&((struct gateway *)arg)->world.job);
}

bool world_run(struct gateway *g, uint64_t ticket)
{
    g->world.ticket = ticket;
    g->world.busy = worker_run(g->world.worker, work, on_done, g);
    return g->world.busy;
}

static struct world_job *begin(struct gateway *g, const struct web_match *match, enum world_task task,
                               struct web_answer *out)
{
    if (!scope_is_whole(&match->request->who->scope)) {
        web_problem(out, 403, "the files are those of the whole city, and your scope is not");
        return NULL;
    }
    if (g->config.world.config.len == 0) {
        web_problem(out, 404, "world.config is not set");
        return NULL;
    }
    struct world_job *job = world_new_job(g, task);
    if (job == NULL) {
        web_answer_field(out, "Retry-After", TEXT("2"));
        web_problem(out, 503, "somebody else's question about the files is in hand");
    }
    return job;
}

static void run(struct gateway *g, const struct web_match *match, struct web_answer *out)
{
    /* Tickets may be 0, which is nobody's here. */
    out->later = world_run(g, match->request->ticket + 1);
    if (!out->later)
        web_problem(out, 503, "there is no thread for it");
}

void handle_world(void *context, const struct web_match *match, struct web_answer *out)
{
    if (begin(context, match, WORLD_SHOW, out) != NULL)
        run(context, match, out);
}

void handle_world_file(void *context, const struct web_match *match, struct web_answer *out)
{
    struct world_job *job = begin(context, match, WORLD_READ, out);
    struct text name = match->ids[0];
    if (job == NULL)
        return;
    if (!version_name_valid(name)) {
        web_problem(out, 404, "there is no such file that can be changed");
        return;
    }
    snprintf(job->name, sizeof job->name, "%.*s", TEXT_ARG(name));
    job->version = (uint64_t)web_match_number(match, "version", 0);
    run(context, match, out);
}

/* ---- a body ---- */

static bool refuse_syntax(struct text body, const char *at, struct web_answer *out)
{
    char detail[128];
    unsigned line = 1, column = 1;
    for (const char *p = body.data; p < at; p++) {
        column = *p == '\n' ? 1 : column + 1;
        line += *p == '\n';
    }
    snprintf(detail, sizeof detail, "not JSON at line %u, column %u, or nested too deeply", line, column);
    web_problem_at(out, 400, "not-json", NULL, text_of(detail));
    return false;
}

/* Commas and brackets, wherever they stand: at least as many as there are values behind the first. */
static size_t values_in(struct text body)
{
    size_t n = 0;
    for (size_t i = 0; i < body.len; i++)
        n += body.data[i] == ',' || body.data[i] == '[' || body.data[i] == '{';
    return n;
}

static bool refuse_member(struct web_answer *out, const char *detail)
{
    web_problem_at(out, 400, "bad-body", "/files", text_of(detail));
    return false;
}

/* A piece of the body, as it stands there: the line of a finding is the line of what was sent. */
static bool take_file(struct world_job *job, struct json_scan *s, struct text name, struct web_answer *out,
                      bool *out_syntax)
{
    const char *begin = s->at;
    *out_syntax = json_scan_skip(s, 2) != JSON_FAULT_NONE;
    if (*out_syntax)
        return false;
    if (job->file_count == WORLD_FILES_MAX || !version_name_valid(name))
        return refuse_member(out, "expected names of files, each with what shall stand in it");
    for (size_t i = 0; i < job->file_count; i++)
        if (text_equal(job->files[i].name, name))
            return refuse_member(out, "a file stands twice");
    job->files[job->file_count++] = (struct version_file){name, {begin, (size_t)(s->at - begin)}};
    return true;
}

static bool take_files(struct world_job *job, struct json_scan *s, struct web_answer *out, bool *out_syntax)
{
    struct json_string key;
    *out_syntax = !json_scan_take(s, '{');
    json_scan_space(s);
    while (!*out_syntax && json_scan_peek(s) != '}') {
        *out_syntax = json_scan_peek(s) != '"' || json_scan_key(s, &key) != JSON_FAULT_NONE;
        if (*out_syntax || !take_file(job, s, key.raw, out, out_syntax))
            return false;
        json_scan_space(s);
        *out_syntax = json_scan_peek(s) != '}' && !json_scan_take(s, ',');
        json_scan_space(s);
    }
    return !*out_syntax && json_scan_take(s, '}');
}

/* {"files":{NAME:…}} or {"version":N}. */
static bool take_body(struct world_job *job, struct text body, struct web_answer *out)
{
    struct json_scan s = json_scan_of(body);
    struct json_string key;
    struct json_number number;
    bool syntax = false, ok = false;
    json_scan_space(&s);
    if (!json_scan_take(&s, '{'))
        return refuse_syntax(body, s.at, out);
    json_scan_space(&s);
    if (json_scan_peek(&s) != '"' || json_scan_key(&s, &key) != JSON_FAULT_NONE)
        return refuse_syntax(body, s.at, out);
    if (text_equal(key.raw, TEXT("files"))) {
        ok = take_files(job, &s, out, &syntax);
    } else if (text_equal(key.raw, TEXT("version"))) {
        syntax = !json_scan_at_number(&s) || json_scan_number(&s, &number) != JSON_FAULT_NONE;
        ok = !syntax && !number.negative && number.exp10 == 0 && number.digits > 0 &&
             number.digits < UINT64_C(1000000000000000);
        job->version = ok ? number.digits : 0;
        if (!ok && !syntax)
            web_problem_at(out, 400, "bad-body", "/version", TEXT("expected the number of a version"));
    } else {
        web_problem_at(out, 400, "bad-body", "", TEXT("expected files, or version, and nothing else"));
    }
    json_scan_space(&s);
    if (ok && (!json_scan_take(&s, '}') || (json_scan_space(&s), s.at != s.end)))
        syntax = true;
    if (syntax)
        return refuse_syntax(body, s.at, out);
    if (ok && job->version == 0 && job->file_count == 0)
        return refuse_member(out, "no file is named");
    return ok;
}

static bool take_request(struct world_job *job, const struct web_match *match, struct web_answer *out)
{
    const struct web_request *r = match->request;
    struct text tag = web_field(r, WEB_FIELD_IF_MATCH);
    if (tag.len == 0 || tag.len >= sizeof job->if_match || text_equal(tag, TEXT("*"))) {
        web_problem(out, 428, "If-Match with the ETag of GET /api/v1/world");
        return false;
    }
    if (values_in(r->body) > WORLD_VALUES_MAX) {
        web_problem(out, 413, "more than %zu values", WORLD_VALUES_MAX);
        return false;
    }
    job->body = malloc(r->body.len + 1);
    if (job->body == NULL) {
        web_problem(out, 503, "there is no memory for it");
        return false;
    }
    if (r->body.len > 0)
        memcpy(job->body, r->body.data, r->body.len);
    snprintf(job->if_match, sizeof job->if_match, "%.*s", TEXT_ARG(tag));
    snprintf(job->who, sizeof job->who, "%.*s", TEXT_ARG(r->who->name));
    job->dry_run = text_equal(web_match_text(match, "dry_run", 0), TEXT("true"));
    return take_body(job, (struct text){job->body, r->body.len}, out);
}

void handle_world_put(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    struct world_job *job = begin(g, match, WORLD_PUT, out);
    if (job == NULL)
        return;
    if (!take_request(job, match, out)) {
        forget_body(job);
        return;
    }
    if (!job->dry_run && g->world.change.open && g->world.change.ticket != 0) {
        web_answer_field(out, "Retry-After", TEXT("5"));
        web_problem_at(out, 409, "unsettled", NULL, TEXT("the trackers have not taken the last change yet"));
        forget_body(job);
        return;
    }
    run(g, match, out);
}
