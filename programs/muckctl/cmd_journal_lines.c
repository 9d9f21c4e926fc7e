/*
 * muckctl journal: what an onboard unit's journal holds, as replay lines.
 */
#include "arguments.h"
#include "fix_json.h"
#include "journal.h"
#include "journal_folder.h"
#include "json_write.h"
#include "muckctl.h"
#include "unit_json.h"
#include "vehicle_id.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

struct request {
    const char *vehicle;
    const char *dir;
    bool summary, replay;
};

static void print_summary(struct journal *j)
{
    const struct journal_range *skips;
    struct journal_stats stats = journal_stats(j);
    size_t count = journal_skips(j, &skips);
    printf("{\"boot\":\"%.*s\",\"first\":%llu,\"last\":%llu,\"acked\":%llu,\"bytes\":%llu,\"segments\":%llu,"
           "\"damaged_bytes\":%llu,\"skipped\":[",
           TEXT_ARG(journal_boot(j)), (unsigned long long)journal_first(j),
           (unsigned long long)journal_last(j), (unsigned long long)journal_acked(j),
           (unsigned long long)stats.bytes_kept, (unsigned long long)stats.segments,
           (unsigned long long)stats.damaged_bytes);
    for (size_t i = 0; i < count; i++)
        printf("%s[%llu,%llu]", i > 0 ? "," : "", (unsigned long long)skips[i].first,
               (unsigned long long)skips[i].last);
    puts("]}");
}

/* {"vehicle":"...", and the fix as it is sent, or without its numbers. */
static bool print_fixes(struct journal *j, struct text vehicle, bool numbers)
{
    struct journal_entry entry;
    struct buf line;
    uint64_t from = 0;
    buf_init(&line, 1 << 16);
    while (buf_ok(&line) && journal_read(j, from, &entry) == JOURNAL_OK) {
        struct text rest = {entry.payload.data + 1, entry.payload.len - 1};
        struct buf head;
        buf_init(&head, 1 << 16);
        buf_puts(&head, "{\"vehicle\":");
        json_put_string(&head, vehicle);
        buf_put_char(&head, ',');
        buf_put_text(&head, rest);
        buf_clear(&line);
        if (numbers)
            unit_fix_put_numbers(buf_text(&head), journal_boot(j), entry.seq, &line);
        else
            buf_put_text(&line, buf_text(&head));
        buf_put_char(&line, '\n');
        fwrite(line.data, 1, line.len, stdout);
        from = entry.seq + 1;
        buf_fini(&head);
    }
    bool ok = buf_ok(&line);
    buf_fini(&line);
    return ok && fflush(stdout) == 0;
}

static int show(const struct request *r)
{
    struct journal *j = NULL;
    struct journal_disk disk;
    bool there = journal_folder_open_to_read(r->dir, &disk) == 0;
    enum journal_status status = there ? journal_open_to_read(&disk, &j) : JOURNAL_IO;
    if (status != JOURNAL_OK) {
        fprintf(stderr, "muckctl journal: %s: no journal can be read there\n", r->dir);
        return EX_NOINPUT;
    }
    bool ok = true;
    if (r->summary)
        print_summary(j);
    else
        ok = print_fixes(j, text_of(r->vehicle), !r->replay);
    journal_abandon(j);
    return ok ? EX_OK : EX_IOERR;
}

static int journal(int argc, char **argv)
{
    struct request r = {.vehicle = "unknown"};
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "vehicle", "ID", "the vehicle's id, for the lines (unknown)", &r.vehicle},
        {ARGUMENT_FLAG, "replay", NULL,
         "without boot and seq: replay would wait for numbers that were left out", &r.replay},
        {ARGUMENT_FLAG, "summary", NULL, "numbers only: boot, first, last, acked, skipped, sizes",
         &r.summary},
        {0},
    };
    const struct command_line line = {"muckctl journal",
                                      "DIR",
                                      "Prints the fixes in an onboard unit's journal, oldest first, as lines "
                                      "that 'muckctl replay' reads. Changes\n"
                                      "nothing; the unit may be running.",
                                      rows,
                                      1,
                                      1};
    switch (arguments_read(&line, argc, argv, &r.dir)) {
    case ARGUMENTS_DONE:
        return EX_OK;
    case ARGUMENTS_WRONG:
        return EX_USAGE;
    case ARGUMENTS_OK:
        break;
    }
    if (!vehicle_id_valid(text_of(r.vehicle))) {
        fprintf(stderr, "muckctl journal: --vehicle %.80s: not a vehicle's id\n", r.vehicle);
        return EX_USAGE;
    }
    return show(&r);
}

const struct ctl_command ctl_journal = {
    .name = "journal",
    .summary = "print what an onboard unit's journal holds",
    .run = journal,
};
