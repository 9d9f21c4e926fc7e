#include "http_status.h"

#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/http.h>

enum { HEADERS_MAX = 4096, IDLE_S = 10, PAGE_MAX = 1 << 20 };

struct http_status {
    struct evhttp *http;
    http_page *page;
    void *arg;
    struct buf body;
};

static void serve(struct evhttp_request *request, void *arg)
{
    struct http_status *h = arg;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *path = uri != NULL ? evhttp_uri_get_path(uri) : NULL;
    buf_clear(&h->body);
    int code = h->page(h->arg, path != NULL ? path : "", &h->body);
    struct evbuffer *out = evbuffer_new();
    if (out == NULL || !buf_ok(&h->body) || evbuffer_add(out, h->body.data, h->body.len) != 0)
        code = 500;
    evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
                      "text/plain; version=0.0.4; charset=utf-8");
    evhttp_send_reply(request, code, NULL, out);
    if (out != NULL)
        evbuffer_free(out);
}

struct http_status *http_status_new(struct loop *loop, const char *host, uint16_t port, http_page *page,
                                    void *arg)
{
    struct http_status *h = calloc(1, sizeof *h);
    if (h == NULL)
        return NULL;
    h->page = page;
    h->arg = arg;
    buf_init(&h->body, PAGE_MAX);
    h->http = evhttp_new(loop_base(loop));
    if (h->http == NULL || evhttp_bind_socket(h->http, host, port) != 0) {
        http_status_free(h);
        return NULL;
    }
    evhttp_set_allowed_methods(h->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
    evhttp_set_max_headers_size(h->http, HEADERS_MAX);
    evhttp_set_max_body_size(h->http, 0);
    evhttp_set_timeout(h->http, IDLE_S);
    evhttp_set_gencb(h->http, serve, h);
    return h;
}

void http_status_free(struct http_status *h)
{
    if (h == NULL)
        return;
    if (h->http != NULL)
        evhttp_free(h->http);
    buf_fini(&h->body);
    free(h);
}
