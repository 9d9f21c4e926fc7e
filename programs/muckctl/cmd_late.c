/*
 * muckctl late: which vehicles send late, how much, what that corrected, and what still waits to be judged again.
 */
#include "json_write.h"
#include "late_tally.h"
#include "muckctl.h"

#include <stdio.h>
#include <sysexits.h>

static const char command[] = "muckctl late";

/* In the order of enum late_event. */
static const char *const events[LATE_EVENTS] = {"withdrawn", "updated", "opened", "closed", "trips"};

static uint64_t corrections(const struct late_row *row)
{
    uint64_t sum = 0;
    for (int i = 0; i < LATE_EVENTS; i++)
        sum += row->told[i];
    return sum;
}

static bool is_worth_a_line(const struct late_row *row)
{
    return row->waits || row->late > 0 || row->clock > 0 || row->redos > 0 || corrections(row) > 0;
}

static double share(const struct late_row *row)
{
    return row->fixes > 0 ? (double)row->late / (double)row->fixes : 0;
}

static void put_number(struct json_writer *w, const char *name, uint64_t value)
{
    json_write_key(w, name);
    json_write_i64(w, (int64_t)value);
}

/* The counts of a row; the same names for one vehicle and for all. */
static void put_counts(struct json_writer *w, const struct late_row *row)
{
    put_number(w, "fixes", row->fixes);
    put_number(w, "late", row->late);
    json_write_key(w, "late_share");
    json_write_fixed(w, share(row), 4);
    put_number(w, "late_clock", row->clock);
    for (int i = 0; i < LATE_EVENTS; i++)
        put_number(w, events[i], row->told[i]);
    put_number(w, "redos", row->redos);
    if (row->redo_ms > 0)
        put_number(w, "last_redo", (uint64_t)row->redo_ms);
}

static void print_object(struct look *look, const struct late_row *row)
{
    struct json_writer w;
    buf_clear(&look->out);
    json_writer_init(&w, &look->out);
    json_write_begin_object(&w);
    json_write_key(&w, "vehicle");
    json_write_string(&w, row->vehicle);
    if (row->waits) {
        if (row->since_ms > 0)
            put_number(&w, "waits_since", (uint64_t)row->since_ms);
        json_write_key(&w, "redo_from");
        json_write_i64(&w, row->redo_from_ms);
    }
    put_counts(&w, row);
    json_write_end_object(&w);
    printf("%.*s\n", (int)look->out.len, look->out.data);
}

static void put_time(struct look *look, int64_t ms)
{
    char text[24] = "";
    if (ms != 0)
        snprintf(text, sizeof text, "%lld", (long long)ms);
    look_put_time(look, text_of(text));
    buf_put_char(&look->out, ' ');
}

static void print_row(struct look *look, const struct late_row *row)
{
    buf_clear(&look->out);
    look_put_text(look, row->vehicle, 12);
    buf_put_char(&look->out, ' ');
    put_time(look, row->waits ? row->since_ms : 0);
    put_time(look, row->waits ? row->redo_from_ms : 0);
    buf_printf(&look->out, "%8llu %7llu %6.1f %6llu", (unsigned long long)row->fixes,
               (unsigned long long)row->late, share(row) * 100, (unsigned long long)row->clock);
    for (int i = 0; i < LATE_EVENTS; i++)
        buf_printf(&look->out, " %9llu", (unsigned long long)row->told[i]);
    buf_printf(&look->out, " %6llu ", (unsigned long long)row->redos);
    put_time(look, row->redo_ms);
    printf("%.*s\n", (int)look->out.len - 1, look->out.data);
}

static void print_head(void)
{
    printf("%-12s %-19s %-19s %8s %7s %6s %6s", "vehicle", "waits since", "judged again from", "fixes",
           "late", "late %", "clock");
    for (int i = 0; i < LATE_EVENTS; i++)
        printf(" %9s", events[i]);
    printf(" %6s %s\n", "redos", "last redo");
}

static struct late_row sum_of(const struct late_tally *t, uint64_t *out_waiting)
{
    struct late_row all = {.waits = false};
    *out_waiting = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct late_row *row = &t->rows[i];
        *out_waiting += row->waits;
        all.fixes += row->fixes;
        all.late += row->late;
        all.clock += row->clock;
        all.redos += row->redos;
        if (row->redo_ms > all.redo_ms)
            all.redo_ms = row->redo_ms;
        for (int e = 0; e < LATE_EVENTS; e++)
            all.told[e] += row->told[e];
    }
    return all;
}

/* In JSON the last line, the only one without `vehicle`. */
static void print_sum(struct look *look, const struct late_tally *t)
{
    uint64_t waiting;
    struct late_row all = sum_of(t, &waiting);
    if (!look->json) {
        fprintf(stderr, "%llu of %zu vehicles wait; %llu of %llu fixes late (%.1f %%); corrections:",
                (unsigned long long)waiting, t->count, (unsigned long long)all.late,
                (unsigned long long)all.fixes, share(&all) * 100);
        for (int i = 0; i < LATE_EVENTS; i++)
            fprintf(stderr, " %llu %s%s", (unsigned long long)all.told[i], events[i],
                    i + 1 < LATE_EVENTS ? "," : "\n");
        return;
    }
    struct json_writer w;
    buf_clear(&look->out);
    json_writer_init(&w, &look->out);
    json_write_begin_object(&w);
    put_number(&w, "vehicles", t->count);
    put_number(&w, "waiting", waiting);
    put_counts(&w, &all);
    json_write_end_object(&w);
    printf("%.*s\n", (int)look->out.len, look->out.data);
}

static int print_tally(struct look *look, const char *vehicle, int64_t since_ms)
{
    char from[24];
    snprintf(from, sizeof from, "%lld", (long long)since_ms);
    struct late_tally t = {.look = look, .command = command, .from = from};
    int code = late_tally(&t, vehicle);
    if (code == EX_OK && !look->json)
        print_head();
    for (size_t i = 0; i < t.count && code == EX_OK; i++) {
        if (vehicle == NULL && !is_worth_a_line(&t.rows[i]))
            continue;
        if (look->json)
            print_object(look, &t.rows[i]);
        else
            print_row(look, &t.rows[i]);
    }
    if (code == EX_OK)
        print_sum(look, &t);
    if (t.unread > 0)
        fprintf(stderr, "%s: the states of %u vehicles could not be read: whether they wait is not known\n",
                command, t.unread);
    late_tally_fini(&t);
    return code;
}

static int run(int argc, char **argv)
{
    struct look look = {0};
    const char *since = NULL, *vehicle = NULL;
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "since", "T",
         "count what was written since T: 15m, 2h, 3d, or 2026-06-07T22:00:00+08:00", &since},
        {ARGUMENT_TEXT, "vehicle", "ID", "only this vehicle", &vehicle},
        LOOK_ARGUMENTS(&look),
        {0},
    };
    const struct command_line line = {
        command,
        "[--since T] [--vehicle ID] [--json]",
        "Shows which vehicles send fixes late: since when late ones wait to be judged again and from which\n"
        "time on, how many of the fixes in the track came late (or, `clock`, by a clock that was wrong), "
        "how\n"
        "many entries that corrected, violations by event, and trips, and when it was judged again last.\n"
        "Vehicles of which nothing came late are left out. All that is kept is read, track for track, "
        "unless\n"
        "--since says less. With --json the last object, without `vehicle`, counts all.",
        rows,
        0,
        0};
    enum arguments_status status = arguments_read(&line, argc, argv, NULL);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    int64_t since_ms = 0;
    if (since != NULL && !look_parse_since(command, since, &since_ms))
        return EX_USAGE;
    int code = look_open(&look, command);
    if (code == EX_OK)
        code = print_tally(&look, vehicle, since_ms);
    look_close(&look);
    return code;
}

const struct ctl_command ctl_late = {"late", "show who sends late, and what that corrected", run};
