/*
 * Who looked at whom, written to the store's `audit` before the answer: what cannot be written down is not told.
 */
#include "gateway.h"
#include "web_problem.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

enum { FIELDS_MAX = 11, ASKED_MAX = 1024 };

/* What a question to the store was for. */
struct note {
    struct gateway *g;
    uint64_t ticket;
};

static void on_noted(void *arg, const struct redis_reply *reply)
{
    struct note note = *(struct note *)arg;
    struct web_answer answer;
    free(arg);
    if (redis_reply_type(reply) == REDIS_TEXT) {
        web_server_ask_again(note.g->server, note.ticket);
        return;
    }
    web_answer_init(&answer);
    web_problem(&answer, 503, "that this is asked could not be written down");
    gateway_answer(note.g, note.ticket, &answer);
    web_answer_fini(&answer);
}

/* The words of a command that grows. */
struct words {
    struct text items[3 + 2 * FIELDS_MAX];
    size_t count;
};

static void put(struct words *w, const char *name, struct text value)
{
    if (value.len == 0)
        return;
    w->items[w->count++] = text_of(name);
    w->items[w->count++] = value;
}

/* Of a question without an id: its parameters as they were sent. */
static struct text asked(const struct web_match *match)
{
    struct text target = match->request->head->target;
    const char *at = match->id_count == 0 ? memchr(target.data, '?', target.len) : NULL;
    size_t length = at != NULL ? target.len - (size_t)(at - target.data) - 1 : 0;
    return at == NULL ? (struct text){0} : (struct text){at + 1, length < ASKED_MAX ? length : ASKED_MAX};
}

/* The vehicle, or the place. */
static struct text of(const struct web_match *match)
{
    struct text vehicle = match->id_count > 0 ? match->ids[0] : web_match_text(match, "vehicle", 0);
    return vehicle.len > 0 ? vehicle : web_match_text(match, "bbox", 0);
}

static bool send_note(struct gateway *g, const struct web_match *match, struct note *note)
{
    const struct web_request *r = match->request;
    char key[MW_KEY_MAX], at[24], near[96] = "";
    struct text lat = web_match_text(match, "lat", 0), lon = web_match_text(match, "lon", 0),
                radius = web_match_text(match, "radius", 0);
    if (lat.data != NULL)
        snprintf(near, sizeof near, "%.*s,%.*s%s%.*s", TEXT_ARG(lat), TEXT_ARG(lon),
                 radius.data != NULL ? "," : "", TEXT_ARG(radius));
    snprintf(key, sizeof key, MW_KEY_AUDIT, g->config.partitions.items[0]);
    snprintf(at, sizeof at, "%lld", (long long)r->now.ms);
    struct words w = {{TEXT("XADD"), text_of(key), TEXT("*")}, 3};
    put(&w, "who", r->who != NULL ? r->who->name : TEXT(""));
    put(&w, "at", text_of(at));
    put(&w, "what", text_of(match->route->name));
    put(&w, "of", of(match));
    put(&w, "from", web_match_text(match, "from", 0));
    put(&w, "to", web_match_text(match, "to", 0));
    put(&w, "edition", web_match_text(match, "edition", 0));
    put(&w, "purpose", web_match_text(match, "purpose", 0));
    put(&w, "near", text_of(near));
    put(&w, "asked", asked(match));
    put(&w, "source", r->address);
    return redis_send(g->redis, w.count, w.items, on_noted, note);
}

void gateway_note(struct gateway *g, const struct web_match *match, struct web_answer *out)
{
    struct note *note = malloc(sizeof *note);
    if (note != NULL) {
        *note = (struct note){g, match->request->ticket};
        out->later = send_note(g, match, note);
    }
    if (out->later)
        return;
    free(note);
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, "the store is away: that this is asked cannot be written down");
}
