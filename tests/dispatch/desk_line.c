/*
 * desk_line: what the desk makes of a request, for tests in Python.
 *
 * A line of standard input is {"request":{…}, "who":"…", "reviews":true, "now":MS, "condition":"active", "hash":{…}}, the hash being
 * that of the alert; or {"shift":{"event","rev","request","to","why"}, "who", "document", "hash":{…}}, the hash being the newest entry of
 * `shifts`. A line of output is `refused NAME`, `fault POINTER`, or `call BYTES` followed by so many bytes.
 */
#include "desk_call.h"
#include "desk_request.h"
#include "shift.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static struct fields fields_of(const struct json_node *object, struct field *items)
{
    struct fields f = {items, 0};
    const struct json_node *key = json_node_first(object);
    for (uint32_t i = 0; i < object->len; i++) {
        const struct json_node *value = json_node_next(key);
        items[f.count++] = (struct field){json_node_text(key), json_node_text(value)};
        key = json_node_next(value);
    }
    return f;
}

static struct text member(const struct json_node *node, const char *name)
{
    return json_node_text(json_node_member(node, name));
}

static void put_call(struct buf *out)
{
    assert(buf_ok(out));
    printf("call %zu\n", out->len);
    fwrite(out->data, 1, out->len, stdout);
    buf_fini(out);
}

static struct text may_have(const struct json_node *node, const char *name)
{
    return json_node_member(node, name) != NULL ? member(node, name) : (struct text){"", 0};
}

static void answer_shift(const struct json_node *root)
{
    struct field items[64];
    const struct json_node *said = json_node_member(root, "shift");
    const struct desk_person person = {member(root, "who"), TEXT("127.0.0.1"), true, false};
    struct shift_request r = {.rev = (uint64_t)json_node_member(said, "rev")->number,
                              .request = member(said, "request"),
                              .to = may_have(said, "to"),
                              .why = may_have(said, "why")};
    struct shift now = {0};
    struct buf out;
    shift_take_entry(&now, fields_of(json_node_member(root, "hash"), items), 1);
    enum shift_refusal refusal =
        shift_event_find(member(said, "event"), &r.event) ? shift_decide(&now, &r, &person) : SHIFT_ROLE;
    if (refusal != SHIFT_OK) {
        printf("refused %d\n", (int)refusal);
        return;
    }
    buf_init(&out, 1 << 20);
    shift_call_write(&now, &r, &person, may_have(root, "document"), &out);
    put_call(&out);
}

static void answer(const struct json_node *root)
{
    static struct desk_request request;
    struct field items[64];
    struct desk_fault fault;
    struct work work;
    if (!desk_request_read(json_node_member(root, "request"), (struct text){"", 0}, desk_reasons_usual,
                           &request, &fault)) {
        printf("fault %s\n", fault.pointer);
        return;
    }
    assert(json_node_member(root, "hash")->len <= 64);
    work_of_hash(&work, fields_of(json_node_member(root, "hash"), items));
    struct desk_case c = {&desk_settings_usual, &work, CONDITION_ACTIVE,
                          (int64_t)json_node_member(root, "now")->number};
    alert_condition_find(member(root, "condition"), &c.condition);
    const struct desk_person person = {member(root, "who"), TEXT("127.0.0.1"), true,
                                       json_node_is(json_node_member(root, "reviews"), JSON_NODE_TRUE)};
    const struct field alert[] = {{TEXT("kind"), TEXT("speeding")}, {TEXT("vehicle"), TEXT("truck-7")}};
    struct desk_call call = {0, &request, &person, WORK_OPEN, {alert, 2}};
    enum desk_refusal refusal = desk_decide(&c, &request, &person, &call.next);
    if (refusal != DESK_OK) {
        printf("refused %d\n", (int)refusal);
        return;
    }
    struct buf out;
    buf_init(&out, 1 << 20);
    desk_call_write(&call, &out);
    put_call(&out);
}

int main(void)
{
    static char line[65536];
    while (fgets(line, sizeof line, stdin) != NULL) {
        struct json_tree tree = {0};
        if (json_tree_read(&tree, text_of(line), NULL) != JSON_TREE_OK)
            return EXIT_FAILURE;
        (json_node_member(tree.nodes, "shift") != NULL ? answer_shift : answer)(tree.nodes);
        json_tree_fini(&tree);
        fflush(stdout);
    }
    return EXIT_SUCCESS;
}
