#include "dispatch_config.h"

#include "dispatch_options.h"
#include "file_text.h"

#include <string.h>

#define ROW(...) OPTION_ROW(struct dispatch_config, __VA_ARGS__)

static options_tree read_hook;

static const struct option rows[] = {
    DISPATCH_OPTIONS(ROW){.path = "hooks.*", .type = OPTION_TREE, .tree = read_hook, .text = "a webhook"},
};

#define HOOK_ROW(...) OPTION_ROW(struct dispatch_hook, __VA_ARGS__)

static const struct option hook_rows[] = {
    HOOK_ROW(TEXT, "url", url, 9, 1000, NULL, NULL, "where events go, https alone", .required = true)
        HOOK_ROW(FILE, "secret_file", secret_file, 0, 0, NULL, NULL,
                 "file whose first line they are signed with", .required = true)
            HOOK_ROW(FILE, "ca_file", ca_file, 0, 0, NULL, NULL,
                     "authorities that its certificate is judged by; none: the system's")
                HOOK_ROW(TEXTS, "events", events, 1, 32, NULL, NULL,
                         "opened, updated, closed, withdrawn, overdue; none: all")
                    HOOK_ROW(TEXTS, "kinds", kinds, 1, 64, NULL, NULL, "kinds of violations; none: all")
                        HOOK_ROW(TEXTS, "severities", severities, 1, 16, NULL, NULL,
                                 "minor, major, critical; none: all")
                            HOOK_ROW(TEXTS, "jurisdictions", jurisdictions, 1, 255, NULL, NULL,
                                     "each with all below it; none: all")};

/* In the order of the rows, for the sample. */
static const char *const hook_examples[] = {"https://hooks.example/muckwatch",
                                            "/etc/muckwatch/hook.secret",
                                            "/etc/muckwatch/hook-ca.pem",
                                            "[opened, closed, overdue]",
                                            "[off_route, illegal_dumping]",
                                            "[major, critical]",
                                            "[city/east]"};
_Static_assert(sizeof hook_examples / sizeof *hook_examples == sizeof hook_rows / sizeof *hook_rows,
               "an example each");

static bool is_hook_name(struct text name)
{
    for (size_t i = 0; i < name.len; i++)
        if (memchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", name.data[i], 64) ==
            NULL)
            return false;
    return name.len > 0 && name.len <= DISPATCH_HOOK_NAME_MAX;
}

/* Words that nobody says would be a filter that lets nothing through. */
static bool are_words(struct text_list list, const char *const *known)
{
    for (size_t i = 0; i < list.count; i++) {
        size_t k = 0;
        while (known[k] != NULL && !text_equal(list.items[i], text_of(known[k])))
            k++;
        if (known[k] == NULL)
            return false;
    }
    return true;
}

static bool are_kinds(struct text_list list)
{
    for (size_t i = 0; i < list.count; i++)
        if (kind_find(list.items[i]) == KIND_NONE)
            return false;
    return true;
}

static bool read_hook(struct options_reader *reader, struct text key, const struct options_node *node,
                      void *out)
{
    static const char *const events[] = {"opened", "updated", "closed", "withdrawn", "overdue", NULL};
    static const char *const severities[] = {"minor", "major", "critical", NULL};
    struct dispatch_config *config = out;
    struct dispatch_hook hook = {0};
    if (!is_hook_name(key))
        return options_fail(reader, node, "the name of a hook has letters, digits, - and _, 32 at most");
    if (config->hook_count == DISPATCH_HOOKS_MAX)
        return options_fail(reader, node, "more than %d hooks", DISPATCH_HOOKS_MAX);
    if (!arena_copy_text(options_arena(reader), key, &hook.name))
        return options_fail(reader, node, "out of memory");
    if (!options_bind(reader, node, OPTIONS_TABLE(hook_rows), &hook))
        return false;
    if (strncmp(hook.url.data, "https://", 8) != 0)
        return options_fail(reader, node, "url: expected https://HOST/…");
    if (!are_words(hook.events, events) || !are_words(hook.severities, severities) || !are_kinds(hook.kinds))
        return options_fail(reader, node, "events, severities or kinds: there is no such word");
    config->hooks[config->hook_count++] = hook;
    return true;
}

static uint32_t first_alone[] = {0};

bool dispatch_config_init(struct dispatch_config *config)
{
    memset(config, 0, sizeof *config);
    arena_init(&config->arena);
    config->partitions = (struct whole_list){first_alone, 1};
    return options_set_initial(OPTIONS_TABLE(rows), &config->arena, config);
}

void dispatch_config_fini(struct dispatch_config *config)
{
    arena_fini(&config->arena);
    memset(config, 0, sizeof *config);
}

/* By its text: a name could be anything tomorrow. */
static bool is_loopback(struct text host)
{
    return text_equal(host, TEXT("localhost")) || text_equal(host, TEXT("::1")) ||
           (host.len > 4 && memcmp(host.data, "127.", 4) == 0 &&
            strspn(host.data, "0123456789.") == host.len);
}

static bool stands_twice(struct whole_list list)
{
    for (size_t i = 0; i < list.count; i++)
        for (size_t j = 0; j < i; j++)
            if (list.items[i] == list.items[j])
                return true;
    return false;
}

/* One for each severity, or nothing said. */
static bool is_by_severity(struct whole_list list)
{
    return list.count == 0 || list.count == 3;
}

struct text dispatch_config_pictures(const struct dispatch_config *config)
{
    struct text url = config->basemap.raster;
    size_t scheme = url.len > 8 && memcmp(url.data, "https://", 8) == 0  ? 8
                    : url.len > 7 && memcmp(url.data, "http://", 7) == 0 ? 7
                                                                         : 0;
    if (scheme == 0)
        return (struct text){0};
    size_t host = strcspn(url.data + scheme, "/?#");
    return (struct text){url.data, scheme + host};
}

/* Its server goes into the page's policy, where a blank or a semicolon would begin something else. */
static bool is_raster(const struct dispatch_config *c)
{
    struct text url = c->basemap.raster, from = dispatch_config_pictures(c);
    if (url.len == 0)
        return true;
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:/[]";
    bool own = url.data[0] == '/' && url.len > 1 && url.data[1] != '/';
    return (own || (from.len > 8 && strspn(from.data, allowed) >= from.len)) &&
           strstr(url.data, "{z}") != NULL && strstr(url.data, "{x}") != NULL &&
           strstr(url.data, "{y}") != NULL;
}

/* What no single row can know. */
static bool check_whole(const struct dispatch_config *c, struct text name, struct problem *out_problem)
{
    const char *wrong = NULL;
    int maps = (c->basemap.tiles.len > 0) + (c->basemap.pmtiles.len > 0) + (c->basemap.raster.len > 0);
    if (c->partitions.count == 0 || c->partitions.count > DISPATCH_PARTITIONS_MAX)
        wrong = "partitions: expected 1 to 64 of them";
    else if (stands_twice(c->partitions))
        wrong = "partitions: one stands twice";
    else if ((c->tls.cert.len > 0) != (c->tls.key.len > 0))
        wrong = "tls: a certificate needs its key, and a key its certificate";
    else if (c->tls.cert.len == 0 && !c->insecure && !is_loopback(c->http.host))
        wrong = "http.host: another address than loopback needs tls.cert and tls.key, or insecure: true";
    else if (!is_by_severity(c->desk.ack_min) || !is_by_severity(c->desk.handle_h) ||
             !is_by_severity(c->desk.close_h))
        wrong = "desk: expected three times, for critical, major and minor alerts";
    else if (c->world.dir.len > 0 && c->world.config.len == 0)
        wrong = "world.dir: it needs world.config, which names the files";
    else if (maps > 1)
        wrong = "basemap: one of tiles, pmtiles and raster";
    else if (!is_raster(c))
        wrong = "basemap.raster: expected http:// or https://, a host, and {z}, {x} and {y}";
    if (wrong == NULL)
        return true;
    problem_set(out_problem, "%.*s: %s", PROBLEM_ARG(name), wrong);
    return false;
}

bool dispatch_config_read(struct dispatch_config *config, struct text name, struct text bytes,
                          struct problem *out_problem)
{
    return options_read(OPTIONS_TABLE(rows), (struct options_source){name, bytes},
                        (struct options_target){config, &config->arena}, out_problem) &&
           check_whole(config, name, out_problem);
}

bool dispatch_config_read_file(struct dispatch_config *config, const char *path, struct problem *out_problem)
{
    struct buf bytes;
    buf_init(&bytes, CONFIG_SIZE_MAX);
    bool ok = file_text_read(path, &bytes, out_problem) &&
              dispatch_config_read(config, text_of(path), buf_text(&bytes), out_problem);
    buf_fini(&bytes);
    return ok;
}

static bool write_rows(void (*write)(struct options_table, const void *, struct buf *), struct buf *out)
{
    struct dispatch_config config;
    bool ok = dispatch_config_init(&config);
    if (ok)
        write(OPTIONS_TABLE(rows), &config, out);
    dispatch_config_fini(&config);
    return ok && buf_ok(out);
}

bool dispatch_config_write_sample(struct buf *out)
{
    buf_puts(out, "# Muckwatch: every option of the gateway with its default. Only users is required.\n"
                  "# Paths are relative to this file.\n");
    bool ok = write_rows(options_write_sample, out);
    buf_puts(out, "\n# who is told of what, by webhook (docs/DISPATCH.md), up to 16 of them by a name of "
                  "yours\n#hooks:\n#  city-hall:\n");
    for (size_t i = 0; i < sizeof hook_rows / sizeof *hook_rows; i++)
        buf_printf(out, "#    # %s\n#    %s: %s\n", hook_rows[i].text, hook_rows[i].path, hook_examples[i]);
    return ok && buf_ok(out);
}

bool dispatch_config_write_help(struct buf *out)
{
    return write_rows(options_write_help, out);
}

bool dispatch_config_write_man(struct buf *out)
{
    return write_rows(options_write_man, out);
}
