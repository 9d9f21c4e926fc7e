#include "look.h"

#include "clock.h"
#include "file_text.h"
#include "json_write.h"
#include "time_text.h"
#include "zoneinfo.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { LOOK_LINE_MAX = 1 << 20 };

/* "host:port", or a path when it begins with a slash. False when the port is none. */
static bool parse_redis(const char *text, char *host, size_t size, struct store_options *out)
{
    if (text[0] == '/') {
        out->unix_socket = text;
        return true;
    }
    const char *colon = strrchr(text, ':');
    size_t length = colon != NULL ? (size_t)(colon - text) : strlen(text);
    char *end = NULL;
    long port = colon != NULL ? strtol(colon + 1, &end, 10) : 6379;
    if (length == 0 || length >= size || port < 1 || port > 65535 || (end != NULL && *end != '\0'))
        return false;
    memcpy(host, text, length);
    host[length] = '\0';
    out->host = host;
    out->port = (int)port;
    return true;
}

static int open_store(struct look *look, const char *command)
{
    char error[320];
    struct problem problem;
    look->options = (struct store_options){.username = look->username};
    if (!parse_redis(look->redis, look->host, sizeof look->host, &look->options)) {
        fprintf(stderr, "%s: --redis '%.80s': expected HOST:PORT or the path of a socket\n", command,
                look->redis);
        return EX_USAGE;
    }
    if (look->password_file != NULL &&
        !file_text_read_secret(look->password_file, look->password, sizeof look->password, &problem)) {
        fprintf(stderr, "%s: %s\n", command, problem.text);
        return EX_NOINPUT;
    }
    look->options.password = text_of(look->password);
    look->store = store_open(&look->options, error, sizeof error);
    if (look->store != NULL)
        return EX_OK;
    fprintf(stderr, "%s: %s\n", command, error);
    return EX_UNAVAILABLE;
}

bool look_reopen(struct look *look)
{
    char error[320];
    struct store *store = store_open(&look->options, error, sizeof error);
    if (store == NULL)
        return false;
    store_close(look->store);
    look->store = store;
    return true;
}

int look_open(struct look *look, const char *command)
{
    if (look->archive != NULL &&
        (look->redis != NULL || look->username != NULL || look->password_file != NULL)) {
        fprintf(stderr, "%s: --archive and --redis exclude each other\n", command);
        return EX_USAGE;
    }
    if (look->redis == NULL)
        look->redis = "127.0.0.1:6379";
    if (look->timezone == NULL)
        look->timezone = "Asia/Shanghai";
    buf_init(&look->out, LOOK_LINE_MAX);
    enum zoneinfo_status zone = zoneinfo_load(ZONEINFO_DIR, look->timezone, &look->zone);
    if (zone != ZONEINFO_OK) {
        fprintf(stderr, "%s: --timezone '%.80s': %s\n", command, look->timezone, zoneinfo_status_text(zone));
        return EX_USAGE;
    }
    return look->archive != NULL ? kept_open(command, look->archive, &look->kept) : open_store(look, command);
}

void look_close(struct look *look)
{
    kept_close(look->kept);
    store_close(look->store);
    mw_zone_free(look->zone);
    buf_fini(&look->out);
    memset(look->password, 0, sizeof look->password);
}

int look_end(const struct look *look, int code)
{
    return look->kept != NULL ? kept_end(look->kept, code) : code;
}

int look_failed(const struct look *look, const char *command)
{
    fprintf(stderr, "%s: Redis: %s\n", command, store_error(look->store));
    return EX_UNAVAILABLE;
}

const char *look_key(const struct look *look, char *key, const char *format, struct text id)
{
    /* The formats are the constants of contract.h; those without an id ignore the last two arguments. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(key, MW_KEY_MAX, format, (unsigned)look->partition, (int)id.len, id.data);
#pragma GCC diagnostic pop
    return key;
}

int look_stream(struct look *look, const char *command, const char *key, const char *from,
                struct look_visitor visitor)
{
    enum { PAGE = 500 };
    char next[64], count[16];
    if (look->kept != NULL) {
        const char *name = strstr(key, "}:");
        const struct kept_asked asked = {.stream = name != NULL ? name + 2 : key,
                                         .vehicle = look->only,
                                         .since_ms = strtoll(from, NULL, 10)};
        return kept_stream(look->kept, &asked, visitor.visit, visitor.context);
    }
    snprintf(next, sizeof next, "%s", from);
    snprintf(count, sizeof count, "%d", PAGE);
    int code = EX_OK;
    for (bool more = true; more && code == EX_OK;) {
        const struct text words[] = {TEXT("XRANGE"), text_of(key),  text_of(next),
                                     TEXT("+"),      TEXT("COUNT"), text_of(count)};
        const struct reply *page;
        if (!store_command(look->store, words, 6, 0, &page))
            return look_failed(look, command);
        more = page->count == PAGE;
        if (more)
            snprintf(next, sizeof next, "(%.*s", TEXT_ARG(page->items[PAGE - 1].items[0].text));
        for (size_t i = 0; i < page->count && code == EX_OK; i++)
            if (page->items[i].count == 2)
                code = visitor.visit(visitor.context, page->items[i].items[0].text, &page->items[i].items[1]);
    }
    return code;
}

static bool parse_ms(struct text text, int64_t *out)
{
    char digits[24];
    if (text.len == 0 || text.len >= sizeof digits)
        return false;
    memcpy(digits, text.data, text.len);
    digits[text.len] = '\0';
    char *end;
    long long ms = strtoll(digits, &end, 10);
    *out = ms;
    return *end == '\0';
}

void look_put_time(struct look *look, struct text ms)
{
    int64_t t;
    if (!parse_ms(ms, &t)) {
        look_put_text(look, TEXT("-"), 19);
        return;
    }
    struct mw_civil c;
    mw_civil_from_ms(look->zone, t, &c);
    buf_printf(&look->out, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
               c.second);
}

/* Columns a character takes: two for the wide ones that Chinese text is made of. */
static size_t columns(unsigned char lead)
{
    return lead >= 0xe2 ? 2 : 1;
}

void look_put_text(struct look *look, struct text text, size_t width)
{
    size_t used = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        buf_put_char(&look->out, c < 0x20 || c == 0x7f ? '?' : (char)c);
        if ((c & 0xc0) != 0x80)
            used += columns(c);
    }
    for (; used < width; used++)
        buf_put_char(&look->out, ' ');
}

/* "90s", "15m", "2h", "3d" as milliseconds. */
static bool parse_span(const char *text, int64_t *out_ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    char *end;
    long long n = strtoll(text, &end, 10);
    if (end == text || n < 0 || n > 100000 || end[0] == '\0' || end[1] != '\0')
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (*end == units[i].unit) {
            *out_ms = n * units[i].ms;
            return true;
        }
    return false;
}

bool look_parse_time(const char *command, const char *option, const char *text, int64_t *out_ms)
{
    struct wall wall;
    int64_t span_ms;
    if (time_text_read(text_of(text), &wall) == TIME_OK) {
        *out_ms = wall.ms;
        return true;
    }
    if (parse_span(text, &span_ms)) {
        *out_ms = clock_wall().ms - span_ms;
        return true;
    }
    fprintf(stderr, "%s: --%s '%.80s': expected 90s, 15m, 2h, 3d, or a time like 2026-06-07T22:00:00+08:00\n",
            command, option, text);
    return false;
}

bool look_parse_since(const char *command, const char *text, int64_t *out_ms)
{
    return look_parse_time(command, "since", text, out_ms);
}

/* Fields of the contract that are texts even where they look like numbers. */
static bool is_text_field(struct text name)
{
    static const char *const texts[] = {
        "id",         "kind",       "severity",    "vehicle", "plate",    "company",    "fence",
        "fences",     "permit",     "near_permit", "why",     "trip",     "unit",       "ruleset",
        "text",       "text_zh",    "text_en",     "event",   "reason",   "cause",      "jurisdiction",
        "road_class", "event_code", "department",  "site",    "disposal", "end_reason", "cover",
        "body",       "payload",    "late",        "hole",    "replaces", "replaced_by"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (text_equal(name, text_of(texts[i])))
            return true;
    return false;
}

static bool is_number(struct text t)
{
    size_t i = t.len > 0 && t.data[0] == '-';
    if (i == t.len || t.len > 20 || (t.data[i] == '0' && i + 1 < t.len && t.data[i + 1] != '.'))
        return false;
    size_t points = 0;
    for (; i < t.len; i++) {
        points += t.data[i] == '.';
        if ((t.data[i] < '0' || t.data[i] > '9') && t.data[i] != '.')
            return false;
    }
    return points <= 1 && t.data[t.len - 1] != '.';
}

void look_print_json(struct look *look, const char *id_name, struct text id, const struct reply *fields)
{
    struct json_writer w;
    buf_clear(&look->out);
    json_writer_init(&w, &look->out);
    json_write_begin_object(&w);
    if (id.len > 0) {
        json_write_key(&w, id_name);
        json_write_string(&w, id);
    }
    for (size_t i = 0; i + 1 < fields->count; i += 2) {
        struct text name = fields->items[i].text, value = fields->items[i + 1].text;
        json_write_key(&w, name.data);
        if (!is_text_field(name) && is_number(value))
            json_write_raw(&w, value);
        else
            json_write_string(&w, value);
    }
    json_write_end_object(&w);
    printf("%.*s\n", (int)look->out.len, look->out.data);
}

static void put_field(struct look *look, const struct reply *fields, const char *name, size_t width)
{
    look_put_text(look, reply_field(fields, name), width);
    buf_put_char(&look->out, ' ');
}

bool look_corrects(const struct reply *fields)
{
    return text_equal(reply_field(fields, "cause"), TEXT("late")) ||
           text_equal(reply_field(fields, "event"), TEXT("withdrawn")) ||
           reply_field(fields, "replaces").len > 0 || reply_field(fields, "late_data").len > 0;
}

void look_put_correction(struct look *look, const struct reply *fields)
{
    struct text event = reply_field(fields, "event"), by = reply_field(fields, "replaced_by");
    struct text replaces = reply_field(fields, "replaces");
    if (!look_corrects(fields))
        return;
    if (text_equal(event, TEXT("withdrawn"))) {
        buf_puts(&look->out, "[迟到数据：撤销 / late data: withdrawn");
        if (by.len > 0)
            buf_printf(&look->out, ", 见 / see %.*s", TEXT_ARG(by));
    } else if (reply_field(fields, "late_data").len > 0) {
        buf_puts(&look->out, "[静默期间的数据后到 / data came for the silence");
    } else if (text_equal(event, TEXT("updated"))) {
        buf_puts(&look->out, "[迟到数据：更正 / late data: corrected");
    } else {
        buf_puts(&look->out, "[迟到数据：补报 / late data: found");
    }
    if (replaces.len > 0)
        buf_printf(&look->out, ", 代替 / instead of %.*s", TEXT_ARG(replaces));
    buf_put_char(&look->out, ']');
}

void look_print_violation(struct look *look, const struct reply *fields)
{
    buf_clear(&look->out);
    look_put_time(look, reply_field(fields, "at"));
    buf_put_char(&look->out, ' ');
    put_field(look, fields, "event", 9);
    put_field(look, fields, "severity", 8);
    put_field(look, fields, "kind", 15);
    put_field(look, fields, "vehicle", 10);
    put_field(look, fields, "text", 0); /* begins with the plate, and says why it ended */
    if (look_corrects(fields)) {
        look_put_correction(look, fields);
        buf_put_char(&look->out, ' ');
    }
    put_field(look, fields, "id", 0);
    printf("%.*s\n", (int)look->out.len, look->out.data);
}
