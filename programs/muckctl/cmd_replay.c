/*
 * muckctl replay: recorded fixes through the engine, without broker or store: the embedded way to run the
 * tracker.
 */
#include "arguments.h"
#include "city.h"
#include "kept_replay.h"
#include "line_reader.h"
#include "muckctl.h"
#include "replay.h"
#include "time_text.h"
#include "worlds.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char command[] = "muckctl replay";

enum { LINE_MAX_BYTES = 1 << 20, OUT_MAX_BYTES = 64 << 20, FLUSH_BYTES = 1 << 16, VEHICLES_MAX = 2000000 };

struct request {
    const char *config, *rulesets, *until;
    const char *archive, *from, *to, *vehicle;
    int32_t first_day, last_day; /* of the archive */
    bool quiet, settled;
    struct wall until_at;
};

static bool flush(struct buf *out)
{
    bool ok = buf_ok(out) && (out->len == 0 || fwrite(out->data, 1, out->len, stdout) == out->len);
    buf_clear(out);
    return ok;
}

static void print_counts(const struct replay_counts *c)
{
    fprintf(
        stderr,
        "%llu lines: %llu judged, %llu additions, %llu late, %llu by a wrong clock, %llu duplicates, %llu "
        "beyond a hole, %llu refused\n"
        "%llu opened, %llu updated, %llu closed, %llu trips\n",
        (unsigned long long)c->lines, (unsigned long long)c->judged, (unsigned long long)c->added,
        (unsigned long long)c->late, (unsigned long long)c->clock, (unsigned long long)c->duplicates,
        (unsigned long long)c->holes, (unsigned long long)c->refused, (unsigned long long)c->opened,
        (unsigned long long)c->updated, (unsigned long long)c->closed, (unsigned long long)c->trips);
    if (c->redos + c->beyond_horizon > 0)
        fprintf(stderr,
                "%llu stretches judged again, %llu fixes; %llu withdrawn, %llu updated, %llu new; %llu fixes "
                "too late\n",
                (unsigned long long)c->redos, (unsigned long long)c->judged_again,
                (unsigned long long)c->corrections[CORRECTION_WITHDRAWN],
                (unsigned long long)c->corrections[CORRECTION_UPDATED],
                (unsigned long long)c->corrections[CORRECTION_OPENED], (unsigned long long)c->beyond_horizon);
}

/* All lines of the input. An exit code. */
static int feed(struct replay *r, const struct request *request, FILE *in, struct buf *out)
{
    struct line_reader lines;
    struct text line;
    int code = EX_OK;
    if (!line_reader_init(&lines, in, LINE_MAX_BYTES))
        return EX_OSERR;
    while (code == EX_OK && line_reader_next(&lines, &line)) {
        if (line.len == 0)
            continue;
        code = worlds_line_failed(command, replay_line(r, line, out), lines.number);
        if (request->settled)
            buf_clear(out);
        else if (code == EX_OK && out->len >= FLUSH_BYTES && !flush(out))
            code = EX_IOERR;
    }
    if (code == EX_OK && ferror(in)) {
        fprintf(stderr, "%s: reading: %s\n", command, strerror(errno));
        code = EX_IOERR;
    }
    line_reader_fini(&lines);
    return code;
}

/* What came out of a line of an archive. */
static int took(void *context, struct buf *out)
{
    const struct request *request = context;
    if (request->settled)
        buf_clear(out);
    return out->len < FLUSH_BYTES || flush(out) ? EX_OK : EX_IOERR;
}

static int feed_kept(struct replay *r, struct request *request, struct kept *kept, struct buf *out, bool late)
{
    const struct kept_replay asked = {.command = command,
                                      .kept = kept,
                                      .replay = r,
                                      .vehicle = text_of(request->vehicle),
                                      .first_day = request->first_day,
                                      .last_day = request->last_day,
                                      .late = late,
                                      .took = took,
                                      .context = request};
    return kept_end(kept, kept_replay(&asked, out));
}

/* What may make this run another than the recorded one, or than it should be. */
static void warn_doubts(const struct replay_counts *c)
{
    if (c->guessed > 0)
        fprintf(stderr,
                "%s: warning: %llu judgements by hours that name holidays or school holidays, in a year that "
                "no calendar file "
                "covers: taken "
                "as having none\n",
                command, (unsigned long long)c->guessed);
    if (c->unknown > 0)
        fprintf(stderr, "%s: %llu fixes said a field out of its range; it was taken as unknown\n", command,
                (unsigned long long)c->unknown);
    if (c->restarted > 0)
        fprintf(
            stderr,
            "%s: %llu times a unit's numbers began again within a boot; they were not heeded from then on\n",
            command, (unsigned long long)c->restarted);
    for (size_t i = 0; i < BOUND_COUNT; i++)
        if (c->bounds[i] > 0)
            fprintf(stderr, "%s: warning: at %llu judgements more %s than fit: some were left out\n", command,
                    (unsigned long long)c->bounds[i], bound_name(i));
    if (c->other_rulesets > 0)
        fprintf(stderr,
                "%s: the track was recorded under other rulesets (%llu marks); all of it was judged by this "
                "one: for what was found then, give --rulesets DIR\n",
                command, (unsigned long long)c->other_rulesets);
}

/* Where the lines come from: a file, or an archive. */
struct source {
    FILE *in;
    struct kept *kept;
};

static int replay_from(struct request *request, const struct city *city, struct source from)
{
    struct buf out;
    buf_init(&out, OUT_MAX_BYTES);
    struct worlds worlds = {
        .dir = request->rulesets, .command = command, .kept = from.kept, .names = city->names};
    struct replay_options options = {
        .vehicle_limit = VEHICLES_MAX, .late = city->config.late, .settled = request->settled};
    struct replay *r = replay_new(city->names, city->world, &options);
    if (r != NULL && (request->rulesets != NULL || (from.kept != NULL && request->config == NULL)))
        replay_set_worlds(r, worlds_of(&worlds));
    int code = r == NULL           ? EX_OSERR
               : from.kept != NULL ? feed_kept(r, request, from.kept, &out, city->config.late.horizon_ms > 0)
                                   : feed(r, request, from.in, &out);
    int damaged = code == EX_DATAERR && from.kept != NULL ? code : EX_OK; /* the rest of it is printed */
    code = damaged != EX_OK ? EX_OK : code;
    if (code == EX_OK && request->until != NULL)
        replay_until(r, request->until_at.ms, &out);
    if (code == EX_OK && !replay_end(r, &out))
        code = worlds_line_failed(command, REPLAY_NO_MEMORY, 0);
    if (code == EX_OK && request->settled) {
        buf_clear(&out);
        replay_settled(r, &out);
    }
    if ((!flush(&out) || fflush(stdout) != 0) && code == EX_OK)
        code = EX_IOERR;
    if (code == EX_IOERR)
        fprintf(stderr, "%s: cannot write the output: %s\n", command, strerror(errno));
    if (r != NULL && !request->quiet)
        print_counts(replay_counts(r));
    if (r != NULL)
        warn_doubts(replay_counts(r));
    replay_free(r);
    worlds_fini(&worlds);
    buf_fini(&out);
    return code == EX_OK ? damaged : code;
}

static int run_kept(struct request *request, const struct city *city)
{
    struct kept *kept = NULL;
    int code = kept_open(command, request->archive, &kept);
    if (code == EX_OK)
        code = replay_from(request, city, (struct source){.kept = kept});
    kept_close(kept);
    return code;
}

static int run_request(struct request *request, const char *path)
{
    struct city city;
    int code = request->config != NULL ? city_open(&city, command, request->config)
                                       : city_open_empty(&city, command);
    bool standard_input = path == NULL || strcmp(path, "-") == 0;
    FILE *in = stdin;
    if (request->archive != NULL) {
        code = code == EX_OK ? run_kept(request, &city) : code;
        city_fini(&city);
        return code;
    }
    if (code == EX_OK && !standard_input && (in = fopen(path, "r")) == NULL) {
        fprintf(stderr, "%s: %s: %s\n", command, path, strerror(errno));
        code = EX_NOINPUT;
    }
    if (code == EX_OK)
        code = replay_from(request, &city, (struct source){.in = in});
    if (in != NULL && in != stdin)
        fclose(in);
    city_fini(&city);
    return code;
}

static bool is_right(struct request *request, const char *path)
{
    bool of_archive = request->from != NULL || request->to != NULL || request->vehicle != NULL;
    request->first_day = INT32_MIN;
    request->last_day = INT32_MAX;
    if (request->config == NULL && request->rulesets == NULL && request->archive == NULL) {
        fprintf(stderr, "%s: --config FILE, --rulesets DIR or --archive DIR is needed\n", command);
        return false;
    }
    if ((request->archive != NULL && (path != NULL || request->rulesets != NULL)) ||
        (request->archive == NULL && of_archive)) {
        fprintf(
            stderr,
            "%s: --archive DIR takes neither a file nor --rulesets; --from, --to and --vehicle are for it\n",
            command);
        return false;
    }
    if (request->until != NULL && time_text_read(text_of(request->until), &request->until_at) != TIME_OK) {
        fprintf(stderr, "%s: --until '%.80s': expected a time like 2026-06-07T22:00:00+08:00\n", command,
                request->until);
        return false;
    }
    return (request->from == NULL || kept_replay_day(command, "from", request->from, &request->first_day)) &&
           (request->to == NULL || kept_replay_day(command, "to", request->to, &request->last_day));
}

static int run(int argc, char **argv)
{
    struct request request = {0};
    const char *operands[1];
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "config", "FILE",
         "judge by this configuration, of which only city and rules are looked at; with --rulesets only what "
         "comes before the first mark",
         &request.config},
        {ARGUMENT_TEXT, "rulesets", "DIR",
         "judge by the rulesets that the track names, as muckctl rulesets --export wrote them",
         &request.rulesets},
        {ARGUMENT_TEXT, "archive", "DIR",
         "take the lines, and unless --config is given the rulesets, from the archive in DIR",
         &request.archive},
        {ARGUMENT_TEXT, "from", "DAY", "of the archive: from what arrived on this day of UTC on: 2026-06-07",
         &request.from},
        {ARGUMENT_TEXT, "to", "DAY", "of the archive: up to this day, which is the last", &request.to},
        {ARGUMENT_TEXT, "vehicle", "ID", "of the archive: only this vehicle", &request.vehicle},
        {ARGUMENT_TEXT, "until", "TIME", "let the clock run on to TIME (RFC 3339) after the last line",
         &request.until},
        {ARGUMENT_FLAG, "settled", NULL,
         "print only what stands in the end, an object for each violation and trip, without how it was told",
         &request.settled},
        {ARGUMENT_FLAG, "quiet", NULL, "no counts at the end", &request.quiet},
        {0},
    };
    const struct command_line line = {
        command,
        "--config FILE | --rulesets DIR [--until TIME] [FIXES.ndjson | -], or "
        "--archive DIR [--from DAY] [--to DAY] [--vehicle ID] [--config FILE] [--until TIME]",
        "Reads recorded fixes, one JSON object a line in the order they came, from a file or standard input, "
        "runs them\n"
        "through the same engine as muckwatchd, and prints what would have gone to the streams and to the "
        "cab, one JSON\n"
        "object a line: \"stream\" is violations, trips, rejects or warn. Needs no broker and no Redis.\n\n"
        "What a configuration would find in a recorded day:\n\n"
        "  muckctl replay --config muckwatch.yaml track.ndjson\n\n"
        "What was found that day, to the byte, over all reloads and restarts of the tracker:\n\n"
        "  muckctl replay --rulesets rulesets track.ndjson\n\n"
        "The same of days of an archive; each vehicle begins as it stood then:\n\n"
        "  muckctl replay --archive /var/lib/muckwatch/archive --from 2026-06-07 --to 2026-06-07",
        rows,
        0,
        1};
    enum arguments_status status = arguments_read(&line, argc, argv, operands);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (!is_right(&request, operands[0]))
        return EX_USAGE;
    return run_request(&request, operands[0]);
}

const struct ctl_command ctl_replay = {"replay", "run recorded fixes through the engine", run};
