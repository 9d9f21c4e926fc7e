/*
 * muckctl simulate: any number of onboard units from a recorded trace, over MQTT.
 */
#include "arguments.h"
#include "file_text.h"
#include "muckctl.h"
#include "sim_engine.h"

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

static int run(int argc, char **argv)
{
    struct request r = {
        .sim = {.mqtt = {.host = "127.0.0.1", .client_id = "muckctl-simulate"}, .prefix = ""},
        .port = {1883, 1, 65535},
        .units = {0, 0, 1e6},
        .batch = {50, 1, 500},
        .fixes = {0, 0, 1e15},
        .seed = {1, 0, 9e15},
        .speed = {1, 0, 1e9},
        .rate = {0, 0, 1e9},
        .for_s = {0, 0, 1e9},
        .wait_s = {30, 0, 1e9},
        .clock_off_s = {3600, -1e9, 1e9},
        .duplicates_percent = {0, 0, 100},
        .connection = "one",
        .times = "keep",
    };
    struct sim_options *o = &r.sim;
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "host", "HOST", "the broker (127.0.0.1)", &o->mqtt.host},
        {ARGUMENT_NUMBER, "port", "PORT", "its port (1883)", &r.port},
        {ARGUMENT_TEXT, "username", "NAME", "user at the broker", &o->mqtt.username},
        {ARGUMENT_TEXT, "password-file", "FILE", "holds the password in its first line", &r.password_file},
        {ARGUMENT_TEXT, "cafile", "FILE", "certificates that vouch for the broker: TLS", &o->mqtt.cafile},
        {ARGUMENT_TEXT, "client-id", "ID", "at the broker (muckctl-simulate)", &o->mqtt.client_id},
        {ARGUMENT_TEXT, "connection", "one|each",
         "one for all units, which needs rights on all topics, or one a unit (one)", &r.connection},
        {ARGUMENT_NUMBER, "units", "N",
         "so many: copies of the trace's vehicles named ID-2, ID-3 ... (the trace's own)", &r.units},
        {ARGUMENT_TEXT, "prefix", "TEXT", "put before every id", &o->prefix},
        {ARGUMENT_NUMBER, "speed", "F", "trace time goes F times as fast; 0: not by time (1)", &r.speed},
        {ARGUMENT_NUMBER, "rate", "R", "at most R fixes a second, all units together", &r.rate},
        {ARGUMENT_NUMBER, "batch", "N", "at most N fixes a message, when a unit is behind (50)", &r.batch},
        {ARGUMENT_TEXT, "times", "keep|start|end",
         "keep times, or shift them so that the trace starts or ends now (keep)", &r.times},
        {ARGUMENT_FLAG, "repeat", NULL, "begin the trace again at its end, with later times", &o->repeat},
        {ARGUMENT_NUMBER, "fixes", "N", "stop making fixes after so many", &r.fixes},
        {ARGUMENT_NUMBER, "for", "SECONDS", "stop making fixes after that", &r.for_s},
        {ARGUMENT_NUMBER, "wait", "SECONDS", "for acknowledgements at the end (30)", &r.wait_s},
        {ARGUMENT_FLAG, "no-acks", NULL, "the broker's answer is enough: for a broker without a tracker",
         &r.no_acks},
        {ARGUMENT_FLAG, "no-numbers", NULL, "send no boot and seq (implies --no-acks)", &r.no_numbers},
        {ARGUMENT_TEXT, "dead-zones", "EVERY/FOR", "no link for a while, then a backlog", &r.dead_zones},
        {ARGUMENT_TEXT, "reboots", "EVERY", "unclean stops, that leave numbers out", &r.reboots},
        {ARGUMENT_TEXT, "clock-errors", "EVERY/FOR", "a clock that is wrong for a while", &r.clock_errors},
        {ARGUMENT_NUMBER, "clock-off", "SECONDS", "by so much (3600)", &r.clock_off_s},
        {ARGUMENT_NUMBER, "duplicates", "PERCENT", "of messages are sent twice", &r.duplicates_percent},
        {ARGUMENT_NUMBER, "seed", "N", "of the random numbers (1)", &r.seed},
        {ARGUMENT_TEXT, "ledger", "FILE", "every fix made, as replay lines", &r.ledger},
        {ARGUMENT_FLAG, "progress", NULL, "a line a second to standard error", &o->progress},
        {0},
    };
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
