#include "stops_read.h"

#include "csv_rows.h"
#include "json_tree.h"
#include "stop_words.h"

#include <stdio.h>

enum { PROBLEM_MAX = 200 };

struct reading {
    const struct stop_names *names;
    struct text text;
    struct stops *out;
    char *problem;
    bool headed; /* the row of names has been read */
    size_t at[STOP_COLUMNS], days_at[STOP_DAY_COLUMNS];
    struct arena scratch;
    struct buf list; /* a list of JSON as one text */
};

static void tell(struct reading *r, const char *at)
{
    if (r->names->progress != NULL)
        r->names->progress(r->names->context, (double)(at - r->text.data) / (double)(r->text.len + 1));
}

/* ---- CSV ---- */

static bool find_column(struct reading *r, const struct csv_row *row, const char *name, size_t *out)
{
    *out = SIZE_MAX;
    if (name == NULL)
        return true;
    for (size_t i = 0; i < row->count; i++)
        if (text_equal(stop_trim(row->cells[i]), text_of(name))) {
            *out = i;
            return true;
        }
    snprintf(r->problem, PROBLEM_MAX, "%u: there is no column \"%.80s\"", (unsigned)row->line, name);
    return false;
}

static bool read_names(struct reading *r, const struct csv_row *row)
{
    r->headed = true;
    for (int i = 0; i < STOP_COLUMNS; i++)
        if (!find_column(r, row, r->names->columns[i], &r->at[i]))
            return false;
    for (int i = 0; i < STOP_DAY_COLUMNS; i++)
        if (!find_column(r, row, r->names->days[i], &r->days_at[i]))
            return false;
    return true;
}

static struct text cell(const struct csv_row *row, size_t at)
{
    return at < row->count ? row->cells[at] : TEXT("");
}

static bool take_csv_row(void *context, const struct csv_row *row)
{
    struct reading *r = context;
    if (!r->headed)
        return read_names(r, row);
    struct stop_row stop = {.line = row->line, .raw = row->raw};
    for (int i = 0; i < STOP_COLUMNS; i++)
        stop.values[i] = cell(row, r->at[i]);
    for (int i = 0; i < STOP_DAY_COLUMNS; i++)
        stop.day_flags[i] = cell(row, r->days_at[i]);
    tell(r, row->raw.data);
    return stops_add(r->out, &stop);
}

static enum stops_read_status read_csv(struct reading *r)
{
    uint32_t line;
    enum csv_rows_status status = csv_rows_read(r->text, take_csv_row, r, &line);
    if (status == CSV_ROWS_NO_MEMORY || r->out->no_memory)
        return STOPS_READ_NO_MEMORY;
    if (status == CSV_ROWS_STOPPED)
        return STOPS_READ_WRONG; /* told */
    if (status != CSV_ROWS_OK)
        snprintf(r->problem, PROBLEM_MAX, "%u: %s", (unsigned)line, csv_rows_status_text(status));
    else if (!r->headed)
        snprintf(r->problem, PROBLEM_MAX, "1: there is no row of column names");
    return r->problem[0] != '\0' ? STOPS_READ_WRONG : STOPS_READ_OK;
}

/* ---- NDJSON ---- */

static struct text scalar(const struct json_node *n)
{
    switch (n->type) {
    case JSON_NODE_STRING:
        return json_node_text(n);
    case JSON_NODE_NUMBER:
        return (struct text){n->at, n->len};
    case JSON_NODE_TRUE:
        return TEXT("Y");
    case JSON_NODE_FALSE:
        return TEXT("N");
    default:
        return TEXT("");
    }
}

/* A list is its elements with commas between. */
static bool value_text(struct reading *r, const struct json_node *n, struct text *out)
{
    *out = scalar(n);
    if (n->type != JSON_NODE_ARRAY)
        return true;
    buf_clear(&r->list);
    const struct json_node *element = json_node_first(n);
    for (uint32_t i = 0; i < n->len; i++, element = json_node_next(element)) {
        if (i > 0)
            buf_put_char(&r->list, ',');
        buf_put_text(&r->list, scalar(element));
    }
    return buf_ok(&r->list) && arena_copy_text(&r->scratch, buf_text(&r->list), out);
}

static bool member_text(struct reading *r, const struct json_node *stop, const struct json_node *holder,
                        const char *name, struct text *out)
{
    if (name == NULL)
        return true;
    const struct json_node *n = json_node_member(stop, name);
    if (n == NULL)
        n = json_node_member(holder, name);
    return n == NULL || value_text(r, n, out);
}

static bool take_object(struct reading *r, const struct json_node *stop, const struct json_node *holder,
                        struct stop_row row)
{
    bool room = true;
    if (stop->type != JSON_NODE_OBJECT)
        return stops_refuse(r->out, row.line, row.raw, "no object");
    for (int i = 0; i < STOP_COLUMNS && room; i++)
        room = member_text(r, stop, holder, r->names->columns[i], &row.values[i]);
    for (int i = 0; i < STOP_DAY_COLUMNS && room; i++)
        room = member_text(r, stop, holder, r->names->days[i], &row.day_flags[i]);
    room = room && stops_add(r->out, &row);
    arena_clear(&r->scratch);
    return room;
}

/* The text of an element of a list: up to the one behind it, or the end of the line. */
static struct text raw_of(const struct json_node *list, const struct json_node *element, uint32_t i,
                          struct text line)
{
    const char *end = i + 1 < list->len ? json_node_next(element)->at : line.data + line.len;
    while (end > element->at && (end[-1] == ' ' || end[-1] == ',' || end[-1] == '\t'))
        end--;
    return (struct text){element->at, (size_t)(end - element->at)};
}

static bool take_tree(struct reading *r, const struct json_node *root, struct stop_row row)
{
    if (r->names->list == NULL)
        return take_object(r, root, NULL, row);
    const struct json_node *list = json_node_member(root, r->names->list);
    struct text line = row.raw;
    if (!json_node_is(list, JSON_NODE_ARRAY))
        return stops_refuse(r->out, row.line, row.raw, "no list of stops");
    const struct json_node *stop = json_node_first(list);
    bool room = true;
    for (uint32_t i = 0; i < list->len && room; i++, stop = json_node_next(stop)) {
        row.raw = raw_of(list, stop, i, line);
        room = take_object(r, stop, root, row);
    }
    return room;
}

static bool take_line(struct reading *r, struct json_tree *tree, struct stop_row row)
{
    switch (json_tree_read(tree, row.raw, NULL)) {
    case JSON_TREE_OK:
        return take_tree(r, tree->nodes, row);
    case JSON_TREE_NO_MEMORY:
        return false;
    default:
        return stops_refuse(r->out, row.line, row.raw, "not JSON");
    }
}

static enum stops_read_status read_ndjson(struct reading *r)
{
    struct json_tree tree = {0};
    uint32_t number = 0;
    bool room = true;
    const char *end = r->text.data + r->text.len;
    for (const char *at = r->text.data; at < end && room;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        struct text line = stop_trim((struct text){at, (size_t)((line_end != NULL ? line_end : end) - at)});
        number++;
        if (line.len > 0)
            room = take_line(r, &tree, (struct stop_row){.line = number, .raw = line});
        tell(r, at);
        at = line_end != NULL ? line_end + 1 : end;
    }
    json_tree_fini(&tree);
    return room ? STOPS_READ_OK : STOPS_READ_NO_MEMORY;
}

enum stops_read_status stops_read(struct text text, const struct stop_names *names, struct stops *out,
                                  char out_problem[200])
{
    if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
        text = (struct text){text.data + 3, text.len - 3};
    struct reading r = {.names = names, .text = text, .out = out, .problem = out_problem};
    struct text trimmed = stop_trim(text);
    out_problem[0] = '\0';
    arena_init(&r.scratch);
    buf_init(&r.list, text.len + 1);
    enum stops_read_status status =
        trimmed.len > 0 && trimmed.data[0] == '{' ? read_ndjson(&r) : read_csv(&r);
    buf_fini(&r.list);
    arena_fini(&r.scratch);
    return status;
}
