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

#include <muckwatch/contract.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

static const char command[] = "muckctl rulesets";

enum { NAMES_MAX = 64, WAIT_MS = 120000 };

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

/* All of the stream: printed, or its names. */
static int walk(struct look *look, struct look_ids *names)
{
    char key[MW_KEY_MAX];
    look_key(look, key, MW_KEY_RULESETS, TEXT(""));
    return names != NULL ? look_stream(look, command, key, "-", (struct look_visitor){note_entry, names})
                         : look_stream(look, command, key, "-", (struct look_visitor){print_entry, look});
}

/* Whole or not at all. */
static int write_file(const char *path, struct text bytes)
{
    char unfinished[RULESET_PATH_MAX + 8];
    snprintf(unfinished, sizeof unfinished, "%s.part", path);
    FILE *f = fopen(unfinished, "w");
    bool ok = f != NULL && fwrite(bytes.data, 1, bytes.len, f) == bytes.len;
    if (f != NULL)
        ok = fclose(f) == 0 && ok;
    if (ok && rename(unfinished, path) == 0)
        return EX_OK;
    fprintf(stderr, "%s: %s: %s\n", command, unfinished, strerror(errno));
    remove(unfinished);
    return EX_CANTCREAT;
}

static int export(struct look *look, const char *dir, struct text name)
{
    char key[MW_KEY_MAX], path[RULESET_PATH_MAX], is[RULESET_NAME_SIZE];
    if (!ruleset_name_valid(name)) {
        fprintf(stderr, "%s: '%.64s': not the name of a ruleset: 64 hexadecimal digits\n", command,
                name.data);
        return EX_USAGE;
    }
    snprintf(key, sizeof key, MW_KEY_RULESET, TEXT_ARG(name)); /* of no partition */
    const struct text words[] = {TEXT("HGET"), text_of(key), TEXT("canonical")};
    const struct reply *reply;
    if (!store_command(look->store, words, 3, WAIT_MS, &reply))
        return look_failed(look, command);
    ruleset_name(reply->text, is);
    if (reply->type != REPLY_TEXT || !text_equal(name, text_of(is))) {
        fprintf(stderr, "%s: %s is %s\n", command, key,
                reply->type == REPLY_NIL ? "not in the store" : "damaged: its text has another hash");
        return EX_DATAERR;
    }
    ruleset_path(dir, name, path);
    return write_file(path, reply->text);
}

/* All that can be; the first that cannot decides the exit code. */
static int export_all(struct look *look, const char *dir, const struct look_ids *names)
{
    int code = EX_OK;
    if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "%s: %s: %s\n", command, dir, strerror(errno));
        return EX_CANTCREAT;
    }
    for (size_t i = 0; i < names->count; i++) {
        int one = export(look, dir, names->items[i]);
        code = code == EX_OK ? one : code;
    }
    return code;
}

static int run(int argc, char **argv)
{
    struct look look = {0};
    const char *dir = NULL, *operands[NAMES_MAX];
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "export", "DIR", "write the rulesets into DIR, for muckctl replay --rulesets", &dir},
        LOOK_ARGUMENTS(&look),
        {0},
    };
    const struct command_line line = {
        command,
        "[--export DIR [RULESET...]]",
        "Shows which ruleset was in force from when: fences, permits, hours and thresholds have one name "
        "together,\nand violations carry it. With --export writes all of them, or those named, into a "
        "folder, "
        "a file each;\n'b2sum -l 256' of a file tells its name. To judge a recorded day again as it was "
        "judged, without Redis:\n\n"
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
    look_ids_fini(&names);
    look_close(&look);
    return code;
}

const struct ctl_command ctl_rulesets = {"rulesets", "show and export recorded rulesets", run};
