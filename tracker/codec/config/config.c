#include "config.h"

#include "array.h"
#include "file_text.h"

#include <stdlib.h>

#define AT(member) offsetof(struct config, member)

/* Vehicle classes are bounded (world.h), so overrides are. */
enum { CLASS_NAME_MAX = 64, OVERRIDES_MAX = 63 * KIND_COUNT };

static options_tree read_rule, read_class;

static const struct option rows[] = {
    {.path = "mqtt.host",
     .type = OPTION_TEXT,
     .offset = AT(mqtt.host),
     .min = 1,
     .max = 255,
     .initial = "127.0.0.1",
     .text = "the broker's name or address"},
    {.path = "mqtt.port",
     .type = OPTION_WHOLE,
     .offset = AT(mqtt.port),
     .min = 1,
     .max = 65535,
     .initial = "1883",
     .text = "the broker's port"},
    {.path = "mqtt.client_id",
     .type = OPTION_TEXT,
     .offset = AT(mqtt.client_id),
     .min = 1,
     .max = 64,
     .initial = "muckwatchd",
     .text = "names the session that the broker keeps; one tracker, one id"},
    {.path = "mqtt.username",
     .type = OPTION_TEXT,
     .offset = AT(mqtt.username),
     .min = 1,
     .max = 255,
     .text = "user at the broker"},
    {.path = "mqtt.password_file",
     .type = OPTION_FILE,
     .offset = AT(mqtt.password_file),
     .text = "file whose first line is the password at the broker"},
    {.path = "mqtt.cafile",
     .type = OPTION_FILE,
     .offset = AT(mqtt.cafile),
     .text = "certificates that vouch for the broker; given: the connection is TLS"},
    {.path = "redis.host",
     .type = OPTION_TEXT,
     .offset = AT(redis.host),
     .min = 1,
     .max = 255,
     .initial = "127.0.0.1",
     .text = "the store's name or address"},
    {.path = "redis.port",
     .type = OPTION_WHOLE,
     .offset = AT(redis.port),
     .min = 1,
     .max = 65535,
     .initial = "6379",
     .text = "the store's port"},
    {.path = "redis.unix_socket",
     .type = OPTION_FILE,
     .offset = AT(redis.unix_socket),
     .text = "the store's socket, instead of host and port"},
    {.path = "redis.username",
     .type = OPTION_TEXT,
     .offset = AT(redis.username),
     .min = 1,
     .max = 255,
     .text = "user at the store"},
    {.path = "redis.password_file",
     .type = OPTION_FILE,
     .offset = AT(redis.password_file),
     .text = "file whose first line is the password at the store"},
    {.path = "redis.require_durable",
     .type = OPTION_BOOL,
     .offset = AT(redis.require_durable),
     .initial = "false",
     .text = "refuse to run on a store that can lose what it acknowledged"},
    {.path = "city.timezone",
     .type = OPTION_TEXT,
     .offset = AT(city.timezone),
     .min = 1,
     .max = 64,
     .initial = "Asia/Shanghai",
     .text = "where hours and dates are meant, by its name in the tz database"},
    {.path = "city.fences",
     .type = OPTION_FILES,
     .offset = AT(city.fences),
     .required = true,
     .example = "[fences.geojson]",
     .text = "GeoJSON files with sites, routes, zones"},
    {.path = "city.fleet",
     .type = OPTION_FILES,
     .offset = AT(city.fleet),
     .example = "[fleet.json]",
     .text = "JSON files with vehicles and permits"},
    {.path = "city.calendar",
     .type = OPTION_FILES,
     .offset = AT(city.calendar),
     .example = "[2026.json]",
     .text = "holiday-cn files, one a year, for PH and WD in hours"},
    {.path = "city.school_calendar",
     .type = OPTION_FILES,
     .offset = AT(city.school_calendar),
     .example = "[school-2026.json]",
     .text = "files of the same form with the school holidays, for SH in hours"},
    {.path = "retention.track_hours",
     .type = OPTION_HOURS,
     .offset = AT(retention.track_ms),
     .max = 87600,
     .initial = "6",
     .unit = "h",
     .text = "how long fixes stay in the store"},
    {.path = "retention.violations_days",
     .type = OPTION_DAYS,
     .offset = AT(retention.violations_ms),
     .max = 3650,
     .initial = "30",
     .unit = "days",
     .text = "how long violations stay in the store"},
    {.path = "retention.trips_days",
     .type = OPTION_DAYS,
     .offset = AT(retention.trips_ms),
     .max = 3650,
     .initial = "30",
     .unit = "days",
     .text = "how long the trip ledger stays in the store"},
    {.path = "retention.rejects_max",
     .type = OPTION_WHOLE,
     .offset = AT(retention.rejects_max),
     .max = 100000000,
     .initial = "100000",
     .text = "how many refused messages stay in the store"},
    {.path = "http.host",
     .type = OPTION_TEXT,
     .offset = AT(http.host),
     .min = 1,
     .max = 255,
     .initial = "127.0.0.1",
     .text = "address for /metrics, /healthz and /readyz"},
    {.path = "http.port",
     .type = OPTION_WHOLE,
     .offset = AT(http.port),
     .max = 65535,
     .initial = "0",
     .text = "port for them; 0: none"},
    {.path = "limits.batch_messages",
     .type = OPTION_WHOLE,
     .offset = AT(limits.batch_messages),
     .min = 1,
     .max = 10000,
     .initial = "500",
     .text = "messages taken before their acknowledgement is due"},
    {.path = "limits.vehicles",
     .type = OPTION_WHOLE,
     .offset = AT(limits.vehicles),
     .min = 1,
     .max = 4000000,
     .initial = "1000000",
     .text = "vehicles the tracker keeps in memory"},
    {.path = "rules.common.gap_s",
     .type = OPTION_SECONDS,
     .offset = AT(common.gap_ms),
     .max = 86400,
     .unit = "s",
     .text = "after a longer pause a track starts anew"},
    {.path = "rules.common.moving_kmh",
     .type = OPTION_NUMBER,
     .offset = AT(common.moving_kmh),
     .max = 200,
     .unit = "km/h",
     .text = "at least this fast is moving"},
    {.path = "rules.common.stopped_kmh",
     .type = OPTION_NUMBER,
     .offset = AT(common.stopped_kmh),
     .max = 200,
     .unit = "km/h",
     .text = "at most this fast is stopped"},
    {.path = "rules.common.eph_default_m",
     .type = OPTION_NUMBER,
     .offset = AT(common.eph_default_m),
     .max = 1000,
     .unit = "m",
     .text = "error of a fix that does not say its own"},
    {.path = "rules.common.edge_m",
     .type = OPTION_NUMBER,
     .offset = AT(common.edge_m),
     .max = 1000,
     .unit = "m",
     .text = "what is entered is entered by more than this, whatever a fix says of its error"},
    {.path = "rules.common.crossing",
     .type = OPTION_BOOL,
     .offset = AT(common.crossing),
     .text = "judge the path between two fixes too"},
    {.path = "rules.common.hole_s",
     .type = OPTION_SECONDS,
     .offset = AT(common.hole_ms),
     .max = 3600,
     .unit = "s",
     .text = "how long to wait for missing fixes of a unit before going on"},
    {.path = "rules.common.trip_s",
     .type = OPTION_SECONDS,
     .offset = AT(common.trip_ms),
     .max = 30 * 86400,
     .unit = "s",
     .text = "a trip that has not ended after so long is given up"},
    {.path = "rules.common.pause_s",
     .type = OPTION_SECONDS,
     .offset = AT(common.pause_ms),
     .max = 86400,
     .unit = "s",
     .text = "standing for less than this ends nothing that is about driving"},
    {.path = "rules.common.warn_again_s",
     .type = OPTION_SECONDS,
     .offset = AT(common.warn_again_ms),
     .max = 86400,
     .unit = "s",
     .text = "the cab is warned of one kind no more often than this"},
    {.path = "rules.*", .type = OPTION_TREE, .tree = read_rule, .text = "a rule"},
};

/* A rule being read: its settings, and where overrides for classes go. */
struct rule_target {
    struct rule_settings settings;
    struct config *config;
    enum kind kind;
};

#define RULE_AT(member) offsetof(struct rule_target, settings.member)

static const struct option rule_rows[] = {
    {.path = "enabled", .type = OPTION_BOOL, .offset = RULE_AT(enabled), .text = "judge this at all"},
    {.path = "confirm_fixes",
     .type = OPTION_WHOLE,
     .offset = RULE_AT(confirm_fixes),
     .max = 1000,
     .unit = "fixes",
     .text = "opens after so many fixes that meet the condition"},
    {.path = "confirm_s",
     .type = OPTION_SECONDS,
     .offset = RULE_AT(confirm_ms),
     .max = 86400,
     .unit = "s",
     .text = "and after so much of the fixes' own time"},
    {.path = "clear_fixes",
     .type = OPTION_WHOLE,
     .offset = RULE_AT(clear_fixes),
     .max = 1000,
     .unit = "fixes",
     .text = "closes after so many fixes that do not"},
    {.path = "clear_s",
     .type = OPTION_SECONDS,
     .offset = RULE_AT(clear_ms),
     .max = 86400,
     .unit = "s",
     .text = "and after so much time"},
    {.path = "warn_s",
     .type = OPTION_SECONDS,
     .offset = RULE_AT(warn_ms),
     .max = 86400,
     .unit = "s",
     .text = "the cab is warned so long before it opens; 0: not at all"},
    {.path = "severity",
     .type = OPTION_WORD,
     .offset = RULE_AT(severity),
     .words = "minor|major|critical",
     .text = "how grave it is"},
    {.path = "major",
     .type = OPTION_NUMBER,
     .offset = RULE_AT(major),
     .max = 1000000,
     .text = "turns major; 0: never"},
    {.path = "event_code",
     .type = OPTION_TEXT,
     .offset = RULE_AT(event_code),
     .max = 64,
     .text = "code of the city-management platform"},
    {.path = "department",
     .type = OPTION_TEXT,
     .offset = RULE_AT(department),
     .max = 128,
     .text = "the competent department"},
};

enum { RULE_ROWS = sizeof rule_rows / sizeof rule_rows[0] };

/* The rows of one kind: those of every rule, the kind's own, and `classes`. */
struct rule_table {
    struct option rows[RULE_ROWS + KIND_OWN_MAX + 1];
    size_t count;
};

static struct options_table table_of(const struct rule_table *t)
{
    return (struct options_table){t->rows, t->count};
}

static struct rule_table rule_table_of(enum kind kind, bool with_classes)
{
    const struct kind_row *row = kind_row(kind);
    struct rule_table t = {.count = RULE_ROWS};
    for (size_t i = 0; i < RULE_ROWS; i++) {
        t.rows[i] = rule_rows[i];
        if (t.rows[i].offset == RULE_AT(major) && row->basis == MAJOR_SECONDS)
            t.rows[i].unit = "s";
        else if (t.rows[i].offset == RULE_AT(major) && row->basis == MAJOR_PERCENT)
            t.rows[i].unit = "% over the limit";
    }
    for (size_t i = 0; i < KIND_OWN_MAX && row->own[i].name != NULL; i++)
        t.rows[t.count++] = (struct option){.path = row->own[i].name,
                                            .type = OPTION_NUMBER,
                                            .offset = RULE_AT(own) + i * sizeof(double),
                                            .min = row->own[i].min,
                                            .max = row->own[i].max,
                                            .unit = row->own[i].unit,
                                            .text = row->own[i].text};
    if (with_classes)
        t.rows[t.count++] = (struct option){
            .path = "classes.*", .type = OPTION_TREE, .tree = read_class, .text = "settings for one class"};
    return t;
}

static bool read_class(struct options_reader *reader, struct text key, const struct options_node *node,
                       void *out)
{
    const struct rule_target *rule = out;
    struct config *config = rule->config;
    struct rule_target target = *rule;
    struct rule_table table = rule_table_of(rule->kind, false);
    struct rule_override override = {.kind = rule->kind};
    if (key.len == 0 || key.len > CLASS_NAME_MAX || memchr(key.data, '\0', key.len) != NULL)
        return options_fail(reader, node, "the name of a class has 1 to %d bytes", CLASS_NAME_MAX);
    if (config->override_count >= OVERRIDES_MAX)
        return options_fail(reader, node, "too many classes");
    if (!array_reserve(&config->overrides, &config->override_cap, config->override_count + 1,
                       sizeof override) ||
        !arena_copy_text(options_arena(reader), key, &override.class_name))
        return options_fail(reader, node, "out of memory");
    if (!options_bind(reader, node, table_of(&table), &target))
        return false;
    override.settings = target.settings;
    config->overrides[config->override_count++] = override;
    return true;
}

static bool read_rule(struct options_reader *reader, struct text key, const struct options_node *node,
                      void *out)
{
    struct config *config = out;
    enum kind kind = kind_find(key);
    if (kind == KIND_NONE)
        return options_fail(reader, node, "there is no such rule");
    struct rule_target target = {.settings = config->rules[kind], .config = config, .kind = kind};
    struct rule_table table = rule_table_of(kind, true);
    if (!options_bind(reader, node, table_of(&table), &target))
        return false;
    config->rules[kind] = target.settings;
    return true;
}

bool config_init(struct config *config)
{
    *config = (struct config){.common = common_settings_initial()};
    for (enum kind k = KIND_NONE + 1; k < KIND_COUNT; k++)
        config->rules[k] = kind_settings_initial(k);
    arena_init(&config->arena);
    return options_set_initial(OPTIONS_TABLE(rows), &config->arena, config);
}

void config_fini(struct config *config)
{
    arena_fini(&config->arena);
    free(config->overrides);
    *config = (struct config){0};
}

bool config_read(struct config *config, struct text name, struct text bytes, struct problem *out_problem)
{
    return options_read(OPTIONS_TABLE(rows), name, bytes, &config->arena, config, out_problem);
}

static bool read_file(struct config *config, const char *path, struct options_hearing hearing,
                      struct problem *out_problem)
{
    struct buf bytes;
    struct text text;
    const char *wrong = NULL;
    buf_init(&bytes, CONFIG_SIZE_MAX);
    bool opened = file_text_read(path, &bytes, out_problem);
    if (opened && (wrong = file_text_body(buf_text(&bytes), &text)) != NULL)
        problem_set(out_problem, "%s: %s", path, wrong);
    bool readable = opened && wrong == NULL;
    if (!readable && hearing.tell != NULL)
        hearing.tell(hearing.context, out_problem);
    bool ok = readable && options_read_all(OPTIONS_TABLE(rows), text_of(path), text, &config->arena, config,
                                           hearing, out_problem);
    buf_fini(&bytes);
    return ok;
}

bool config_read_file(struct config *config, const char *path, struct problem *out_problem)
{
    return read_file(config, path, (struct options_hearing){0}, out_problem);
}

bool config_check_file(struct config *config, const char *path, struct options_hearing hearing)
{
    struct problem first;
    return read_file(config, path, hearing, &first);
}

/* One line a rule; what each key means has been said above. */
static void write_rule_sample(enum kind kind, const struct config *config, struct buf *out)
{
    struct rule_target target = {.settings = config->rules[kind]};
    struct rule_table table = rule_table_of(kind, false);
    buf_printf(out, "\n  # %s\n  %s: {", kind_row(kind)->text, kind_row(kind)->name);
    for (size_t i = 0; i < table.count; i++) {
        const struct option *row = &table.rows[i];
        if (row->type == OPTION_TEXT)
            continue;
        buf_printf(out, "%s%s: ", i > 0 ? ", " : "", row->path);
        options_write_value(row, &target, out);
    }
    buf_puts(out, "}\n");
    for (size_t i = RULE_ROWS; i < table.count; i++)
        buf_printf(out, "  #   %s: %s%s%s\n", table.rows[i].path, table.rows[i].text,
                   table.rows[i].unit != NULL ? ", " : "",
                   table.rows[i].unit != NULL ? table.rows[i].unit : "");
}

static void write_sample(const struct config *config, struct buf *out)
{
    buf_puts(out, "# Muckwatch: every option of the tracker with its default. Only city.fences is required.\n"
                  "# Paths are relative to this file.\n");
    options_write_sample(OPTIONS_TABLE(rows), config, out);
    buf_puts(
        out,
        "\n  # The rules. Each takes these keys and its own, and under `classes` the same for one class of\n"
        "  # vehicles: off_route: {confirm_s: 60, classes: {compactor: {enabled: false}}}\n");
    for (size_t i = 0; i < RULE_ROWS; i++)
        buf_printf(out, "  #   %s: %s\n", rule_rows[i].path, rule_rows[i].text);
    for (enum kind k = KIND_NONE + 1; k < KIND_COUNT; k++)
        write_rule_sample(k, config, out);
}

/* A kind's rows with their whole paths. */
static void write_rule(enum kind kind, const struct config *config,
                       void (*write)(struct options_table, const void *, struct buf *), struct buf *out)
{
    struct rule_target target = {.settings = config->rules[kind]};
    struct rule_table table = rule_table_of(kind, false);
    char paths[RULE_ROWS + KIND_OWN_MAX][64];
    for (size_t i = 0; i < table.count; i++) {
        struct buf path = {.data = paths[i], .cap = sizeof paths[i], .limit = sizeof paths[i]};
        buf_printf(&path, "rules.%s.%s", kind_row(kind)->name, table.rows[i].path);
        table.rows[i].path = paths[i];
    }
    write(table_of(&table), &target, out);
}

static bool write_all(void (*write)(struct options_table, const void *, struct buf *), struct buf *out)
{
    struct config config;
    bool ok = config_init(&config);
    if (ok && write == options_write_sample)
        write_sample(&config, out);
    else if (ok) {
        write(OPTIONS_TABLE(rows), &config, out);
        for (enum kind k = KIND_NONE + 1; k < KIND_COUNT; k++)
            write_rule(k, &config, write, out);
    }
    config_fini(&config);
    return ok && buf_ok(out);
}

bool config_write_sample(struct buf *out)
{
    return write_all(options_write_sample, out);
}

bool config_write_help(struct buf *out)
{
    return write_all(options_write_help, out);
}

bool config_write_man(struct buf *out)
{
    return write_all(options_write_man, out);
}

static void write_settings(enum kind kind, const struct rule_settings *settings, struct json_writer *out)
{
    struct rule_target target = {.settings = *settings};
    struct rule_table table = rule_table_of(kind, false);
    options_write_json(table_of(&table), "", &target, out);
}

static int compare_overrides(const void *a, const void *b)
{
    const struct rule_override *x = a, *y = b;
    int order = strcmp(kind_row(x->kind)->name, kind_row(y->kind)->name);
    return order != 0 ? order : text_compare(x->class_name, y->class_name);
}

static int compare_kinds(const void *a, const void *b)
{
    return strcmp(kind_row(*(const enum kind *)a)->name, kind_row(*(const enum kind *)b)->name);
}

void config_write_common(const struct config *config, struct json_writer *out)
{
    options_write_json(OPTIONS_TABLE(rows), "rules.common.", config, out);
}

bool config_write_rules(const struct config *config, struct json_writer *out)
{
    size_t n = config->override_count;
    struct rule_override *sorted = malloc((n + 1) * sizeof *sorted);
    if (sorted == NULL)
        return false;
    if (n > 0)
        memcpy(sorted, config->overrides, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_overrides);
    enum kind kinds[KIND_COUNT - 1];
    for (int i = 0; i < KIND_COUNT - 1; i++)
        kinds[i] = (enum kind)(KIND_NONE + 1 + i);
    qsort(kinds, KIND_COUNT - 1, sizeof kinds[0], compare_kinds);
    json_write_begin_object(out);
    for (int i = 0; i < KIND_COUNT - 1; i++) {
        json_write_key(out, kind_row(kinds[i])->name);
        json_write_begin_object(out);
        json_write_key(out, "");
        write_settings(kinds[i], &config->rules[kinds[i]], out);
        for (size_t k = 0; k < n; k++)
            if (sorted[k].kind == kinds[i]) {
                json_write_key(out, sorted[k].class_name.data);
                write_settings(kinds[i], &sorted[k].settings, out);
            }
        json_write_end_object(out);
    }
    json_write_end_object(out);
    free(sorted);
    return true;
}
