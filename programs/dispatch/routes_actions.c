/*
 * Actions on alerts: one, or up to 200 with an answer each.
 *
 * What is asked is decided by memory, then held to by the store (desk.lua). Nobody is told that something was done before the store
 * has said so; where the store did not answer nobody knows, and the same request asked again gets the first answer.
 */
#include "alert_query.h"
#include "desk_call.h"
#include "desk_request.h"
#include "gateway.h"
#include "handlers.h"
#include "json_write.h"
#include "web_body.h"
#include "web_problem.h"

#include <stdio.h>
#include <stdlib.h>

enum { ITEMS_MAX = 200, CALL_MAX = 65536, KEPT_FIELDS_MAX = 8 };

struct acting;

struct item {
    struct acting *of;
    char id[DESK_ID_LENGTH]; /* of the path */
    struct desk_request request;
    struct desk_call call;
    int status;
    const char *kind, *detail; /* of what was not done */
    char pointer[80];
    bool says_work;
    enum work_state state; /* as it is now */
    uint32_t rev;
    char entry[48], assignee[DESK_NAME_MAX + 1];
};

/* Owns what its requests borrow: the body, its tree, the names. */
struct acting {
    struct gateway *g;
    uint64_t ticket;
    bool many, is_decided;
    size_t count, waiting;
    char *body;
    struct json_tree tree;
    char who[DESK_NAME_MAX], from[DESK_NAME_MAX];
    struct desk_person person;
    struct item *items;
};

static void acting_free(struct acting *a)
{
    json_tree_fini(&a->tree);
    free(a->items);
    free(a->body);
    free(a);
}

/* ---- answers ---- */

static void refuse(struct item *i, int status, const char *kind, const char *detail)
{
    i->status = status;
    i->kind = kind;
    i->detail = detail;
}

static void show_work(struct item *i, const struct work *work)
{
    i->says_work = true;
    i->state = work->state;
    i->rev = work->rev;
    snprintf(i->assignee, sizeof i->assignee, "%.*s", TEXT_ARG(work->to));
}

static void write_work(const struct item *i, struct json_writer *w)
{
    json_write_key(w, "work");
    json_write_begin_object(w);
    json_write_key(w, "state");
    json_write_string(w, text_of(work_state_word(i->state)));
    json_write_key(w, "rev");
    json_write_u64(w, i->rev);
    if (i->assignee[0] != '\0') {
        json_write_key(w, "assignee");
        json_write_string(w, text_of(i->assignee));
    }
    json_write_end_object(w);
}

static void write_item(const struct item *i, struct json_writer *w)
{
    json_write_begin_object(w);
    json_write_key(w, "id");
    json_write_string(w, i->request.id);
    json_write_key(w, "status");
    json_write_i64(w, i->status);
    if (i->entry[0] != '\0') {
        json_write_key(w, "entry");
        json_write_string(w, text_of(i->entry));
    }
    if (i->detail != NULL) {
        json_write_key(w, "type");
        json_write_string(w, text_of(i->kind));
        json_write_key(w, "detail");
        json_write_string(w, text_of(i->detail));
    }
    if (i->pointer[0] != '\0') {
        json_write_key(w, "pointer");
        json_write_string(w, text_of(i->pointer));
    }
    if (i->says_work)
        write_work(i, w);
    json_write_end_object(w);
}

/* A problem, and behind its members the work as it stands: whoever was slower need not ask again. */
static void answer_problem(const struct item *i, struct web_answer *out)
{
    web_problem_at(out, i->status, i->kind, i->pointer[0] != '\0' ? i->pointer : NULL, text_of(i->detail));
    if (i->status == 503)
        web_answer_field(out, "Retry-After", TEXT("5"));
    if (!i->says_work || out->body.len == 0)
        return;
    out->body.len--; /* its closing brace */
    buf_put_char(&out->body, ',');
    buf_puts(&out->body, "\"work\":{\"state\":");
    json_put_string(&out->body, text_of(work_state_word(i->state)));
    buf_puts(&out->body, ",\"rev\":");
    buf_put_u64(&out->body, i->rev);
    if (i->assignee[0] != '\0') {
        buf_puts(&out->body, ",\"assignee\":");
        json_put_string(&out->body, text_of(i->assignee));
    }
    buf_puts(&out->body, "}}");
}

static void answer(const struct acting *a, struct web_answer *out)
{
    struct json_writer w;
    if (!a->many && a->items[0].detail != NULL) {
        answer_problem(&a->items[0], out);
        return;
    }
    json_writer_init(&w, &out->body);
    if (a->many) {
        json_write_begin_object(&w);
        json_write_key(&w, "items");
        json_write_begin_array(&w);
    }
    for (size_t i = 0; i < a->count; i++)
        write_item(&a->items[i], &w);
    if (a->many) {
        json_write_end_array(&w);
        json_write_end_object(&w);
    }
    out->status = 200;
    out->type = "application/json";
}

/* ---- what the store says ---- */

static void take_done(struct item *i, const struct redis_reply *reply)
{
    enum work_state state = WORK_OPEN;
    struct text entry = redis_reply_text(redis_reply_at(reply, 2));
    work_state_find(redis_reply_text(redis_reply_at(reply, 3)), &state);
    i->status = 200;
    i->says_work = true;
    i->state = state;
    i->rev = (uint32_t)redis_reply_integer(redis_reply_at(reply, 1));
    snprintf(i->entry, sizeof i->entry, "%.*s", TEXT_ARG(entry));
    if (!text_equal(redis_reply_text(redis_reply_at(reply, 0)), TEXT("done")))
        return;
    /* So that whoever asks next sees it, though the stream may not have told it yet. */
    struct desk_entry written;
    desk_call_entry(&i->call, &written);
    memory_take_action(i->of->g, i->call.partition, entry, written.fields);
}

static void take_stale(struct item *i, const struct redis_reply *reply)
{
    struct work work;
    struct field items[32];
    struct fields hash = {items, 0};
    for (size_t at = 1; at + 1 < redis_reply_count(reply) && hash.count < 32; at += 2)
        items[hash.count++] = (struct field){redis_reply_text(redis_reply_at(reply, at)),
                                             redis_reply_text(redis_reply_at(reply, at + 1))};
    work_of_hash(&work, hash);
    refuse(i, 409, "stale", desk_refusal_text(DESK_STALE));
    show_work(i, &work);
}

static void finish(struct acting *a)
{
    struct web_answer out;
    web_answer_init(&out);
    answer(a, &out);
    gateway_answer(a->g, a->ticket, &out);
    web_answer_fini(&out);
    acting_free(a);
}

static void on_written(void *arg, const struct redis_reply *reply)
{
    struct item *i = arg;
    struct acting *a = i->of;
    struct text word = redis_reply_text(redis_reply_at(reply, 0));
    if (redis_reply_type(reply) != REDIS_ARRAY)
        refuse(i, 503, "not-ready", "the store did not answer: ask the same request again");
    else if (text_equal(word, TEXT("stale")))
        take_stale(i, reply);
    else
        take_done(i, reply);
    if (--a->waiting == 0 && a->is_decided)
        finish(a);
}

/* ---- deciding ---- */

static void refuse_decided(struct item *i, enum desk_refusal refusal, const struct work *work)
{
    static const struct {
        int status;
        const char *kind;
    } rows[DESK_REFUSAL_COUNT] = {
        [DESK_ROLE] = {403, "not-allowed"},      [DESK_OWN] = {403, "four-eyes"},
        [DESK_STALE] = {409, "stale"},           [DESK_NOT_NOW] = {409, "not-now"},
        [DESK_UNHANDLED] = {409, "not-handled"}, [DESK_UNTIL] = {422, "bad-until"},
        [DESK_ITSELF] = {422, "itself"},         [DESK_FULL] = {409, "full"},
    };
    refuse(i, rows[refusal].status, rows[refusal].kind, desk_refusal_text(refusal));
    if (rows[refusal].status == 409)
        show_work(i, work);
}

/* What the hash of the alert is to know of it. Borrowed from memory until the next entry is taken. */
static struct fields kept_of(const struct gateway *g, uint32_t number, struct field items[KEPT_FIELDS_MAX],
                             char start[24])
{
    struct register_alert a;
    struct fields f = {items, 0};
    register_alert(g->memory.book, number, &a);
    static const struct {
        const char *name;
        enum register_column column;
    } rows[] = {{"kind", COLUMN_KIND},
                {"vehicle", COLUMN_VEHICLE},
                {"company", COLUMN_COMPANY},
                {"jurisdiction", COLUMN_JURISDICTION}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        items[f.count++] =
            (struct field){text_of(rows[i].name), register_of(g->memory.book, number, rows[i].column)};
    snprintf(start, 24, "%lld", (long long)a.start_ms);
    items[f.count++] = (struct field){TEXT("start"), text_of(start)};
    items[f.count++] = (struct field){TEXT("severity"), text_of(alert_severity_word(a.severity))};
    return f;
}

static bool send(struct item *i, uint32_t number)
{
    struct field items[KEPT_FIELDS_MAX];
    char start[24];
    struct buf command;
    buf_init(&command, CALL_MAX);
    i->call.alert = kept_of(i->of->g, number, items, start);
    desk_call_write(&i->call, &command);
    i->call.alert = (struct fields){NULL, 0};
    bool sent = buf_ok(&command) && redis_send_formatted(i->of->g->redis, buf_text(&command), on_written, i);
    buf_fini(&command);
    return sent;
}

static void decide(struct item *i, struct register_scope scope, int64_t now_ms)
{
    struct acting *a = i->of;
    struct register_alert alert;
    uint32_t number;
    if (!register_look(a->g->memory.book, i->request.id, scope, &number)) {
        refuse(i, 404, "not-found", "there is no such alert");
        return;
    }
    register_alert(a->g->memory.book, number, &alert);
    const struct desk_case c = {&a->g->memory.desk, &alert.work, alert.condition, now_ms};
    i->call = (struct desk_call){alert.partition, &i->request, &a->person, WORK_OPEN, {NULL, 0}};
    enum desk_refusal refusal = desk_decide(&c, &i->request, &a->person, &i->call.next);
    /* One that is asked again is stale by now, and the store knows its first answer. It is asked with a rev that no alert has, so
     * that nothing is done that was not decided, whatever the store is. */
    if (refusal == DESK_STALE && i->request.rev < alert.work.rev) {
        i->request.rev = UINT32_MAX;
    } else if (refusal != DESK_OK) {
        refuse_decided(i, refusal, &alert.work);
        return;
    }
    if (send(i, number))
        a->waiting++;
    else
        refuse(i, 503, "not-ready", "the store is away");
}

static void act(struct acting *a, const struct web_match *match, struct web_answer *out)
{
    const struct register_scope scope = alert_scope(match->request->who);
    for (size_t i = 0; i < a->count; i++)
        if (a->items[i].detail == NULL)
            decide(&a->items[i], scope, match->request->now.ms);
    a->is_decided = true;
    if (a->waiting > 0) {
        out->later = true;
        return;
    }
    answer(a, out);
    acting_free(a);
}

/* ---- reading ---- */

static struct text keep(struct text t, char *out)
{
    size_t len = t.len < DESK_NAME_MAX ? t.len : DESK_NAME_MAX;
    memcpy(out, t.data, len);
    return (struct text){out, len};
}

/* NULL, with a problem in the answer. The body is copied: what is asked outlives the request. */
static struct acting *begin(struct gateway *g, const struct web_match *match, struct web_answer *out)
{
    const struct web_request *r = match->request;
    struct acting *a = calloc(1, sizeof *a);
    if (a != NULL)
        a->body = malloc(r->body.len + 1);
    if (a == NULL || a->body == NULL) {
        free(a);
        web_problem(out, 503, "there is no memory for it");
        return NULL;
    }
    memcpy(a->body, r->body.data, r->body.len);
    a->g = g;
    a->ticket = r->ticket;
    a->person = (struct desk_person){keep(r->who->name, a->who), keep(r->address, a->from),
                                     r->role >= ROLE_DISPATCHER, r->role >= ROLE_ENFORCER};
    struct web_request copy = *r;
    copy.body.data = a->body;
    if (web_body_read(&copy, &a->tree, out))
        return a;
    acting_free(a);
    return NULL;
}

static bool make_items(struct acting *a, size_t count, struct web_answer *out)
{
    a->items = calloc(count + 1, sizeof *a->items);
    a->count = count;
    if (a->items == NULL) {
        web_problem(out, 503, "there is no memory for it");
        return false;
    }
    for (size_t i = 0; i < count; i++)
        a->items[i].of = a;
    return true;
}

static void read_item(struct item *i, const struct json_node *node, struct text id)
{
    struct desk_fault fault;
    if (desk_request_read(node, id, i->of->g->memory.reasons, &i->request, &fault))
        return;
    refuse(i, 400, "bad-body", fault.text);
    memcpy(i->pointer, fault.pointer, sizeof i->pointer);
}

static bool is_whole(const struct gateway *g, struct web_answer *out)
{
    if (g->memory.whole)
        return true;
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, "the streams are being read");
    return false;
}

void handle_action(void *context, const struct web_match *match, struct web_answer *out)
{
    struct acting *a = is_whole(context, out) ? begin(context, match, out) : NULL;
    if (a == NULL)
        return;
    /* The path's id is the request's: it is found in memory, which has a copy of its own. */
    uint32_t number;
    struct register_alert alert;
    if (!register_look(a->g->memory.book, match->ids[0], alert_scope(match->request->who), &number)) {
        web_problem(out, 404, "there is no such alert");
        acting_free(a);
        return;
    }
    register_alert(a->g->memory.book, number, &alert);
    if (!make_items(a, 1, out)) {
        acting_free(a);
        return;
    }
    memcpy(a->items[0].id, alert.id, DESK_ID_LENGTH);
    read_item(&a->items[0], a->tree.nodes, (struct text){a->items[0].id, DESK_ID_LENGTH});
    act(a, match, out);
}

void handle_actions(void *context, const struct web_match *match, struct web_answer *out)
{
    static const struct web_member members[] = {{"items", JSON_NODE_ARRAY, true, ITEMS_MAX}};
    struct acting *a = is_whole(context, out) ? begin(context, match, out) : NULL;
    if (a == NULL)
        return;
    const struct json_node *items = json_node_member(a->tree.nodes, "items");
    if (!web_body_fits(a->tree.nodes, members, 1, out) || !make_items(a, items->len, out)) {
        acting_free(a);
        return;
    }
    a->many = true;
    const struct json_node *node = json_node_first(items);
    for (size_t i = 0; i < a->count; i++, node = json_node_next(node))
        read_item(&a->items[i], node, (struct text){"", 0});
    act(a, match, out);
}

/* ---- what reviews say ---- */

void handle_reasons(void *context, const struct web_match *match, struct web_answer *out)
{
    (void)match;
    const struct gateway *g = context;
    struct json_writer w;
    json_writer_init(&w, &out->body);
    json_write_begin_object(&w);
    json_write_key(&w, "items");
    json_write_begin_array(&w);
    for (size_t i = 0; i < g->memory.reasons.count; i++)
        json_write_string(&w, g->memory.reasons.items[i]);
    json_write_end_array(&w);
    json_write_key(&w, "next");
    json_write_null(&w);
    json_write_end_object(&w);
    out->status = 200;
    out->type = "application/json";
}
