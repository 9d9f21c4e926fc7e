/*
 * log: one line an event to standard error: `TIME LEVEL EVENT key=value ...`.
 *
 * Only programs and adapters log. An event is a short fixed word that someone can search for; what varies is
 * in the fields. Text may come from strangers, so it is always quoted, escaped and cut at LOG_TEXT_MAX bytes.
 * Each event has its own allowance (LOG_BURST lines in LOG_PERIOD_MS); what is over it is counted, and the
 * next line of that event says how many are missing as `suppressed=N`. No coordinates at info or above: where
 * a vehicle was is not for log readers.
 *
 * One thread logs at a time but for log_event itself, which may be called from any thread.
 */
#ifndef MW_LOG_H
#define MW_LOG_H

#include "clock.h"
#include "text.h"

#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

enum { LOG_TEXT_MAX = 160, LOG_BURST = 10, LOG_PERIOD_MS = 10000 };

struct log_field {
    const char *key; /* NULL ends the list */
    enum { LOG_IS_TEXT, LOG_IS_INT, LOG_IS_REAL } type;
    struct text text;
    int64_t integer;
    double real;
};

#define LOG_TEXT(k, v) ((struct log_field){.key = (k), .type = LOG_IS_TEXT, .text = (v)})
#define LOG_STR(k, v)  LOG_TEXT(k, text_of(v))
#define LOG_INT(k, v)  ((struct log_field){.key = (k), .type = LOG_IS_INT, .integer = (int64_t)(v)})
#define LOG_REAL(k, v) ((struct log_field){.key = (k), .type = LOG_IS_REAL, .real = (v)}) /* 3 decimals */
#define LOG_END        ((struct log_field){0})

/* log_error("redis_lost", LOG_STR("reason", why), LOG_INT("pending", n)); an event may have no fields. */
#define log_error(...)               LOG_EVENT(LOG_LEVEL_ERROR, __VA_ARGS__, LOG_END)
#define log_warn(...)                LOG_EVENT(LOG_LEVEL_WARN, __VA_ARGS__, LOG_END)
#define log_info(...)                LOG_EVENT(LOG_LEVEL_INFO, __VA_ARGS__, LOG_END)
#define log_debug(...)               LOG_EVENT(LOG_LEVEL_DEBUG, __VA_ARGS__, LOG_END)
#define LOG_EVENT(level, event, ...) log_event((level), (event), (const struct log_field[]){__VA_ARGS__})

void log_event(enum log_level level, const char *event, const struct log_field *fields);

/* Events above this level are not written; info at first. */
void log_set_level(enum log_level level);
/* By its name: error, warn, info, debug. False if there is none. */
bool log_level_find(struct text name, enum log_level *out_level);

/* For tests: where lines go and what the clock says; NULL restores standard error and the system's clocks. */
typedef void log_sink(const char *line, size_t len);
typedef struct wall log_clock(void);
void log_set_sink(log_sink *sink, log_clock *clock);

#endif
