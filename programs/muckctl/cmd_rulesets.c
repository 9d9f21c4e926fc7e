/*
 * muckctl rulesets: which world was in force from when, and the worlds themselves, for replay without Redis.
 *
 * A world is written as its canonical text, which is all that judges and whose hash is its name; what is
 * stored under a name but has another hash is not written.
 */
#include "look.h"
#include "look_ids.h"
#include "muckctl.h"
#include "ruleset.h"
#include "whole_file.h"

#include <muckwatch/contract.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

static const char command[] = "muckctl rulesets";

enum { NAMES_MAX = 64, WAIT_MS = 120000, CANONICAL_MAX = 1 << 30 };

static void print_row(struct look *look, const struct reply *fields)
{
    buf_clear(&look->out);
    look_put_time(look, reply_field(fields, "received"));
    buf_put_char(&look->out, ' ');
    look_put_text(look, reply_field(fields, "ruleset"), 0);
    printf("%.*s\n", (int)look->out.len, look->out.data);
}

static bool is_listed(const struct look_ids *names, struct text name)
{
    for (size_t i = 0; i < names->count; i++)
        if (text_equal(names->items[i], name))
            return true;
    return false;
}

static int print_entry(void *context, struct text id, const struct reply *fields)
{
    struct look *look = context;
    if (look->json)
        look_print_json(look, "entry", id, fields);
    else
        print_row(look, fields);
    return EX_OK;
}

/* Takes its name down, once. */
static int note_entry(void *context, struct text id, const struct reply *fields)
{
    struct look_ids *names = context;
    struct text name = reply_field(fields, "ruleset");
    (void)id;
    return name.len == 0 || is_listed(names, name) || look_ids_add(names, name) ? EX_OK : EX_OSERR;
}

static bool note_world(void *names, struct text hash)
{
    return is_listed(names, hash) || look_ids_add(names, hash);
}

/* All of the stream: printed, or its names. An archive has more worlds than its days name. */
static int walk(struct look *look, struct look_ids *names)
{
    char key[MW_KEY_MAX];
    look_key(look, key, MW_KEY_RULESETS, TEXT(""));
    if (names != NULL && look->kept != NULL && !archive_look_worlds(kept_look(look->kept), note_world, names))
        return look_end(look, EX_OK) == EX_OK ? EX_OSERR : EX_OK;
    return names != NULL ? look_stream(look, command, key, "-", (struct look_visitor){note_entry, names})
                         : look_stream(look, command, key, "-", (struct look_visitor){print_entry, look});
}

/* The text of a world, from the store or the archive, into a buffer; empty where it is not there. */
static int find(struct look *look, struct text name, struct buf *out)
{
    char key[MW_KEY_MAX];
    const struct reply *reply;
    buf_clear(out);
    if (look->kept != NULL) {
        archive_look_world(kept_look(look->kept), name, out);
        return buf_ok(out) ? EX_OK : EX_OSERR;
    }
    snprintf(key, sizeof key, MW_KEY_RULESET, TEXT_ARG(name)); /* of no partition */
    const struct text words[] = {TEXT("HGET"), text_of(key), TEXT("canonical")};
    if (!store_command(look->store, words, 3, WAIT_MS, &reply))
        return look_failed(look, command);
    if (reply->type == REPLY_TEXT)
        buf_put_text(out, reply->text);
    return buf_ok(out) ? EX_OK : EX_OSERR;
}

static int export(struct look *look, const char *dir, struct text name, struct buf *canonical)
{
    char path[RULESET_PATH_MAX], is[RULESET_NAME_SIZE];
    if (!ruleset_name_valid(name)) {
        fprintf(stderr, "%s: '%.64s': not the name of a ruleset: 64 hexadecimal digits\n", command,
                name.data);
        return EX_USAGE;
    }
    int code = find(look, name, canonical);
    if (code != EX_OK)
        return code;
    ruleset_name(buf_text(canonical), is);
    if (!text_equal(name, text_of(is))) {
        fprintf(stderr, "%s: ruleset %.*s is %s\n", command, TEXT_ARG(name),
                canonical->len > 0   ? "damaged: its text has another hash"
                : look->kept != NULL ? "not in the archive"
                                     : "not in the store");
        return EX_DATAERR;
    }
    ruleset_path(dir, name, path);
    return whole_file_put(command, path, buf_text(canonical), 0666);
}

/* All that can be; the first that cannot decides the exit code. */
static int export_all(struct look *look, const char *dir, const struct look_ids *names)
{
    int code = EX_OK;
    if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "%s: %s: %s\n", command, dir, strerror(errno));
        return EX_CANTCREAT;
    }
    struct buf canonical;
    buf_init(&canonical, CANONICAL_MAX);
    for (size_t i = 0; i < names->count; i++) {
        int one = export(look, dir, names->items[i], &canonical);
        code = code == EX_OK ? one : code;
    }
    buf_fini(&canonical);
    return code;
}

static int run(int argc, char **argv)
{
    struct look look = {0};
    const char *dir = NULL, *operands[NAMES_MAX];
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "export", "DIR", "write the rulesets into DIR, for muckctl replay --rulesets", &dir},
        LOOK_ARCHIVE_ARGUMENT(&look),
        LOOK_ARGUMENTS(&look),
        {0},
    };
    const struct command_line line = {
        command,
        "[--archive DIR] [--export DIR [RULESET...]]",
        "Shows which ruleset was in force from when: fences, permits, hours and thresholds have one name\n"
        "together, and violations carry it. With --export writes all of them, or those named, into a "
        "folder,\n"
        "a file each, from the store or (--archive) from the archive; 'b2sum -l 256' of a file tells its\n"
        "name. To judge a recorded day again as it was judged, without Redis:\n\n"
        "  muckctl rulesets --export rulesets\n"
        "  muckctl track > track.ndjson\n"
        "  muckctl replay --rulesets rulesets track.ndjson",
        rows,
        0,
        NAMES_MAX};
    enum arguments_status status = arguments_read(&line, argc, argv, operands);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (dir == NULL && operands[0] != NULL) {
        fprintf(stderr, "%s: --export DIR is needed to write a ruleset\n", command);
        return EX_USAGE;
    }
    struct look_ids names = {0};
    int code = look_open(&look, command);
    for (size_t i = 0; i < NAMES_MAX && operands[i] != NULL && code == EX_OK; i++)
        code = look_ids_add(&names, text_of(operands[i])) ? EX_OK : EX_OSERR;
    if (code == EX_OK && operands[0] == NULL)
        code = walk(&look, dir != NULL ? &names : NULL);
    if (code == EX_OK && dir != NULL)
        code = export_all(&look, dir, &names);
    code = look_end(&look, code);
    look_ids_fini(&names);
    look_close(&look);
    return code;
}

const struct ctl_command ctl_rulesets = {"rulesets", "show and export recorded rulesets", run};
