#include "options.h"

#include "json_scan.h"
#include "options_private.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>

/* Milliseconds in one unit of a duration; 0 for what is none. */
static double unit_ms(enum option_type type)
{
    switch (type) {
    case OPTION_SECONDS:
        return 1000;
    case OPTION_HOURS:
        return 3600 * 1000.0;
    case OPTION_DAYS:
        return 86400 * 1000.0;
    default:
        return 0;
    }
}

static bool is_number(enum option_type type)
{
    return type == OPTION_WHOLE || type == OPTION_NUMBER || unit_ms(type) > 0;
}

bool option_is_list(const struct option *row)
{
    return row->type == OPTION_FILES || row->type == OPTION_TEXTS || row->type == OPTION_WHOLES;
}

/* A finite number by the grammar of JSON, which is what YAML files hold in practice. */
static bool read_number(struct text scalar, double *out)
{
    struct json_scan s = json_scan_of(scalar);
    struct json_number n;
    if (json_scan_number(&s, &n) != JSON_FAULT_NONE || s.at != s.end)
        return false;
    *out = json_number_double(&n);
    return isfinite(*out);
}

static bool set_number(const struct option *row, struct text scalar, void *at)
{
    double v;
    if (!read_number(scalar, &v) || v < row->min || v > row->max)
        return false;
    double ms = unit_ms(row->type);
    assert(row->min <= row->max && row->max * (ms > 0 ? ms : 1) < 0x1p53);
    if (ms > 0)
        *(int64_t *)at = (int64_t)llround(v * ms);
    else if (row->type == OPTION_NUMBER)
        *(double *)at = v;
    else if (v != floor(v))
        return false;
    else {
        assert(v >= 0 && v <= UINT32_MAX);
        *(uint32_t *)at = (uint32_t)v;
    }
    return true;
}

/* The next word of a list like "minor|major"; its start moves on. */
static struct text next_word(const char **words)
{
    size_t n = strcspn(*words, "|");
    struct text word = {*words, n};
    *words += n + ((*words)[n] == '|');
    return word;
}

static bool set_word(const struct option *row, struct text scalar, void *at)
{
    const char *words = row->words;
    for (int i = 1; *words != '\0'; i++)
        if (text_equal(next_word(&words), scalar)) {
            *(int *)at = i;
            return true;
        }
    return false;
}

static bool set_text(const struct option *row, struct text scalar, struct arena *arena, struct text *at,
                     bool *out_no_memory)
{
    double len = (double)scalar.len;
    bool bounded = row->min > 0 || row->max > 0;
    if ((bounded && (len < row->min || len > row->max)) || memchr(scalar.data, '\0', scalar.len) != NULL)
        return false;
    *out_no_memory = !arena_copy_text(arena, scalar, at);
    return !*out_no_memory;
}

bool option_path(struct text path, struct text directory, struct arena *arena, struct text *out)
{
    bool relative = directory.len > 0 && path.data[0] != '/';
    size_t before = relative ? directory.len + 1 : 0;
    char *joined = arena_take(arena, before + path.len + 1, 1);
    if (joined == NULL)
        return false;
    if (relative) {
        memcpy(joined, directory.data, directory.len);
        joined[directory.len] = '/';
    }
    memcpy(joined + before, path.data, path.len);
    assert(joined[before + path.len] == '\0'); /* the arena's bytes are zero */
    *out = (struct text){joined, before + path.len};
    return true;
}

bool option_set(const struct option *row, struct text scalar, struct text directory,
                struct options_target target, bool *out_no_memory)
{
    void *at = (char *)target.out + row->offset;
    *out_no_memory = false;
    switch (row->type) {
    case OPTION_TEXT:
        return set_text(row, scalar, target.arena, at, out_no_memory);
    case OPTION_FILE:
        if (scalar.len == 0 || memchr(scalar.data, '\0', scalar.len) != NULL)
            return false;
        *out_no_memory = !option_path(scalar, directory, target.arena, at);
        return !*out_no_memory;
    case OPTION_BOOL:
        if (!text_equal(scalar, TEXT("true")) && !text_equal(scalar, TEXT("false")))
            return false;
        *(bool *)at = scalar.len == 4;
        return true;
    case OPTION_WORD:
        return set_word(row, scalar, at);
    default:
        return set_number(row, scalar, at);
    }
}

/* As few decimals as show the number; settings have three at most. */
static void write_number(double v, struct buf *out)
{
    for (int decimals = 0; decimals <= 9; decimals++) {
        double scale = pow(10, decimals);
        if (decimals == 9 || fabs(v * scale - round(v * scale)) < 1e-9 * scale) {
            buf_put_fixed(out, v, decimals);
            return;
        }
    }
}

static void write_range(const struct option *row, struct buf *out)
{
    write_number(row->min, out);
    buf_puts(out, " to ");
    write_number(row->max, out);
    if (row->unit != NULL)
        buf_printf(out, " %s", row->unit);
}

static void write_words(const struct option *row, struct buf *out)
{
    for (const char *words = row->words; *words != '\0';) {
        buf_put_text(out, next_word(&words));
        buf_puts(out, *words != '\0' ? " or " : "");
    }
}

void option_write_expectation(const struct option *row, struct buf *out)
{
    static const char *const kinds[] = {
        [OPTION_TEXT] = "text",
        [OPTION_FILE] = "a path",
        [OPTION_FILES] = "a list of paths",
        [OPTION_TEXTS] = "a list of texts",
        [OPTION_BOOL] = "true or false",
        [OPTION_WHOLE] = "a whole number from ",
        [OPTION_WHOLES] = "a list of whole numbers",
        [OPTION_NUMBER] = "a number from ",
        [OPTION_SECONDS] = "a number from ",
        [OPTION_HOURS] = "a number from ",
        [OPTION_DAYS] = "a number from ",
        [OPTION_WORD] = "",
        [OPTION_TREE] = "a mapping of options",
    };
    buf_puts(out, kinds[row->type]);
    if (is_number(row->type)) {
        write_range(row, out);
    } else if (row->type == OPTION_WORD) {
        write_words(row, out);
    } else if (row->type == OPTION_TEXT && row->max > 0) {
        buf_puts(out, " of ");
        write_range(row, out);
        buf_puts(out, " bytes");
    }
}

bool options_set_initial(struct options_table table, struct arena *arena, void *out)
{
    for (size_t i = 0; i < table.count; i++) {
        const struct option *row = &table.rows[i];
        if (row->initial == NULL || option_is_list(row))
            continue;
        bool no_memory;
        bool set = option_set(row, text_of(row->initial), (struct text){0},
                              (struct options_target){out, arena}, &no_memory);
        if (no_memory)
            return false;
        assert(set);
        (void)set;
    }
    return true;
}

static void write_text(struct text t, struct buf *out)
{
    bool plain = t.len > 0;
    for (size_t i = 0; i < t.len && plain; i++) {
        char c = t.data[i];
        plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                strchr("./_-", c) != NULL;
    }
    buf_puts(out, plain ? "" : "\"");
    buf_put_text(out, t);
    buf_puts(out, plain ? "" : "\"");
}

static void write_word(const struct option *row, int value, struct buf *out)
{
    const char *words = row->words;
    for (int i = 1; *words != '\0'; i++) {
        struct text word = next_word(&words);
        if (i == value)
            buf_put_text(out, word);
    }
}

void options_write_value(const struct option *row, const void *values, struct buf *out)
{
    const void *at = (const char *)values + row->offset;
    double ms = unit_ms(row->type);
    if (ms > 0)
        write_number((double)*(const int64_t *)at / ms, out);
    else if (row->type == OPTION_WHOLE)
        buf_put_u64(out, *(const uint32_t *)at);
    else if (row->type == OPTION_NUMBER)
        write_number(*(const double *)at, out);
    else if (row->type == OPTION_BOOL)
        buf_puts(out, *(const bool *)at ? "true" : "false");
    else if (row->type == OPTION_WORD)
        write_word(row, *(const int *)at, out);
    else if (row->type == OPTION_TEXT || row->type == OPTION_FILE)
        write_text(*(const struct text *)at, out);
}

/* Whether the value says something: texts and lists may be empty. */
static bool has_value(const struct option *row, const void *values)
{
    const void *at = (const char *)values + row->offset;
    if (row->type == OPTION_TEXT || row->type == OPTION_FILE)
        return ((const struct text *)at)->len > 0;
    return !option_is_list(row) && row->type != OPTION_TREE;
}

/* What values there are, for a reader of the table. */
static void write_allowed(const struct option *row, struct buf *out)
{
    if (!is_number(row->type) && row->type != OPTION_WORD && row->type != OPTION_BOOL)
        return;
    buf_puts(out, ", ");
    if (is_number(row->type))
        write_range(row, out);
    else
        option_write_expectation(row, out);
}

/* The keys of `path` that the row before did not open yet, each on its line, and how deep the last stands. */
static unsigned open_sections(const char *path, const char *before, struct buf *out)
{
    unsigned depth = 0;
    bool same = true;
    for (const char *dot; (dot = strchr(path, '.')) != NULL; path = dot + 1, depth++) {
        size_t n = (size_t)(dot - path) + 1;
        same = same && strncmp(path, before, n) == 0;
        if (same) {
            before += n;
            continue;
        }
        buf_printf(out, "%s%*s%.*s:\n", depth == 0 && out->len > 0 ? "\n" : "", (int)depth * 2, "",
                   (int)n - 1, path);
    }
    return depth;
}

void options_write_sample(struct options_table table, const void *values, struct buf *out)
{
    const char *before = "";
    for (size_t i = 0; i < table.count; i++) {
        const struct option *row = &table.rows[i];
        if (row->type == OPTION_TREE)
            continue;
        const char *dot = strrchr(row->path, '.');
        const char *key = dot != NULL ? dot + 1 : row->path;
        int indent = 2 * (int)open_sections(row->path, before, out);
        before = row->path;
        buf_printf(out, "%*s# %s", indent, "", row->text);
        write_allowed(row, out);
        bool value = has_value(row, values);
        bool shown = value || (row->required && row->example != NULL);
        buf_printf(out, "\n%*s%s%s:", indent, "", shown ? "" : "#", key);
        if (value || row->example != NULL)
            buf_put_char(out, ' ');
        if (value)
            options_write_value(row, values, out);
        else
            buf_puts(out, row->example != NULL ? row->example : "");
        buf_put_char(out, '\n');
    }
}

void options_write_help(struct options_table table, const void *values, struct buf *out)
{
    for (size_t i = 0; i < table.count; i++) {
        const struct option *row = &table.rows[i];
        if (row->type == OPTION_TREE)
            continue;
        buf_printf(out, "  %-30s", row->path);
        buf_printf(out, "%s%s", strlen(row->path) > 30 ? "\n                                 " : " ",
                   row->text);
        write_allowed(row, out);
        if (has_value(row, values)) {
            buf_puts(out, " [");
            options_write_value(row, values, out);
            buf_puts(out, "]");
        }
        buf_put_char(out, '\n');
    }
}

/* Text with what roff would take for itself kept from it. */
static void write_roff(const char *text, struct buf *out)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\\' || *p == '-')
            buf_put_char(out, '\\');
        buf_put_char(out, *p);
    }
}

void options_write_man(struct options_table table, const void *values, struct buf *out)
{
    for (size_t i = 0; i < table.count; i++) {
        const struct option *row = &table.rows[i];
        if (row->type == OPTION_TREE)
            continue;
        buf_puts(out, ".TP\n.B ");
        write_roff(row->path, out);
        buf_put_char(out, '\n');
        write_roff(row->text, out);
        write_allowed(row, out);
        if (has_value(row, values)) {
            buf_puts(out, ". Default: ");
            options_write_value(row, values, out);
        }
        buf_puts(out, ".\n");
    }
}

/* The last key of a row that stands right below `prefix`; NULL for all other rows. */
static const char *key_below(const struct option *row, const char *prefix)
{
    size_t n = strlen(prefix);
    if (strncmp(row->path, prefix, n) != 0 || strchr(row->path + n, '.') != NULL || row->type == OPTION_TREE)
        return NULL;
    return row->path + n;
}

static void write_json_value(const struct option *row, const void *values, struct json_writer *out)
{
    const void *at = (const char *)values + row->offset;
    double ms = unit_ms(row->type);
    char bytes[64];
    struct buf word = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    if (ms > 0)
        json_write_double(out, (double)*(const int64_t *)at / ms);
    else if (row->type == OPTION_WHOLE)
        json_write_u64(out, *(const uint32_t *)at);
    else if (row->type == OPTION_NUMBER)
        json_write_double(out, *(const double *)at);
    else if (row->type == OPTION_BOOL)
        json_write_bool(out, *(const bool *)at);
    else if (row->type == OPTION_WORD) {
        write_word(row, *(const int *)at, &word);
        assert(buf_ok(&word));
        json_write_string(out, buf_text(&word));
    } else if (row->type == OPTION_TEXT || row->type == OPTION_FILE) {
        json_write_string(out, *(const struct text *)at);
    } else {
        json_write_null(out);
    }
}

void options_write_json(struct options_table table, const char *prefix, const void *values,
                        struct json_writer *out)
{
    json_write_begin_object(out);
    /* The smallest key above the last, again and again: tables are short. */
    for (const char *last = "";;) {
        const struct option *next = NULL;
        for (size_t i = 0; i < table.count; i++) {
            const char *key = key_below(&table.rows[i], prefix);
            bool after = key != NULL && strcmp(key, last) > 0;
            if (after && (next == NULL || strcmp(key, key_below(next, prefix)) < 0))
                next = &table.rows[i];
        }
        if (next == NULL)
            break;
        last = key_below(next, prefix);
        json_write_key(out, last);
        write_json_value(next, values, out);
    }
    json_write_end_object(out);
}
