/*
 * ruleset: the text is taken apart into a configuration and the files that a city has, in memory, and those
 * go the way that all others go (world_load). So nothing is read by two readers that could part.
 */
#include "ruleset.h"

#include "canon.h"
#include "config.h"
#include "file_text.h"
#include "json_tree.h"
#include "world_load.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { RULESET_NAME_LENGTH = RULESET_NAME_SIZE - 1, FILES_MAX_BYTES = 1 << 30, YEAR_CHARS = 4 };

/* A calendar in a recorded world, and what begins the names of its files here. */
struct calendar_kind {
    const char *days, *years, *prefix;
};

static const struct calendar_kind holidays = {"calendar", "calendar_years", ""};
static const struct calendar_kind school_holidays = {"school_calendar", "school_calendar_years", "school"};

/* A recorded world being taken apart. */
struct parts {
    struct json_tree tree; /* of all but the fences */
    struct buf fences;     /* as a FeatureCollection */
    bool ok;
};

bool ruleset_name_valid(struct text hash)
{
    bool valid = hash.len == RULESET_NAME_LENGTH;
    for (size_t i = 0; i < hash.len && valid; i++)
        valid = (hash.data[i] >= '0' && hash.data[i] <= '9') || (hash.data[i] >= 'a' && hash.data[i] <= 'f');
    return valid;
}

void ruleset_name(struct text canonical, char out[RULESET_NAME_SIZE])
{
    unsigned char hash[crypto_generichash_BYTES];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)canonical.data, canonical.len, NULL, 0);
    sodium_bin2hex(out, RULESET_NAME_SIZE, hash, sizeof hash);
}

void ruleset_path(const char *dir, struct text hash, char path[RULESET_PATH_MAX])
{
    snprintf(path, RULESET_PATH_MAX, "%s/%.*s.json", dir, TEXT_ARG(hash));
}

/* ---- taking it apart ---- */

static void take_fence(void *context, const struct json_node *fence, size_t index)
{
    struct parts *p = context;
    struct buf *out = &p->fences;
    buf_puts(out, index > 0 ? ",{\"type\":\"Feature\"" : "{\"type\":\"Feature\"");
    size_t at = out->len;
    p->ok = p->ok && json_node_is(fence, JSON_NODE_OBJECT) && fence->len > 0 && canon_write(fence, NULL, out);
    if (p->ok)
        out->data[at] = ','; /* where its brace was */
}

/* NULL, or what is wrong with the text. */
static const char *take_apart(struct parts *p, struct text canonical)
{
    struct json_stream stream = {.key = TEXT("fences"), .element = take_fence, .context = p};
    buf_init(&p->fences, FILES_MAX_BYTES);
    buf_puts(&p->fences, "{\"type\":\"FeatureCollection\",\"features\":[");
    p->ok = true;
    enum json_tree_status status = json_tree_read(&p->tree, canonical, &stream);
    buf_puts(&p->fences, "]}");
    json_tree_fini(&stream.tree);
    if (status == JSON_TREE_NO_MEMORY || !buf_ok(&p->fences))
        return "out of memory";
    const struct json_node *version =
        status == JSON_TREE_OK ? json_node_member(p->tree.nodes, "version") : NULL;
    bool ours = p->ok && json_node_is(version, JSON_NODE_NUMBER) && version->number == 1;
    return ours ? NULL : "its text has not the form of a world's";
}

static const struct json_node *part(const struct parts *p, const char *key)
{
    return json_node_member(p->tree.nodes, key);
}

/* The member as it is; a part that is missing makes no JSON and is told by whoever reads on. */
static bool put_part(const struct parts *p, const char *key, struct buf *out)
{
    const struct json_node *node = part(p, key);
    return node != NULL && canon_write(node, NULL, out);
}

/* The digits of a year; empty if it is none. */
static struct text year_of(const struct json_node *entry)
{
    const struct json_node *year = json_node_member(entry, "year");
    return json_node_is(year, JSON_NODE_NUMBER) && year->len == YEAR_CHARS
               ? (struct text){year->at, year->len}
               : TEXT("");
}

static bool has_year(const struct parts *p, const struct calendar_kind *kind, int year)
{
    const struct json_node *years = part(p, kind->years);
    const struct json_node *entry = json_node_length(years) > 0 ? json_node_first(years) : NULL;
    for (uint32_t i = 0; i < json_node_length(years); i++, entry = json_node_next(entry))
        if (atoi(year_of(entry).data) == year)
            return true;
    return false;
}

/* In the file of which year a day goes: of its own, or, as those of December may, of one beside it. */
static int file_of_day(const struct parts *p, const struct calendar_kind *kind, const struct json_node *day)
{
    const struct json_node *date = json_node_member(day, "date");
    char digits[YEAR_CHARS + 1] = "";
    if (json_node_is(date, JSON_NODE_STRING) && date->len > YEAR_CHARS)
        memcpy(digits, date->bytes, YEAR_CHARS);
    int year = atoi(digits);
    if (has_year(p, kind, year))
        return year;
    return has_year(p, kind, year + 1) ? year + 1 : year - 1;
}

static bool write_calendar(const struct parts *p, const struct calendar_kind *kind, int year, struct buf *out)
{
    const struct json_node *days = part(p, kind->days);
    const struct json_node *day = json_node_length(days) > 0 ? json_node_first(days) : NULL;
    const char *comma = "";
    bool ok = true;
    buf_printf(out, "{\"year\":%d,\"days\":[", year);
    for (uint32_t i = 0; i < json_node_length(days) && ok; i++, day = json_node_next(day)) {
        if (file_of_day(p, kind, day) != year)
            continue;
        buf_puts(out, comma);
        ok = canon_write(day, NULL, out);
        comma = ",";
    }
    buf_puts(out, "]}");
    return ok;
}

static bool write_fleet(const struct parts *p, struct buf *out)
{
    buf_puts(out, "{\"vehicles\":");
    bool ok = put_part(p, "vehicles", out);
    buf_puts(out, ",\"permits\":");
    ok = ok && put_part(p, "permits", out);
    buf_puts(out, ",\"duties\":");
    ok = ok && put_part(p, "duties", out);
    buf_put_char(out, '}');
    return ok;
}

/* A file of the city by the name that write_config gives it. */
static bool read_part(void *context, const char *path, struct buf *out, struct problem *out_problem)
{
    struct parts *p = context;
    bool ok = true;
    if (strcmp(path, "fences") == 0) { /* asked for once: a large one is not copied */
        buf_fini(out);
        *out = p->fences;
        p->fences = (struct buf){0};
    } else if (strcmp(path, "fleet") == 0)
        ok = write_fleet(p, out);
    else if (strncmp(path, school_holidays.prefix, strlen(school_holidays.prefix)) == 0)
        ok = write_calendar(p, &school_holidays, atoi(path + strlen(school_holidays.prefix)), out);
    else
        ok = write_calendar(p, &holidays, atoi(path), out);
    if (ok && buf_ok(out))
        return true;
    problem_set(out_problem, "%s: a part is missing, or memory", path);
    return false;
}

/* {"":{for every class},CLASS:{...}} as {for every class...,"classes":{CLASS:{...}}}. */
static bool write_rule(const struct json_node *rule, struct buf *out)
{
    const struct json_node *every = json_node_member(rule, "");
    if (!json_node_is(every, JSON_NODE_OBJECT) || every->len == 0 || !canon_write(every, NULL, out))
        return false;
    out->len--; /* its brace */
    buf_puts(out, ",\"classes\":{");
    const struct json_node *key = json_node_first(rule);
    const char *comma = "";
    bool ok = true;
    for (uint32_t i = 0; i < rule->len && ok; i++, key = json_node_next(key + 1)) {
        if (key->len == 0)
            continue;
        buf_puts(out, comma);
        ok = canon_write(key, NULL, out);
        buf_put_char(out, ':');
        ok = ok && canon_write(key + 1, NULL, out);
        comma = ",";
    }
    buf_puts(out, "}}");
    return ok && buf_ok(out);
}

static bool write_rules(const struct parts *p, struct buf *out)
{
    const struct json_node *rules = part(p, "rules"), *key;
    buf_puts(out, "\"rules\":{\"common\":");
    bool ok = put_part(p, "common", out) && json_node_is(rules, JSON_NODE_OBJECT);
    key = ok && rules->len > 0 ? json_node_first(rules) : NULL;
    for (uint32_t i = 0; ok && i < rules->len; i++, key = json_node_next(key + 1)) {
        buf_put_char(out, ',');
        ok = canon_write(key, NULL, out);
        buf_put_char(out, ':');
        ok = ok && write_rule(key + 1, out);
    }
    buf_put_char(out, '}');
    return ok;
}

/* The names of a calendar's files, after the key, which is that of its days. */
static void write_calendar_names(const struct parts *p, const struct calendar_kind *kind, struct buf *out)
{
    const struct json_node *years = part(p, kind->years);
    const struct json_node *entry = json_node_length(years) > 0 ? json_node_first(years) : NULL;
    buf_printf(out, "\"%s\":[", kind->days);
    for (uint32_t i = 0; i < json_node_length(years); i++, entry = json_node_next(entry))
        buf_printf(out, "%s\"%s%.*s\"", i > 0 ? "," : "", kind->prefix, TEXT_ARG(year_of(entry)));
    buf_puts(out, "],");
}

/* The configuration, in the part of YAML that is JSON. */
static bool write_config(const struct parts *p, struct buf *out)
{
    buf_puts(out, "{\"city\":{\"fences\":[\"fences\"],\"fleet\":[\"fleet\"],");
    write_calendar_names(p, &holidays, out);
    write_calendar_names(p, &school_holidays, out);
    buf_puts(out, "\"timezone\":");
    bool ok = put_part(p, "timezone", out);
    buf_puts(out, "},");
    ok = ok && write_rules(p, out);
    buf_put_char(out, '}');
    return ok && buf_ok(out);
}

/* ---- putting it together ---- */

static bool fail(struct problem *out, struct text hash, const char *reason)
{
    problem_set(out, "ruleset %.*s: %s", TEXT_ARG(hash), reason);
    return false;
}

static bool make_world(struct parts *p, struct text hash, struct names *names, struct world **out_world,
                       struct problem *out_problem)
{
    struct config config;
    struct buf yaml;
    struct problem problem = {"out of memory"};
    const struct world_load_options options = {.read = read_part, .read_context = p};
    buf_init(&yaml, CONFIG_SIZE_MAX);
    bool ok = config_init(&config);
    if (ok && !write_config(p, &yaml)) {
        problem_set(&problem, "its text has not the parts of a world");
        ok = false;
    }
    ok = ok && config_read(&config, TEXT("settings"), buf_text(&yaml), &problem) &&
         world_load(&config, names, options, out_world, &problem);
    config_fini(&config);
    buf_fini(&yaml);
    return ok || fail(out_problem, hash, problem.text);
}

static bool check_world(struct world **world, struct text hash, struct problem *out_problem)
{
    if (text_equal(text_of((*world)->hash), hash))
        return true;
    char reason[200];
    snprintf(reason, sizeof reason,
             "this version makes another world of it (%s): it was recorded by one with other settings",
             (*world)->hash);
    world_free(*world);
    return fail(out_problem, hash, reason);
}

bool ruleset_load(struct text canonical, struct text hash, struct names *names, struct world **out_world,
                  struct problem *out_problem)
{
    char name[RULESET_NAME_SIZE];
    if (!ruleset_name_valid(hash))
        return fail(out_problem,
                    (struct text){hash.data, hash.len < RULESET_NAME_LENGTH ? hash.len : RULESET_NAME_LENGTH},
                    "not the name of one: 64 hexadecimal digits");
    ruleset_name(canonical, name);
    if (!text_equal(hash, text_of(name)))
        return fail(out_problem, hash, "its text is not whole, or that of another: the hash differs");
    struct parts p = {.ok = false};
    struct world *world = NULL;
    const char *wrong = take_apart(&p, canonical);
    bool ok = wrong == NULL || fail(out_problem, hash, wrong);
    ok = ok && make_world(&p, hash, names, &world, out_problem) && check_world(&world, hash, out_problem);
    json_tree_fini(&p.tree);
    buf_fini(&p.fences);
    if (ok)
        *out_world = world;
    return ok;
}

bool ruleset_load_file(const char *dir, struct text hash, struct names *names, struct world **out_world,
                       struct problem *out_problem)
{
    char path[RULESET_PATH_MAX];
    struct buf bytes;
    if (!ruleset_name_valid(hash))
        return ruleset_load(TEXT(""), hash, names, out_world, out_problem);
    ruleset_path(dir, hash, path);
    buf_init(&bytes, FILES_MAX_BYTES);
    bool ok = file_text_read(path, &bytes, out_problem) &&
              ruleset_load(buf_text(&bytes), hash, names, out_world, out_problem);
    buf_fini(&bytes);
    return ok;
}
