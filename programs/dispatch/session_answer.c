#include "session_answer.h"

#include "credentials.h"
#include "json_write.h"

#include <stdio.h>

static const char *const role_names[ROLE_COUNT] = {"nobody", "viewer", "dispatcher", "enforcer", "admin"};

static void write_list(struct json_writer *w, const char *key, struct text_list list)
{
    json_write_key(w, key);
    json_write_begin_array(w);
    for (size_t i = 0; i < list.count; i++)
        json_write_string(w, list.items[i]);
    json_write_end_array(w);
}

void session_answer(const struct gateway *g, const struct person *person, struct web_answer *out)
{
    struct json_writer w;
    json_writer_init(&w, &out->body);
    json_write_begin_object(&w);
    json_write_key(&w, "user");
    json_write_string(&w, person->name);
    json_write_key(&w, "role");
    json_write_string(&w, text_of(role_names[person->role]));
    write_list(&w, "jurisdictions", person->scope.jurisdictions);
    write_list(&w, "companies", person->scope.companies);
    json_write_key(&w, "idle_ms");
    json_write_i64(&w, g->config.sessions.idle_ms);
    json_write_key(&w, "now");
    json_write_i64(&w, clock_wall().ms);
    json_write_end_object(&w);
    out->status = 200;
    out->type = "application/json";
}

/* A session cookie: the browser's end ends it as well. */
static void put_cookie(const struct gateway *g, const char *value, const char *more, struct web_answer *out)
{
    char cookie[256];
    bool secret = gateway_is_secret(g);
    snprintf(cookie, sizeof cookie, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
             credentials_cookie(secret), value, secret ? "; Secure" : "", more);
    web_answer_field(out, "Set-Cookie", text_of(cookie));
}

void session_answer_opened(const struct gateway *g, const struct person *person, const char *secret,
                           struct web_answer *out)
{
    put_cookie(g, secret, "", out);
    session_answer(g, person, out);
}

void session_answer_closed(const struct gateway *g, struct web_answer *out)
{
    put_cookie(g, "", "; Max-Age=0", out);
    out->status = 204;
}
