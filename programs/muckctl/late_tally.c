/*
 * States come first: they say which vehicles there are, and which wait. Rows are then sorted by vehicle and found by
 * halving.
 */
#include "late_tally.h"

#include "array.h"
#include "names.h"
#include "state_codec.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { PAGE = 500, VEHICLES_MAX = 2000000, NAMES_LIMIT = 65536 };

static int64_t number_of(const struct reply *fields, const char *name)
{
    struct text value = reply_field(fields, name);
    return value.len > 0 ? strtoll(value.data, NULL, 10) : 0;
}

/* ---- who there is, and who waits ---- */

/* The names of one page are let go with it: of a fleet's states there may be more than a table takes. */
static bool take_state(struct late_tally *t, struct names *names, struct text vehicle, struct text bytes)
{
    struct vehicle_state state;
    uint32_t symbol;
    if (t->count == VEHICLES_MAX || !array_reserve(&t->rows, &t->cap, t->count + 1, sizeof *t->rows))
        return false;
    char *copy = malloc(vehicle.len + 1);
    if (copy == NULL)
        return false;
    memcpy(copy, vehicle.data, vehicle.len);
    copy[vehicle.len] = '\0';
    struct late_row *row = &t->rows[t->count++];
    *row = (struct late_row){.vehicle = {copy, vehicle.len}};
    if (!names_intern(names, vehicle, &symbol) || state_read(bytes, symbol, names, &state) != STATE_OK) {
        t->unread++;
        return true;
    }
    row->waits = (state.flags & VEHICLE_LATE) != 0;
    row->redo_from_ms = state.late.from_ms;
    row->since_clock_ms = state.late.first_clock_ms;
    return true;
}

static int take_page(struct late_tally *t, const struct reply *pairs)
{
    struct names *names = names_new(NAMES_LIMIT);
    bool ok = names != NULL;
    for (size_t i = 0; i + 1 < pairs->count && ok; i += 2)
        ok = take_state(t, names, pairs->items[i].text, pairs->items[i + 1].text);
    names_free(names);
    if (!ok)
        fprintf(stderr, "%s: out of memory\n", t->command);
    return ok ? EX_OK : EX_OSERR;
}

static int read_states(struct late_tally *t)
{
    char key[MW_KEY_MAX], cursor[32] = "0", count[16];
    int code = EX_OK;
    snprintf(count, sizeof count, "%d", PAGE);
    do {
        const struct text words[] = {TEXT("HSCAN"), text_of(look_key(t->look, key, MW_KEY_STATE, TEXT(""))),
                                     text_of(cursor), TEXT("COUNT"), text_of(count)};
        const struct reply *reply;
        if (!store_command(t->look->store, words, 5, 0, &reply) || reply->count != 2)
            return look_failed(t->look, t->command);
        snprintf(cursor, sizeof cursor, "%.*s", TEXT_ARG(reply->items[0].text));
        code = take_page(t, &reply->items[1]);
    } while (code == EX_OK && strcmp(cursor, "0") != 0);
    return code;
}

static int read_state(struct late_tally *t, const char *vehicle)
{
    char key[MW_KEY_MAX];
    const struct text words[] = {TEXT("HGET"), text_of(look_key(t->look, key, MW_KEY_STATE, TEXT(""))),
                                 text_of(vehicle)};
    const struct reply *reply;
    if (!store_command(t->look->store, words, 3, 0, &reply))
        return look_failed(t->look, t->command);
    if (reply->text.len == 0) {
        fprintf(stderr, "%s: no vehicle '%.80s' has been heard of; 'muckctl vehicles' lists them\n",
                t->command, vehicle);
        return EX_DATAERR;
    }
    struct reply pair[2] = {{.text = text_of(vehicle)}, *reply};
    return take_page(t, &(struct reply){.items = pair, .count = 2});
}

static int compare_rows(const void *a, const void *b)
{
    return text_compare(((const struct late_row *)a)->vehicle, ((const struct late_row *)b)->vehicle);
}

/* HSCAN may hand out a field twice. */
static void sort_once_each(struct late_tally *t)
{
    size_t kept = 0;
    if (t->count > 0)
        qsort(t->rows, t->count, sizeof *t->rows, compare_rows);
    for (size_t i = 0; i < t->count; i++)
        if (kept > 0 && text_equal(t->rows[kept - 1].vehicle, t->rows[i].vehicle))
            free((void *)(uintptr_t)t->rows[i].vehicle.data);
        else
            t->rows[kept++] = t->rows[i];
    t->count = kept;
}

static struct late_row *row_of(struct late_tally *t, const struct reply *fields)
{
    const struct late_row wanted = {.vehicle = reply_field(fields, "vehicle")};
    return t->count > 0 ? bsearch(&wanted, t->rows, t->count, sizeof wanted, compare_rows) : NULL;
}

/* ---- what the streams say ---- */

static int count_fix(void *context, struct text id, const struct reply *fields)
{
    struct late_row *row = context;
    struct text late = reply_field(fields, "late");
    (void)id;
    if (reply_field(fields, "fix").len == 0)
        return EX_OK; /* a hole */
    row->fixes++;
    row->late += text_equal(late, TEXT("1"));
    row->clock += text_equal(late, TEXT("clock"));
    return EX_OK;
}

static int count_violation(void *context, struct text id, const struct reply *fields)
{
    static const char *const events[] = {"withdrawn", "updated", "opened", "closed"};
    struct late_tally *t = context;
    struct late_row *row = row_of(t, fields);
    (void)id;
    for (size_t i = 0; row != NULL && i < sizeof events / sizeof *events; i++)
        row->told[i] += look_corrects(fields) && text_equal(reply_field(fields, "event"), text_of(events[i]));
    return EX_OK;
}

static int count_trip(void *context, struct text id, const struct reply *fields)
{
    struct late_row *row = row_of(context, fields);
    (void)id;
    if (row != NULL)
        row->told[LATE_TRIPS] += look_corrects(fields);
    return EX_OK;
}

static int count_redo(void *context, struct text id, const struct reply *fields)
{
    struct late_row *row = row_of(context, fields);
    (void)id;
    if (row == NULL || !text_equal(reply_field(fields, "kind"), TEXT("redo")))
        return EX_OK;
    row->redos++;
    row->redo_ms = number_of(fields, "received");
    return EX_OK;
}

/* The tracker's count of attended time as wall time: by the last mark at which it had come no farther. */
static int take_mark(void *context, struct text id, const struct reply *fields)
{
    struct late_tally *t = context;
    int64_t clock_ms = number_of(fields, "clock"), received_ms = number_of(fields, "received");
    bool runs = text_equal(reply_field(fields, "runs"), TEXT("1"));
    (void)id;
    for (size_t i = 0; i < t->count; i++) {
        struct late_row *row = &t->rows[i];
        if (row->waits && row->since_clock_ms >= clock_ms)
            row->since_ms = received_ms + (runs ? row->since_clock_ms - clock_ms : 0);
    }
    return EX_OK;
}

static bool anyone_waits(const struct late_tally *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->rows[i].waits)
            return true;
    return false;
}

static int read_stream(struct late_tally *t, const char *format, const char *from, look_visit *visit)
{
    char key[MW_KEY_MAX];
    look_key(t->look, key, format, TEXT(""));
    return look_stream(t->look, t->command, key, from, (struct look_visitor){visit, t});
}

int late_tally(struct late_tally *t, const char *vehicle)
{
    char key[MW_KEY_MAX];
    int code = vehicle != NULL ? read_state(t, vehicle) : read_states(t);
    sort_once_each(t);
    for (size_t i = 0; i < t->count && code == EX_OK; i++) {
        look_key(t->look, key, MW_KEY_TRACK, t->rows[i].vehicle);
        code = look_stream(t->look, t->command, key, t->from, (struct look_visitor){count_fix, &t->rows[i]});
    }
    if (code == EX_OK)
        code = read_stream(t, MW_KEY_VIOLATIONS, t->from, count_violation);
    if (code == EX_OK)
        code = read_stream(t, MW_KEY_TRIPS, t->from, count_trip);
    if (code == EX_OK)
        code = read_stream(t, MW_KEY_MARKS, t->from, count_redo);
    if (code == EX_OK && anyone_waits(t))
        code = read_stream(t, MW_KEY_ATTENDED, "-", take_mark);
    return code;
}

void late_tally_fini(struct late_tally *t)
{
    for (size_t i = 0; i < t->count; i++)
        free((void *)(uintptr_t)t->rows[i].vehicle.data);
    free(t->rows);
}
