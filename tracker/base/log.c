#include "log.h"

#include "buf.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

/* A line is at most as long as a pipe writes in one piece (PIPE_BUF), so that lines of two processes do not
 * mix. */
enum { LINE_MAX_BYTES = 2048, ALLOWANCES = 64 };

/* What an event has left. Two events that share a slot push each other out, and both then log more, not less.
 * */
struct allowance {
    const char *event;
    int64_t since_ms;
    uint32_t used;
    uint64_t suppressed;
};

static enum log_level log_level_now = LOG_LEVEL_INFO;
static log_sink *log_sink_now;
static log_clock *log_clock_now;
static struct allowance allowances[ALLOWANCES];
static atomic_flag busy = ATOMIC_FLAG_INIT;

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void log_set_level(enum log_level level)
{
    log_level_now = level;
}

bool log_level_find(struct text name, enum log_level *out_level)
{
    for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++)
        if (text_equal(name, text_of(level_names[i]))) {
            *out_level = (enum log_level)i;
            return true;
        }
    return false;
}

void log_set_sink(log_sink *sink, log_clock *clock)
{
    log_sink_now = sink;
    log_clock_now = clock;
    memset(allowances, 0, sizeof allowances);
}

/* Whether the event may write now, and how many of its lines were held back before. */
static bool take_allowance(const char *event, int64_t now_ms, uint64_t *out_suppressed)
{
    size_t slot = 5381;
    for (const char *p = event; *p != '\0'; p++)
        slot = slot * 33 + (unsigned char)*p;
    struct allowance *a = &allowances[slot % ALLOWANCES];
    if (a->event == NULL || strcmp(a->event, event) != 0)
        *a = (struct allowance){.event = event, .since_ms = now_ms};
    /* A wall clock may be set back; then the period starts anew as well. */
    if (now_ms - a->since_ms >= LOG_PERIOD_MS || now_ms < a->since_ms) {
        a->since_ms = now_ms;
        a->used = 0;
    }
    if (a->used >= LOG_BURST) {
        a->suppressed++;
        return false;
    }
    a->used++;
    *out_suppressed = a->suppressed;
    a->suppressed = 0;
    return true;
}

static void put_time(struct buf *b, int64_t ms)
{
    time_t s = (time_t)(ms / 1000);
    struct tm tm;
    if (gmtime_r(&s, &tm) == NULL)
        return;
    buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
               tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(ms % 1000));
}

static void put_quoted(struct buf *b, struct text t)
{
    bool cut = t.len > LOG_TEXT_MAX;
    size_t len = cut ? LOG_TEXT_MAX : t.len;
    buf_put_char(b, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)t.data[i];
        if (c == '"' || c == '\\')
            buf_printf(b, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            buf_printf(b, "\\x%02x", c);
        else
            buf_put_char(b, (char)c);
    }
    buf_puts(b, cut ? "...\"" : "\"");
}

static void put_field(struct buf *b, const struct log_field *f)
{
    buf_printf(b, " %s=", f->key);
    if (f->type == LOG_IS_TEXT)
        put_quoted(b, f->text);
    else if (f->type == LOG_IS_INT)
        buf_put_i64(b, f->integer);
    else if (fabs(f->real) < 1e12)
        buf_put_fixed(b, f->real, 3);
    else
        buf_puts(b, "?");
}

static void emit(const struct buf *b)
{
    if (log_sink_now != NULL)
        log_sink_now(b->data, b->len);
    else
        fwrite(b->data, 1, b->len, stderr); /* unbuffered: one write a line */
}

void log_event(enum log_level level, const char *event, const struct log_field *fields)
{
    if (level > log_level_now)
        return;
    int64_t now_ms = log_clock_now != NULL ? log_clock_now().ms : clock_wall().ms;
    while (atomic_flag_test_and_set(&busy))
        ;
    uint64_t suppressed = 0;
    if (take_allowance(event, now_ms, &suppressed)) {
        char bytes[LINE_MAX_BYTES];
        /* On the stack and as large as it may get, so it never allocates. */
        struct buf b = {.data = bytes, .cap = sizeof bytes - 1, .limit = sizeof bytes - 1};
        put_time(&b, now_ms);
        buf_printf(&b, " %s %s", level_names[level], event);
        for (const struct log_field *f = fields; f->key != NULL; f++)
            put_field(&b, f);
        if (suppressed > 0)
            buf_printf(&b, " suppressed=%llu", (unsigned long long)suppressed);
        assert(b.len < sizeof bytes); /* the last byte was kept for this */
        b.data[b.len++] = '\n';
        emit(&b);
    }
    atomic_flag_clear(&busy);
}
