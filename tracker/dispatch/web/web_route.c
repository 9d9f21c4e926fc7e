#include "web_route.h"

#include "json_scan.h"
#include "web_problem.h"

#include <math.h>
#include <stdio.h>
#include <strings.h>

enum { SHOWN_MAX = 60 };

static bool method_fits(const struct web_route *row, enum web_method method)
{
    return row->method == method || (row->method == WEB_GET && method == WEB_HEAD);
}

static bool pattern_fits(const char *pattern, const struct web_target *target, struct web_match *out)
{
    out->id_count = 0;
    const char *at = pattern;
    for (size_t i = 0; i < target->segment_count; i++) {
        if (*at++ != '/')
            return false;
        struct text want = {at, strcspn(at, "/")};
        at += want.len;
        if (want.len > 0 && want.data[0] == '{')
            out->ids[out->id_count++] = target->segments[i];
        else if (!text_equal(want, target->segments[i]))
            return false;
    }
    return *at == '\0' || (target->segment_count == 0 && strcmp(pattern, "/") == 0);
}

static void refuse_method(struct web_routes routes, const struct web_target *target,
                          struct web_answer *refusal)
{
    char allow[96] = {0};
    struct buf words = {.data = allow, .cap = sizeof allow - 1, .limit = sizeof allow - 1};
    struct web_match ignored;
    for (size_t i = 0; i < routes.count; i++) {
        if (!pattern_fits(routes.rows[i].pattern, target, &ignored))
            continue;
        buf_puts(&words, words.len > 0 ? ", " : "");
        buf_puts(&words, web_method_name(routes.rows[i].method));
        buf_puts(&words, routes.rows[i].method == WEB_GET ? ", HEAD" : "");
    }
    web_answer_field(refusal, "Allow", buf_text(&words));
    web_problem(refusal, 405, "it takes %s", allow);
}

static const struct web_parameter_row *parameter_row(const struct web_route *route, struct text name)
{
    for (size_t i = 0; i < route->parameter_count; i++)
        if (text_equal(name, text_of(route->parameters[i].name)))
            return &route->parameters[i];
    return NULL;
}

static bool read_number(struct text t, double *out)
{
    struct json_scan s = json_scan_of(t);
    struct json_number n;
    if (json_scan_number(&s, &n) != JSON_FAULT_NONE || s.at != s.end)
        return false;
    *out = json_number_double(&n);
    return isfinite(*out);
}

static bool is_one_of(const char *words, struct text value)
{
    while (*words != '\0') {
        size_t n = strcspn(words, "|");
        if (text_equal((struct text){words, n}, value))
            return true;
        words += n + (words[n] == '|');
    }
    return false;
}

static bool value_fits(const struct web_parameter_row *row, struct text value)
{
    double number;
    switch (row->type) {
    case WEB_PARAMETER_TEXT:
        return (double)value.len >= row->min && (double)value.len <= row->max;
    case WEB_PARAMETER_WORD:
        return is_one_of(row->words, value);
    default:
        return read_number(value, &number) && number >= row->min && number <= row->max &&
               (row->type == WEB_PARAMETER_NUMBER || number == floor(number));
    }
}

static bool refuse_parameter(struct web_answer *refusal, struct text name, const char *reason)
{
    char pointer[SHOWN_MAX + 1], detail[SHOWN_MAX + 160];
    size_t n = name.len < SHOWN_MAX ? name.len : SHOWN_MAX;
    snprintf(pointer, sizeof pointer, "%.*s", (int)n, name.data);
    snprintf(detail, sizeof detail, "parameter \"%s\": %s", pointer, reason);
    web_problem_at(refusal, 400, "bad-parameter", pointer, text_of(detail));
    return false;
}

static bool refuse_value(struct web_answer *refusal, const struct web_parameter_row *row)
{
    char reason[128];
    switch (row->type) {
    case WEB_PARAMETER_TEXT:
        snprintf(reason, sizeof reason, "expected %.0f to %.0f bytes", row->min, row->max);
        break;
    case WEB_PARAMETER_WORD:
        snprintf(reason, sizeof reason, "expected one of %s", row->words);
        break;
    default:
        snprintf(reason, sizeof reason, "expected a %snumber from %.0f to %.0f",
                 row->type == WEB_PARAMETER_WHOLE ? "whole " : "", row->min, row->max);
    }
    return refuse_parameter(refusal, text_of(row->name), reason);
}

static size_t times(const struct web_target *target, struct text name)
{
    size_t count = 0;
    for (size_t i = 0; i < target->parameter_count; i++)
        count += text_equal(target->parameters[i].name, name);
    return count;
}

static bool parameters_fit(const struct web_route *route, const struct web_target *target,
                           struct web_answer *refusal)
{
    for (size_t i = 0; i < target->parameter_count; i++) {
        const struct web_parameter *p = &target->parameters[i];
        const struct web_parameter_row *row = parameter_row(route, p->name);
        if (row == NULL)
            return refuse_parameter(refusal, p->name, "there is no such parameter");
        if (!row->repeats && times(target, p->name) > 1)
            return refuse_parameter(refusal, p->name, "stands twice");
        if (!value_fits(row, p->value))
            return refuse_value(refusal, row);
    }
    for (size_t i = 0; i < route->parameter_count; i++) {
        struct text name = text_of(route->parameters[i].name);
        if (route->parameters[i].required && times(target, name) == 0)
            return refuse_parameter(refusal, name, "is missing");
    }
    return true;
}

bool web_route_find(struct web_routes routes, const struct web_request *request, struct web_match *out,
                    struct web_answer *refusal)
{
    bool path_known = false;
    *out = (struct web_match){.request = request};
    for (size_t i = 0; i < routes.count; i++) {
        const struct web_route *row = &routes.rows[i];
        if (!pattern_fits(row->pattern, request->target, out))
            continue;
        path_known = true;
        if (!method_fits(row, request->head->method))
            continue;
        out->route = row;
        return parameters_fit(row, request->target, refusal);
    }
    if (path_known)
        refuse_method(routes, request->target, refusal);
    else
        web_problem(refusal, 404, "there is nothing at this path");
    return false;
}

bool web_route_allows(const struct web_match *match, struct web_answer *refusal)
{
    enum role role = match->request->role;
    if (role >= match->route->least)
        return true;
    if (role == ROLE_NOBODY) {
        web_answer_field(refusal, "WWW-Authenticate", TEXT("Bearer realm=\"muckwatch\""));
        web_problem(refusal, 401, "sign in with POST /api/v1/session, or send a bearer token");
    } else {
        web_problem(refusal, 403, "your role does not do this");
    }
    return false;
}

/* "http://" or "https://" and the Host of the request. Behind a proxy that ends TLS the scheme is the proxy's. */
static bool is_own_origin(const struct web_request *r)
{
    struct text origin = web_field(r, WEB_FIELD_ORIGIN), host = web_field(r, WEB_FIELD_HOST);
    static const struct text schemes[] = {{"https://", 8}, {"http://", 7}};
    for (size_t i = 0; i < 2; i++) {
        struct text scheme = schemes[i];
        if (r->secret && i > 0)
            break;
        if (origin.len == scheme.len + host.len && memcmp(origin.data, scheme.data, scheme.len) == 0 &&
            strncasecmp(origin.data + scheme.len, host.data, host.len) == 0)
            return true;
    }
    return false;
}

static bool is_json(struct text type)
{
    static const struct text json = {"application/json", 16};
    if (type.len < json.len || strncasecmp(type.data, json.data, json.len) != 0)
        return false;
    return type.len == json.len || type.data[json.len] == ';' || type.data[json.len] == ' ';
}

bool web_route_body_fits(const struct web_match *match, struct web_answer *refusal)
{
    const struct web_request *r = match->request;
    if (match->route->method == WEB_GET)
        return true;
    struct text site = web_field(r, WEB_FIELD_SEC_FETCH_SITE);
    bool elsewhere = site.data != NULL && !text_equal(site, TEXT("same-origin"));
    if (elsewhere || (web_field(r, WEB_FIELD_ORIGIN).data != NULL && !is_own_origin(r))) {
        web_problem(refusal, 403, "a page of another origin may not change anything here");
        return false;
    }
    if (web_field(r, WEB_FIELD_CONTENT_ENCODING).data != NULL) {
        web_problem(refusal, 415, "a body is taken as it is, without a coding");
        return false;
    }
    /* Without a body as well: a form of another page cannot say this type without asking first. */
    if (!is_json(web_field(r, WEB_FIELD_CONTENT_TYPE))) {
        web_problem(refusal, 415, "a change has the content type application/json");
        return false;
    }
    return true;
}

struct text web_match_text(const struct web_match *match, const char *name, size_t nth)
{
    const struct web_target *t = match->request->target;
    for (size_t i = 0; i < t->parameter_count; i++)
        if (text_equal(t->parameters[i].name, text_of(name)) && nth-- == 0)
            return t->parameters[i].value;
    return (struct text){0};
}

double web_match_number(const struct web_match *match, const char *name, double otherwise)
{
    double number;
    struct text value = web_match_text(match, name, 0);
    return value.data != NULL && read_number(value, &number) ? number : otherwise;
}
