/*
 * The watch: who has it, what was handed over, and its next step.
 */
#include "alert_query.h"
#include "alerts_answer.h"
#include "gateway.h"
#include "hand_over.h"
#include "handlers.h"
#include "json_scan.h"
#include "json_write.h"
#include "web_body.h"
#include "web_problem.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY_MS INT64_C(86400000)
enum { LIMIT_USUAL = 20, CALL_MAX = SHIFT_DOCUMENT_MAX + 16384 };

/* A question to the store whose answer is somebody's. Of a step also what is needed to read it. */
struct shifting {
    struct gateway *g;
    uint64_t ticket;
    bool sees_all; /* a document tells of every district */
};

void shift_write(const struct shift *s, struct json_writer *w)
{
    json_write_begin_object(w);
    json_write_key(w, "rev");
    json_write_u64(w, s->rev);
    json_write_key(w, "shift");
    json_write_u64(w, s->number);
    json_write_key(w, "on");
    if (s->on.len > 0)
        json_write_string(w, s->on);
    else
        json_write_null(w);
    if (s->on.len > 0) {
        json_write_key(w, "since");
        json_write_i64(w, s->since_ms);
    }
    if (s->to.len > 0) {
        json_write_key(w, "to");
        json_write_string(w, s->to);
    }
    json_write_end_object(w);
}

static void send_answer(struct shifting *s, struct web_answer *out)
{
    gateway_answer(s->g, s->ticket, out);
    web_answer_fini(out);
    free(s);
}

static void away(struct web_answer *out)
{
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, "the store did not answer: ask the same request again");
}

/* ---- what was ---- */

static bool is_json(struct text t)
{
    struct json_scan scan = json_scan_of(t);
    return json_scan_skip(&scan, 8) == JSON_FAULT_NONE && scan.at == scan.end;
}

static void write_entry(const struct shifting *s, const struct redis_reply *entry, struct json_writer *w)
{
    struct fields fields = memory_fields(s->g, redis_reply_at(entry, 1));
    char name[64];
    json_write_begin_object(w);
    json_write_key(w, "entry");
    json_write_string(w, redis_reply_text(redis_reply_at(entry, 0)));
    for (size_t i = 0; i < fields.count; i++) {
        bool document = text_equal(fields.items[i].name, TEXT("document"));
        if (document && !s->sees_all)
            continue;
        snprintf(name, sizeof name, "%.*s", TEXT_ARG(fields.items[i].name));
        json_write_key(w, name);
        if (document && is_json(fields.items[i].value))
            json_write_raw(w, fields.items[i].value);
        else
            json_write_string(w, fields.items[i].value);
    }
    json_write_end_object(w);
}

static void on_entries(void *arg, const struct redis_reply *reply)
{
    struct shifting *s = arg;
    struct web_answer out;
    struct json_writer w;
    web_answer_init(&out);
    if (redis_reply_type(reply) == REDIS_ARRAY) {
        json_writer_init(&w, &out.body);
        json_write_begin_object(&w);
        json_write_key(&w, "now");
        shift_write(&s->g->memory.shift, &w);
        json_write_key(&w, "items");
        json_write_begin_array(&w);
        for (size_t i = 0; i < redis_reply_count(reply); i++)
            write_entry(s, redis_reply_at(reply, i), &w);
        json_write_end_array(&w);
        json_write_key(&w, "next");
        json_write_null(&w);
        json_write_end_object(&w);
        out.status = 200;
        out.type = "application/json";
    } else {
        away(&out);
    }
    send_answer(s, &out);
}

static struct shifting *begin(struct gateway *g, const struct web_match *match, struct web_answer *out)
{
    struct shifting *s = g->memory.whole ? calloc(1, sizeof *s) : NULL;
    if (s == NULL)
        away(out);
    else
        *s = (struct shifting){g, match->request->ticket, scope_is_whole(&match->request->who->scope)};
    return s;
}

void handle_shifts(void *context, const struct web_match *match, struct web_answer *out)
{
    struct shifting *s = begin(context, match, out);
    char limit[24];
    if (s == NULL)
        return;
    snprintf(limit, sizeof limit, "%d", (int)web_match_number(match, "limit", LIMIT_USUAL));
    const struct text words[] = {TEXT("XREVRANGE"), TEXT("muck:{0}:shifts"), TEXT("+"),
                                 TEXT("-"),         TEXT("COUNT"),           text_of(limit)};
    if (redis_send(s->g->redis, 6, words, on_entries, s)) {
        out->later = true;
        return;
    }
    free(s);
    away(out);
}

/* ---- a step ---- */

static void on_written(void *arg, const struct redis_reply *reply)
{
    struct shifting *s = arg;
    struct web_answer out;
    struct json_writer w;
    struct text word = redis_reply_text(redis_reply_at(reply, 0));
    web_answer_init(&out);
    if (redis_reply_type(reply) != REDIS_ARRAY) {
        away(&out);
    } else if (text_equal(word, TEXT("stale"))) {
        web_problem_at(&out, 409, "stale", "/rev", text_of(shift_refusal_text(SHIFT_STALE)));
    } else {
        json_writer_init(&w, &out.body);
        json_write_begin_object(&w);
        json_write_key(&w, "entry");
        json_write_string(&w, redis_reply_text(redis_reply_at(reply, 1)));
        json_write_end_object(&w);
        out.status = 200;
        out.type = "application/json";
    }
    send_answer(s, &out);
}

static bool read_step(const struct json_node *root, struct shift_request *r, struct web_answer *out)
{
    static const struct web_member members[] = {{"event", JSON_NODE_STRING, true, 16},
                                                {"rev", JSON_NODE_NUMBER, true, 0},
                                                {"request", JSON_NODE_STRING, true, DESK_REQUEST_MAX},
                                                {"to", JSON_NODE_STRING, false, PERSON_NAME_MAX},
                                                {"why", JSON_NODE_STRING, false, DESK_TEXT_MAX}};
    if (!web_body_fits(root, members, sizeof members / sizeof *members, out))
        return false;
    double rev = json_node_member(root, "rev")->number;
    *r = (struct shift_request){.rev = rev >= 0 && rev < 9e15 ? (uint64_t)rev : UINT64_MAX,
                                .request = web_body_text(root, "request"),
                                .to = web_body_text(root, "to"),
                                .why = web_body_text(root, "why")};
    if (r->request.len > 0 && shift_event_find(web_body_text(root, "event"), &r->event))
        return true;
    web_problem_at(out, 400, "bad-body", r->request.len > 0 ? "/event" : "/request",
                   TEXT("expected take, offer, accept or cancel, and a request's name"));
    return false;
}

static void step(struct shifting *s, const struct shift_request *r, const struct web_match *match,
                 struct web_answer *out)
{
    static const struct {
        int status;
        const char *kind;
    } rows[SHIFT_REFUSAL_COUNT] = {
        [SHIFT_ROLE] = {403, "not-allowed"}, [SHIFT_STALE] = {409, "stale"},
        [SHIFT_HELD] = {409, "held"},        [SHIFT_NOT_ON] = {403, "not-on"},
        [SHIFT_NOT_TO] = {403, "not-to"},    [SHIFT_TO_SELF] = {422, "to-self"},
    };
    const struct web_request *q = match->request;
    const struct desk_person person = {q->who->name, q->address, q->role >= ROLE_DISPATCHER,
                                       q->role >= ROLE_ENFORCER};
    struct shift now = s->g->memory.shift;
    enum shift_refusal refusal = shift_decide(&now, r, &person);
    struct buf command, document;
    /* One that is asked again is stale by now, and the store knows it. */
    bool again = refusal == SHIFT_STALE && r->rev < now.rev;
    if (refusal != SHIFT_OK && !again) {
        web_problem_at(out, rows[refusal].status, rows[refusal].kind, NULL,
                       text_of(shift_refusal_text(refusal)));
        free(s);
        return;
    }
    if (again)
        now.rev = UINT32_MAX; /* which no entry has: nothing is written that was not decided */
    buf_init(&command, CALL_MAX);
    buf_init(&document, SHIFT_DOCUMENT_MAX);
    if (r->event == SHIFT_OFFER && !again)
        hand_over_write(
            &(struct hand_over){.book = s->g->memory.book, .now_ms = q->now.ms, .since_ms = now.since_ms},
            &document);
    shift_call_write(&now, r, &person, buf_text(&document), &command);
    out->later = buf_ok(&document) && buf_ok(&command) &&
                 redis_send_formatted(s->g->redis, buf_text(&command), on_written, s);
    buf_fini(&command);
    buf_fini(&document);
    if (out->later)
        return;
    free(s);
    away(out);
}

void handle_shift(void *context, const struct web_match *match, struct web_answer *out)
{
    struct json_tree tree = {0};
    struct shift_request r;
    if (web_body_read(match->request, &tree, out) && read_step(tree.nodes, &r, out)) {
        struct shifting *s = begin(context, match, out);
        if (s != NULL)
            step(s, &r, match, out);
    }
    json_tree_fini(&tree);
}

/* What an offer would say now, within one's scope; where nobody has the watch, what was done since a day ago. */
void handle_hand_over(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    const struct web_request *r = match->request;
    if (!alerts_are_whole(g, out))
        return;
    const struct shift *shift = &g->memory.shift;
    int64_t otherwise_ms = shift->on.len > 0 ? shift->since_ms : r->now.ms - DAY_MS;
    const struct hand_over what = {.book = g->memory.book,
                                   .scope = alert_scope(r->who),
                                   .now_ms = r->now.ms,
                                   .since_ms =
                                       (int64_t)web_match_number(match, "since", (double)otherwise_ms)};
    hand_over_write(&what, &out->body);
    out->status = 200;
    out->type = "application/json";
}
