/*
 * json_tree: one loop over the values of a text, without recursion. The objects and arrays that are open are
 * linked through the array of values itself, so depth costs nothing: while an object or array is open, its
 * `span` is the index of the one around it.
 *
 * Nearly all of a fence file is positions, `[112.9, 30.4]`. A position in the usual form is read as a whole,
 * three values at once. Everything else is read value by value.
 */
#include "json_tree.h"

#include "array.h"

#include <math.h>
#include <stdlib.h>

/* No object or array is open. */
#define NONE UINT32_MAX

/* A tree being read. */
struct reading {
    struct json_tree *tree;
    struct json_scan scan;
    struct json_stream *stream; /* or NULL */
    uint32_t open;              /* the innermost open object or array */
    unsigned depth;             /* values around the next one */
    enum json_tree_status status;
};

static bool stop(struct reading *r, enum json_tree_status status)
{
    r->status = status;
    return false;
}

/* A fault was found. If a key stands twice in the text before it, that is the fault to report: the keys of
 * objects that are still open have not been compared yet. This overwrites the lengths of these objects. */
static void prefer_keys(struct reading *r)
{
    struct json_node *nodes = r->tree->nodes;
    for (uint32_t i = r->open; i != NONE; i = nodes[i].span) {
        const struct json_node *key = json_node_first(&nodes[i]), *twice = NULL;
        if (nodes[i].type != JSON_NODE_OBJECT)
            continue;
        for (uint32_t k = 0; k < nodes[i].len; k++)
            key = json_node_next(key + 1);
        nodes[i].len += key < nodes + r->tree->count; /* a member whose value has not ended counts */
        if (json_node_twice(&nodes[i], &twice) && twice != NULL && twice->at < r->tree->fault.at)
            r->tree->fault = (struct json_tree_fault){twice->at, "duplicate object key"};
    }
}

/* The token at `at` is not what was expected. */
static bool refuse(struct reading *r, const char *at, const char *what)
{
    r->tree->fault = (struct json_tree_fault){at, what};
    prefer_keys(r);
    return stop(r, JSON_TREE_NOT_JSON);
}

static bool grow(struct reading *r, uint32_t more)
{
    struct json_tree *t = r->tree;
    if (t->count > JSON_TREE_VALUES_MAX - more)
        return stop(r, JSON_TREE_TOO_MANY);
    return array_reserve(&t->nodes, &t->cap, t->count + (size_t)more, sizeof *t->nodes) ||
           stop(r, JSON_TREE_NO_MEMORY);
}

static inline bool make_room(struct reading *r, uint32_t more)
{
    return r->tree->cap - r->tree->count >= more || grow(r, more);
}

/* Appends a value; there is room for it. */
static inline void push(struct reading *r, struct json_node node)
{
    r->tree->nodes[r->tree->count++] = node;
}

/* Plain: see json_node. From 1e-6 on, where canonical numbers have no exponent, and 15 digits: decimals of so
 * many are all different doubles, so none has a shorter rival. */
static inline struct json_node number_node(const char *at, size_t len, const struct json_number *n)
{
    double value = json_number_double(n) + 0.0; /* turns -0 into 0 */
    return (struct json_node){
        .at = at,
        .number = value,
        .len = (uint32_t)len,
        .type = JSON_NODE_NUMBER,
        .whole = n->exp10 == 0,
        .plain = n->digits < UINT64_C(1000000000000000) && (value >= 1e-6 || value <= -1e-6),
        .decimals = (uint8_t)-n->exp10,
    };
}

/* Reads `[112.9, 30.4]`: two numbers of the quick form with at most one space. False, and nothing is read, if
 * anything else follows. There is room for three values. */
static inline bool take_position(struct reading *r)
{
    struct json_number lon, lat;
    const char *p = r->scan.at, *end = r->scan.end, *x = p + 1;
    const char *comma = json_number_quick(x, end, &lon);
    if (comma == NULL || end - comma < 3 || *comma != ',')
        return false;
    const char *y = comma + (comma[1] == ' ' ? 2 : 1), *close = json_number_quick(y, end, &lat);
    if (close == NULL || close == end || *close != ']')
        return false;
    struct json_node *nodes = r->tree->nodes + r->tree->count;
    nodes[1] = number_node(x, (size_t)(comma - x), &lon);
    nodes[2] = number_node(y, (size_t)(close - y), &lat);
    nodes[0] = (struct json_node){
        .at = p, .span = 3, .len = 2, .type = JSON_NODE_ARRAY, .plain = nodes[1].plain && nodes[2].plain};
    r->tree->count += 3;
    r->scan.at = close + 1;
    return true;
}

/* Whether strtoll would accept the number; it has no point and no exponent. */
static bool fits_64_bits(const struct json_number *n)
{
    uint64_t limit = n->negative ? UINT64_C(1) << 63 : INT64_MAX;
    return n->exp10 == 0 && !n->cut && n->digits <= limit;
}

/* Reads a number that is not of the quick form. */
static bool take_number_slow(struct reading *r)
{
    struct json_number n;
    const char *at = r->scan.at;
    if (json_scan_number_slow(&r->scan, &n) != JSON_FAULT_NONE)
        return refuse(r, at, NULL);
    bool whole = true;
    for (size_t i = 0; i < n.text.len; i++)
        whole = whole && n.text.data[i] != '.' && (n.text.data[i] | 0x20) != 'e';
    if (whole && !fits_64_bits(&n))
        return refuse(r, at, n.negative ? "too big negative integer" : "too big integer");
    double value = json_number_double(&n) + 0.0;
    if (!isfinite(value))
        return refuse(r, at, "real number overflow");
    push(r, (struct json_node){.at = at,
                               .number = value,
                               .len = (uint32_t)n.text.len,
                               .type = JSON_NODE_NUMBER,
                               .whole = whole});
    return true;
}

static inline bool take_number(struct reading *r)
{
    struct json_number n;
    const char *at = r->scan.at, *end = json_number_quick(at, r->scan.end, &n);
    if (end == NULL)
        return take_number_slow(r);
    push(r, number_node(at, (size_t)(end - at), &n));
    r->scan.at = end;
    return true;
}

static bool take_string(struct reading *r)
{
    struct json_string s;
    struct json_tree *t = r->tree;
    const char *at = r->scan.at;
    if (json_scan_string(&r->scan, &s) != JSON_FAULT_NONE)
        return refuse(r, at, NULL);
    struct json_node node = {
        .at = at, .bytes = s.raw.data, .len = (uint32_t)s.raw.len, .type = JSON_NODE_STRING};
    if (s.escaped) {
        char *plain = arena_take(&t->texts, s.raw.len, 1);
        if (plain == NULL)
            return stop(r, JSON_TREE_NO_MEMORY);
        t->has_texts = true;
        node.bytes = plain;
        node.len = (uint32_t)json_string_decode(&s, plain, s.raw.len);
        if (memchr(plain, '\0', node.len) != NULL)
            return refuse(r, at, "\\u0000 is not allowed");
    }
    push(r, node);
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool take_word(struct reading *r, struct text word, enum json_node_type type)
{
    const char *at = r->scan.at;
    if (json_scan_word(&r->scan, word) != JSON_FAULT_NONE || is_letter(json_scan_peek(&r->scan)))
        return refuse(r, at, NULL);
    push(r, (struct json_node){.at = at, .type = (uint8_t)type});
    return true;
}

/* Refuses a token with which no value begins. */
static bool refuse_value(struct reading *r)
{
    bool list = r->open != NONE && r->tree->nodes[r->open].type == JSON_NODE_ARRAY;
    return refuse(r, r->scan.at, list && r->scan.at == r->scan.end ? "']' expected" : NULL);
}

static bool take_scalar(struct reading *r)
{
    if (json_scan_at_number(&r->scan))
        return take_number(r);
    switch (json_scan_peek(&r->scan)) {
    case '"':
        return take_string(r);
    case 't':
        return take_word(r, TEXT("true"), JSON_NODE_TRUE);
    case 'f':
        return take_word(r, TEXT("false"), JSON_NODE_FALSE);
    case 'n':
        return take_word(r, TEXT("null"), JSON_NODE_NULL);
    default:
        return refuse_value(r);
    }
}

/* Reads a member's key and goes on to its value; the scanner stands where the key should begin. */
static bool take_key(struct reading *r)
{
    if (json_scan_peek(&r->scan) != '"')
        return refuse(r, r->scan.at, "string or '}' expected");
    if (!make_room(r, 1) || !take_string(r))
        return false;
    json_scan_space(&r->scan);
    if (!json_scan_take(&r->scan, ':'))
        return refuse(r, r->scan.at, "':' expected");
    json_scan_space(&r->scan);
    return true;
}

static bool check_keys(struct reading *r, const struct json_node *object)
{
    const struct json_node *twice;
    if (!json_node_twice(object, &twice))
        return stop(r, JSON_TREE_NO_MEMORY);
    return twice == NULL || refuse(r, twice->at, "duplicate object key");
}

/* Closes the innermost open object or array, whose end has been read. */
static bool close_node(struct reading *r)
{
    struct json_node *node = &r->tree->nodes[r->open];
    uint32_t around = node->span;
    node->span = r->tree->count - r->open;
    r->open = around;
    r->depth--;
    return node->type == JSON_NODE_ARRAY || check_keys(r, node);
}

/* Opens an object or array, for which there is room. The scanner goes to its first value, or behind it if it
 * is empty. */
static bool open_node(struct reading *r, bool *out_ended)
{
    bool object = *r->scan.at == '{';
    push(r, (struct json_node){
                .at = r->scan.at, .span = r->open, .type = object ? JSON_NODE_OBJECT : JSON_NODE_ARRAY});
    r->open = r->tree->count - 1;
    r->depth++;
    r->scan.at++;
    json_scan_space(&r->scan);
    *out_ended = json_scan_take(&r->scan, object ? '}' : ']');
    if (*out_ended)
        return close_node(r);
    return !object || take_key(r);
}

static bool stream_wants(const struct reading *r)
{
    const struct json_node *nodes = r->tree->nodes;
    return r->stream != NULL && r->depth == 1 && nodes[0].type == JSON_NODE_OBJECT &&
           text_equal(json_node_text(&nodes[r->tree->count - 1]), r->stream->key);
}

static bool read_value(struct reading *r);

static bool stop_at_element(struct reading *r, const struct reading *element)
{
    r->tree->fault = element->tree->fault;
    if (element->status == JSON_TREE_NOT_JSON)
        prefer_keys(r);
    return stop(r, element->status);
}

/* Each element is read into the stream's own tree. */
static bool stream_array(struct reading *r, uint32_t *out_count)
{
    struct reading element = {.tree = &r->stream->tree, .scan = r->scan, .open = NONE, .depth = r->depth + 1};
    struct json_scan *s = &element.scan;
    uint32_t count = 0;
    s->at++;
    json_scan_space(s);
    bool more = !json_scan_take(s, ']');
    while (more) {
        if (count == JSON_TREE_VALUES_MAX)
            return stop(r, JSON_TREE_TOO_MANY);
        if (!read_value(&element))
            return stop_at_element(r, &element);
        r->stream->element(r->stream->context, element.tree->nodes, count++);
        json_scan_space(s);
        more = json_scan_take(s, ',');
        if (!more && !json_scan_take(s, ']'))
            return refuse(r, s->at, "']' expected");
        json_scan_space(s);
    }
    r->scan.at = s->at;
    *out_count = count;
    return true;
}

/* Hands over the elements of the current member, which stays in the tree as an array without elements. */
static bool take_stream(struct reading *r)
{
    struct json_node node = {.at = r->scan.at, .span = 1, .type = JSON_NODE_ARRAY};
    if (!stream_array(r, &node.len))
        return false;
    push(r, node);
    return true;
}

/* Reads from the start of a value to the end of the first scalar, or of the first empty object or array. */
static bool read_down(struct reading *r)
{
    for (bool ended = false; !ended;) {
        if (r->depth >= JSON_TREE_DEPTH_MAX)
            return refuse(r, r->scan.at, "maximum parsing depth reached");
        if (!make_room(r, 3))
            return false;
        char c = json_scan_peek(&r->scan);
        if (c != '[' && c != '{')
            return take_scalar(r);
        if (c == '[' && stream_wants(r))
            return take_stream(r);
        if (c == '[' && r->depth < JSON_TREE_DEPTH_MAX - 1 && take_position(r))
            return true;
        if (!open_node(r, &ended))
            return false;
    }
    return true;
}

/* Reads from the end of a value to the start of the next, and closes the objects and arrays that end between.
 * *out_more is false if everything has ended. */
static bool read_on(struct reading *r, bool *out_more)
{
    for (*out_more = false; r->open != NONE;) {
        struct json_node *node = &r->tree->nodes[r->open];
        bool object = node->type == JSON_NODE_OBJECT;
        node->len++;
        json_scan_space(&r->scan);
        if (json_scan_take(&r->scan, ',')) {
            *out_more = true;
            json_scan_space(&r->scan);
            return !object || take_key(r);
        }
        if (!json_scan_take(&r->scan, object ? '}' : ']'))
            return refuse(r, r->scan.at, object ? "'}' expected" : "']' expected");
        if (!close_node(r))
            return false;
    }
    return true;
}

/* Reads the value at the scanner as the only one of the tree. */
static bool read_value(struct reading *r)
{
    struct json_tree *t = r->tree;
    t->count = 0;
    if (t->has_texts)
        arena_clear(&t->texts);
    t->has_texts = false;
    for (bool more = true; more;)
        if (!read_down(r) || !read_on(r, &more))
            return false;
    return true;
}

enum json_tree_status json_tree_read(struct json_tree *t, struct text text, struct json_stream *stream)
{
    struct reading r = {.tree = t, .scan = json_scan_of(text), .stream = stream, .open = NONE};
    json_scan_space(&r.scan);
    char c = json_scan_peek(&r.scan);
    if (c != '{' && c != '[')
        refuse(&r, r.scan.at, "'[' or '{' expected");
    else if (read_value(&r)) {
        json_scan_space(&r.scan);
        if (r.scan.at < r.scan.end)
            refuse(&r, r.scan.at, "end of file expected");
    }
    return r.status;
}

enum json_tree_status json_tree_stream(struct json_tree *t, const struct json_node *array, struct text text,
                                       struct json_stream *stream)
{
    struct reading r = {.tree = t, .scan = json_scan_of(text), .stream = stream, .open = NONE, .depth = 1};
    uint32_t count;
    r.scan.at = array->at;
    stream_array(&r, &count);
    return r.status;
}

void json_tree_fini(struct json_tree *t)
{
    free(t->nodes);
    arena_fini(&t->texts);
    *t = (struct json_tree){0};
}
