/*
 * json_tree: JSON text as one array of values, 24 bytes each; no value has an allocation of its own.
 *
 * The children of a value follow it in the array, in the order of the text; the children of an object are its
 * keys and values in turn. So a walk through a list goes from one value to the next, and a text of numbers
 * becomes an array of numbers. Strings without escapes, and the written form of numbers, are borrowed from
 * the text, which must outlive the tree.
 *
 * Files that people write are read here, so everything is checked: the grammar, UTF-8 and escapes
 * (json_scan.h), keys that stand twice in one object, numbers that do not fit a double or, without point and
 * exponent, 64 bits, the character U+0000, and depth. Jansson refuses the same; the messages, lines and
 * columns are Jansson's.
 *
 * A file of a million things does not have to become one tree: the elements of one member of the outermost
 * object can be handed over one by one, each as a tree of its own (struct json_stream).
 */
#ifndef MW_JSON_TREE_H
#define MW_JSON_TREE_H

#include "arena.h"
#include "json_scan.h"

/* Greatest depth of values within each other, the outermost and the innermost included. */
#define JSON_TREE_DEPTH_MAX 2048
/* Values of one tree, and elements of a list: 1.5 GiB. A ring of ten million positions has half of that. */
#define JSON_TREE_VALUES_MAX ((uint32_t)1 << 26)

enum json_node_type {
    JSON_NODE_NULL,
    JSON_NODE_FALSE,
    JSON_NODE_TRUE,
    JSON_NODE_NUMBER,
    JSON_NODE_STRING,
    JSON_NODE_ARRAY,
    JSON_NODE_OBJECT
};

struct json_node {
    const char *at; /* its first byte in the text */
    union {
        double number;
        const char *bytes; /* string: without its escapes, no zero byte behind it */
        uint32_t span;     /* array, object: how many values it is made of, itself included */
    };
    uint32_t len; /* array: elements; object: members; string: bytes; number: bytes as written */
    uint8_t type; /* enum json_node_type */
    bool whole;   /* number: written without point and exponent */
    /* Number: what is written is canonical but for zeros at the end of the decimals (canon.h). Array: it has
     * two such numbers and nothing else, as nearly every position has. */
    bool plain;
    uint8_t decimals; /* of a plain number, as written */
};

enum json_tree_status {
    JSON_TREE_OK,
    JSON_TREE_NOT_JSON, /* see json_tree.fault */
    JSON_TREE_TOO_MANY, /* more than JSON_TREE_VALUES_MAX values */
    JSON_TREE_NO_MEMORY
};

/* Where a text is not JSON, and why. The text is that of json_tree_read; see json_fault.h. */
struct json_tree_fault {
    const char *at;   /* the token that was not expected, or the end of the text */
    const char *what; /* what was expected; NULL: a value */
};

/* Zero is an empty tree. json_tree_fini frees it. */
struct json_tree {
    struct json_node *nodes; /* the first is the whole value */
    size_t cap;
    uint32_t count;
    struct arena texts; /* strings that had escapes */
    bool has_texts;
    struct json_tree_fault fault;
};

/* Members of the outermost object that are not kept in the tree but handed over element by element. */
struct json_stream {
    struct text key;
    /* One element, valid until it returns. */
    void (*element)(void *context, const struct json_node *element, size_t index);
    void *context;
    struct json_tree tree; /* of the element in hand; to be freed by the caller */
};

/*
 * Reads a whole text, an object or an array, into the tree, whose former values go. With a `stream` (may be
 * NULL) a member of that name, when it is an array, is handed over instead and stays in the tree as an array
 * of its length without elements. Elements are handed over before what follows them has been looked at.
 */
enum json_tree_status json_tree_read(struct json_tree *t, struct text text, struct json_stream *stream);
/* Hands over once more the elements of an array that json_tree_read has left empty. The text is unchanged. */
enum json_tree_status json_tree_stream(struct json_tree *t, const struct json_node *array, struct text text,
                                       struct json_stream *stream);
void json_tree_fini(struct json_tree *t);

/* All of these accept NULL, for a value that is not there. */
static inline bool json_node_is(const struct json_node *n, enum json_node_type type)
{
    return n != NULL && n->type == type;
}

/* The first element of an array, or key of an object, that has one. */
static inline const struct json_node *json_node_first(const struct json_node *n)
{
    return n + 1;
}

/* The value behind a value and its children. */
static inline const struct json_node *json_node_next(const struct json_node *n)
{
    return n + (n->type >= JSON_NODE_ARRAY ? n->span : 1);
}

/* How many elements an array has; 0 for any other value. */
static inline uint32_t json_node_length(const struct json_node *n)
{
    return json_node_is(n, JSON_NODE_ARRAY) ? n->len : 0;
}

/* The bytes of a string. */
static inline struct text json_node_text(const struct json_node *n)
{
    return (struct text){n->bytes, n->len};
}

/* The value of an object's member; NULL where there is none, or no object. */
const struct json_node *json_node_member(const struct json_node *object, const char *key);

/*
 * The first key in the text that stands in the object a second time, NULL if there is none; the last key may
 * lack its value. False without memory. For json_tree itself, which gives nobody such an object.
 */
bool json_node_twice(const struct json_node *object, const struct json_node **out);

#endif
