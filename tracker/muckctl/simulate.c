/*
 * muckctl simulate: any number of onboard units from a recorded trace, over MQTT.
 */
#include "muckctl.h"
#include "sim_engine.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char help[] =
    "usage: muckctl simulate [OPTIONS] [FIXES.ndjson | -]\n"
    "\n"
    "Plays a trace (replay lines, see 'muckctl replay') as onboard units do: numbered fixes over MQTT, sent "
    "again\n"
    "until the tracker acknowledges them. Reads standard input where no file is named.\n"
    "Prints a report as one JSON object; exits 0 when all is acknowledged, 75 when not.\n"
    "\n"
    "Connection:\n"
    "  --host HOST, --port PORT     the broker (127.0.0.1, 1883)\n"
    "  --username NAME, --password-file FILE, --cafile FILE, --client-id ID\n"
    "  --connection one|each        one for all units (needs rights on all topics), or one a unit (one)\n"
    "Which units, how fast:\n"
    "  --units N                    so many, copies of the trace's vehicles named ID-2, ID-3 ... (the "
    "trace's own)\n"
    "  --prefix TEXT                put before every id\n"
    "  --speed F                    trace time goes F times as fast; 0: not by time (1)\n"
    "  --rate R                     at most R fixes a second, all units together\n"
    "  --batch N                    at most N fixes a message, when a unit is behind (50)\n"
    "  --times keep|start|end       keep times, or shift them so that the trace starts or ends now (keep)\n"
    "  --repeat                     begin the trace again at its end, with later times\n"
    "  --fixes N, --for SECONDS     stop making fixes after that\n"
    "  --wait SECONDS               for acknowledgements at the end (30)\n"
    "  --no-acks                    the broker's answer is enough: for a broker without a tracker\n"
    "  --no-numbers                 send no boot and seq (implies --no-acks)\n"
    "Faults, in seconds of trace time, at random:\n"
    "  --dead-zones EVERY/FOR       no link for a while, then a backlog\n"
    "  --reboots EVERY              unclean stops, that leave numbers out\n"
    "  --clock-errors EVERY/FOR     a clock that is wrong for a while\n"
    "  --clock-off SECONDS          by so much (3600)\n"
    "  --duplicates PERCENT         of messages are sent twice\n"
    "  --seed N                     of the random numbers (1)\n"
    "Output:\n"
    "  --ledger FILE                every fix made, as replay lines\n"
    "  --progress                   a line a second to standard error\n";

enum option_key {
    OPT_HOST = 256,
    OPT_PORT,
    OPT_USERNAME,
    OPT_PASSWORD_FILE,
    OPT_CAFILE,
    OPT_CLIENT_ID,
    OPT_CONNECTION,
    OPT_UNITS,
    OPT_PREFIX,
    OPT_SPEED,
    OPT_RATE,
    OPT_BATCH,
    OPT_TIMES,
    OPT_REPEAT,
    OPT_FIXES,
    OPT_FOR,
    OPT_WAIT,
    OPT_NO_ACKS,
    OPT_NO_NUMBERS,
    OPT_DEAD_ZONES,
    OPT_REBOOTS,
    OPT_CLOCK_ERRORS,
    OPT_CLOCK_OFF,
    OPT_DUPLICATES,
    OPT_SEED,
    OPT_LEDGER,
    OPT_PROGRESS,
    OPT_HELP,
};

static const struct option long_options[] = {
    {"host", required_argument, NULL, OPT_HOST},
    {"port", required_argument, NULL, OPT_PORT},
    {"username", required_argument, NULL, OPT_USERNAME},
    {"password-file", required_argument, NULL, OPT_PASSWORD_FILE},
    {"cafile", required_argument, NULL, OPT_CAFILE},
    {"client-id", required_argument, NULL, OPT_CLIENT_ID},
    {"connection", required_argument, NULL, OPT_CONNECTION},
    {"units", required_argument, NULL, OPT_UNITS},
    {"prefix", required_argument, NULL, OPT_PREFIX},
    {"speed", required_argument, NULL, OPT_SPEED},
    {"rate", required_argument, NULL, OPT_RATE},
    {"batch", required_argument, NULL, OPT_BATCH},
    {"times", required_argument, NULL, OPT_TIMES},
    {"repeat", no_argument, NULL, OPT_REPEAT},
    {"fixes", required_argument, NULL, OPT_FIXES},
    {"for", required_argument, NULL, OPT_FOR},
    {"wait", required_argument, NULL, OPT_WAIT},
    {"no-acks", no_argument, NULL, OPT_NO_ACKS},
    {"no-numbers", no_argument, NULL, OPT_NO_NUMBERS},
    {"dead-zones", required_argument, NULL, OPT_DEAD_ZONES},
    {"reboots", required_argument, NULL, OPT_REBOOTS},
    {"clock-errors", required_argument, NULL, OPT_CLOCK_ERRORS},
    {"clock-off", required_argument, NULL, OPT_CLOCK_OFF},
    {"duplicates", required_argument, NULL, OPT_DUPLICATES},
    {"seed", required_argument, NULL, OPT_SEED},
    {"ledger", required_argument, NULL, OPT_LEDGER},
    {"progress", no_argument, NULL, OPT_PROGRESS},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

struct arguments {
    struct sim_options sim;
    const char *times;
    const char *password_file;
    const char *ledger;
    const char *fixes; /* file, or NULL */
};

static bool wrong(const char *option, const char *value, const char *expected)
{
    fprintf(stderr, "muckctl simulate: --%s %.64s: expected %s\n", option, value, expected);
    return false;
}

static bool read_number(const char *option, double min, double max, double *out)
{
    char *end;
    double v = strtod(optarg, &end);
    if (end == optarg || *end != '\0' || !(v >= min && v <= max)) {
        fprintf(stderr, "muckctl simulate: --%s %.64s: expected a number from %g to %g\n", option, optarg,
                min, max);
        return false;
    }
    *out = v;
    return true;
}

static bool read_whole(const char *option, double max, uint64_t *out)
{
    double v;
    if (!read_number(option, 0, max, &v))
        return false;
    if (v != floor(v))
        return wrong(option, optarg, "a whole number");
    *out = (uint64_t)v;
    return true;
}

static bool read_u32(const char *option, double max, uint32_t *out)
{
    uint64_t v;
    if (!read_whole(option, max, &v))
        return false;
    *out = (uint32_t)v;
    return true;
}

static bool read_fault(const char *option, bool with_length, struct sim_fault *out)
{
    char *end;
    struct sim_fault fault = {.every_s = strtod(optarg, &end)};
    bool ok = end != optarg && fault.every_s > 0;
    if (ok && with_length) {
        const char *length = end + 1;
        ok = *end == '/';
        fault.for_s = ok ? strtod(length, &end) : 0;
        ok = ok && end != length && fault.for_s > 0;
    }
    if (!ok || *end != '\0')
        return wrong(option, optarg,
                     with_length ? "EVERY/FOR in seconds, such as 600/120" : "seconds over 0");
    *out = fault;
    return true;
}

static bool read_connection(struct arguments *a, int key)
{
    uint32_t port = 0;
    switch (key) {
    case OPT_HOST:
        a->sim.mqtt.host = optarg;
        return true;
    case OPT_PORT:
        if (!read_u32("port", 65535, &port))
            return false;
        a->sim.mqtt.port = (uint16_t)port;
        return true;
    case OPT_USERNAME:
        a->sim.mqtt.username = optarg;
        return true;
    case OPT_PASSWORD_FILE:
        a->password_file = optarg;
        return true;
    case OPT_CAFILE:
        a->sim.mqtt.cafile = optarg;
        return true;
    case OPT_CLIENT_ID:
        a->sim.mqtt.client_id = optarg;
        return true;
    default:
        a->sim.connection_each = strcmp(optarg, "each") == 0;
        return a->sim.connection_each || strcmp(optarg, "one") == 0 ||
               wrong("connection", optarg, "one or each");
    }
}

static bool read_fault_option(struct arguments *a, int key)
{
    struct sim_options *o = &a->sim;
    switch (key) {
    case OPT_DEAD_ZONES:
        return read_fault("dead-zones", true, &o->dead_zone);
    case OPT_REBOOTS:
        return read_fault("reboots", false, &o->reboot);
    case OPT_CLOCK_ERRORS:
        return read_fault("clock-errors", true, &o->clock_error);
    case OPT_CLOCK_OFF:
        return read_number("clock-off", -1e9, 1e9, &o->clock_off_s);
    case OPT_DUPLICATES:
        if (!read_number("duplicates", 0, 100, &o->duplicates))
            return false;
        o->duplicates /= 100;
        return true;
    default:
        return read_whole("seed", 9e15, &o->seed);
    }
}

static bool read_option(struct arguments *a, int key)
{
    struct sim_options *o = &a->sim;
    switch (key) {
    case OPT_UNITS:
        return read_u32("units", 1e6, &o->units);
    case OPT_PREFIX:
        o->prefix = optarg;
        return strlen(optarg) <= 8 || wrong("prefix", optarg, "at most 8 characters");
    case OPT_SPEED:
        return read_number("speed", 0, 1e9, &o->speed);
    case OPT_RATE:
        return read_number("rate", 0, 1e9, &o->rate);
    case OPT_BATCH:
        return read_u32("batch", 500, &o->batch) && (o->batch > 0 || wrong("batch", optarg, "1 to 500"));
    case OPT_TIMES:
        a->times = optarg;
        return strcmp(optarg, "keep") == 0 || strcmp(optarg, "start") == 0 || strcmp(optarg, "end") == 0 ||
               wrong("times", optarg, "keep, start or end");
    case OPT_REPEAT:
        o->repeat = true;
        return true;
    case OPT_FIXES:
        return read_whole("fixes", 1e15, &o->fixes);
    case OPT_FOR:
        return read_number("for", 0, 1e9, &o->for_s);
    case OPT_WAIT:
        return read_number("wait", 0, 1e9, &o->wait_s);
    case OPT_NO_ACKS:
        o->acks = false;
        return true;
    case OPT_NO_NUMBERS:
        o->acks = o->numbers = false;
        return true;
    case OPT_LEDGER:
        a->ledger = optarg;
        return true;
    case OPT_PROGRESS:
        o->progress = true;
        return true;
    default:
        return key >= OPT_DEAD_ZONES && key <= OPT_SEED ? read_fault_option(a, key) : read_connection(a, key);
    }
}

/* EX_OK, EX_USAGE; -1 when help was all that was wanted. */
static int read_arguments(int argc, char **argv, struct arguments *a)
{
    int key;
    optind = 1;
    while ((key = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (key == OPT_HELP) {
            fputs(help, stdout);
            return -1;
        }
        if (key == '?' || !read_option(a, key))
            return EX_USAGE;
    }
    if (argc - optind > 1) {
        fputs("muckctl simulate: one file at most\n", stderr);
        return EX_USAGE;
    }
    if (optind < argc && strcmp(argv[optind], "-") != 0)
        a->fixes = argv[optind];
    return EX_OK;
}

static bool read_password(const char *path, char *out, size_t cap)
{
    FILE *f = fopen(path, "r");
    bool ok = f != NULL && fgets(out, (int)cap, f) != NULL;
    if (!ok)
        fprintf(stderr, "muckctl simulate: %s: %s\n", path, f == NULL ? strerror(errno) : "empty");
    if (f != NULL)
        fclose(f);
    if (ok)
        out[strcspn(out, "\r\n")] = '\0';
    return ok;
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

static int run(struct arguments *a)
{
    struct sim_trace trace = {0};
    struct sim_report report = {0};
    char password[256];
    int code = read_trace(a->fixes, &trace);
    if (code == EX_OK && a->password_file != NULL) {
        if (read_password(a->password_file, password, sizeof password))
            a->sim.mqtt.password = password;
        else
            code = EX_NOINPUT;
    }
    if (code == EX_OK && a->ledger != NULL && (a->sim.ledger = fopen(a->ledger, "w")) == NULL) {
        fprintf(stderr, "muckctl simulate: %s: %s\n", a->ledger, strerror(errno));
        code = EX_CANTCREAT;
    }
    if (code == EX_OK) {
        a->sim.shift_ms = shift_ms(a->times, &trace, a->sim.speed);
        code = sim_run(&trace, &a->sim, &report);
        if (code != EX_OSERR)
            print_report(&report);
    }
    if (a->sim.ledger != NULL && fclose(a->sim.ledger) != 0)
        code = EX_IOERR;
    sim_trace_free(&trace);
    return code;
}

static int simulate(int argc, char **argv)
{
    struct arguments a = {
        .sim =
            {
                .mqtt = {.host = "127.0.0.1", .port = 1883, .client_id = "muckctl-simulate"},
                .speed = 1,
                .wait_s = 30,
                .batch = 50,
                .acks = true,
                .numbers = true,
                .clock_off_s = 3600,
                .seed = 1,
                .prefix = "",
            },
        .times = "keep",
    };
    int code = read_arguments(argc, argv, &a);
    return code == EX_OK ? run(&a) : code == -1 ? EX_OK : code;
}

const struct ctl_command ctl_simulate = {
    .name = "simulate",
    .summary = "play a trace as any number of onboard units, over MQTT",
    .run = simulate,
};
