/*
 * muckctl archive: an archive looked at, copied while it is written, or let go of.
 */
#include "archive_folder.h"
#include "clock.h"
#include "look.h"
#include "muckctl.h"
#include "progress.h"

#include <muckwatch/contract.h>

#include <errno.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

static const char command[] = "muckctl archive";

enum { TELL_EVERY_MS = 10000, DRAW_EVERY_MS = 200 };

struct told {
    size_t files;
    int64_t drawn_ms, told_ms; /* when the bar was drawn, and a line was written */
};

/* A line a file, and one for what is wrong with it. */
static bool tell(void *arg, const char *file, const char *wrong)
{
    struct told *told = arg;
    progress_clear();
    if (wrong != NULL) {
        fprintf(stderr, "%s: %s: %s\n", command, file, wrong);
        return true;
    }
    printf("%zu %s\n", ++told->files, file);
    fflush(stdout);
    return true;
}

/* A bar on a terminal; where standard error goes elsewhere, a line now and then. */
static void tell_progress(void *arg, double share)
{
    struct told *told = arg;
    int64_t now_ms = clock_mono().ms;
    if (isatty(STDERR_FILENO)) {
        if (now_ms - told->drawn_ms < DRAW_EVERY_MS)
            return;
        told->drawn_ms = now_ms;
        progress_draw(share, "verified");
        return;
    }
    if (told->told_ms == 0)
        told->told_ms = now_ms; /* what takes less needs no word */
    if (now_ms - told->told_ms < TELL_EVERY_MS)
        return;
    told->told_ms = now_ms;
    fprintf(stderr, "%s: %d %% verified\n", command, (int)(share * 100));
}

static int end_of_walk(const char *dir, bool whole)
{
    char path[4096];
    progress_clear();
    snprintf(path, sizeof path, "%s/city.db", dir);
    if (whole)
        return EX_OK;
    if (access(path, R_OK) == 0)
        return EX_DATAERR;
    return errno == ENOENT ? EX_NOINPUT : errno == EACCES ? EX_NOPERM : EX_DATAERR;
}

static int unregister(struct look *look, bool evidence)
{
    char key[MW_KEY_MAX];
    const struct reply *reply;
    int code = look_open(look, command);
    if (code != EX_OK)
        return code;
    if (evidence)
        snprintf(key, sizeof key, MW_KEY_EVIDENCE, (unsigned)look->partition);
    else
        snprintf(key, sizeof key, MW_KEY_ARCHIVE, (unsigned)look->partition);
    const struct text words[] = {TEXT("DEL"), text_of(key)};
    if (!store_command(look->store, words, 2, 0, &reply))
        return look_failed(look, command);
    const char *who = evidence ? "keeper of evidence" : "archive";
    printf(reply->number > 0 ? "let go of: the tracker waits for no %s\n" : "no %s is registered\n", who);
    return EX_OK;
}

static int run(int argc, char **argv)
{
    struct look look = {0};
    const char *dir = NULL, *to = NULL;
    bool let_go = false, let_go_evidence = false, verify = false;
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "archive", "DIR", "the archive's folder (archive.dir)", &dir},
        {ARGUMENT_FLAG, "verify", NULL, "read all of it, and say what is damaged", &verify},
        {ARGUMENT_TEXT, "backup", "TO", "copy all of it into the folder TO, while it may be written", &to},
        {ARGUMENT_FLAG, "unregister", NULL,
         "the tracker waits no more for the archive that is registered in the store; one that runs registers "
         "again",
         &let_go},
        {ARGUMENT_FLAG, "unregister-evidence", NULL, "the same of a keeper of evidence", &let_go_evidence},
        LOOK_ARGUMENTS(&look),
        {0},
    };
    const struct command_line line = {
        command,
        "--archive DIR --verify|--backup TO, or --unregister, or --unregister-evidence",
        "Looks after an archive (docs/ARCHIVE.md). --verify checks SQLite's structure and each chunk by its "
        "hash; what is\n"
        "damaged is told, the rest stays readable. A backup is a whole archive. --unregister is for an "
        "archive that\n"
        "will not come back: until then the tracker lets go of nothing that it does not have.",
        rows,
        0,
        0};
    enum arguments_status status = arguments_read(&line, argc, argv, NULL);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    bool lets_go = let_go || let_go_evidence;
    if (verify + (to != NULL) + let_go + let_go_evidence != 1 || (!lets_go && dir == NULL)) {
        fprintf(stderr,
                "%s: one of --verify, --backup TO (both with --archive DIR) and --unregister is needed\n",
                command);
        return EX_USAGE;
    }
    struct told told = {0};
    if (verify)
        return end_of_walk(dir, archive_folder_verify(dir, tell, tell_progress, &told));
    if (to != NULL)
        return end_of_walk(dir, archive_folder_backup(dir, to, tell, &told));
    int code = unregister(&look, let_go_evidence);
    look_close(&look);
    return code;
}

const struct ctl_command ctl_archive = {"archive", "verify, copy or let go of an archive", run};
