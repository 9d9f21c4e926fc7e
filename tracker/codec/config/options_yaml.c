/*
 * options_yaml: binds a YAML document to a table of options. The one file that sees libyaml.
 *
 * The document is loaded whole (libyaml bounds its nesting, the caller its size) and walked along the table,
 * never along itself: aliases that make it endless or huge are harmless, since the depth walked is that of
 * the rows. Rows with a tree come last, so that what stands below them can start from what the plain rows
 * have set.
 */
#include "options.h"
#include "options_private.h"
#include "text_fold.h"
#include "yaml_depth.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <yaml.h>

enum { PATH_CAP = 192, PROBLEMS_TOLD_MAX = 1000 };

struct options_reader {
    struct text name;      /* the file, for messages */
    struct text directory; /* without the last slash; empty: the current one */
    yaml_document_t *doc;
    struct arena *arena;
    struct problem *problem; /* the first */
    struct options_hearing hearing;
    size_t problems;
};

struct options_node {
    yaml_node_t *value;
    yaml_mark_t mark; /* of the key, or of the value where the value is what is wrong */
    char path[PATH_CAP];
};

/* Plain rows, then trees. */
enum pass { PASS_PLAIN, PASS_TREES };

/* One binding under way. */
struct binding {
    struct options_reader *reader;
    struct options_table table;
    void *out;
    uint64_t seen; /* a bit a row */
    enum pass pass;
};

/* Always false. */
static bool complain(struct options_reader *r, const struct problem *problem)
{
    if (r->problems++ == 0)
        *r->problem = *problem;
    if (r->hearing.tell != NULL)
        r->hearing.tell(r->hearing.context, problem);
    return false;
}

/* Whether the next step is due, after steps that were all right or not. */
static bool goes_on(const struct options_reader *r, bool ok)
{
    return ok || (r->hearing.tell != NULL && r->problems < PROBLEMS_TOLD_MAX);
}

static bool fail_at(struct options_reader *r, yaml_mark_t mark, const char *path, const char *format,
                    va_list args)
{
    char reason[400];
    struct problem problem;
    vsnprintf(reason, sizeof reason, format, args);
    problem_set(&problem, "%.*s:%zu:%zu: %s%s%s", TEXT_ARG(r->name), mark.line + 1, mark.column + 1, path,
                path[0] != '\0' ? ": " : "", reason);
    return complain(r, &problem);
}

bool options_fail(struct options_reader *reader, const struct options_node *node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail_at(reader, node->mark, node->path, format, args);
    va_end(args);
    return false;
}

struct arena *options_arena(struct options_reader *reader)
{
    return reader->arena;
}

static struct text scalar_text(const yaml_node_t *node)
{
    return (struct text){(const char *)node->data.scalar.value, node->data.scalar.length};
}

/* A plain scalar that YAML takes for nothing. */
static bool is_null(const yaml_node_t *node)
{
    if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    struct text t = scalar_text(node);
    return t.len == 0 || text_equal(t, TEXT("~")) || text_equal(t, TEXT("null"));
}

static bool no_memory(struct options_reader *r)
{
    struct problem problem;
    problem_set(&problem, "%.*s: out of memory", TEXT_ARG(r->name));
    return complain(r, &problem);
}

static bool fail_expected(struct options_reader *r, const struct options_node *node, const struct option *row)
{
    char expected[160] = {0};
    struct buf words = {.data = expected, .cap = sizeof expected - 1, .limit = sizeof expected - 1};
    option_write_expectation(row, &words);
    assert(buf_ok(&words)); /* rows are our own, so what they expect has a bound */
    if (is_null(node->value))
        return options_fail(r, node, "has no value, expected %s", expected);
    if (node->value->type != YAML_SCALAR_NODE)
        return options_fail(r, node, "expected %s", expected);
    struct text t = scalar_text(node->value);
    bool quoted = node->value->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return options_fail(r, node, "%s%.*s%s, expected %s", quoted ? "\"" : "", PROBLEM_ARG(t),
                        quoted ? "\"" : "", expected);
}

/* Text may be quoted and looks like anything; all else is plain. */
static bool scalar_fits(const struct option *row, const yaml_node_t *node)
{
    bool text = row->type == OPTION_TEXT || row->type == OPTION_FILE || row->type == OPTION_WORD;
    return node->type == YAML_SCALAR_NODE && !is_null(node) &&
           (text || node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) &&
           strcmp((const char *)node->tag, YAML_STR_TAG) == 0;
}

/* A list of paths, texts or whole numbers: the row says which. */
static bool bind_list(struct options_reader *r, const struct options_node *node, const struct option *row,
                      void *out)
{
    if (node->value->type != YAML_SEQUENCE_NODE)
        return fail_expected(r, node, row);
    bool whole = row->type == OPTION_WHOLES;
    struct option one = *row;
    one.type = whole ? OPTION_WHOLE : row->type == OPTION_FILES ? OPTION_FILE : OPTION_TEXT;
    one.offset = 0;
    size_t size = whole ? sizeof(uint32_t) : sizeof(struct text), count = 0;
    yaml_node_item_t *first = node->value->data.sequence.items.start,
                     *end = node->value->data.sequence.items.top;
    char *items = arena_take(r->arena, (size_t)(end - first), size);
    if (items == NULL)
        return no_memory(r);
    for (yaml_node_item_t *item = first; item < end; item++, count++) {
        struct options_node entry = *node;
        bool memory_gone = false;
        entry.value = yaml_document_get_node(r->doc, *item);
        entry.mark = entry.value->start_mark;
        if (!scalar_fits(&one, entry.value))
            return fail_expected(r, &entry, &one);
        if (!option_set(&one, scalar_text(entry.value), r->directory,
                        (struct options_target){items + count * size, r->arena}, &memory_gone))
            return memory_gone ? no_memory(r) : fail_expected(r, &entry, &one);
    }
    void *at = (char *)out + row->offset;
    if (whole)
        *(struct whole_list *)at = (struct whole_list){(uint32_t *)(void *)items, count};
    else
        *(struct text_list *)at = (struct text_list){(struct text *)(void *)items, count};
    return true;
}

static bool bind_value(struct binding *b, struct options_node *node, const struct option *row)
{
    bool memory_gone = false;
    node->mark = node->value->start_mark;
    if (option_is_list(row))
        return bind_list(b->reader, node, row, b->out);
    if (!scalar_fits(row, node->value))
        return fail_expected(b->reader, node, row);
    if (option_set(row, scalar_text(node->value), b->reader->directory,
                   (struct options_target){b->out, b->reader->arena}, &memory_gone))
        return true;
    return memory_gone ? no_memory(b->reader) : fail_expected(b->reader, node, row);
}

enum match { MATCH_NONE, MATCH_ROW, MATCH_SECTION, MATCH_TREE };

/* What a path of the table is: an option, a section with options below, a tree's key, or nothing. */
static enum match find_row(struct options_table table, const char *path, size_t *out_row)
{
    size_t n = strlen(path);
    const char *dot = strrchr(path, '.');
    size_t parent = dot != NULL ? (size_t)(dot - path) + 1 : 0;
    enum match match = MATCH_NONE;
    for (size_t i = 0; i < table.count; i++) {
        const char *row = table.rows[i].path;
        if (strcmp(row, path) == 0) {
            *out_row = i;
            return MATCH_ROW;
        }
        if (strncmp(row, path, n) == 0 && row[n] == '.')
            match = MATCH_SECTION;
        if (match == MATCH_NONE && strncmp(row, path, parent) == 0 && strcmp(row + parent, "*") == 0) {
            *out_row = i;
            match = MATCH_TREE;
        }
    }
    return match;
}

static bool bind_section(struct binding *b, const struct options_node *section, const char *prefix);

static bool bind_tree(struct binding *b, const struct options_node *node, const struct option *row,
                      struct text key)
{
    return row->tree(b->reader, key, node, (char *)b->out + row->offset);
}

/* With the key of the same section that was probably meant. */
static bool fail_unknown(struct binding *b, const struct options_node *node, const char *prefix,
                         struct text key)
{
    struct text likely = {0};
    unsigned nearest = TEXT_UNLIKE;
    size_t n = strlen(prefix);
    for (size_t i = 0; i < b->table.count; i++) {
        const char *row = b->table.rows[i].path;
        if (n > 0 && (strncmp(row, prefix, n) != 0 || row[n] != '.'))
            continue;
        struct text known = {row + n + (n > 0), strcspn(row + n + (n > 0), ".")};
        unsigned distance = text_distance(key, known);
        likely = distance < nearest ? known : likely;
        nearest = distance < nearest ? distance : nearest;
    }
    if (likely.len == 0)
        return options_fail(b->reader, node, "unknown key");
    return options_fail(b->reader, node, "unknown key; is it meant to be \"%.*s\"?", TEXT_ARG(likely));
}

static bool bind_pair(struct binding *b, struct options_node *node, const char *prefix, struct text key)
{
    char path[PATH_CAP];
    int n = snprintf(path, sizeof path, "%s%s%.*s", prefix, *prefix != '\0' ? "." : "", TEXT_ARG(key));
    size_t row = 0;
    enum match match = MATCH_NONE;
    /* A key with a dot or a zero byte could pass for a path. */
    if (n > 0 && n < PATH_CAP && memchr(key.data, '.', key.len) == NULL &&
        memchr(key.data, '\0', key.len) == NULL)
        match = find_row(b->table, path, &row);
    switch (match) {
    case MATCH_ROW:
        if (b->pass != PASS_PLAIN)
            return true;
        assert(row < OPTIONS_ROWS_MAX);
        b->seen |= UINT64_C(1) << row;
        return bind_value(b, node, &b->table.rows[row]);
    case MATCH_SECTION:
        return bind_section(b, node, path);
    case MATCH_TREE:
        return b->pass != PASS_TREES || bind_tree(b, node, &b->table.rows[row], key);
    default:
        return b->pass == PASS_PLAIN && fail_unknown(b, node, prefix, key);
    }
}

/* Whether the key of a pair stood in the mapping before. */
static bool stood_before(struct options_reader *r, const yaml_node_t *mapping, const yaml_node_pair_t *pair)
{
    struct text key = scalar_text(yaml_document_get_node(r->doc, pair->key));
    for (const yaml_node_pair_t *p = mapping->data.mapping.pairs.start; p < pair; p++) {
        const yaml_node_t *node = yaml_document_get_node(r->doc, p->key);
        if (node->type == YAML_SCALAR_NODE && text_equal(scalar_text(node), key))
            return true;
    }
    return false;
}

/* The path of a key below a section, for messages; what does not fit is left out. */
static void node_path(struct options_node *node, const struct options_node *section, struct text key)
{
    struct buf path = {.data = node->path, .cap = PATH_CAP - 1, .limit = PATH_CAP - 1};
    buf_puts(&path, section->path);
    if (path.len > 0 && key.len > 0)
        buf_put_char(&path, '.');
    buf_put(&path, key.data, (size_t)problem_shown(key));
    assert(path.len < PATH_CAP);
    node->path[path.len] = '\0';
}

static bool bind_key(struct binding *b, const struct options_node *section, const char *prefix,
                     yaml_node_pair_t *pair)
{
    const yaml_node_t *mapping = section->value;
    struct options_node node = {.value = yaml_document_get_node(b->reader->doc, pair->value)};
    const yaml_node_t *key = yaml_document_get_node(b->reader->doc, pair->key);
    node.mark = key->start_mark;
    node_path(&node, section, (struct text){0});
    if (key->type != YAML_SCALAR_NODE)
        return b->pass == PASS_PLAIN && options_fail(b->reader, &node, "a key has to be a word");
    struct text word = scalar_text(key);
    node_path(&node, section, word);
    if (stood_before(b->reader, mapping, pair))
        return b->pass == PASS_PLAIN && options_fail(b->reader, &node, "stands twice");
    return bind_pair(b, &node, prefix, word);
}

static bool bind_section(struct binding *b, const struct options_node *section, const char *prefix)
{
    const yaml_node_t *mapping = section->value;
    if (is_null(mapping)) /* a section whose options are all commented out */
        return true;
    if (mapping->type != YAML_MAPPING_NODE) {
        struct options_node here = *section;
        here.mark = mapping->start_mark;
        return b->pass == PASS_PLAIN && options_fail(b->reader, &here, "expected a mapping of options");
    }
    bool ok = true;
    for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top && goes_on(b->reader, ok); pair++)
        ok = bind_key(b, section, prefix, pair) && ok;
    return ok;
}

bool options_bind(struct options_reader *reader, const struct options_node *node, struct options_table table,
                  void *out)
{
    assert(table.count <= OPTIONS_ROWS_MAX);
    struct binding b = {.reader = reader, .table = table, .out = out};
    bool ok = true;
    for (b.pass = PASS_PLAIN; b.pass <= PASS_TREES && goes_on(reader, ok); b.pass++)
        ok = bind_section(&b, node, "") && ok;
    for (size_t i = 0; i < table.count && goes_on(reader, ok); i++)
        if (table.rows[i].required && !(b.seen >> i & 1)) {
            struct problem problem;
            problem_set(&problem, "%.*s: %s%s%s is missing (%s)", TEXT_ARG(reader->name), node->path,
                        node->path[0] != '\0' ? "." : "", table.rows[i].path, table.rows[i].text);
            ok = complain(reader, &problem);
        }
    return ok;
}

static bool fail_parse(struct options_reader *r, const yaml_parser_t *parser)
{
    struct problem problem;
    if (parser->error == YAML_MEMORY_ERROR)
        return no_memory(r);
    /* What the reader of bytes finds has an offset and no mark. */
    if (parser->error == YAML_READER_ERROR) {
        problem_set(&problem, "%.*s: not YAML at byte %zu: %s", TEXT_ARG(r->name), parser->problem_offset + 1,
                    parser->problem);
        return complain(r, &problem);
    }
    problem_set(&problem, "%.*s:%zu:%zu: not YAML: %s%s%s", TEXT_ARG(r->name), parser->problem_mark.line + 1,
                parser->problem_mark.column + 1, parser->context != NULL ? parser->context : "",
                parser->context != NULL ? ", " : "", parser->problem != NULL ? parser->problem : "");
    return complain(r, &problem);
}

/* Only one document may stand in a file. */
static bool check_single(struct options_reader *r, yaml_parser_t *parser)
{
    yaml_document_t next;
    if (!yaml_parser_load(parser, &next))
        return fail_parse(r, parser);
    yaml_node_t *root = yaml_document_get_root_node(&next);
    if (root != NULL) {
        struct problem problem;
        problem_set(&problem, "%.*s:%zu:%zu: a second document", TEXT_ARG(r->name), root->start_mark.line + 1,
                    root->start_mark.column + 1);
        complain(r, &problem);
    }
    yaml_document_delete(&next);
    return root == NULL;
}

static bool read_document(struct options_reader *r, yaml_parser_t *parser, struct options_table table,
                          void *out)
{
    yaml_document_t doc;
    if (!yaml_parser_load(parser, &doc))
        return fail_parse(r, parser);
    r->doc = &doc;
    yaml_node_t nothing = {.type = YAML_SCALAR_NODE, .data.scalar.style = YAML_PLAIN_SCALAR_STYLE};
    struct options_node root = {.value = yaml_document_get_root_node(&doc)};
    /* Without a root the document is empty and the stream has ended. */
    bool more = root.value != NULL;
    if (!more)
        root.value = &nothing;
    bool ok = options_bind(r, &root, table, out);
    ok = goes_on(r, ok) && (!more || check_single(r, parser)) && ok;
    yaml_document_delete(&doc);
    return ok;
}

/* What stands before the last slash; "" for a file in the current folder. */
static struct text directory_of(struct text path)
{
    size_t n = path.len;
    while (n > 0 && path.data[n - 1] != '/')
        n--;
    return (struct text){path.data, n > 1 ? n - 1 : n};
}

bool options_read(struct options_table table, struct options_source source, struct options_target target,
                  struct problem *out_problem)
{
    return options_read_all(table, source, target, (struct options_hearing){0}, out_problem);
}

bool options_read_all(struct options_table table, struct options_source source, struct options_target target,
                      struct options_hearing hearing, struct problem *out_problem)
{
    struct text bytes = source.bytes;
    struct options_reader reader = {.name = source.name,
                                    .directory = directory_of(source.name),
                                    .arena = target.arena,
                                    .problem = out_problem,
                                    .hearing = hearing};
    struct yaml_place deep;
    if (!yaml_depth_holds(bytes, &deep)) {
        struct problem problem;
        problem_set(&problem,
                    deep.many ? "%.*s:%zu:%zu: more than %d keys and values"
                              : "%.*s:%zu:%zu: nested deeper than %d levels",
                    TEXT_ARG(reader.name), deep.line, deep.column,
                    deep.many ? YAML_VALUES_MAX : YAML_DEPTH_MAX);
        return complain(&reader, &problem);
    }
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return no_memory(&reader);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes.data, bytes.len);
    bool ok = read_document(&reader, &parser, table, target.out);
    yaml_parser_delete(&parser);
    return ok;
}
