#include "web_post.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <curl/curl.h>

enum { ANSWER_MAX = 64 << 10, CONNECT_MS = 5000 };

struct exchange {
    struct web_poster *poster;
    CURL *easy;
    struct curl_slist *headers;
    web_posted *done;
    void *arg;
    bool *name_lost;
    size_t taken;
    char error[CURL_ERROR_SIZE];
    struct exchange *next;
};

/* A descriptor of libcurl's. */
struct link {
    struct web_poster *poster;
    curl_socket_t fd;
    struct loop_watch *reading, *writing;
};

struct web_poster {
    struct loop *loop;
    CURLM *multi;
    struct loop_timer *timer;
    struct exchange *first;
    unsigned count;
};

static void end_exchange(struct exchange *x)
{
    struct exchange **at = &x->poster->first;
    while (*at != x)
        at = &(*at)->next;
    *at = x->next;
    x->poster->count--;
    curl_multi_remove_handle(x->poster->multi, x->easy);
    curl_easy_cleanup(x->easy);
    curl_slist_free_all(x->headers);
    free(x);
}

/* It was given up while its name was looked up: there was no other end to wait for. */
static bool was_lost(CURL *easy, CURLcode code)
{
    curl_off_t found_us = 0;
    curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &found_us);
    return code == CURLE_OPERATION_TIMEDOUT && found_us == 0;
}

/* A folder has two links and one for each folder in it; here one for each thread. */
static bool is_crowded(void)
{
    struct stat threads;
    return stat("/proc/self/task", &threads) == 0 && threads.st_nlink >= 2 + WEB_POST_THREADS_MAX;
}

/* Tells of those that are over. Whoever is told may send the next. */
static void look(struct web_poster *p)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(p->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        struct exchange *x;
        long status = 0;
        char reason[CURL_ERROR_SIZE];
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&x);
        curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
        snprintf(reason, sizeof reason, "%s", x->error[0] != '\0' ? x->error : curl_easy_strerror(code));
        web_posted *done = x->done;
        void *arg = x->arg;
        *x->name_lost = was_lost(message->easy_handle, code);
        end_exchange(x);
        done(arg, code == CURLE_OK ? (int)status : 0, code == CURLE_OK ? "" : reason);
    }
}

static void act(struct web_poster *p, curl_socket_t fd, int what)
{
    int running;
    curl_multi_socket_action(p->multi, fd, what, &running);
    look(p);
}

static void on_readable(void *arg)
{
    const struct link *l = arg;
    act(l->poster, l->fd, CURL_CSELECT_IN);
}

static void on_writable(void *arg)
{
    const struct link *l = arg;
    act(l->poster, l->fd, CURL_CSELECT_OUT);
}

static void on_timer(void *arg)
{
    act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static void end_link(struct link *l)
{
    if (l == NULL)
        return;
    if (l->reading != NULL)
        loop_watch_free(l->reading);
    if (l->writing != NULL)
        loop_watch_free(l->writing);
    free(l);
}

static struct link *new_link(struct web_poster *p, curl_socket_t fd)
{
    struct link *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    *l = (struct link){.poster = p, .fd = fd};
    l->reading = loop_watch_new(p->loop, fd, false, on_readable, l);
    l->writing = loop_watch_new(p->loop, fd, true, on_writable, l);
    if (l->reading != NULL && l->writing != NULL)
        return l;
    end_link(l);
    return NULL;
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    (void)easy;
    struct web_poster *p = arg;
    struct link *l = known;
    if (what == CURL_POLL_REMOVE) {
        end_link(l);
        return 0;
    }
    if (l == NULL) {
        l = new_link(p, fd);
        if (l == NULL)
            return -1;
        curl_multi_assign(p->multi, fd, l);
    }
    loop_watch_set(l->reading, (what & CURL_POLL_IN) != 0);
    loop_watch_set(l->writing, (what & CURL_POLL_OUT) != 0);
    return 0;
}

/* Not at once, even for 0: nobody is called back from inside web_post_send. */
static int want_timer(CURLM *multi, long after_ms, void *arg)
{
    (void)multi;
    struct web_poster *p = arg;
    if (after_ms < 0)
        loop_timer_clear(p->timer);
    else
        loop_timer_set(p->timer, after_ms);
    return 0;
}

struct web_poster *web_poster_new(struct loop *loop)
{
    struct web_poster *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->loop = loop;
    p->timer = loop_timer_new(loop, on_timer, p);
    bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    p->multi = ready ? curl_multi_init() : NULL;
    if (p->timer == NULL || p->multi == NULL) {
        web_poster_free(p);
        return NULL;
    }
    curl_multi_setopt(p->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(p->multi, CURLMOPT_SOCKETDATA, p);
    curl_multi_setopt(p->multi, CURLMOPT_TIMERFUNCTION, want_timer);
    curl_multi_setopt(p->multi, CURLMOPT_TIMERDATA, p);
    return p;
}

void web_poster_free(struct web_poster *p)
{
    if (p == NULL)
        return;
    while (p->first != NULL)
        end_exchange(p->first);
    if (p->multi != NULL) {
        curl_multi_cleanup(p->multi);
        curl_global_cleanup();
    }
    if (p->timer != NULL)
        loop_timer_free(p->timer);
    free(p);
}

/* Neither fields nor body of an answer are kept; of both together there is a bound. */
static size_t take(char *bytes, size_t size, size_t count, void *arg)
{
    struct exchange *x = arg;
    (void)bytes;
    x->taken += size * count;
    if (x->taken <= ANSWER_MAX)
        return size * count;
    snprintf(x->error, sizeof x->error, "the answer is too large");
    return 0;
}

static bool set_options(struct exchange *x, const struct web_post *post)
{
    CURL *e = x->easy;
    bool ok = curl_easy_setopt(e, CURLOPT_URL, post->url) == CURLE_OK &&
              curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
              curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)post->body.len) == CURLE_OK &&
              curl_easy_setopt(e, CURLOPT_COPYPOSTFIELDS, post->body.data) == CURLE_OK &&
              curl_easy_setopt(e, CURLOPT_HTTPHEADER, x->headers) == CURLE_OK &&
              (post->ca_file == NULL || curl_easy_setopt(e, CURLOPT_CAINFO, post->ca_file) == CURLE_OK);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    /* Names are looked up on threads; without this, giving one up waits for its thread, as long as the name server likes. */
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)post->timeout_ms);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "muckwatch-dispatch");
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, x->error);
    curl_easy_setopt(e, CURLOPT_PRIVATE, x);
    return ok;
}

static bool put_headers(struct exchange *x, const struct web_post *post)
{
    x->headers = curl_slist_append(NULL, "Expect:"); /* no 100-continue is waited for */
    for (size_t i = 0; i < post->header_count && x->headers != NULL; i++) {
        struct curl_slist *more = curl_slist_append(x->headers, post->headers[i]);
        if (more == NULL)
            return false;
        x->headers = more;
    }
    return x->headers != NULL;
}

enum web_post_sent web_post_send(struct web_poster *p, const struct web_post *post, web_posted *done,
                                 void *arg)
{
    if (p->count == WEB_POSTS_MAX || (*post->name_lost && is_crowded()))
        return WEB_POST_CROWDED;
    struct exchange *x = calloc(1, sizeof *x);
    if (x == NULL)
        return WEB_POST_NO_MEMORY;
    *x = (struct exchange){.poster = p,
                           .done = done,
                           .arg = arg,
                           .name_lost = post->name_lost,
                           .next = p->first,
                           .easy = curl_easy_init()};
    p->first = x;
    p->count++;
    if (x->easy != NULL && put_headers(x, post) && set_options(x, post) &&
        curl_multi_add_handle(p->multi, x->easy) == CURLM_OK)
        return WEB_POST_SENT;
    end_exchange(x);
    return WEB_POST_NO_MEMORY;
}
