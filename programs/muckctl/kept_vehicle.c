/*
 * Days are looked through from the last one back until they have enough lines; then read once more from there.
 */
#include "kept_vehicle.h"

#include "archive_walk.h"
#include "line_fix.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

enum { LINE_MAX_BYTES = 1 << 20, COUNT_MAX = 100000 };

struct last {
    struct archive_line line;
    struct buf text;
};

/* The last lines that were seen, in a ring. */
struct lasts {
    struct last *items;
    size_t count;
    uint64_t seen;
    struct last in_order; /* the last that was neither late nor by a wrong clock */
    bool ok;
};

static void keep(struct last *to, const struct archive_line *line, bool *ok)
{
    buf_clear(&to->text);
    buf_put_text(&to->text, line->line);
    to->line = *line;
    to->line.line = buf_text(&to->text);
    *ok = *ok && buf_ok(&to->text);
}

static bool on_line(void *arg, const struct archive_line *line)
{
    struct lasts *l = arg;
    if (line->kind != TRACK_LINE_FIX)
        return true;
    if (l->count > 0)
        keep(&l->items[l->seen % l->count], line, &l->ok);
    l->seen++;
    if (line->at.late == PART_IN_ORDER)
        keep(&l->in_order, line, &l->ok);
    return l->ok;
}

static bool walk(struct look *look, struct text vehicle, int32_t from, int32_t to, struct lasts *l)
{
    struct archive_walk w = archive_walk_all();
    bool no_memory;
    w.vehicles = &vehicle;
    w.vehicle_count = 1;
    w.first_day = from;
    w.last_day = to;
    w.each = on_line;
    w.arg = l;
    l->seen = 0;
    return archive_walk(kept_look(look->kept), &w, &no_memory);
}

/* The day from which on there are enough. */
static bool find_first_day(struct look *look, struct text vehicle, size_t count, int32_t *out)
{
    size_t days;
    uint64_t found = 0;
    const int32_t *numbers = archive_look_days(kept_look(look->kept), &days);
    struct lasts l = {.ok = true};
    buf_init(&l.in_order.text, LINE_MAX_BYTES);
    bool ok = true;
    *out = INT32_MAX;
    while (days > 0 && (found < count || found == 0) && ok) {
        *out = numbers[--days];
        ok = walk(look, vehicle, *out, *out, &l);
        found += l.seen;
    }
    buf_fini(&l.in_order.text);
    return ok;
}

/* The fix as it came: without what was put in front. */
static void put_fix(struct buf *out, struct text line)
{
    struct text received = line_fix_behind(line, "\"received\":");
    size_t from = received.data != NULL ? (size_t)(received.data - line.data) + received.len : line.len;
    from += from < line.len && line.data[from] == ',';
    buf_put_char(out, '{');
    buf_put(out, line.data + from, line.len - from);
}

static void print_line(struct look *look, const struct last *last, struct buf *fix)
{
    static const char *const lates[] = {[PART_IN_ORDER] = "", [PART_LATE] = "1", [PART_BY_CLOCK] = "clock"};
    char id[56], received[24], batch[24];
    buf_clear(fix);
    put_fix(fix, last->line.line);
    snprintf(id, sizeof id, "%" PRId64 "-%" PRIu64, last->line.at.at.ms, last->line.at.at.seq);
    snprintf(received, sizeof received, "%" PRId64, last->line.at.received_ms);
    snprintf(batch, sizeof batch, "%" PRId64, last->line.at.batch);
    struct text late = text_of(lates[last->line.at.late]);
    if (look->json) {
        const struct text words[] = {TEXT("fix"),   buf_text(fix),  TEXT("received"), text_of(received),
                                     TEXT("batch"), text_of(batch), TEXT("late"),     late};
        struct reply items[8];
        for (size_t i = 0; i < 8; i++)
            items[i] = (struct reply){.type = REPLY_TEXT, .text = words[i]};
        const struct reply fields = {.type = REPLY_LIST, .count = late.len > 0 ? 8 : 6, .items = items};
        look_print_json(look, "entry", text_of(id), &fields);
        return;
    }
    buf_clear(&look->out);
    buf_puts(&look->out, "  ");
    look_put_time(look, text_of(received));
    buf_puts(&look->out, "  ");
    look_put_text(look, buf_text(fix), 0);
    if (late.len > 0)
        buf_printf(&look->out, "  late=%.*s", TEXT_ARG(late));
    printf("%.*s\n", (int)look->out.len, look->out.data);
}

static void put_number(struct buf *out, const char *name, double value, int decimals, bool json)
{
    if (isnan(value))
        return;
    buf_printf(out, json ? ",\"%s\":" : "  %-12s", name);
    buf_put_fixed(out, value, decimals);
    buf_puts(out, json ? "" : "\n");
}

/* Of what the store shows of a vehicle what its last fix in order says. */
static void print_place(struct look *look, const char *id, const struct last *last)
{
    struct fix_line read;
    char ms[24];
    if (!line_fix_read(last->line.line, &read))
        return;
    const struct fix *fix = &read.item.fix;
    const struct {
        const char *name;
        int64_t ms;
    } times[] = {{"time", fix->time.ms}, {"received", last->line.at.received_ms}};
    bool there = fix_has(fix, FIX_HAS_POSITION);
    buf_clear(&look->out);
    if (look->json)
        buf_printf(&look->out, "{\"vehicle\":\"%s\"", id);
    for (size_t i = 0; i < 2; i++) {
        snprintf(ms, sizeof ms, "%" PRId64, times[i].ms);
        buf_printf(&look->out, look->json ? ",\"%s\":" : "  %-12s", times[i].name);
        if (look->json)
            buf_puts(&look->out, ms);
        else
            look_put_time(look, text_of(ms));
        buf_puts(&look->out, look->json ? "" : "\n");
    }
    put_number(&look->out, "lat", there ? fix->lat_deg : NAN, 7, look->json);
    put_number(&look->out, "lon", there ? fix->lon_deg : NAN, 7, look->json);
    put_number(&look->out, "speed", fix_has(fix, FIX_HAS_SPEED) ? (double)fix->speed_mps * 3.6 : NAN, 1,
               look->json);
    put_number(&look->out, "track", fix_has(fix, FIX_HAS_TRACK) ? (double)fix->track_deg : NAN, 1,
               look->json);
    printf(look->json ? "%.*s}\n" : "%.*s", (int)look->out.len, look->out.data);
}

static int print(struct look *look, const char *command, const char *id, struct lasts *l)
{
    struct buf fix;
    if (l->seen == 0) {
        fprintf(stderr, "%s: the archive has no track of a vehicle '%.80s'\n", command, id);
        return EX_DATAERR;
    }
    buf_init(&fix, LINE_MAX_BYTES);
    if (!look->json)
        printf("%s\n", id);
    if (l->in_order.text.len > 0)
        print_place(look, id, &l->in_order);
    if (!look->json)
        printf("last fixes, newest first:\n");
    for (size_t i = 0; i < l->count && i < l->seen; i++)
        print_line(look, &l->items[(l->seen - 1 - i) % l->count], &fix);
    buf_fini(&fix);
    return EX_OK;
}

int kept_vehicle(struct look *look, const char *command, const char *id, size_t count)
{
    struct lasts l = {.count = count < COUNT_MAX ? count : COUNT_MAX, .ok = true};
    int32_t from;
    int code = EX_OSERR;
    l.items = calloc(l.count + 1, sizeof *l.items);
    buf_init(&l.in_order.text, LINE_MAX_BYTES);
    for (size_t i = 0; i < l.count && l.items != NULL; i++)
        buf_init(&l.items[i].text, LINE_MAX_BYTES);
    if (l.items != NULL && find_first_day(look, text_of(id), l.count, &from) &&
        walk(look, text_of(id), from, INT32_MAX, &l))
        code = print(look, command, id, &l);
    for (size_t i = 0; i < l.count && l.items != NULL; i++)
        buf_fini(&l.items[i].text);
    buf_fini(&l.in_order.text);
    free(l.items);
    return code;
}
