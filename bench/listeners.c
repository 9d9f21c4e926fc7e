/*
 * listeners: many clients of the gateway's events, for scripts/bench dispatch: each goes on from where it was, whatever happens to its
 * connection, and keeps of each stream how many entries it was told and a hash over their ids in the order told.
 *
 *     listeners PORT CLIENTS WITH_MOVES TOKENS_FILE PLACE
 *
 * Commands on standard input, a line each: `mark` prints latencies since the last mark (time of arrival less the time in the id) and
 * begins anew; `storm` ends all connections at once, and prints how long it took until all were live again; `end` prints a line a client.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { STREAMS = 4, PLACE_MAX = 256, LATENCIES = 60000, TOKEN_MAX = 64, TOKENS_MAX = 1000 };

struct listener {
    int fd; /* -1: none */
    int64_t again_ms;
    bool moves, live, head;
    char *text;
    size_t len, cap;
    char at[STREAMS][48];
    uint64_t counts[STREAMS], hashes[STREAMS], bytes, rows;
    unsigned faults, resets, refused, begun;
};

static struct listener *all;
static unsigned count, live;
static int epoll, port;
static char tokens[TOKENS_MAX][TOKEN_MAX];
static unsigned token_count;
static unsigned latencies[LATENCIES];
static uint64_t heard;
static int64_t storm_ms;

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void end_connection(struct listener *l, unsigned wait_ms)
{
    if (l->fd >= 0)
        close(l->fd);
    live -= l->live;
    l->fd = -1;
    l->live = l->head = false;
    l->len = 0;
    l->again_ms = now_ms() + wait_ms + (wait_ms > 0 ? rand() % (int)wait_ms : 0);
}

static void begin(struct listener *l)
{
    char request[1024];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    l->fd = socket(AF_INET, SOCK_STREAM, 0);
    /* Connecting to this host is done, or refused, at once. */
    if (connect(l->fd, (struct sockaddr *)&to, sizeof to) != 0) {
        end_connection(l, 300);
        return;
    }
    int n = snprintf(request, sizeof request,
                     "GET /api/v1/events%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n"
                     "Last-Event-ID: 0.%s.%s.%s.%s\r\n\r\n",
                     l->moves ? "?pos=1" : "", port, tokens[(l - all) % token_count], l->at[0], l->at[1],
                     l->at[2], l->at[3]);
    if (write(l->fd, request, (size_t)n) != n) {
        end_connection(l, 300);
        return;
    }
    fcntl(l->fd, F_SETFL, O_NONBLOCK);
    l->begun++;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = l};
    epoll_ctl(epoll, EPOLL_CTL_ADD, l->fd, &e);
}

static void take_place(struct listener *l, const char *id, size_t len)
{
    char bytes[PLACE_MAX], *save, *part;
    unsigned changed = 0, at = 0;
    snprintf(bytes, sizeof bytes, "%.*s", (int)(len < PLACE_MAX ? len : PLACE_MAX - 1), id);
    strtok_r(bytes, ".", &save); /* the partition */
    for (; (part = strtok_r(NULL, ".", &save)) != NULL && at < STREAMS; at++) {
        if (strcmp(part, l->at[at]) == 0)
            continue;
        changed++;
        snprintf(l->at[at], sizeof l->at[at], "%s", part);
        l->counts[at]++;
        for (const char *c = part; *c != '\0'; c++)
            l->hashes[at] = (l->hashes[at] ^ (unsigned char)*c) * 1099511628211u;
        l->hashes[at] *= 1099511628211u; /* a zero: where it ends */
        int64_t late_ms = now_ms() - strtoll(part, NULL, 10);
        latencies[late_ms < 0 ? 0 : late_ms >= LATENCIES ? LATENCIES - 1 : late_ms]++;
        heard++;
    }
    l->faults += changed != 1 || at != STREAMS;
}

static void take_event(struct listener *l, const char *event, size_t len)
{
    const char *id = memmem(event, len < 400 ? len : 400, "\nid: ", 5);
    if (strncmp(event, "event: beat", 11) == 0 && !l->live) {
        l->live = true;
        if (++live == count && storm_ms != 0) {
            printf("storm %lld\n", (long long)(now_ms() - storm_ms));
            fflush(stdout);
            storm_ms = 0;
        }
    }
    if (strncmp(event, "event: reset", 12) == 0)
        l->resets++;
    for (const char *c = event; l->moves && strncmp(event, "event: pos", 10) == 0 &&
                                (c = memmem(c, (size_t)(event + len - c), "[\"", 2)) != NULL;
         c++)
        l->rows++;
    if (id != NULL && strncmp(event, "event: reset", 12) != 0)
        take_place(l, id + 5, strcspn(id + 5, "\n"));
}

static void take(struct listener *l)
{
    char *at = l->text, *stop;
    if (!l->head) {
        stop = memmem(at, l->len, "\r\n\r\n", 4);
        if (stop == NULL)
            return;
        if (memcmp(at, "HTTP/1.1 200", 12) != 0) {
            l->refused++;
            end_connection(l, 500);
            return;
        }
        l->head = true;
        at = stop + 4;
    }
    while ((stop = memmem(at, (size_t)(l->text + l->len - at), "\n\n", 2)) != NULL) {
        *stop = '\0';
        take_event(l, at, (size_t)(stop - at));
        at = stop + 2;
    }
    l->len -= (size_t)(at - l->text);
    memmove(l->text, at, l->len);
}

static void read_some(struct listener *l)
{
    if (l->cap - l->len < 65536) {
        l->cap = l->len + 131072;
        l->text = realloc(l->text, l->cap + 1);
    }
    ssize_t n = read(l->fd, l->text + l->len, l->cap - l->len);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        end_connection(l, 300);
        return;
    }
    l->bytes += (uint64_t)n;
    l->len += (size_t)n;
    l->text[l->len] = '\0';
    take(l);
}

static void mark(void)
{
    uint64_t sum = 0, total = 0;
    for (unsigned i = 0; i < LATENCIES; i++)
        total += latencies[i];
    printf("latency_ms events %llu", (unsigned long long)total);
    static const struct {
        const char *name;
        double share;
    } rows[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1}};
    unsigned row = 0;
    for (unsigned i = 0; i < LATENCIES; i++)
        for (sum += latencies[i]; row < 5 && total > 0 && (double)sum >= rows[row].share * (double)total;
             row++)
            printf(" %s %u", rows[row].name, i);
    printf(" live %u\n", live);
    fflush(stdout);
    memset(latencies, 0, sizeof latencies);
}

static void finish(void)
{
    for (unsigned i = 0; i < count; i++) {
        const struct listener *l = &all[i];
        printf("client %u faults %u resets %u refused %u begun %u bytes %llu rows %llu", i, l->faults,
               l->resets, l->refused, l->begun, (unsigned long long)l->bytes, (unsigned long long)l->rows);
        for (unsigned s = 0; s < STREAMS; s++)
            printf(" %llu %016llx", (unsigned long long)l->counts[s], (unsigned long long)l->hashes[s]);
        printf("\n");
    }
    fflush(stdout);
    exit(0);
}

static void command(void)
{
    char line[64];
    ssize_t n = read(STDIN_FILENO, line, sizeof line - 1);
    if (n <= 0)
        exit(1);
    line[n] = '\0';
    if (strncmp(line, "mark", 4) == 0)
        mark();
    else if (strncmp(line, "end", 3) == 0)
        finish();
    else if (strncmp(line, "storm", 5) == 0) {
        storm_ms = now_ms();
        for (unsigned i = 0; i < count; i++)
            end_connection(&all[i], 0);
    }
}

static void read_tokens(const char *path)
{
    FILE *f = fopen(path, "r");
    while (f != NULL && token_count < TOKENS_MAX && fscanf(f, "%63s", tokens[token_count]) == 1)
        token_count++;
    if (f == NULL || token_count == 0)
        exit(2);
    fclose(f);
}

static void make(int argc, char **argv)
{
    if (argc != 6)
        exit(64);
    port = atoi(argv[1]);
    count = (unsigned)atoi(argv[2]);
    read_tokens(argv[4]);
    all = calloc(count, sizeof *all);
    for (unsigned i = 0; i < count; i++) {
        struct listener *l = &all[i];
        l->fd = -1;
        l->moves = i < (unsigned)atoi(argv[3]);
        sscanf(argv[5], "0.%47[^.].%47[^.].%47[^.].%47s", l->at[0], l->at[1], l->at[2], l->at[3]);
        for (unsigned s = 0; s < STREAMS; s++)
            l->hashes[s] = 14695981039346656037u;
    }
}

int main(int argc, char **argv)
{
    make(argc, argv);
    epoll = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL}, ready[256];
    epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &e);
    storm_ms = now_ms();
    for (;;) {
        int n = epoll_wait(epoll, ready, 256, 50);
        for (int i = 0; i < n; i++)
            if (ready[i].data.ptr == NULL)
                command();
            else if (((struct listener *)ready[i].data.ptr)->fd >= 0)
                read_some(ready[i].data.ptr);
        int64_t now = now_ms();
        for (unsigned i = 0; i < count; i++)
            if (all[i].fd < 0 && now >= all[i].again_ms)
                begin(&all[i]);
    }
}
