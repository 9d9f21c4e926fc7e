/*
 * muckctl tail: follows the alerts as they are written, one a line, until it is interrupted.
 *
 * It waits in XREAD, so an alert is on the screen as soon as Redis has it. When Redis goes away it says so
 * once, tries again every second, and goes on after the last entry it has shown.
 */
#include "look.h"
#include "muckctl.h"

#include <muckwatch/contract.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

static const char command[] = "muckctl tail";

enum { BLOCK_MS = 1000, BLOCK_LIMIT_MS = 4000, BATCH = 200 };

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

struct tail {
    struct look look;
    bool from_start;
    int64_t count; /* stop after so many; 0: never */
    int64_t shown;
    char last[64]; /* id of the last entry shown */
};

static void show(struct tail *t, const struct reply *entries)
{
    for (size_t i = 0; i < entries->count && (t->count == 0 || t->shown < t->count); i++) {
        const struct reply *entry = &entries->items[i];
        if (entry->count != 2 || entry->items[1].type != REPLY_LIST)
            continue;
        if (t->look.json)
            look_print_json(&t->look, "entry", entry->items[0].text, &entry->items[1]);
        else
            look_print_violation(&t->look, &entry->items[1]);
        snprintf(t->last, sizeof t->last, "%.*s", TEXT_ARG(entry->items[0].text));
        t->shown++;
    }
    fflush(stdout);
}

/* One wait. False when Redis did not answer. */
static bool follow(struct tail *t)
{
    char key[MW_KEY_MAX], block[16], batch[16];
    snprintf(block, sizeof block, "%d", BLOCK_MS);
    snprintf(batch, sizeof batch, "%d", BATCH);
    const struct text words[] = {TEXT("XREAD"),
                                 TEXT("COUNT"),
                                 text_of(batch),
                                 TEXT("BLOCK"),
                                 text_of(block),
                                 TEXT("STREAMS"),
                                 text_of(look_key(&t->look, key, MW_KEY_VIOLATIONS, TEXT(""))),
                                 text_of(t->last)};
    const struct reply *reply;
    if (!store_command(t->look.store, words, 8, BLOCK_LIMIT_MS, &reply))
        return false;
    if (reply->type == REPLY_LIST && reply->count == 1 && reply->items[0].count == 2)
        show(t, &reply->items[0].items[1]);
    return true;
}

/* Where the stream ends now, so that following starts behind it and nothing written meanwhile is missed. */
static bool find_end(struct tail *t)
{
    char key[MW_KEY_MAX];
    const struct text words[] = {
        TEXT("XREVRANGE"), text_of(look_key(&t->look, key, MW_KEY_VIOLATIONS, TEXT(""))),
        TEXT("+"),         TEXT("-"),
        TEXT("COUNT"),     TEXT("1")};
    const struct reply *reply;
    snprintf(t->last, sizeof t->last, "0-0");
    if (t->from_start)
        return true;
    if (!store_command(t->look.store, words, 6, 0, &reply))
        return false;
    if (reply->count == 1 && reply->items[0].count == 2)
        snprintf(t->last, sizeof t->last, "%.*s", TEXT_ARG(reply->items[0].items[0].text));
    return true;
}

/* Until Redis is back, or the user has had enough. */
static bool come_back(struct tail *t)
{
    fprintf(stderr, "%s: Redis: %s; trying again\n", command, store_error(t->look.store));
    while (!interrupted) {
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
        if (look_reopen(&t->look))
            return true;
    }
    return false;
}

static void follow_until_interrupted(struct tail *t)
{
    const struct sigaction action = {.sa_handler = interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    while (!interrupted && !ferror(stdout) && (t->count == 0 || t->shown < t->count))
        if (!follow(t) && !interrupted && !come_back(t))
            break;
}

static int run(int argc, char **argv)
{
    struct tail t = {0};
    const struct argument rows[] = {
        {ARGUMENT_FLAG, "from-start", NULL, "begin with the oldest entry that is kept", &t.from_start},
        {ARGUMENT_COUNT, "count", "N", "stop after N entries", &t.count},
        LOOK_ARGUMENTS(&t.look),
        {0},
    };
    const struct command_line line = {
        command,
        "[--from-start] [--json]",
        "Follows the alerts: every violation that opens, changes or closes, as it is "
        "written. Ctrl-C ends it.",
        rows,
        0,
        0};
    enum arguments_status status = arguments_read(&line, argc, argv, NULL);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    int code = look_open(&t.look, command);
    if (code == EX_OK && !find_end(&t))
        code = look_failed(&t.look, command);
    if (code == EX_OK)
        follow_until_interrupted(&t);
    look_close(&t.look);
    return code;
}

const struct ctl_command ctl_tail = {"tail", "follow alerts as they are raised", run};
