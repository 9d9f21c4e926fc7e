#include "register_state.h"

#include <assert.h>
#include <stdlib.h>

enum {
    FIRST_SLOTS = 1024,
    WORDS_MAX = 60000,
    OVERHEAD = 16,              /* of an allocation */
    FIELD_MAX = 1 << 16,        /* of one entry's fields */
    BUCKETS = 1024,             /* by which the oldest are found */
    ROOM_PART = 32,             /* of the bound; so much more than needed goes at once */
    HELD = sizeof(uint32_t) * 4 /* of an index, for each alert */
};

struct register_book *register_new(const struct register_settings *settings)
{
    struct register_book *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->settings = *settings;
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        symbols_init(&r->columns[i], settings->key);
    dictionary_init(&r->words, settings->key, WORDS_MAX);
    buf_init(&r->scratch, FIELD_MAX);
    buf_init(&r->field, FIELD_MAX);
    r->slots = calloc(FIRST_SLOTS, sizeof *r->slots);
    r->slot_count = FIRST_SLOTS;
    if (r->slots != NULL)
        return r;
    register_free(r);
    return NULL;
}

void register_free(struct register_book *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->count; i++) {
        free(r->mores[i].packed);
        free(r->mores[i].lines);
        free(r->mores[i].of);
    }
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        symbols_fini(&r->columns[i]);
    dictionary_fini(&r->words);
    buf_fini(&r->scratch);
    buf_fini(&r->field);
    free(r->rows);
    free(r->mores);
    free(r->free_places);
    free(r->slots);
    free(r->bits);
    free(r->tallies);
    free(r->acknowledged);
    free(r->paces);
    free(r);
}

/* ---- the index by id ---- */

bool register_id_fits(struct text id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!((id.data[i] >= 'a' && id.data[i] <= 'z') || (id.data[i] >= '2' && id.data[i] <= '7')))
            return false;
    return id.len == DESK_ID_LENGTH;
}

static uint32_t home_of(const struct register_book *r, const char *id)
{
    return (uint32_t)hash_bytes(r->settings.key, id, DESK_ID_LENGTH) & (r->slot_count - 1);
}

static uint32_t slot_of(const struct register_book *r, const char *id)
{
    uint32_t at = home_of(r, id);
    while (r->slots[at] != 0 && memcmp(r->mores[r->slots[at] - 1].id, id, DESK_ID_LENGTH) != 0)
        at = (at + 1) & (r->slot_count - 1);
    return at;
}

bool register_number(const struct register_book *r, struct text id, uint32_t *out_number)
{
    if (id.len != DESK_ID_LENGTH)
        return false;
    uint32_t found = r->slots[slot_of(r, id.data)];
    if (found == 0)
        return false;
    *out_number = found - 1;
    return true;
}

static bool grow_index(struct register_book *r)
{
    uint32_t count = r->slot_count * 2;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (slots == NULL)
        return false;
    free(r->slots);
    r->slots = slots;
    r->slot_count = count;
    for (uint32_t i = 0; i < r->count; i++)
        if (r->rows[i].used)
            slots[slot_of(r, r->mores[i].id)] = i + 1;
    return true;
}

/* What stands behind the hole moves up where it would not be found past it (Knuth's algorithm R). */
static void take_out(struct register_book *r, uint32_t hole)
{
    uint32_t mask = r->slot_count - 1;
    r->slots[hole] = 0;
    for (uint32_t at = (hole + 1) & mask; r->slots[at] != 0; at = (at + 1) & mask) {
        uint32_t home = home_of(r, r->mores[r->slots[at] - 1].id);
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        r->slots[hole] = r->slots[at];
        r->slots[at] = 0;
        hole = at;
    }
}

/* ---- places ---- */

/* By a sixteenth: what is room and not in use is not counted. */
static bool grow_places(struct register_book *r)
{
    size_t cap = r->count + r->count / 16 + FIRST_SLOTS;
    void *rows = realloc(r->rows, cap * sizeof *r->rows);
    r->rows = rows != NULL ? rows : r->rows;
    void *mores = realloc(r->mores, cap * sizeof *r->mores);
    r->mores = mores != NULL ? mores : r->mores;
    void *places = realloc(r->free_places, cap * sizeof *r->free_places);
    r->free_places = places != NULL ? places : r->free_places;
    if (rows == NULL || mores == NULL || places == NULL)
        return false;
    r->cap = cap;
    return true;
}

static bool take_place(struct register_book *r, uint32_t *out)
{
    if (r->free_count > 0) {
        *out = r->free_places[--r->free_count];
        return true;
    }
    if (r->count == UINT32_MAX - 1 || (r->count == r->cap && !grow_places(r)))
        return false;
    *out = (uint32_t)r->count++;
    return true;
}

bool register_place_of(struct register_book *r, struct text id, uint32_t *out_number, bool *out_new)
{
    *out_new = false;
    if (register_number(r, id, out_number))
        return true;
    if ((r->used * 2 >= r->slot_count && !grow_index(r)) || !take_place(r, out_number))
        return false;
    uint32_t number = *out_number;
    r->rows[number] = (struct alert_row){.used = true, .due_ms = INT64_MAX, .condition = CONDITION_ENDED};
    r->mores[number] = (struct alert_more){0};
    memcpy(r->mores[number].id, id.data, DESK_ID_LENGTH);
    r->slots[slot_of(r, id.data)] = number + 1;
    r->used++;
    *out_new = true;
    return true;
}

bool register_set(struct register_book *r, uint32_t number, enum register_column column, struct text value)
{
    uint32_t symbol, *at = &r->rows[number].columns[column];
    if (text_equal(symbols_text(&r->columns[column], *at), value))
        return true;
    if (!symbols_use(&r->columns[column], value, &symbol))
        return false;
    symbols_leave(&r->columns[column], *at);
    *at = symbol;
    return true;
}

static size_t alert_bytes(const struct alert_more *more)
{
    return sizeof(struct alert_row) + sizeof(struct alert_more) + HELD + more->packed_len + OVERHEAD +
           more->line_cap * sizeof *more->lines + OVERHEAD;
}

static void let_go(struct register_book *r, uint32_t number)
{
    struct alert_more *more = &r->mores[number];
    take_out(r, slot_of(r, more->id));
    r->used--;
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        symbols_leave(&r->columns[i], r->rows[number].columns[i]);
    symbols_leave(&r->columns[COLUMN_TO], more->acknowledged_by);
    r->bytes -= more->packed_len + more->line_cap * sizeof *more->lines +
                (more->packed != NULL ? (size_t)2 * OVERHEAD : 0);
    free(more->packed);
    free(more->lines);
    free(more->of);
    *more = (struct alert_more){0};
    r->rows[number] = (struct alert_row){0};
    r->free_places[r->free_count++] = number;
}

/* ---- the bound ---- */

size_t register_bytes(const struct register_book *r)
{
    size_t bytes = r->bytes + r->words.words.bytes + r->used * (sizeof *r->rows + sizeof *r->mores + HELD);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        bytes += r->columns[i].bytes;
    return bytes;
}

/* What may go: never what goes on. */
static bool may_go(const struct alert_row *row, bool closed)
{
    return row->used && row->condition != CONDITION_ACTIVE && (row->work == WORK_CLOSED) == closed;
}

struct oldest {
    int64_t first_ms, last_ms;
    size_t bytes[BUCKETS];
};

static size_t bucket_of(const struct oldest *o, int64_t start_ms)
{
    return (size_t)((double)(start_ms - o->first_ms) / ((double)(o->last_ms - o->first_ms) + 1) * BUCKETS);
}

static bool span_of(const struct register_book *r, bool closed, struct oldest *out)
{
    bool any = false;
    *out = (struct oldest){INT64_MAX, INT64_MIN, {0}};
    for (size_t i = 0; i < r->count; i++)
        if (may_go(&r->rows[i], closed)) {
            int64_t start_ms = r->rows[i].start_ms;
            out->first_ms = start_ms < out->first_ms ? start_ms : out->first_ms;
            out->last_ms = start_ms > out->last_ms ? start_ms : out->last_ms;
            any = true;
        }
    return any;
}

/* The oldest go until `wanted` bytes are free; how many went. Three walks and no sorting: the loop waits for this. */
static uint64_t let_oldest_go(struct register_book *r, bool closed, size_t wanted)
{
    static struct oldest o;
    size_t last = 0, found = 0, freed = 0;
    uint64_t gone = 0;
    if (wanted == 0 || !span_of(r, closed, &o))
        return 0;
    for (size_t i = 0; i < r->count; i++)
        if (may_go(&r->rows[i], closed))
            o.bytes[bucket_of(&o, r->rows[i].start_ms)] += alert_bytes(&r->mores[i]);
    for (; last < BUCKETS - 1 && found + o.bytes[last] < wanted; last++)
        found += o.bytes[last];
    /* Those of earlier buckets all go; of the last one as many as are needed. */
    for (int walk = 0; walk < 2; walk++)
        for (uint32_t i = 0; i < r->count && (walk == 0 || freed < wanted); i++) {
            size_t bucket = may_go(&r->rows[i], closed) ? bucket_of(&o, r->rows[i].start_ms) : BUCKETS;
            if (walk == 0 ? bucket >= last : bucket != last)
                continue;
            freed += alert_bytes(&r->mores[i]);
            let_go(r, i);
            gone++;
        }
    return gone;
}

static size_t excess(const struct register_book *r, size_t room)
{
    size_t bytes = register_bytes(r);
    return bytes + room > r->settings.bytes_max ? bytes + room - r->settings.bytes_max : 0;
}

void register_trim(struct register_book *r, int64_t now_ms)
{
    size_t room = r->settings.bytes_max / ROOM_PART;
    for (uint32_t i = 0; i < r->count; i++) {
        bool untouched = r->rows[i].condition == CONDITION_WITHDRAWN && !r->rows[i].touched;
        if (r->rows[i].used && r->rows[i].start_ms < now_ms - r->settings.keep_ms &&
            (may_go(&r->rows[i], true) || untouched))
            let_go(r, i);
    }
    if (excess(r, 0) == 0)
        return;
    r->left_closed += let_oldest_go(r, true, excess(r, room));
    r->left_unclosed += let_oldest_go(r, false, excess(r, 0));
}

void register_figures(const struct register_book *r, struct register_figures *out)
{
    *out =
        (struct register_figures){r->used, register_bytes(r), r->strange, r->left_closed, r->left_unclosed};
}
