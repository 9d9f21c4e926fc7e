/*
 * muckctl explain: what led to a violation: recorded fixes once more through the engine, with its findings
 * told in plain words.
 *
 * The fixes come from a file, or from the vehicle's track in Redis, which reaches back retention.track_hours.
 * A track that begins in the middle of a trip knows nothing of its beginning; the story then says less.
 */
#include "city.h"
#include "kept_replay.h"
#include "line_reader.h"
#include "look.h"
#include "muckctl.h"
#include "replay.h"
#include "tellings.h"
#include "track_lines.h"
#include "worlds.h"

#include <muckwatch/contract.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char command[] = "muckctl explain";

enum { LINE_MAX_BYTES = 1 << 20, OUT_MAX_BYTES = 1 << 30, SINK_MAX_BYTES = 64 << 20 };
enum { VEHICLES_MAX = 2000000 };
#define DAY_MS INT64_C(86400000)

struct session {
    struct look look;
    const char *config, *rulesets, *replay;
    struct text id; /* empty: all */
    struct city city;
    struct worlds worlds;
    uint64_t lines; /* of a stored track */
    struct replay *engine;
    struct tellings *tellings;
    struct buf sink; /* the entries, which nobody wants here */
    struct buf out;
};

static enum replay_status feed_line(struct session *s, struct text line)
{
    enum replay_status status = replay_line(s->engine, line, &s->sink);
    buf_clear(&s->sink);
    return status;
}

static int feed_file(struct session *s, FILE *in)
{
    struct line_reader lines;
    struct text line;
    int code = EX_OK;
    if (!line_reader_init(&lines, in, LINE_MAX_BYTES))
        return EX_OSERR;
    while (code == EX_OK && line_reader_next(&lines, &line))
        if (line.len > 0)
            code = worlds_line_failed(command, feed_line(s, line), lines.number);
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

static int feed_track_line(void *context, struct text line)
{
    struct session *s = context;
    return worlds_line_failed(command, feed_line(s, line), ++s->lines);
}

/* The finding, from an archive: whose it is, and when. */
struct finding {
    struct text id;
    char vehicle[65], hash[65];
    int64_t start_ms, told_ms, at_ms;
    bool there;
};

static int on_finding(void *context, struct text entry, const struct reply *fields)
{
    struct finding *f = context;
    if (!text_equal(reply_field(fields, "id"), f->id))
        return EX_OK;
    snprintf(f->vehicle, sizeof f->vehicle, "%.*s", TEXT_ARG(reply_field(fields, "vehicle")));
    snprintf(f->hash, sizeof f->hash, "%.*s", TEXT_ARG(reply_field(fields, "ruleset")));
    f->start_ms = text_whole(reply_field(fields, "start"));
    f->told_ms = text_whole(entry);
    f->at_ms = text_whole(reply_field(fields, "at"));
    f->there = true;
    return EX_OK;
}

static int took(void *context, struct buf *out)
{
    (void)context;
    buf_clear(out);
    return EX_OK;
}

/* The track of its vehicle, from the day on which it began to that on which it was told last. */
static int from_archive(struct session *s)
{
    struct finding f = {.id = s->id};
    const struct kept_asked entry = {.stream = "violations", .id = s->id.data};
    int code = kept_stream(s->look.kept, &entry, on_finding, &f);
    if (code != EX_OK)
        return code;
    if (!f.there) {
        fprintf(stderr, "%s: the archive has no violation '%.*s'\n", command, TEXT_ARG(s->id));
        return EX_DATAERR;
    }
    if (s->config != NULL && strcmp(f.hash, s->city.world->hash) != 0)
        fprintf(stderr,
                "%s: it was found under other rules (%.16s...) than this configuration's (%.16s...)\n",
                command, f.hash, s->city.world->hash);
    const struct kept_replay asked = {.command = command,
                                      .kept = s->look.kept,
                                      .replay = s->engine,
                                      .vehicle = text_of(f.vehicle),
                                      .first_day = (int32_t)(f.start_ms / DAY_MS),
                                      .last_day = (int32_t)(f.told_ms / DAY_MS),
                                      .late = s->city.config.late.horizon_ms > 0,
                                      .all_told = true,
                                      .took = took};
    code = kept_replay(&asked, &s->sink);
    if (code == EX_OK)
        replay_until(s->engine, f.at_ms, &s->sink);
    return kept_end(s->look.kept, code);
}

static int from_store(struct session *s)
{
    char key[MW_KEY_MAX], vehicle[65], hash[65], at[24];
    int code = EX_OK;
    const struct text words[] = {TEXT("HGETALL"), text_of(look_key(&s->look, key, MW_KEY_VIOLATION, s->id))};
    const struct reply *fields;
    if (!store_command(s->look.store, words, 2, 0, &fields))
        return look_failed(&s->look, command);
    if (fields->count == 0) {
        fprintf(stderr, "%s: no violation '%.*s' is known\n", command, TEXT_ARG(s->id));
        return EX_DATAERR;
    }
    snprintf(vehicle, sizeof vehicle, "%.*s", TEXT_ARG(reply_field(fields, "vehicle")));
    snprintf(hash, sizeof hash, "%.*s", TEXT_ARG(reply_field(fields, "ruleset")));
    snprintf(at, sizeof at, "%.*s", TEXT_ARG(reply_field(fields, "at")));
    if (strcmp(hash, s->city.world->hash) != 0)
        fprintf(stderr,
                "%s: it was found under other rules (%.16s...) than this configuration's (%.16s...); the "
                "story may differ\n",
                command, hash, s->city.world->hash);
    struct look_ids ids = {0};
    const struct track_lines lines = {.command = command, .ids = &ids};
    code = look_ids_add(&ids, text_of(vehicle)) ? EX_OK : EX_OSERR;
    if (code == EX_OK)
        code = track_lines(&s->look, &lines, (struct track_listener){feed_track_line, s});
    if (code == EX_OK)
        replay_until(s->engine, strtoll(at, NULL, 10), &s->sink);
    look_ids_fini(&ids);
    return code;
}

static void found(void *context, const struct world *world)
{
    tellings_set_world(context, world);
}

static int tell(struct session *s)
{
    const struct late_settings late = s->city.config.late;
    s->engine = replay_new(s->city.names, s->city.world,
                           &(struct replay_options){.vehicle_limit = VEHICLES_MAX, .late = late});
    s->tellings = tellings_new(s->city.names, s->city.world,
                               &(struct tellings_options){s->id, .late = late.horizon_ms > 0});
    if (s->engine == NULL || s->tellings == NULL)
        return EX_OSERR;
    tellings_follow(s->tellings, s->engine);
    s->worlds = (struct worlds){.dir = s->rulesets,
                                .command = command,
                                .names = s->city.names,
                                .found = found,
                                .context = s->tellings};
    int code = s->replay == NULL ? look_open(&s->look, command) : EX_OK;
    if (code != EX_OK)
        return code;
    s->worlds.kept = s->look.kept;
    if (s->rulesets != NULL || (s->look.kept != NULL && s->config == NULL))
        replay_set_worlds(s->engine, worlds_of(&s->worlds));
    code = s->replay != NULL ? from_file(s) : s->look.kept != NULL ? from_archive(s) : from_store(s);
    if (code == EX_OK && !replay_end(s->engine, &s->sink))
        code = EX_OSERR;
    if (code != EX_OK)
        return code;
    bool whole;
    uint32_t told = tellings_finish(s->tellings, &s->out, &whole);
    if (!whole)
        return EX_OSERR;
    bool written = s->out.len == 0 || fwrite(s->out.data, 1, s->out.len, stdout) == s->out.len;
    if (!buf_ok(&s->out) || !written || fflush(stdout) != 0)
        return EX_IOERR;
    if (told > 0 || s->id.len == 0)
        return EX_OK;
    fprintf(stderr, "%s: these fixes under these rules give no violation '%.*s'\n", command, TEXT_ARG(s->id));
    return EX_DATAERR;
}

static int run_session(struct session *s)
{
    buf_init(&s->sink, SINK_MAX_BYTES);
    buf_init(&s->out, OUT_MAX_BYTES);
    int code =
        s->config != NULL ? city_open(&s->city, command, s->config) : city_open_empty(&s->city, command);
    if (code == EX_OK)
        code = tell(s);
    tellings_free(s->tellings);
    replay_free(s->engine);
    worlds_fini(&s->worlds);
    city_fini(&s->city);
    look_close(&s->look);
    buf_fini(&s->sink);
    buf_fini(&s->out);
    return code;
}

static int run(int argc, char **argv)
{
    struct session s = {0};
    const char *operands[1];
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "config", "FILE", "the configuration; of it city, rules and `late` are looked at",
         &s.config},
        {ARGUMENT_TEXT, "rulesets", "DIR", "with --replay: judge by the rulesets that the track names",
         &s.rulesets},
        {ARGUMENT_TEXT, "replay", "FIXES.ndjson|-",
         "take the fixes from a file as `muckctl replay` does, not from Redis", &s.replay},
        LOOK_ARCHIVE_ARGUMENT(&s.look),
        LOOK_ARGUMENTS(&s.look),
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
        "both are told, with those fixes and what changed, and those that it replaced or is replaced by.",
        rows,
        0,
        1};
    enum arguments_status status = arguments_read(&line, argc, argv, operands);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    bool has_rules = s.config != NULL || (s.rulesets != NULL && s.replay != NULL) ||
                     (s.look.archive != NULL && s.replay == NULL && s.rulesets == NULL);
    if (!has_rules || (operands[0] == NULL && s.replay == NULL)) {
        fprintf(stderr,
                "%s: --config FILE is needed, and an ID or --replay FIXES.ndjson; or --rulesets DIR and "
                "--replay; or an ID and --archive DIR\n",
                command);
        return EX_USAGE;
    }
    s.id = operands[0] != NULL ? text_of(operands[0]) : TEXT("");
    return run_session(&s);
}

const struct ctl_command ctl_explain = {"explain", "tell what led to a violation", run};
