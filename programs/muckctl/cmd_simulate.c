/*
 * muckctl simulate: any number of onboard units from a recorded trace, over MQTT.
 */
#include "arguments.h"
#include "file_text.h"
#include "muckctl.h"
#include "sim_engine.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char command[] = "muckctl simulate";

/* What the command line says, before it is checked. */
struct request {
    struct sim_options sim;
    struct argument_number port, units, batch, fixes, seed, speed, rate, for_s, wait_s, clock_off_s,
        duplicates_percent;
    const char *connection, *times, *dead_zones, *reboots, *clock_errors;
    const char *password_file, *ledger;
    bool no_acks, no_numbers;
};

static bool wrong(const char *option, const char *value, const char *expected)
{
    fprintf(stderr, "%s: --%s %.64s: expected %s\n", command, option, value, expected);
    return false;
}

static bool read_fault(const char *option, const char *text, bool with_length, struct sim_fault *out)
{
    if (text == NULL)
        return true;
    char *end;
    struct sim_fault fault = {.every_s = strtod(text, &end)};
    bool ok = end != text && fault.every_s > 0;
    if (ok && with_length) {
        const char *length = end + 1;
        ok = *end == '/';
        fault.for_s = ok ? strtod(length, &end) : 0;
        ok = ok && end != length && fault.for_s > 0;
    }
    if (!ok || *end != '\0')
        return wrong(option, text, with_length ? "EVERY/FOR in seconds, such as 600/120" : "seconds over 0");
    *out = fault;
    return true;
}

/* Where `word` stands among up to three words, or -1 after complaining. */
static int read_word(const char *option, const char *word, const char *const words[3], const char *expected)
{
    for (int i = 0; i < 3 && words[i] != NULL; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    wrong(option, word, expected);
    return -1;
}

static bool take_request(struct request *r)
{
    struct sim_options *o = &r->sim;
    int each = read_word("connection", r->connection, (const char *const[3]){"one", "each"}, "one or each");
    if (each < 0 || read_word("times", r->times, (const char *const[3]){"keep", "start", "end"},
                              "keep, start or end") < 0)
        return false;
    if (strlen(o->prefix) > 8)
        return wrong("prefix", o->prefix, "at most 8 characters");
    if (!read_fault("dead-zones", r->dead_zones, true, &o->dead_zone) ||
        !read_fault("reboots", r->reboots, false, &o->reboot) ||
        !read_fault("clock-errors", r->clock_errors, true, &o->clock_error))
        return false;
    assert(r->port.value >= 0 && r->port.value <= UINT16_MAX);
    o->mqtt.port = (uint16_t)r->port.value;
    o->connection_each = each == 1;
    o->units = (uint32_t)r->units.value;
    o->batch = (uint32_t)r->batch.value;
    o->fixes = (uint64_t)r->fixes.value;
    o->seed = (uint64_t)r->seed.value;
    o->duplicates = r->duplicates_percent.value / 100;
    o->speed = r->speed.value;
    o->rate = r->rate.value;
    o->for_s = r->for_s.value;
    o->wait_s = r->wait_s.value;
    o->clock_off_s = r->clock_off_s.value;
    o->numbers = !r->no_numbers;
    o->acks = !r->no_acks && o->numbers;
    return true;
}

static int read_trace(const char *path, struct sim_trace *trace)
{
    FILE *in = path == NULL ? stdin : fopen(path, "r");
    if (in == NULL) {
        fprintf(stderr, "muckctl simulate: %s: %s\n", path, strerror(errno));
        return EX_NOINPUT;
    }
    bool ok = sim_trace_read(trace, in);
    if (in != stdin)
        fclose(in);
    if (!ok)
        fputs("muckctl simulate: out of memory\n", stderr);
    else if (trace->line_count == 0)
        fprintf(stderr, "muckctl simulate: no fix in the input; %u lines refused\n", trace->bad_lines);
    else if (trace->bad_lines > 0)
        fprintf(stderr, "muckctl simulate: %u lines refused\n", trace->bad_lines);
    return !ok ? EX_OSERR : trace->line_count == 0 ? EX_DATAERR : EX_OK;
}

static void print_report(const struct sim_report *r)
{
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"units", r->units},
        {"fixes", r->fixes},
        {"acked", r->acked},
        {"unacked", r->unacked},
        {"messages", r->messages},
        {"sent_fixes", r->sent_fixes},
        {"resent", r->resent},
        {"bytes", r->bytes},
        {"duplicates", r->duplicates},
        {"live", r->live},
        {"acks", r->acks_received},
        {"rewinds_stalled", r->rewinds_stalled},
        {"rewinds_back", r->rewinds_back},
        {"reboots", r->reboots},
        {"dead_zones", r->dead_zones},
        {"clock_errors", r->clock_errors},
        {"reconnects", r->reconnects},
        {"refused", r->refused},
    };
    putchar('{');
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        printf("\"%s\":%llu,", rows[i].name, (unsigned long long)rows[i].value);
    printf("\"milliseconds\":%lld}\n", (long long)(r->seconds * 1000));
}

static int64_t shift_ms(const char *times, const struct sim_trace *trace, double speed)
{
    if (strcmp(times, "keep") == 0)
        return 0;
    if (strcmp(times, "start") == 0)
        return clock_wall().ms - sim_trace_begin_ms(trace);
    /* Played fast, the end comes when the playing ends. */
    int64_t playing_ms =
        speed > 0 ? (int64_t)((double)(sim_trace_end_ms(trace) - sim_trace_begin_ms(trace)) / speed) : 0;
    return clock_wall().ms + playing_ms - sim_trace_end_ms(trace);
}

static int play(struct request *r, const char *path)
{
    struct sim_trace trace = {0};
    struct sim_report report = {0};
    char password[256];
    int code = read_trace(path, &trace);
    if (code == EX_OK && r->password_file != NULL) {
        struct problem problem;
        if (file_text_read_secret(r->password_file, password, sizeof password, &problem))
            r->sim.mqtt.password = password;
        else
            code = EX_NOINPUT;
    }
    if (code == EX_OK && r->ledger != NULL && (r->sim.ledger = fopen(r->ledger, "w")) == NULL) {
        fprintf(stderr, "%s: %s: %s\n", command, r->ledger, strerror(errno));
        code = EX_CANTCREAT;
    }
    if (code == EX_OK) {
        r->sim.shift_ms = shift_ms(r->times, &trace, r->sim.speed);
        code = sim_run(&trace, &r->sim, &report);
        if (code != EX_OSERR)
            print_report(&report);
    }
    if (r->sim.ledger != NULL && fclose(r->sim.ledger) != 0)
        code = EX_IOERR;
    sim_trace_free(&trace);
    return code;
}

static const char about[] =
    "Plays a trace (lines as muckctl replay takes them) as onboard units do: numbered fixes over MQTT, sent "
    "again until\n"
    "the tracker acknowledges them. Reads standard input where no file is named. Prints a report as one JSON "
    "object;\n"
    "exits 0 when all is acknowledged, 75 when not. Faults come at random, in seconds of trace time.";

/*
 * What the command line may say, one row each:
 *
 *     TEXT_ARGUMENT(name, value's name, member of struct request, default, shown?, one line for people)
 *     NUMBER_ARGUMENT(the same, but for the default: default, least, most)
 *     FLAG_ARGUMENT(name, member, one line)
 */
#define SIMULATE_ARGUMENTS(TEXT_ARGUMENT, NUMBER_ARGUMENT, FLAG_ARGUMENT)                                    \
    TEXT_ARGUMENT("host", "HOST", sim.mqtt.host, "127.0.0.1", SHOWN, "the broker")                           \
    NUMBER_ARGUMENT("port", "PORT", port, 1883, 1, 65535, SHOWN, "its port")                                 \
    TEXT_ARGUMENT("username", "NAME", sim.mqtt.username, NULL, UNSAID, "user at the broker")                 \
    TEXT_ARGUMENT("password-file", "FILE", password_file, NULL, UNSAID,                                      \
                  "holds the password in its first line")                                                    \
    TEXT_ARGUMENT("cafile", "FILE", sim.mqtt.cafile, NULL, UNSAID,                                           \
                  "certificates that vouch for the broker: TLS")                                             \
    TEXT_ARGUMENT("client-id", "ID", sim.mqtt.client_id, "muckctl-simulate", SHOWN, "at the broker")         \
    TEXT_ARGUMENT("connection", "one|each", connection, "one", SHOWN,                                        \
                  "one for all units, which needs rights on all topics, or one a unit")                      \
    NUMBER_ARGUMENT("units", "N", units, 0, 0, 1e6, UNSAID,                                                  \
                    "so many: copies of the trace's vehicles named ID-2, ID-3 ... (the trace's own)")        \
    TEXT_ARGUMENT("prefix", "TEXT", sim.prefix, "", UNSAID, "put before every id")                           \
    NUMBER_ARGUMENT("speed", "F", speed, 1, 0, 1e9, SHOWN,                                                   \
                    "trace time goes F times as fast; 0: not by time")                                       \
    NUMBER_ARGUMENT("rate", "R", rate, 0, 0, 1e9, UNSAID, "at most R fixes a second, all units together")    \
    NUMBER_ARGUMENT("batch", "N", batch, 50, 1, 500, SHOWN,                                                  \
                    "at most N fixes a message, when a unit is behind")                                      \
    TEXT_ARGUMENT("times", "keep|start|end", times, "keep", SHOWN,                                           \
                  "keep times, or shift them so that the trace starts or ends now")                          \
    FLAG_ARGUMENT("repeat", sim.repeat, "begin the trace again at its end, with later times")                \
    NUMBER_ARGUMENT("fixes", "N", fixes, 0, 0, 1e15, UNSAID, "stop making fixes after so many")              \
    NUMBER_ARGUMENT("for", "SECONDS", for_s, 0, 0, 1e9, UNSAID, "stop making fixes after that")              \
    NUMBER_ARGUMENT("wait", "SECONDS", wait_s, 30, 0, 1e9, SHOWN, "for acknowledgements at the end")         \
    FLAG_ARGUMENT("no-acks", no_acks, "the broker's answer is enough: for a broker without a tracker")       \
    FLAG_ARGUMENT("no-numbers", no_numbers, "send no boot and seq (implies --no-acks)")                      \
    TEXT_ARGUMENT("dead-zones", "EVERY/FOR", dead_zones, NULL, UNSAID,                                       \
                  "no link for a while, then a backlog")                                                     \
    TEXT_ARGUMENT("reboots", "EVERY", reboots, NULL, UNSAID, "unclean stops, that leave numbers out")        \
    TEXT_ARGUMENT("clock-errors", "EVERY/FOR", clock_errors, NULL, UNSAID,                                   \
                  "a clock that is wrong for a while")                                                       \
    NUMBER_ARGUMENT("clock-off", "SECONDS", clock_off_s, 3600, -1e9, 1e9, SHOWN, "by so much")               \
    NUMBER_ARGUMENT("duplicates", "PERCENT", duplicates_percent, 0, 0, 100, UNSAID,                          \
                    "of messages are sent twice")                                                            \
    NUMBER_ARGUMENT("seed", "N", seed, 1, 0, 9e15, SHOWN, "of the random numbers")                           \
    TEXT_ARGUMENT("ledger", "FILE", ledger, NULL, UNSAID, "every fix made, as replay lines")                 \
    FLAG_ARGUMENT("progress", sim.progress, "a line a second to standard error")

/* The default behind a text, or nothing. */
#define SHOWN(initial)  " (" initial ")"
#define UNSAID(initial) ""

#define TEXT_INITIAL(name, value, member, initial, shown, text) .member = initial,
#define NUMBER_INITIAL(name, value, member, initial, least, most, shown, text)                               \
    .member = {initial, least, most},
#define FLAG_INITIAL(name, member, text)

#define TEXT_ROW(name, value, member, initial, shown, text)                                                  \
    {ARGUMENT_TEXT, name, value, text shown(initial), &r.member},
#define NUMBER_ROW(name, value, member, initial, least, most, shown, text)                                   \
    {ARGUMENT_NUMBER, name, value, text shown(#initial), &r.member},
#define FLAG_ROW(name, member, text) {ARGUMENT_FLAG, name, NULL, text, &r.member},

static int run(int argc, char **argv)
{
    struct request r = {SIMULATE_ARGUMENTS(TEXT_INITIAL, NUMBER_INITIAL, FLAG_INITIAL)};
    const struct argument rows[] = {SIMULATE_ARGUMENTS(TEXT_ROW, NUMBER_ROW, FLAG_ROW){0}};
    const struct command_line line = {command, "[OPTIONS] [FIXES.ndjson | -]", about, rows, 0, 1};
    const char *path[1];
    enum arguments_status status = arguments_read(&line, argc, argv, path);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (!take_request(&r))
        return EX_USAGE;
    bool standard_input = path[0] == NULL || strcmp(path[0], "-") == 0;
    return play(&r, standard_input ? NULL : path[0]);
}

const struct ctl_command ctl_simulate = {"simulate", "play a trace as any number of onboard units, over MQTT",
                                         run};
