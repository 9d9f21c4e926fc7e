/*
 * A checkpoint is the state before one fix of the vehicle, the first in order that is of a later time than the state has; or,
 * where another world came into force, that when the vehicle was settled under it. So a vehicle's lines are passed over
 * from the checkpoint's place in the store on until a fix of a later time comes, or a sign of life of a later batch. One of
 * which nothing comes until the day begins begins then: it may be silent, and what is due of that is due in its time.
 */
#include "kept_replay.h"

#include "archive_walk.h"
#include "arena.h"
#include "array.h"
#include "line_fix.h"
#include "look.h"
#include "vehicle.h"
#include "worlds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { NAMES_LIMIT = 4000000, SILENT_DAYS = 8, OUT_BYTES = 64 << 20 };
#define DAY_MS INT64_C(86400000)

/* How a vehicle begins. */
struct start {
    struct text state; /* empty: it has no checkpoint */
    int64_t upto_ms, from_ms, batch;
    bool begun;
    bool unknown; /* it was there before, and nobody knows how it stood; */
    int64_t first_fix_ms;
};

struct run {
    const struct kept_replay *asked;
    struct archive_look *look;
    const int32_t *days;
    size_t first, base,
        count;  /* places in days: the first that is asked for, and the one whose checkpoints are used */
    bool whole; /* the archive has all since the tracker's first batch */
    bool on;    /* what is told is wanted */
    struct names *names;
    struct start *starts; /* by symbol */
    size_t start_cap;
    struct arena arena; /* of states */
    bool looked_back;
    struct names *before; /* vehicles of the days before the base */
    uint64_t lines, unknown, unread, silent;
    struct buf *out, scratch;
    size_t looked_at; /* bytes of out that nothing has to be left out of any more */
    int code;
};

/* ---- which day ---- */

bool kept_replay_day(const char *command, const char *option, const char *text, int32_t *out)
{
    char time[40];
    int64_t ms;
    bool date = strlen(text) == 10 && text[4] == '-' && text[7] == '-';
    snprintf(time, sizeof time, date ? "%.10sT00:00:00Z" : "%.39s", text);
    if (!look_parse_time(command, option, time, &ms))
        return false;
    *out = (int32_t)(ms / DAY_MS);
    return true;
}

static bool on_first_ruleset(void *arg, const struct archive_mark *mark)
{
    *(bool *)arg = mark->batch <= 1;
    return true;
}

/* The tracker's first batch names its world: an archive that has it has all. */
static bool is_whole(struct run *r)
{
    const struct archive_marks_asked asked = {TEXT("rulesets"), TEXT(""), {-1, -1, 0}, 1};
    struct archive_day *day = archive_day_begin(r->look, r->days[0]);
    bool whole = false;
    if (day != NULL)
        archive_day_marks(day, &asked, on_first_ruleset, &whole);
    archive_day_end(day);
    return whole;
}

static bool on_any(void *arg, const struct archive_checkpoint *checkpoint)
{
    (void)checkpoint;
    *(bool *)arg = true;
    return false;
}

static bool has_checkpoints(const struct run *r, size_t place)
{
    struct archive_day *day = archive_day_begin(r->look, r->days[place]);
    bool there = false;
    if (day != NULL)
        archive_day_checkpoints(day, on_any, &there);
    archive_day_end(day);
    return there;
}

/* Where vehicles begin as they stood: a day before, since a stretch that is judged again may reach back so far; or with
 * all that there is, where no day has checkpoints and nothing is missing. */
static void choose_base(struct run *r)
{
    r->base = r->first;
    if (r->asked->late && r->first > 0 && has_checkpoints(r, r->first - 1))
        r->base = r->first - 1;
    else if ((r->first == 0 || (r->asked->late && r->first == 1) || !has_checkpoints(r, r->first)) &&
             is_whole(r))
        r->base = 0;
    else
        return;
    r->whole = r->base == 0 && is_whole(r);
}

static bool find_days(struct run *r)
{
    r->days = archive_look_days(r->look, &r->count);
    while (r->first < r->count && r->days[r->first] < r->asked->first_day)
        r->first++;
    if (r->first < r->count && r->days[r->first] <= r->asked->last_day) {
        choose_base(r);
        return true;
    }
    fprintf(stderr, "%s: the archive has no track of these days\n", r->asked->command);
    r->code = EX_DATAERR;
    return false;
}

/* ---- how vehicles begin ---- */

/* NULL without memory. */
static struct start *start_of(struct run *r, struct text vehicle)
{
    uint32_t number;
    if (!names_intern(r->names, vehicle, &number))
        return NULL;
    if (number >= r->start_cap) {
        size_t was = r->start_cap;
        if (!array_reserve(&r->starts, &r->start_cap, (size_t)number + 1, sizeof *r->starts))
            return NULL;
        memset(r->starts + was, 0, (r->start_cap - was) * sizeof *r->starts);
    }
    return &r->starts[number];
}

static bool on_checkpoint(void *arg, const struct archive_checkpoint *c)
{
    struct run *r = arg;
    struct start *start = start_of(r, c->vehicle);
    if (start == NULL || !arena_copy_text(&r->arena, c->state, &start->state)) {
        r->code = EX_OSERR;
        return false;
    }
    start->upto_ms = c->upto.len > 0 ? text_whole(c->upto) : TIME_NONE;
    start->from_ms = c->stored.len > 0 ? text_whole(c->stored) : c->at.ms;
    start->batch = c->batch;
    return true;
}

static bool on_vehicle_before(void *arg, struct text vehicle)
{
    uint32_t number;
    return names_intern(arg, vehicle, &number);
}

static bool on_tail_before(void *arg, uint32_t part, struct text body)
{
    struct text vehicle, line;
    struct part_line at;
    (void)part;
    while (part_read(&body, &vehicle, &at, &line))
        if (!on_vehicle_before(arg, vehicle))
            return false;
    return true;
}

/* Which vehicles the days before have. */
static bool was_there(struct run *r, struct text vehicle)
{
    const struct archive_span all = {INT64_MIN, INT64_MAX, NULL};
    for (size_t i = 0; i < r->base && !r->looked_back; i++) {
        struct archive_day *day = archive_day_begin(r->look, r->days[i]);
        if (day != NULL) {
            archive_day_vehicles(day, &all, on_vehicle_before, r->before);
            archive_day_tail(day, on_tail_before, r->before);
        }
        archive_day_end(day);
    }
    r->looked_back = true;
    return r->base == 0 || names_find(r->before, vehicle) != 0;
}

/* Whether the walk has all lines behind the vehicle's checkpoint. Of one that was silent for long the last stretch is left
 * out, and then it stands as it did a quarter of an hour before. */
static bool is_walked_from(const struct run *r, const struct start *start)
{
    return start->state.len > 0 && start->from_ms / DAY_MS >= r->days[r->base] - SILENT_DAYS;
}

/* The day whose files the walk begins with: that of the earliest checkpoint. */
static int32_t first_day_of_walk(struct run *r)
{
    int32_t first = r->days[r->base];
    for (size_t i = 0; i < r->start_cap; i++) {
        int32_t day = (int32_t)(r->starts[i].from_ms / DAY_MS);
        if (is_walked_from(r, &r->starts[i]) && day < first)
            first = day;
    }
    return first;
}

static int64_t begins_ms(void *arg, struct text vehicle)
{
    struct run *r = arg;
    struct start *start = start_of(r, vehicle);
    if (r->whole || start == NULL)
        return INT64_MIN;
    return start->state.len > 0 ? start->from_ms : r->days[r->base] * DAY_MS;
}

/* ---- lines ---- */

/* Begins one that nothing later is known of than its checkpoint. */
static void begin_silent(struct run *r, struct text vehicle, struct start *start)
{
    const struct replay_beginning beginning = {vehicle, start->state, start->upto_ms, INT64_MAX};
    start->begun = replay_begin(r->asked->replay, &beginning) == REPLAY_BEGUN;
}

/* A sign of life. Those up to the batch of the checkpoint are in its state. */
static void begin_by_life(struct run *r, const struct archive_line *line)
{
    struct start *start = start_of(r, line->vehicle);
    if (!r->whole && start != NULL && !start->begun && is_walked_from(r, start) &&
        line->at.batch > start->batch)
        begin_silent(r, line->vehicle, start);
}

static void begin_all_silent(struct run *r)
{
    for (uint32_t i = 1; i < r->start_cap && !r->whole; i++)
        if (!r->starts[i].begun && is_walked_from(r, &r->starts[i]))
            begin_silent(r, names_text(r->names, i), &r->starts[i]);
}

/* Whether the line is to be judged: a vehicle begins, or has begun. */
static bool begins(struct run *r, const struct archive_line *line)
{
    struct start *start = start_of(r, line->vehicle);
    struct fix_line read;
    if (r->whole || start == NULL || start->begun)
        return true;
    if (line->at.late != PART_IN_ORDER || !line_fix_read(line->line, &read))
        return false;
    const struct replay_beginning beginning = {line->vehicle, start->state, start->upto_ms,
                                               read.item.fix.time.ms};
    enum replay_begun begun =
        start->state.len > 0 ? replay_begin(r->asked->replay, &beginning) : REPLAY_BEGUN_UNREAD;
    if (begun == REPLAY_BEGUN_BEFORE)
        return false;
    start->begun = true;
    start->first_fix_ms = read.item.fix.time.ms;
    r->unread += begun == REPLAY_BEGUN_UNREAD && start->state.len > 0;
    start->unknown = begun == REPLAY_BEGUN_UNREAD && (start->state.len > 0 || was_there(r, line->vehicle));
    r->unknown += start->unknown;
    return true;
}

/* Without members that begin so, each up to the next comma outside quotes. */
static void put_without(struct buf *out, struct text entry)
{
    static const char *const members[] = {",\"trip\":", ",\"repeat\":"};
    size_t i = 0;
    while (i < entry.len) {
        size_t skip = 0;
        for (size_t k = 0; k < 2 && skip == 0; k++) {
            size_t n = strlen(members[k]);
            if (entry.len - i > n && memcmp(entry.data + i, members[k], n) == 0)
                skip = n;
        }
        if (skip == 0) {
            buf_put_char(out, entry.data[i++]);
            continue;
        }
        for (i += skip; i < entry.len && entry.data[i] != ',' && entry.data[i] != '}'; i++)
            continue;
    }
}

/* Takes out what nobody knows of vehicles that began without a state. */
static void leave_out(struct run *r)
{
    struct text left = {r->out->data + r->looked_at, r->out->len - r->looked_at};
    buf_clear(&r->scratch);
    while (left.len > 0) {
        const char *feed = memchr(left.data, '\n', left.len);
        size_t len = feed != NULL ? (size_t)(feed - left.data) + 1 : left.len;
        struct text entry = {left.data, len};
        uint32_t number = names_find(r->names, line_fix_behind(entry, "\"vehicle\":\""));
        const struct start *start = number > 0 && number < r->start_cap ? &r->starts[number] : NULL;
        bool unknown = start != NULL && start->unknown;
        struct text at = line_fix_behind(entry, "\"start\":");
        if (!unknown || !text_equal(line_fix_behind(entry, "{\"stream\":\""), TEXT("violations")))
            buf_put_text(&r->scratch, entry);
        else if (at.len == 0 || text_whole(at) > start->first_fix_ms)
            put_without(&r->scratch, entry);
        left = (struct text){left.data + len, left.len - len};
    }
    if (!buf_ok(&r->scratch))
        r->code = EX_OSERR;
    r->out->len = r->looked_at;
    buf_put_text(r->out, buf_text(&r->scratch));
}

static void take_out(struct run *r)
{
    if (!r->on)
        buf_clear(r->out);
    if (r->out->len <= r->looked_at)
        return;
    if (r->unknown > 0)
        leave_out(r);
    if (r->code == EX_OK)
        r->code = buf_ok(r->out) ? r->asked->took(r->asked->context, r->out) : EX_OSERR;
    r->looked_at = r->out->len;
}

static bool on_line(void *arg, const struct archive_line *line)
{
    struct run *r = arg;
    if (!r->on && line->day >= r->days[r->first] && line->at.received_ms > 0) {
        begin_all_silent(r);
        replay_until(r->asked->replay, r->days[r->first] * DAY_MS, r->out);
        take_out(r);
        r->on = true;
    }
    if (line->kind == TRACK_LINE_FIX && !begins(r, line))
        return true;
    if (line->kind == TRACK_LINE_LIFE)
        begin_by_life(r, line);
    r->code =
        worlds_line_failed(r->asked->command, replay_line(r->asked->replay, line->line, r->out), ++r->lines);
    take_out(r);
    return r->code == EX_OK;
}

/* Counts one that began without its silence. */
static bool count_silent(void *arg, struct text vehicle)
{
    struct run *r = arg;
    uint32_t number = names_find(r->names, vehicle);
    const struct start *start = number > 0 && number < r->start_cap ? &r->starts[number] : NULL;
    r->silent += start == NULL || start->unknown || !is_walked_from(r, start);
    return true;
}

static void tell_unknown(struct run *r)
{
    if (r->unread > 0)
        fprintf(stderr, "%s: the states of %llu vehicles at the beginning are of another version\n",
                r->asked->command, (unsigned long long)r->unread);
    if (r->unknown > 0)
        fprintf(
            stderr,
            "%s: how %llu vehicles stood at the beginning is not known: of what they are found to do trip, "
            "repeat and what was open already are left out\n",
            r->asked->command, (unsigned long long)r->unknown);
    if (r->base < r->count && !r->whole)
        archive_look_silent(r->look, r->days[r->base], count_silent, r);
    if (r->silent > 0)
        fprintf(stderr, "%s: offline of %llu vehicles was open at the beginning: that it ends is left out\n",
                r->asked->command, (unsigned long long)r->silent);
}

static void walk(struct run *r)
{
    struct archive_walk walk = archive_walk_all();
    bool no_memory = false;
    walk.vehicles = r->asked->vehicle.len > 0 ? &r->asked->vehicle : NULL;
    walk.vehicle_count = walk.vehicles != NULL;
    walk.first_day = first_day_of_walk(r);
    walk.last_day = r->asked->last_day;
    walk.begins_ms = begins_ms;
    walk.each = on_line;
    walk.arg = r;
    r->on = r->asked->all_told || walk.first_day == r->days[r->first];
    archive_walk(r->look, &walk, &no_memory);
    if (no_memory) {
        fprintf(stderr, "%s: out of memory\n", r->asked->command);
        r->code = EX_OSERR;
    }
    /* What was due before the next day began belongs to this one. */
    if (r->code == EX_OK && r->lines > 0 && r->asked->last_day < r->days[r->count - 1]) {
        replay_until(r->asked->replay, (r->asked->last_day + INT64_C(1)) * DAY_MS, r->out);
        take_out(r);
    }
}

static void begin_base(struct run *r)
{
    struct archive_day *day = r->whole ? NULL : archive_day_begin(r->look, r->days[r->base]);
    if (day != NULL)
        archive_day_checkpoints(day, on_checkpoint, r);
    archive_day_end(day);
}

int kept_replay(const struct kept_replay *asked, struct buf *out)
{
    struct run r = {.asked = asked, .look = kept_look(asked->kept), .out = out, .code = EX_OK};
    r.names = names_new(NAMES_LIMIT);
    r.before = names_new(NAMES_LIMIT);
    arena_init(&r.arena);
    buf_init(&r.scratch, OUT_BYTES);
    if (r.names == NULL || r.before == NULL)
        r.code = EX_OSERR;
    else if (find_days(&r))
        begin_base(&r);
    if (r.code == EX_OK)
        walk(&r);
    tell_unknown(&r);
    names_free(r.names);
    names_free(r.before);
    free(r.starts);
    arena_fini(&r.arena);
    buf_fini(&r.scratch);
    return r.code;
}
