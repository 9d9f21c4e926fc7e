#include "web_answer.h"

enum { BODY_KEPT_MAX = 256 << 10 };

void web_answer_init(struct web_answer *answer)
{
    *answer = (struct web_answer){.file = -1};
    buf_init(&answer->fields, WEB_ANSWER_FIELDS_MAX);
    buf_init(&answer->body, WEB_ANSWER_MAX);
}

void web_answer_fini(struct web_answer *answer)
{
    buf_fini(&answer->fields);
    buf_fini(&answer->body);
}

void web_answer_clear(struct web_answer *answer)
{
    struct buf fields = answer->fields, body = answer->body;
    if (body.cap > BODY_KEPT_MAX)
        buf_fini(&body);
    *answer = (struct web_answer){.file = -1, .fields = fields, .body = body};
    answer->body.limit = WEB_ANSWER_MAX;
    buf_clear(&answer->fields);
    buf_clear(&answer->body);
}

void web_answer_field(struct web_answer *answer, const char *name, struct text value)
{
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.data[i] < ' ' || value.data[i] == 0x7f)
            answer->fields.failed = true;
    buf_printf(&answer->fields, "%s: %.*s\r\n", name, TEXT_ARG(value));
}

bool web_answer_ok(const struct web_answer *answer)
{
    return answer->status != 0 && buf_ok(&answer->fields) && buf_ok(&answer->body);
}

uint64_t web_answer_length(const struct web_answer *answer)
{
    return answer->file >= 0 ? answer->file_length : answer->body.len;
}

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Status";
}

/*
 * Workers may be made of blobs: MapLibre does. Nothing is loaded from elsewhere but pictures of the one server that is configured (MapLibre asks
 * for them by fetch), and nobody may frame it.
 */
static void write_policy(struct text pictures_from, struct buf *out)
{
    buf_puts(out, "Content-Security-Policy: default-src 'self'; img-src 'self' data: blob:");
    if (pictures_from.len > 0)
        buf_printf(out, " %.*s; connect-src 'self' %.*s", TEXT_ARG(pictures_from), TEXT_ARG(pictures_from));
    buf_puts(out, "; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
                  "frame-ancestors 'none'\r\n");
}

static const char guards[] = "X-Content-Type-Options: nosniff\r\n"
                             "X-Frame-Options: DENY\r\n"
                             "Referrer-Policy: no-referrer\r\n"
                             "Cross-Origin-Opener-Policy: same-origin\r\n"
                             "Cross-Origin-Resource-Policy: same-origin\r\n"
                             "Permissions-Policy: camera=(), microphone=(), payment=(), usb=()\r\n";

void web_answer_write_head(const struct web_answer *answer, bool closes, bool secret, struct buf *out)
{
    buf_puts(out, "HTTP/1.1 ");
    buf_put_i64(out, answer->status);
    buf_put_char(out, ' ');
    buf_puts(out, reason_of(answer->status));
    buf_puts(out, "\r\n");
    if (answer->type != NULL) {
        buf_puts(out, "Content-Type: ");
        buf_puts(out, answer->type);
        buf_puts(out, "\r\n");
    }
    if (answer->status != 204 && answer->status != 304 && !answer->stream) {
        buf_puts(out, "Content-Length: ");
        buf_put_u64(out, web_answer_length(answer));
        buf_puts(out, "\r\n");
    }
    buf_put_text(out, buf_text(&answer->fields));
    write_policy(answer->pictures_from, out);
    buf_puts(out, guards);
    if (secret)
        buf_puts(out, "Strict-Transport-Security: max-age=31536000\r\n");
    buf_puts(out, closes ? "Connection: close\r\n\r\n" : "\r\n");
}
