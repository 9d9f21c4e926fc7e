#include "web_body.h"

#include "json_fault.h"
#include "web_problem.h"

#include <stdio.h>

enum { POINTER_MAX = 96 };

static const char *const type_names[] = {
    [JSON_NODE_NULL] = "null",     [JSON_NODE_FALSE] = "true or false", [JSON_NODE_TRUE] = "true or false",
    [JSON_NODE_NUMBER] = "number", [JSON_NODE_STRING] = "string",       [JSON_NODE_ARRAY] = "array",
    [JSON_NODE_OBJECT] = "object",
};

static bool refuse(struct web_answer *refusal, struct text key, const char *format, const char *word)
{
    char pointer[POINTER_MAX] = "/", detail[POINTER_MAX + 96];
    size_t n = key.len < POINTER_MAX - 2 ? key.len : POINTER_MAX - 2;
    memcpy(pointer + 1, key.data, n);
    pointer[n + 1] = '\0';
    snprintf(detail, sizeof detail, format, pointer, word);
    web_problem_at(refusal, 400, "bad-body", pointer, text_of(detail));
    return false;
}

bool web_body_read(const struct web_request *request, struct json_tree *tree, struct web_answer *refusal)
{
    char detail[256];
    switch (json_tree_read(tree, request->body, NULL)) {
    case JSON_TREE_OK:
        break;
    case JSON_TREE_NOT_JSON: {
        struct json_fault_place fault;
        json_fault_find(request->body, &tree->fault, &fault);
        snprintf(detail, sizeof detail, "not JSON at line %u, column %u: %s", fault.line, fault.column,
                 fault.text);
        web_problem_at(refusal, 400, "not-json", NULL, text_of(detail));
        return false;
    }
    default:
        web_problem(refusal, 503, "there is no memory for it");
        return false;
    }
    if (json_node_is(tree->nodes, JSON_NODE_OBJECT))
        return true;
    web_problem_at(refusal, 400, "bad-body", "", TEXT("expected an object"));
    return false;
}

static bool is_of_type(const struct json_node *n, enum json_node_type type)
{
    if (type == JSON_NODE_TRUE || type == JSON_NODE_FALSE)
        return n->type == JSON_NODE_TRUE || n->type == JSON_NODE_FALSE;
    return n->type == type;
}

static const struct web_member *member_of(const struct web_member *members, size_t count, struct text key)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(text_of(members[i].key), key))
            return &members[i];
    return NULL;
}

bool web_body_fits(const struct json_node *object, const struct web_member *members, size_t count,
                   struct web_answer *refusal)
{
    const struct json_node *key = json_node_first(object);
    for (uint32_t i = 0; i < object->len; i++) {
        const struct json_node *value = json_node_next(key);
        const struct web_member *m = member_of(members, count, json_node_text(key));
        if (m == NULL)
            return refuse(refusal, json_node_text(key), "%s: there is no such member%s", "");
        if (!is_of_type(value, m->type))
            return refuse(refusal, json_node_text(key), "%s: expected: %s", type_names[m->type]);
        bool sized = m->type == JSON_NODE_STRING || m->type == JSON_NODE_ARRAY;
        if (sized && m->max > 0 && value->len > m->max)
            return refuse(refusal, json_node_text(key), "%s: is too long%s", "");
        key = json_node_next(value);
    }
    for (size_t i = 0; i < count; i++)
        if (members[i].required && json_node_member(object, members[i].key) == NULL)
            return refuse(refusal, text_of(members[i].key), "%s: is missing%s", "");
    return true;
}

struct text web_body_text(const struct json_node *object, const char *key)
{
    const struct json_node *n = json_node_member(object, key);
    return json_node_is(n, JSON_NODE_STRING) ? json_node_text(n) : (struct text){0};
}
