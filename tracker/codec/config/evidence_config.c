#include "evidence_config.h"

#include "evidence_options.h"
#include "file_text.h"
#include "kinds.h"

#include <string.h>

#define ROW(...) OPTION_ROW(struct evidence_config, __VA_ARGS__)

static options_tree read_kind;

static const struct option rows[] = {
    EVIDENCE_OPTIONS(ROW){
        .path = "retention.kinds.*", .type = OPTION_TREE, .tree = read_kind, .text = "of a kind"},
};

static const struct option kind_rows[] = {OPTION_ROW(struct evidence_retention, DAYS, "days", ms, 1, 36500,
                                                     NULL, "days", "how long cases of this kind are kept",
                                                     .required = true)};

static bool read_kind(struct options_reader *reader, struct text key, const struct options_node *node,
                      void *out)
{
    struct evidence_config *config = out;
    struct evidence_retention of = {.ms = 0};
    if (kind_find(key) == KIND_NONE)
        return options_fail(reader, node, "there is no such kind of violation");
    if (config->kind_count == EVIDENCE_KINDS_MAX)
        return options_fail(reader, node, "more than %d kinds", EVIDENCE_KINDS_MAX);
    if (!arena_copy_text(options_arena(reader), key, &of.kind))
        return options_fail(reader, node, "out of memory");
    if (!options_bind(reader, node, OPTIONS_TABLE(kind_rows), &of))
        return false;
    config->kinds[config->kind_count++] = of;
    return true;
}

bool evidence_config_init(struct evidence_config *config)
{
    memset(config, 0, sizeof *config);
    arena_init(&config->arena);
    return options_set_initial(OPTIONS_TABLE(rows), &config->arena, config);
}

void evidence_config_fini(struct evidence_config *config)
{
    arena_fini(&config->arena);
    memset(config, 0, sizeof *config);
}

/* What no single row can know. */
static bool check_whole(const struct evidence_config *c, struct text name, struct problem *out_problem)
{
    const char *wrong = NULL;
    if (memchr(c->origin.data, ' ', c->origin.len) != NULL ||
        memchr(c->origin.data, '+', c->origin.len) != NULL)
        wrong = "origin: it has neither blanks nor plus signs";
    else if (memchr(c->mqtt.topic.data, '#', c->mqtt.topic.len) != NULL ||
             memchr(c->mqtt.topic.data, '+', c->mqtt.topic.len) != NULL)
        wrong = "mqtt.topic: it is one topic, without + and #";
    if (wrong == NULL)
        return true;
    problem_set(out_problem, "%.*s: %s", PROBLEM_ARG(name), wrong);
    return false;
}

bool evidence_config_read(struct evidence_config *config, struct text name, struct text bytes,
                          struct problem *out_problem)
{
    return options_read(OPTIONS_TABLE(rows), (struct options_source){name, bytes},
                        (struct options_target){config, &config->arena}, out_problem) &&
           check_whole(config, name, out_problem);
}

bool evidence_config_read_file(struct evidence_config *config, const char *path, struct problem *out_problem)
{
    struct buf bytes;
    buf_init(&bytes, CONFIG_SIZE_MAX);
    bool ok = file_text_read(path, &bytes, out_problem) &&
              evidence_config_read(config, text_of(path), buf_text(&bytes), out_problem);
    buf_fini(&bytes);
    return ok;
}

int64_t evidence_config_retention_ms(const struct evidence_config *config, struct text kind)
{
    for (size_t i = 0; i < config->kind_count; i++)
        if (text_equal(config->kinds[i].kind, kind))
            return config->kinds[i].ms;
    return config->retention_ms;
}

static bool write_rows(void (*write)(struct options_table, const void *, struct buf *), struct buf *out)
{
    struct evidence_config config;
    bool ok = evidence_config_init(&config);
    if (ok)
        write(OPTIONS_TABLE(rows), &config, out);
    evidence_config_fini(&config);
    return ok && buf_ok(out);
}

bool evidence_config_write_sample(struct buf *out)
{
    buf_puts(out, "# Muckwatch: every option of the keeper of evidence with its default. Paths are relative "
                  "to this file.\n");
    bool ok = write_rows(options_write_sample, out);
    buf_puts(out, "\n# kinds of violations whose cases are kept for another time\n#retention:\n#  kinds:\n"
                  "#    illegal_dumping: {days: 3650}\n");
    return ok && buf_ok(out);
}

bool evidence_config_write_help(struct buf *out)
{
    return write_rows(options_write_help, out);
}
