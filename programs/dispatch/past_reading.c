/*
 * How far the archive has come is asked before its entries are: so these have all up to there, and what the store has behind it makes them
 * whole. What both have is taken once (register.h, trip_book.h).
 */
#include "past_reading.h"

#include "array.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum {
    FOLDER_MAX = 4096,
    FIELDS_MAX = 64,
    TRIM_ENTRIES = 4096,
    PAGE_ENTRIES = 1000,
    PAGES_MAX = 2000,
    TRIPS_MAX = 200000
};
#define BYTES_MAX ((size_t)128 << 20)

/* Which streams a kind is made of, in the order in which they are read. */
static const struct {
    const char *names[2];
    size_t count;
} streams_of[PAST_KIND_COUNT] = {{{"violations", "actions"}, 2}, {{"trips"}, 1}};

struct reading {
    struct gateway *g;
    struct reading *next; /* of those that read the store */
    past_done *done;
    void *arg;
    enum past_kind kind;
    char id[DESK_ID_LENGTH + 1]; /* of one; empty: of a stretch */
    struct past_book made;
    /* The thread's while it works. */
    char archive[FOLDER_MAX];
    uint32_t partition;
    bool failed;
    struct archive_position reached[2];
    bool has_reached[2];
    char (*alerts)[DESK_ID_LENGTH + 1]; /* whose actions are to be read */
    size_t alert_count, alert_cap;
    uint64_t taken;
    /* Of the store: the partition and stream in hand, and where to go on. */
    size_t at, stream, pages;
    bool no_memory; /* for what was followed */
    char after[48];
};

/* ---- a book ---- */

bool past_book_make(struct gateway *g, enum past_kind kind, struct past_book *out)
{
    *out = (struct past_book){0};
    if (kind == PAST_TRIPS) {
        out->trips = trip_book_new(g->memory.key, TRIPS_MAX);
        return out->trips != NULL;
    }
    out->desk = malloc(sizeof *out->desk);
    if (out->desk == NULL)
        return false;
    *out->desk = g->memory.desk;
    const struct register_settings settings = {BYTES_MAX, REGISTER_KEEP_MS, g->memory.key, out->desk};
    out->alerts = register_new(&settings);
    return out->alerts != NULL;
}

void past_book_fini(struct past_book *book)
{
    register_free(book->alerts);
    free(book->desk);
    trip_book_free(book->trips);
    past_lines_fini(&book->lines);
    *book = (struct past_book){0};
}

/* ---- taking an entry ---- */

static bool is_wanted(const struct reading *r, struct fields entry)
{
    bool trip = r->kind == PAST_TRIPS;
    if (r->id[0] != '\0')
        return text_equal(fields_value(entry, trip ? "trip" : "id"), text_of(r->id));
    int64_t begun_ms = fields_whole(entry, trip ? "departed" : "start", -1);
    return begun_ms >= r->made.from_ms && begun_ms < r->made.to_ms;
}

static bool is_known(const struct reading *r, struct fields action)
{
    const struct register_scope everything = {NULL, NULL};
    uint32_t number;
    return register_look(r->made.alerts, fields_value(action, "id"), everything, &number);
}

/* By a clock that stands at 0 none is too old; there may be too many. */
static bool took(struct reading *r, enum register_taken taken)
{
    if (++r->taken % TRIM_ENTRIES == 0)
        register_trim(r->made.alerts, 0);
    return taken != REGISTER_FULL;
}

/* `stream`: which of those that its kind is made of. False without memory. */
static bool take(struct reading *r, size_t stream, struct register_place place, struct fields entry)
{
    bool action = stream == 1;
    if (action ? !is_known(r, entry) : !is_wanted(r, entry))
        return true;
    if (r->kind == PAST_TRIPS)
        return trip_book_take(r->made.trips, place.partition, place.id.ms, entry);
    const struct register_line line = {place.id.ms, (uint32_t)place.id.n, action};
    if (r->id[0] != '\0' && !past_lines_add(&r->made.lines, line, entry))
        return false;
    return took(r, action ? register_take_action(r->made.alerts, place, entry)
                          : register_take_violation(r->made.alerts, place, entry));
}

/* ---- on the thread ---- */

static bool entry_of(const struct reading *r, struct text id, const struct reply *entry,
                     struct register_place *out_place, struct fields *out_fields)
{
    struct field *items = (struct field *)out_fields->items;
    *out_place = (struct register_place){.partition = r->partition};
    for (size_t i = 0; i + 1 < entry->count && out_fields->count < FIELDS_MAX; i += 2)
        items[out_fields->count++] = (struct field){entry->items[i].text, entry->items[i + 1].text};
    return entry_id_read(id, &out_place->id);
}

static bool note_alert(struct reading *r, struct text id)
{
    if (id.len != DESK_ID_LENGTH)
        return true;
    if (r->alert_count > 0 && memcmp(r->alerts[r->alert_count - 1], id.data, id.len) == 0)
        return true;
    if (!array_reserve(&r->alerts, &r->alert_cap, r->alert_count + 1, sizeof *r->alerts))
        return false;
    char *to = r->alerts[r->alert_count++];
    memcpy(to, id.data, id.len);
    to[id.len] = '\0';
    return true;
}

static int on_entry(void *arg, struct text id, const struct reply *entry)
{
    struct reading *r = arg;
    struct field items[FIELDS_MAX];
    struct register_place place;
    struct fields fields = {items, 0};
    if (!entry_of(r, id, entry, &place, &fields))
        return EX_OK;
    bool finding = r->kind == PAST_ALERTS && r->stream == 0;
    bool ok = take(r, r->stream, place, fields) && (!finding || note_alert(r, fields_value(fields, "id")));
    return ok ? EX_OK : EX_OSERR;
}

static bool read_wanted(struct reading *r, struct kept *kept, const char *stream)
{
    const struct kept_asked one = {.stream = stream, .id = r->id},
                            stretch = {.stream = stream,
                                       .begun_from_ms = r->made.from_ms,
                                       .begun_to_ms = r->made.to_ms},
                            asked = r->id[0] != '\0' ? one : stretch;
    return kept_stream(kept, &asked, on_entry, r) == EX_OK;
}

/* What an id was told about twice is asked for twice, and taken once. */
static bool read_actions(struct reading *r, struct kept *kept)
{
    bool ok = true;
    for (size_t i = 0; i < r->alert_count && ok; i++) {
        const struct kept_asked asked = {.stream = "actions", .id = r->alerts[i]};
        ok = kept_stream(kept, &asked, on_entry, r) == EX_OK;
    }
    return ok;
}

static void read_archive(void *arg)
{
    struct reading *r = arg;
    struct kept *kept;
    r->failed = kept_open("muckwatch-dispatch", r->archive, &kept) != EX_OK;
    if (r->failed)
        return;
    for (size_t i = 0; i < streams_of[r->kind].count; i++)
        r->has_reached[i] =
            archive_look_reached(kept_look(kept), text_of(streams_of[r->kind].names[i]), &r->reached[i]);
    r->stream = 0;
    r->failed = !read_wanted(r, kept, streams_of[r->kind].names[0]);
    r->stream = 1;
    if (r->kind == PAST_ALERTS)
        r->failed = r->failed || !read_actions(r, kept);
    kept_close(kept);
}

/* ---- from the store ---- */

static void leave(struct reading *r)
{
    struct reading **at = &r->g->past.readings;
    while (*at != NULL && *at != r)
        at = &(*at)->next;
    if (*at == r)
        *at = r->next;
}

static void end(struct reading *r, const char *why)
{
    leave(r);
    struct reading ended = *r;
    free(ended.alerts);
    free(r);
    if (why != NULL)
        past_book_fini(&ended.made);
    else if (ended.made.alerts != NULL)
        register_trim(ended.made.alerts, 0);
    past_lines_settle(&ended.made.lines);
    ended.done(ended.arg, why == NULL ? &ended.made : NULL, why);
}

static bool ask_page(struct reading *r);

static bool is_earlier(struct archive_position a, struct archive_position b)
{
    return a.ms != b.ms ? a.ms < b.ms : a.seq < b.seq;
}

/*
 * Actions from where the archive has come to with alerts, where that is earlier: of an alert that it does not have yet none of its actions
 * was asked for.
 */
static void begin_stream(struct reading *r)
{
    bool behind = r->at == 0 && r->has_reached[r->stream] && r->has_reached[0];
    const struct archive_position *from =
        is_earlier(r->reached[0], r->reached[r->stream]) ? &r->reached[0] : &r->reached[r->stream];
    snprintf(r->after, sizeof r->after, "-");
    if (behind)
        snprintf(r->after, sizeof r->after, "(%lld-%llu", (long long)from->ms, (unsigned long long)from->seq);
}

/* False: there is none. */
static bool next_stream(struct reading *r)
{
    if (++r->stream == streams_of[r->kind].count) {
        r->stream = 0;
        r->at++;
    }
    begin_stream(r);
    /* One that is asked for by its id is of the archive's partition. */
    return r->at < (r->id[0] != '\0' ? 1 : r->g->config.partitions.count);
}

static bool take_page(struct reading *r, const struct redis_reply *reply)
{
    struct register_place place = {.partition = (uint32_t)r->g->config.partitions.items[r->at]};
    for (size_t i = 0; i < redis_reply_count(reply); i++) {
        const struct redis_reply *entry = redis_reply_at(reply, i);
        struct text id = redis_reply_text(redis_reply_at(entry, 0));
        if (!entry_id_read(id, &place.id))
            continue;
        if (!take(r, r->stream, place, memory_fields(r->g, redis_reply_at(entry, 1))))
            return false;
        snprintf(r->after, sizeof r->after, "(%.*s", TEXT_ARG(id));
    }
    return true;
}

static void on_page(void *arg, const struct redis_reply *reply)
{
    struct reading *r = arg;
    if (redis_reply_type(reply) != REDIS_ARRAY)
        end(r, "the store did not answer");
    else if (!take_page(r, reply) || r->no_memory)
        end(r, "there is no memory for it");
    else if (redis_reply_count(reply) < PAGE_ENTRIES && !next_stream(r))
        end(r, NULL);
    else if (++r->pages == PAGES_MAX)
        end(r, "the archive is far behind the store");
    else if (!ask_page(r))
        end(r, "the store is away");
}

static bool ask_page(struct reading *r)
{
    char key[64], page[16];
    snprintf(key, sizeof key, "muck:{%u}:%s", (unsigned)r->g->config.partitions.items[r->at],
             streams_of[r->kind].names[r->stream]);
    snprintf(page, sizeof page, "%d", PAGE_ENTRIES);
    const struct text words[] = {TEXT("XRANGE"), text_of(key),  text_of(r->after),
                                 TEXT("+"),      TEXT("COUNT"), text_of(page)};
    return r->g->redis != NULL && redis_send(r->g->redis, 6, words, on_page, r);
}

static void on_archive(void *arg)
{
    struct reading *r = arg;
    r->at = r->stream = 0;
    r->next = r->g->past.readings;
    r->g->past.readings = r;
    begin_stream(r);
    if (r->failed)
        end(r, "the archive cannot be read");
    else if (!ask_page(r))
        end(r, "the store is away");
}

/*
 * What is written behind the page that was read last, while the next is on its way. Whether there is memory for it is told by whoever
 * takes the next page: here a reading ends inside of another's.
 */
void past_reading_follow(struct gateway *g, enum past_kind kind, bool action, struct register_place place,
                         struct fields entry)
{
    for (struct reading *r = g->past.readings; r != NULL; r = r->next)
        if (r->kind == kind && !take(r, action ? 1 : 0, place, entry))
            r->no_memory = true;
}

bool past_read(struct gateway *g, const struct past_wanted *wanted, past_done *done, void *arg)
{
    struct reading *r = calloc(1, sizeof *r);
    if (r == NULL)
        return false;
    *r = (struct reading){.g = g,
                          .done = done,
                          .arg = arg,
                          .kind = wanted->kind,
                          .failed = true, /* until it is read */
                          .partition = (uint32_t)g->config.partitions.items[0]};
    snprintf(r->id, sizeof r->id, "%.*s", TEXT_ARG(wanted->id));
    snprintf(r->archive, sizeof r->archive, "%.*s", TEXT_ARG(g->config.archive.dir));
    const struct job job = {read_archive, on_archive, r};
    bool ok = past_book_make(g, wanted->kind, &r->made);
    r->made.from_ms = wanted->from_ms;
    r->made.to_ms = wanted->to_ms;
    if (ok && jobs_add(&g->jobs, &job))
        return true;
    past_book_fini(&r->made);
    free(r);
    return false;
}
