/*
 * muckctl explain: what led to a violation: recorded fixes once more through the engine, with its findings
 * told in plain words.
 *
 * The fixes come from a file, or from the vehicle's track in Redis, which reaches back retention.track_hours.
 * A track that begins in the middle of a trip knows nothing of its beginning; the story then says less.
 */
#include "line_reader.h"
#include "muckctl.h"
#include "retelling.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char command[] = "muckctl explain";

enum { LINE_MAX_BYTES = 1 << 20, OUT_MAX_BYTES = 1 << 30 };

struct session {
    const char *config, *rulesets, *replay, *language;
    struct retelling telling;
    struct buf out;
};

static int feed_file(struct session *s, FILE *in)
{
    struct line_reader lines;
    struct text line;
    int code = EX_OK;
    if (!line_reader_init(&lines, in, LINE_MAX_BYTES))
        return EX_OSERR;
    while (code == EX_OK && line_reader_next(&lines, &line))
        if (line.len > 0)
            code = worlds_line_failed(command, retelling_line(&s->telling, line), lines.number);
    if (ferror(in)) {
        fprintf(stderr, "%s: reading: %s\n", command, strerror(errno));
        code = EX_IOERR;
    }
    line_reader_fini(&lines);
    return code;
}

static int from_file(struct session *s)
{
    bool standard_input = strcmp(s->replay, "-") == 0;
    FILE *in = standard_input ? stdin : fopen(s->replay, "r");
    if (in == NULL) {
        fprintf(stderr, "%s: %s: %s\n", command, s->replay, strerror(errno));
        return EX_NOINPUT;
    }
    int code = feed_file(s, in);
    if (!standard_input)
        fclose(in);
    return code;
}

static int tell(struct session *s)
{
    struct retelling *r = &s->telling;
    uint32_t told;
    int code = s->replay == NULL ? look_open(&r->look, command) : EX_OK;
    if (code != EX_OK)
        return code;
    r->worlds.dir = s->rulesets;
    r->named_worlds = s->rulesets != NULL || (r->look.kept != NULL && s->config == NULL);
    code = retelling_begin(r);
    if (code == EX_OK)
        code = s->replay != NULL      ? from_file(s)
               : r->look.kept != NULL ? retelling_from_archive(r)
                                      : retelling_from_store(r);
    if (code == EX_OK)
        code = retelling_end(r, &s->out, &told);
    if (code != EX_OK)
        return code;
    bool written = s->out.len == 0 || fwrite(s->out.data, 1, s->out.len, stdout) == s->out.len;
    if (!written || fflush(stdout) != 0)
        return EX_IOERR;
    if (told > 0 || r->id.len == 0)
        return EX_OK;
    fprintf(stderr, "%s: these fixes under these rules give no violation '%.*s'\n", command, TEXT_ARG(r->id));
    return EX_DATAERR;
}

static int run_session(struct session *s)
{
    struct retelling *r = &s->telling;
    buf_init(&s->out, OUT_MAX_BYTES);
    int code =
        s->config != NULL ? city_open(&r->city, command, s->config) : city_open_empty(&r->city, command);
    if (code == EX_OK)
        code = tell(s);
    retelling_fini(r);
    city_fini(&r->city);
    look_close(&r->look);
    buf_fini(&s->out);
    return code;
}

static int run(int argc, char **argv)
{
    struct session s = {.telling.command = command};
    const char *operands[1];
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "config", "FILE", "the configuration; of it city, rules and `late` are looked at",
         &s.config},
        {ARGUMENT_TEXT, "rulesets", "DIR", "with --replay: judge by the rulesets that the track names",
         &s.rulesets},
        {ARGUMENT_TEXT, "replay", "FIXES.ndjson|-",
         "take the fixes from a file as `muckctl replay` does, not from Redis", &s.replay},
        {ARGUMENT_TEXT, "lang", "zh|en", "in which language (en)", &s.language},
        LOOK_ARCHIVE_ARGUMENT(&s.telling.look),
        LOOK_ARGUMENTS(&s.telling.look),
        {0},
    };
    const struct command_line line = {
        command,
        "[ID] --config FILE | --rulesets DIR [--replay FIXES.ndjson], or ID --archive DIR [--config FILE]",
        "Tells in plain words what led to a violation: the rule and its thresholds, the fixes, distances "
        "and\n"
        "clock. From the vehicle's track in Redis, or with --replay from recorded fixes; then without an ID\n"
        "every violation that they give is told of. Where late fixes had it judged again, and that corrected "
        "it,\n"
        "both are told, with those fixes and what changed, and those that it replaced or is replaced by.\n"
        "Findings of a duty (missed_collection, unswept) are of several vehicles: only from recorded fixes "
        "of\n"
        "all of them, as `muckctl track` prints them.",
        rows,
        0,
        1};
    enum arguments_status status = arguments_read(&line, argc, argv, operands);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    bool has_rules = s.config != NULL || (s.rulesets != NULL && s.replay != NULL) ||
                     (s.telling.look.archive != NULL && s.replay == NULL && s.rulesets == NULL);
    if (!has_rules || (operands[0] == NULL && s.replay == NULL)) {
        fprintf(stderr,
                "%s: --config FILE is needed, and an ID or --replay FIXES.ndjson; or --rulesets DIR and "
                "--replay; or an ID and --archive DIR\n",
                command);
        return EX_USAGE;
    }
    bool chinese = s.language != NULL && strcmp(s.language, "zh") == 0;
    if (s.language != NULL && !chinese && strcmp(s.language, "en") != 0) {
        fprintf(stderr, "%s: --lang is zh or en\n", command);
        return EX_USAGE;
    }
    s.telling.language = chinese ? PHRASE_ZH : PHRASE_EN;
    s.telling.id = operands[0] != NULL ? text_of(operands[0]) : TEXT("");
    return run_session(&s);
}

const struct ctl_command ctl_explain = {"explain", "tell what led to a violation", run};
