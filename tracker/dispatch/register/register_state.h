/*
 * register_state: what a register is made of; for its own files alone.
 *
 * A place in `rows` and `mores` is an alert's number; places of alerts that went are used again. Invariants: `slots` has each alert
 * once; a column's symbol has one user for each alert that names it; `bytes` is what alerts hold beside the arrays.
 */
#ifndef MW_REGISTER_STATE_H
#define MW_REGISTER_STATE_H

#include "packed_fields.h"
#include "register.h"

enum alert_verdict { VERDICT_NONE, VERDICT_APPROVED, VERDICT_REJECTED };

/* What a question looks at. */
struct alert_row {
    int64_t start_ms, end_ms, due_ms, until_ms;
    uint32_t columns[COLUMN_COUNT];
    uint8_t severity, condition, work, verdict; /* enum alert_verdict */
    bool used, touched;
};

struct alert_more {
    char id[DESK_ID_LENGTH];
    bool known, begun; /* begun: its first entry was read */
    uint16_t line_count, line_cap;
    uint32_t partition, rev, work_rev;
    uint32_t acknowledged_by; /* of COLUMN_TO's symbols */
    uint32_t packed_len;
    int64_t told_ms, reopened_ms;
    int64_t done_ms[STEP_COUNT]; /* first, since then; 0: it was not */
    char *packed, *of;           /* `of`: DESK_ID_LENGTH bytes, or NULL */
    struct register_line *lines;
};

struct acknowledgement {
    uint32_t who, hour; /* counted since 1970 */
};

struct register_book {
    struct register_settings settings;
    struct alert_row *rows;
    struct alert_more *mores;
    uint32_t *free_places;
    size_t cap, count, free_count; /* `count` places are in use or free */
    uint32_t *slots;               /* number + 1 by id; a power of two, at most half of them taken */
    uint32_t slot_count, used;
    struct symbols columns[COLUMN_COUNT];
    struct dictionary words;
    size_t bytes;
    uint64_t strange, left_closed, left_unclosed;
    struct buf scratch, field; /* of the call in hand */
    uint64_t *bits;            /* of the question in hand */
    size_t bit_cap;
    struct register_tally *tallies;
    size_t tally_cap;
    struct acknowledgement *acknowledged; /* that fit */
    size_t acknowledged_cap;
    uint32_t *paces; /* by person and hour */
    size_t pace_cap;
};

/* ---- register.c ---- */
/* Finds the alert, or makes one. False without memory. */
bool register_place_of(struct register_book *r, struct text id, uint32_t *out_number, bool *out_new);
bool register_number(const struct register_book *r, struct text id, uint32_t *out_number);
bool register_id_fits(struct text id);
/* Sets a column of an alert. False, and nothing changed, without memory. */
bool register_set(struct register_book *r, uint32_t number, enum register_column column, struct text value);
size_t register_bytes(const struct register_book *r);

/* ---- register_steps.c ---- */
/* An action that the work took. */
void register_note_step(struct alert_more *more, struct text action, int64_t at_ms);
/* What the hash of an alert knows, where actions have left their stream. */
void register_note_hash(struct alert_more *more, struct fields hash);
/* An alert's part of the counts. */
void register_count_steps(const struct register_book *r, uint32_t number, int64_t now_ms,
                          struct register_steps *out);

/* ---- register_reviews.c ---- */
/* What an action, or the hash of an alert, says of the review that stands. False without memory. */
bool register_note_review(struct register_book *r, uint32_t number, struct fields action);
bool register_note_review_of_hash(struct register_book *r, uint32_t number, struct fields hash);
/* A row's part of the counts. */
void register_tally_add(struct register_tally *tally, const struct alert_row *row);

/* ---- register_filter.c ---- */

enum { FILTER_TESTS_MAX = 24 };

struct register_filter {
    const struct register_query *query;
    unsigned severities, conditions, work_states;
    int64_t from_ms, to_ms;
    struct {
        enum register_column column;
        const uint64_t *bits, *of_several; /* the latter of COLUMN_FENCES, or NULL: either does */
    } tests[FILTER_TESTS_MAX];
    size_t test_count;
};

/* False without memory, or where more is asked at once than a question can hold. */
bool register_filter_make(struct register_book *r, const struct register_query *query,
                          struct register_filter *out);
bool register_filter_fits(const struct register_filter *f, const struct alert_row *row);

bool alert_is_overdue(const struct alert_row *row, int64_t now_ms);
bool alert_is_shelved(const struct alert_row *row, int64_t now_ms);
bool alert_is_to_do(const struct alert_row *row, int64_t now_ms);

/* ---- register_cursor.c ---- */

/* Where an alert stands in an order. */
struct alert_key {
    uint8_t rank;
    int64_t start_ms;
    const char *id;
};

struct alert_key register_key(const struct register_book *r, uint32_t number, enum register_order order);
/* Whether a stands before b. */
bool alert_key_before(struct alert_key a, struct alert_key b);
void register_cursor_write(const struct register_book *r, enum register_order order, struct alert_key key,
                           char out[REGISTER_CURSOR_MAX]);
/* `key->id` points into `id`. */
bool register_cursor_read(const struct register_book *r, enum register_order order, struct text cursor,
                          char id[DESK_ID_LENGTH], struct alert_key *key);

#endif
