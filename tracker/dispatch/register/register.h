/*
 * register: every alert that is known, in memory, to be listed, counted and searched.
 *
 * An alert is a violation as its entry with the highest `rev` tells it, and the work on it as its actions tell. It is put
 * together from the streams in any order; what comes twice changes nothing. By which an alert is asked stands in a record of fixed size,
 * texts as symbols (symbols.h), so that a question looks at 88 bytes an alert and compares no text. All else of the entry is packed
 * beside it (packed_fields.h), and of each entry of its history the id is kept: its words are in the store.
 *
 * Memory has a bound. Beyond it the oldest alerts go that are closed, and over; then, which is counted apart and has to be told, the
 * oldest that are over and that nobody closed. One that goes on never goes.
 *
 * A question sees nothing but what the scope of whoever asks covers: lists, counts and cursors all go through the one
 * place (register_filter.c). No clock, no store; one thread. Numbers of alerts are good until something is taken.
 */
#ifndef MW_REGISTER_H
#define MW_REGISTER_H

#include "buf.h"
#include "desk.h"
#include "hash.h"
#include "json_write.h"

#include <stdbool.h>
#include <stdint.h>

struct register_settings {
    size_t bytes_max;    /* of memory */
    int64_t keep_ms;     /* closed ones that began earlier go: 30 days */
    struct hash_key key; /* random: for tables, and to know cursors again */
    const struct desk_settings *desk;
};
#define REGISTER_BYTES_MAX ((size_t)256 << 20)
#define REGISTER_KEEP_MS   INT64_C(2592000000)

struct register_book;

/* NULL without memory. The desk's settings are borrowed. */
struct register_book *register_new(const struct register_settings *settings);
void register_free(struct register_book *r);

/* ---- taking ---- */

enum register_taken {
    REGISTER_KNOWN,   /* nothing is new */
    REGISTER_NEW,     /* an alert that was not there */
    REGISTER_CHANGED, /* one that was */
    REGISTER_STRANGE, /* no entry that can be read: counted, left out */
    REGISTER_FULL     /* no memory: what was asked for is not in it */
};

/* Where an entry stands. */
struct register_place {
    uint32_t partition;
    struct entry_id id;
};

enum register_taken register_take_violation(struct register_book *r, struct register_place place,
                                            struct fields entry);
enum register_taken register_take_action(struct register_book *r, struct register_place place,
                                         struct fields entry);
/* The hash of an alert, of which actions may have left the stream. */
enum register_taken register_take_hash(struct register_book *r, uint32_t partition, struct text id,
                                       struct fields hash);
/* The next alert from *number on of which only actions are known, and that is not closed: its hash says what it is about. False:
 * there is none. */
bool register_next_unknown(const struct register_book *r, uint32_t *number);
/* The next alert from *number on that is to do and overdue. False: there is none. */
bool register_next_overdue(const struct register_book *r, int64_t now_ms, uint32_t *number);
/* After the desk's settings have changed: deadlines are others. */
void register_desk_changed(struct register_book *r);
/* Lets go of what is too old, or too much. To be called after what was taken, and now and then. */
void register_trim(struct register_book *r, int64_t now_ms);

struct register_figures {
    size_t alerts, bytes;
    uint64_t strange;
    uint64_t left_closed, left_unclosed; /* that went since the bound was met first */
};
void register_figures(const struct register_book *r, struct register_figures *out);

/* ---- asking ---- */

/* What a value is asked of. The plate is that of the entry, or the vehicle's id where it has none, as people search: without
 * blanks and marks, in small letters. */
enum register_column {
    COLUMN_KIND,
    COLUMN_VEHICLE,
    COLUMN_PLATE,
    COLUMN_COMPANY,
    COLUMN_JURISDICTION,
    COLUMN_FENCE,
    COLUMN_PERMIT,
    COLUMN_TRIP,
    COLUMN_TO,
    COLUMN_REASON, /* for which the review that stands rejects it */
    COLUMN_FENCES, /* the list of those it went on over, as its text, where there are several */
    COLUMN_REALM,  /* jurisdiction and company in one, for scopes */
    COLUMN_COUNT
};

/* Any of these values, exactly; of a jurisdiction also what lies below; of a fence also where it is one of several. An empty value: those that have none. */
struct register_wanted {
    enum register_column column;
    const struct text *any;
    size_t count;
};

struct register_scope {
    /* NULL: everything. */
    bool (*covers)(const void *context, struct text jurisdiction, struct text company);
    const void *context;
};

enum register_whether { WHETHER_ANY, WHETHER_YES, WHETHER_NO };

struct register_query {
    int64_t now_ms;
    struct register_scope scope;
    int64_t from_ms, to_ms;                       /* those that began in it, `to` not included; 0: no bound */
    unsigned severities, conditions, work_states; /* a bit each; 0: any */
    struct text plate_part;                       /* empty: any */
    const struct register_wanted *wanted;         /* all of these */
    size_t wanted_count;
    /* To do: not closed, nor withdrawn before anybody touched it, nor shelved for now. */
    enum register_whether overdue, shelved, to_do;
};

enum register_order {
    ORDER_TO_DO, /* not acknowledged first, then worst, then newest */
    ORDER_TIME,  /* newest first */
    ORDER_COUNT
};

enum { REGISTER_PAGE_MAX = 2000, REGISTER_CURSOR_MAX = 96 };

/* How many of those that fit the question were acknowledged, handled, closed within the desk's times, counted from when they were told, or
 * reopened; how many later or not yet though it is time; and how many have time left. */
enum register_step { STEP_ACKNOWLEDGE, STEP_HANDLE, STEP_CLOSE, STEP_COUNT };
struct register_steps {
    uint64_t in_time[STEP_COUNT], late[STEP_COUNT], pending[STEP_COUNT];
};

struct register_page {
    enum register_order order;
    size_t limit;                 /* at most REGISTER_PAGE_MAX; 0: counts alone */
    struct text cursor;           /* of the page before; empty: the first */
    struct register_steps *steps; /* to be counted by the way; NULL: they are not */
};

/* How many; and of how many the review that stands (the last one since it was opened, or reopened) says that it was right, or that it was not. */
struct register_tally {
    uint32_t alerts, approved, rejected;
};
struct register_count {
    uint32_t value; /* register_value */
    struct register_tally tally;
};

struct register_found {
    uint32_t alerts[REGISTER_PAGE_MAX]; /* in the order asked for */
    size_t count;
    char next[REGISTER_CURSOR_MAX]; /* empty: there is no more */
    uint64_t total;                 /* that fit the question, on all pages */
    uint64_t by_severity[ALERT_SEVERITY_COUNT], by_condition[CONDITION_COUNT], by_work[WORK_STATE_COUNT];
    uint64_t overdue, shelved, to_do, untouched_critical;
    bool truncated; /* the bound was met: there were more, closed ones */
};

enum register_asked { REGISTER_OK, REGISTER_CURSOR, REGISTER_NO_MEMORY };

/* REGISTER_CURSOR: the cursor is none of this register's. */
enum register_asked register_find(struct register_book *r, const struct register_query *query,
                                  const struct register_page *page, struct register_found *out);

/* The same for who takes all pages, one after the other: nothing is counted, and what follows the last page may be an empty one. */
enum register_asked register_find_uncounted(struct register_book *r, const struct register_query *query,
                                            const struct register_page *page, struct register_found *out);

/* How many of those that fit the question have each value of a column, most first; at most `limit` are given. */
enum register_asked register_count(struct register_book *r, const struct register_query *query,
                                   enum register_column column, struct register_count *out, size_t *limit);
/* The same of all values, in no order. */
typedef void register_each_count(void *context, const struct register_count *count);
enum register_asked register_count_each(struct register_book *r, const struct register_query *query,
                                        enum register_column column, register_each_count *each,
                                        void *context);
/* How many of those that fit the question fall into each bin by when they began; `bin_of` says which, below `count`. */
struct register_bins {
    unsigned (*bin_of)(const void *context, int64_t start_ms);
    const void *context;
    struct register_tally *tallies;
    unsigned count;
};
enum register_asked register_bin(struct register_book *r, const struct register_query *query,
                                 const struct register_bins *bins);
/* Who acknowledged how many of those that fit the question, in how many hours of the clock, and most in one of them; as it was done first since
 * an alert was told, or reopened. Most first; at most `limit` are given. */
struct register_pace {
    uint32_t who; /* register_value of COLUMN_TO */
    uint32_t alerts, hours, most;
};
enum register_asked register_paces(struct register_book *r, const struct register_query *query,
                                   struct register_pace *out, size_t *limit);
struct text register_value(const struct register_book *r, enum register_column column, uint32_t value);

/* ---- one alert ---- */

struct text register_of(const struct register_book *r, uint32_t number, enum register_column column);

struct register_alert {
    const char *id; /* DESK_ID_LENGTH bytes */
    uint32_t partition, rev;
    enum alert_severity severity;
    enum alert_condition condition;
    struct work work;
    int64_t start_ms, end_ms, told_ms, due_ms; /* 0, INT64_MAX: none */
    bool known;                                /* its violation was read; else only actions of it are there */
};

/* False where there is none, or none in the scope: the two look alike. */
bool register_look(const struct register_book *r, struct text id, struct register_scope scope,
                   uint32_t *out_number);
void register_alert(const struct register_book *r, uint32_t number, struct register_alert *out);

/* The ids of its entries, oldest first, as they are in the store. */
struct register_line {
    int64_t ms; /* the entry's id is MS-N */
    uint32_t n;
    bool action; /* of `actions`; else of `violations` */
};
size_t register_lines(const struct register_book *r, uint32_t number, const struct register_line **out);

/* The next field of its entry, in its order: *place is 0 for the first, then what the call before made of it. Borrowed until the
 * next call. False at the end. */
bool register_field(struct register_book *r, uint32_t number, size_t *place, struct field *out);

/* The next alert from *number on that somebody did something about at `since_ms` or later; how often. False: there is none. */
bool register_next_done(const struct register_book *r, int64_t since_ms, struct register_scope scope,
                        uint32_t *number, uint32_t *out_actions);

/* Appends the alert as a JSON object: the fields of its entry, `condition`, `work`, `overdue`, `shelved`. */
void register_write(struct register_book *r, uint32_t number, int64_t now_ms, struct buf *out);
/* Of that object the members that actions and time change: `condition` and what follows. */
void register_write_work(const struct register_book *r, uint32_t number, int64_t now_ms,
                         struct json_writer *w);

#endif
