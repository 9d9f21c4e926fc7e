#include "config.h"

#include "array.h"
#include "common_options.h"
#include "file_text.h"
#include "rule_options.h"
#include "tracker_options.h"
#include "world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Vehicle classes are bounded, so overrides are. */
enum { CLASS_NAME_MAX = 64, OVERRIDES_MAX = WORLD_CLASS_MAX * KIND_COUNT };

#define HOUR_MS        INT64_C(3600000)
#define HORIZON_MAX_MS (24 * HOUR_MS)
#define HORIZON_UNSAID INT64_C(-1)

static options_tree read_rule, read_class;

#define ROW(...) OPTION_ROW(struct config, __VA_ARGS__)
#define COMMON_ROW(TYPE, key, member, most, initial, unit, text)                                             \
    ROW(TYPE, "rules.common." #key, common.member, 0, most, NULL, unit, text)

static const struct option rows[] = {
    TRACKER_OPTIONS(ROW) COMMON_OPTIONS(COMMON_ROW){
        .path = "rules.*", .type = OPTION_TREE, .tree = read_rule, .text = "a rule"},
};

/* A rule being read: its settings, and where overrides for classes go. */
struct rule_target {
    struct rule_settings settings;
    struct config *config;
    enum kind kind;
};

#define RULE_AT(member) offsetof(struct rule_target, settings.member)
#define RULE_ROW(...)   OPTION_ROW(struct rule_target, __VA_ARGS__)

static const struct option rule_rows[] = {RULE_OPTIONS(RULE_ROW)};

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
    assert(t.count < sizeof t.rows / sizeof t.rows[0]);
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

/* Of the track one hour is left over, for what a batch in hand still needs of it. */
static int64_t horizon_at_most_ms(const struct config *config)
{
    int64_t most_ms = config->retention.track_ms - HOUR_MS;
    return most_ms < 0 ? 0 : most_ms > HORIZON_MAX_MS ? HORIZON_MAX_MS : most_ms;
}

bool config_init(struct config *config)
{
    *config = (struct config){.common = common_settings_initial()};
    for (enum kind k = KIND_NONE + 1; k < KIND_COUNT; k++)
        config->rules[k] = kind_settings_initial(k);
    arena_init(&config->arena);
    bool ok = options_set_initial(OPTIONS_TABLE(rows), &config->arena, config);
    config->late.horizon_ms = horizon_at_most_ms(config);
    return ok;
}

/* The horizon that a file did not write is that of the track it keeps; one that it did write has to fit. */
static bool settle_horizon(struct config *config, struct text name, struct problem *out_problem)
{
    int64_t most_ms = horizon_at_most_ms(config);
    if (config->late.horizon_ms == HORIZON_UNSAID)
        config->late.horizon_ms = most_ms;
    if (config->late.horizon_ms <= most_ms)
        return true;
    problem_set(
        out_problem,
        "%.*s: late.horizon_h: what comes %.2f h late is judged from a track that retention.track_hours "
        "keeps for %.2f h: at most %.2f fit, one hour less",
        TEXT_ARG(name), (double)config->late.horizon_ms / HOUR_MS,
        (double)config->retention.track_ms / HOUR_MS, (double)most_ms / HOUR_MS);
    return false;
}

void config_fini(struct config *config)
{
    arena_fini(&config->arena);
    free(config->overrides);
    *config = (struct config){0};
}

bool config_read(struct config *config, struct text name, struct text bytes, struct problem *out_problem)
{
    config->late.horizon_ms = HORIZON_UNSAID;
    return options_read(OPTIONS_TABLE(rows), (struct options_source){name, bytes},
                        (struct options_target){config, &config->arena}, out_problem) &&
           settle_horizon(config, name, out_problem);
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
    config->late.horizon_ms = HORIZON_UNSAID;
    bool ok =
        readable && options_read_all(OPTIONS_TABLE(rows), (struct options_source){text_of(path), text},
                                     (struct options_target){config, &config->arena}, hearing, out_problem);
    struct problem horizon;
    bool fits = settle_horizon(config, text_of(path), ok ? out_problem : &horizon);
    if (readable && !fits && hearing.tell != NULL)
        hearing.tell(hearing.context, ok ? out_problem : &horizon);
    ok = ok && fits;
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
        assert(buf_ok(&path) && path.len < sizeof paths[i]); /* with its zero byte */
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
