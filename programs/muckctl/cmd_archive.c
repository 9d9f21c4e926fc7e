/*
 * muckctl archive: an archive looked at, copied while it is written, or let go of.
 */
#include "archive_folder.h"
#include "look.h"
#include "muckctl.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

static const char command[] = "muckctl archive";

/* A line a file; on a terminal one that is whole takes the place of the one before. */
static bool tell(void *arg, const char *file, const char *wrong)
{
    bool terminal = isatty(STDOUT_FILENO);
    size_t *files = arg;
    if (wrong != NULL) {
        fprintf(stderr, "%s: %s: %s\n", command, file, wrong);
        return true;
    }
    ++*files;
    printf(terminal ? "\r%zu files, %s " : "%zu %s\n", *files, file);
    fflush(stdout);
    return true;
}

static int end_of_walk(bool whole, size_t files)
{
    if (isatty(STDOUT_FILENO) && files > 0)
        putchar('\n');
    return whole ? EX_OK : EX_DATAERR;
}

static int unregister(struct look *look)
{
    char key[MW_KEY_MAX];
    const struct reply *reply;
    int code = look_open(look, command);
    if (code != EX_OK)
        return code;
    snprintf(key, sizeof key, MW_KEY_ARCHIVE, (unsigned)look->partition);
    const struct text words[] = {TEXT("DEL"), text_of(key)};
    if (!store_command(look->store, words, 2, 0, &reply))
        return look_failed(look, command);
    puts(reply->number > 0 ? "let go of: the tracker waits for no archive" : "no archive is registered");
    return EX_OK;
}

static int run(int argc, char **argv)
{
    struct look look = {0};
    const char *dir = NULL, *to = NULL;
    bool let_go = false, verify = false;
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "archive", "DIR", "the archive's folder (archive.dir)", &dir},
        {ARGUMENT_FLAG, "verify", NULL, "read all of it, and say what is damaged", &verify},
        {ARGUMENT_TEXT, "backup", "TO", "copy all of it into the folder TO, while it may be written", &to},
        {ARGUMENT_FLAG, "unregister", NULL,
         "the tracker waits no more for the archive that is registered in the store; one that runs registers "
         "again",
         &let_go},
        LOOK_ARGUMENTS(&look),
        {0},
    };
    const struct command_line line = {
        command,
        "--archive DIR --verify|--backup TO, or --unregister",
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
    if (verify + (to != NULL) + let_go != 1 || (!let_go && dir == NULL)) {
        fprintf(stderr,
                "%s: one of --verify, --backup TO (both with --archive DIR) and --unregister is needed\n",
                command);
        return EX_USAGE;
    }
    size_t files = 0;
    if (verify)
        return end_of_walk(archive_folder_verify(dir, tell, &files), files);
    if (to != NULL)
        return end_of_walk(archive_folder_backup(dir, to, tell, &files), files);
    int code = unregister(&look);
    look_close(&look);
    return code;
}

const struct ctl_command ctl_archive = {"archive", "verify, copy or let go of an archive", run};
