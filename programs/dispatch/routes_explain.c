/*
 * What led to an alert, as muckctl explain tells it: its vehicle's fixes once more through the engine, on the thread that reads files: from the
 * archive, where there is one, else, or where that has nothing of it yet, from the store. Since it tells where a vehicle was, that it is asked is
 * written down first.
 */
#include "alert_query.h"
#include "alerts_answer.h"
#include "gateway.h"
#include "handlers.h"
#include "json_write.h"
#include "past_reading.h"
#include "retelling.h"
#include "web_problem.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum { PATH_MAX_BYTES = 4096, NAME_MAX_BYTES = 256 };
#define STORY_MAX ((size_t)8 << 20)

struct explaining {
    struct gateway *g;
    uint64_t ticket;
    enum phrase_language language;
    char id[DESK_ID_LENGTH + 1], who[PERSON_NAME_MAX + 1];
    bool past; /* memory does not have it any more; what decides who may know it then is here */
    char jurisdiction[NAME_MAX_BYTES], company[NAME_MAX_BYTES];
    /* The thread's while it works. */
    char redis[PATH_MAX_BYTES], username[NAME_MAX_BYTES], password_file[PATH_MAX_BYTES],
        archive[PATH_MAX_BYTES];
    unsigned partition;
    bool archived; /* what is told is from there */
    uint32_t told;
    int code;
    struct buf story;
};

/* ---- on the thread ---- */

static const char *given(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static struct look look_of(const struct explaining *x, bool archived)
{
    if (archived)
        return (struct look){.archive = x->archive, .partition = x->partition};
    return (struct look){.redis = x->redis,
                         .username = given(x->username),
                         .password_file = given(x->password_file),
                         .partition = x->partition};
}

/* Worlds are asked for while a track is read, which takes a connection of its own. */
static int tell(struct explaining *x, struct retelling *r, struct look *worlds)
{
    bool archived = r->look.archive != NULL;
    int code = look_open(&r->look, r->command);
    if (code == EX_OK && !archived) {
        code = look_open(worlds, r->command);
        r->worlds.store = worlds->store;
    }
    if (code == EX_OK)
        code = retelling_begin(r);
    if (code == EX_OK)
        code = archived ? retelling_from_archive(r) : retelling_from_store(r);
    return code == EX_OK ? retelling_end(r, &x->story, &x->told) : code;
}

static void explain_from(struct explaining *x, bool archived)
{
    struct look worlds = look_of(x, false);
    struct retelling r = {.command = "muckwatch-dispatch",
                          .id = text_of(x->id),
                          .language = x->language,
                          .look = look_of(x, archived),
                          .named_worlds = true};
    x->archived = archived;
    x->told = 0;
    buf_clear(&x->story);
    x->code = city_open_empty(&r.city, r.command);
    if (x->code == EX_OK)
        x->code = tell(x, &r, &worlds);
    retelling_fini(&r);
    city_fini(&r.city);
    look_close(&r.look);
    look_close(&worlds);
}

static void explain(void *arg)
{
    struct explaining *x = arg;
    if (x->archive[0] != '\0')
        explain_from(x, true);
    if (x->code != EX_OK || x->told == 0)
        explain_from(x, false);
}

/* ---- on the loop's ---- */

static void write_story(const struct explaining *x, struct web_answer *out)
{
    struct json_writer w;
    json_writer_init(&w, &out->body);
    json_write_begin_object(&w);
    json_write_key(&w, "id");
    json_write_string(&w, text_of(x->id));
    json_write_key(&w, "source");
    json_write_string(&w, x->archived ? TEXT("archive") : TEXT("store"));
    json_write_key(&w, "text");
    json_write_string(&w, buf_text(&x->story));
    json_write_end_object(&w);
    out->status = 200;
    out->type = "application/json";
}

static bool may_know(const struct explaining *x, const struct person *person)
{
    uint32_t number;
    return x->past ? scope_covers(&person->scope, text_of(x->jurisdiction), text_of(x->company))
                   : register_look(x->g->memory.book, text_of(x->id), alert_scope(person), &number);
}

/* By what the person may know now: it may have been changed meanwhile. */
static void on_explained(void *arg)
{
    struct explaining *x = arg;
    struct web_answer answer;
    const struct person *person = people_find(&x->g->people, text_of(x->who));
    web_answer_init(&answer);
    if (person == NULL || person->role == ROLE_NOBODY)
        web_problem(&answer, 401, "you are signed out");
    else if (!may_know(x, person))
        web_problem(&answer, 404, "there is no such alert");
    else if (x->code == EX_OK && x->told > 0)
        write_story(x, &answer);
    else if (x->code == EX_OK || x->code == EX_DATAERR || x->code == EX_NOINPUT)
        web_problem_at(&answer, 404, "no-story", NULL,
                       TEXT("the fixes and rules that led to it are not kept whole any more"));
    else
        web_problem(&answer, 503, "neither archive nor store can be read");
    gateway_answer(x->g, x->ticket, &answer);
    web_answer_fini(&answer);
    buf_fini(&x->story);
    free(x);
}

static void copy(char *out, size_t cap, struct text t)
{
    int n = snprintf(out, cap, "%.*s", TEXT_ARG(t));
    if (n < 0 || (size_t)n >= cap)
        out[0] = '\0';
}

static void take_config(struct explaining *x)
{
    /* The store's address is that of the start, also once the configuration was read again. */
    const struct gateway *g = x->g;
    const struct redis_config *redis = g->begun.redis.host.len > 0 ? &g->begun.redis : &g->config.redis;
    if (redis->unix_socket.len > 0)
        copy(x->redis, sizeof x->redis, redis->unix_socket);
    else
        snprintf(x->redis, sizeof x->redis, "%.*s:%u", TEXT_ARG(redis->host), (unsigned)redis->port);
    copy(x->username, sizeof x->username, redis->username);
    copy(x->password_file, sizeof x->password_file, redis->password_file);
    copy(x->archive, sizeof x->archive, x->g->config.archive.dir);
}

/* The alert that is asked about: in memory, or behind it. NULL: it is being read, or a problem. */
static struct register_book *find(struct gateway *g, const struct web_match *match, uint32_t *out_number,
                                  bool *out_past, struct web_answer *out)
{
    const struct register_scope everything = {NULL, NULL}, scope = alert_scope(match->request->who);
    struct register_book *book = g->memory.book;
    if (!alerts_are_whole(g, out))
        return NULL;
    *out_past = !register_look(book, match->ids[0], everything, out_number);
    if (*out_past) {
        const struct past_book *past = past_one_of(g, match, PAST_ALERTS, out);
        if (past == NULL)
            return NULL;
        book = past->alerts;
    }
    if (register_look(book, match->ids[0], scope, out_number))
        return book;
    web_problem(out, 404, "there is no such alert");
    return NULL;
}

void handle_explain(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    const struct web_request *r = match->request;
    struct register_alert alert;
    uint32_t number;
    bool past;
    struct register_book *book = find(g, match, &number, &past, out);
    if (book == NULL)
        return;
    register_alert(book, number, &alert);
    struct explaining *x = calloc(1, sizeof *x);
    if (x != NULL) {
        *x = (struct explaining){
            .g = g, .ticket = r->ticket, .past = past, .partition = alert.partition, .code = EX_UNAVAILABLE};
        x->language = text_equal(web_match_text(match, "lang", 0), TEXT("zh")) ? PHRASE_ZH : PHRASE_EN;
        copy(x->id, sizeof x->id, match->ids[0]);
        copy(x->who, sizeof x->who, r->who->name);
        copy(x->jurisdiction, sizeof x->jurisdiction, register_of(book, number, COLUMN_JURISDICTION));
        copy(x->company, sizeof x->company, register_of(book, number, COLUMN_COMPANY));
        take_config(x);
        buf_init(&x->story, STORY_MAX);
        const struct job job = {explain, on_explained, x};
        out->later = jobs_add(&g->jobs, &job);
    }
    if (out->later)
        return;
    free(x);
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, "too many are reading");
}
