#include "web_problem.h"

#include "json_write.h"

#include <stdarg.h>
#include <stdio.h>

enum { DETAIL_MAX = 512 };

static const struct row {
    int status;
    const char *kind, *title;
} rows[] = {
    {400, "bad-request", "The request is not understood"},
    {401, "not-signed-in", "Nobody is signed in"},
    {403, "not-allowed", "This is not allowed"},
    {404, "not-found", "There is no such thing"},
    {405, "wrong-method", "This cannot be done with it"},
    {408, "too-slow", "The request took too long to come"},
    {409, "stale", "Somebody else was faster"},
    {412, "changed", "It was changed meanwhile"},
    {413, "too-large", "The body is too large"},
    {415, "wrong-media", "The body is of another type"},
    {416, "no-such-range", "The file has no such range"},
    {417, "expectation", "What is expected cannot be had"},
    {422, "invalid", "The values do not fit"},
    {428, "no-precondition", "The version that is to be changed has to be said"},
    {429, "too-many", "Too many requests"},
    {431, "head-too-large", "The head is too large"},
    {501, "not-implemented", "This coding is not known"},
    {503, "not-ready", "Not now"},
    {505, "wrong-version", "Not HTTP/1.0 or HTTP/1.1"},
    {500, "internal", "Something went wrong here"},
};

static const struct row *row_of(int status)
{
    const struct row *row = rows;
    while (row->status != status && row->status != 500)
        row++;
    return row;
}

const char *web_problem_kind(int status)
{
    return row_of(status)->kind;
}

void web_problem_at(struct web_answer *answer, int status, const char *kind, const char *pointer,
                    struct text detail)
{
    struct json_writer w;
    const struct row *row = row_of(status);
    answer->status = status;
    answer->type = WEB_PROBLEM_MEDIA;
    buf_clear(&answer->body);
    char type[128];
    snprintf(type, sizeof type, WEB_PROBLEM_TYPES "%s", kind != NULL ? kind : row->kind);
    json_writer_init(&w, &answer->body);
    json_write_begin_object(&w);
    json_write_key(&w, "type");
    json_write_string(&w, text_of(type));
    json_write_key(&w, "title");
    json_write_string(&w, text_of(row->title));
    json_write_key(&w, "status");
    json_write_i64(&w, status);
    json_write_key(&w, "detail");
    json_write_string(&w, detail);
    if (pointer != NULL) {
        json_write_key(&w, "pointer");
        json_write_string(&w, text_of(pointer));
    }
    json_write_end_object(&w);
}

void web_problem(struct web_answer *answer, int status, const char *format, ...)
{
    char detail[DETAIL_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    web_problem_at(answer, status, NULL, NULL, text_of(detail));
}
