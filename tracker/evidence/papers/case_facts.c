#include "case_facts.h"

#include "array.h"
#include "fix_json.h"
#include "ruleset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 1000000 };

struct text case_field(const struct json_node *revision, const char *name)
{
    const struct json_node *n = json_node_member(revision, name);
    if (json_node_is(n, JSON_NODE_NUMBER))
        return (struct text){n->at, n->len};
    return json_node_is(n, JSON_NODE_STRING) ? json_node_text(n) : TEXT("");
}

double case_number(const struct json_node *revision, const char *name)
{
    struct text t = case_field(revision, name);
    struct json_scan s = json_scan_of(t);
    struct json_number number;
    bool read = t.len > 0 && json_scan_at_number(&s) && json_scan_number(&s, &number) == JSON_FAULT_NONE &&
                s.at == s.end;
    return read ? json_number_double(&number) : (double)NAN;
}

int64_t case_start_ms(const struct case_facts *f)
{
    return text_whole(case_field(f->last, "start"));
}

int64_t case_end_ms(const struct case_facts *f)
{
    struct text end = case_field(f->last, "end");
    return text_whole(end.len > 0 ? end : case_field(f->last, "at"));
}

bool case_is_within(const struct case_facts *f, const struct case_fix *fix)
{
    return fix->fix.time.ms >= case_start_ms(f) && fix->fix.time.ms <= case_end_ms(f);
}

const struct json_node *case_world_item(const struct case_facts *f, const char *list, struct text id)
{
    const struct json_node *items = json_node_member(f->canonical, list);
    uint32_t count = json_node_length(items);
    const struct json_node *item = count > 0 ? json_node_first(items) : NULL;
    for (uint32_t i = 0; i < count; i++, item = json_node_next(item))
        if (text_equal(case_field(item, "id"), id))
            return item;
    return NULL;
}

/* ---- reading ---- */

static struct text entry(const struct sealed_case *c, const char *path)
{
    const struct sealed_entry *e = sealed_find(c, text_of(path));
    return e != NULL ? e->bytes : TEXT("");
}

static bool take_line(struct text *left, struct text *out)
{
    const char *feed = left->len > 0 ? memchr(left->data, '\n', left->len) : NULL;
    if (feed == NULL)
        return false;
    *out = (struct text){left->data, (size_t)(feed - left->data)};
    *left = (struct text){feed + 1, left->len - out->len - 1};
    return true;
}

static struct text keep(struct case_facts *f, struct text t)
{
    struct text copy = TEXT("");
    return arena_copy_text(&f->arena, t, &copy) ? copy : TEXT("");
}

static bool take_fix(struct case_facts *f, const struct json_node *line)
{
    struct fix_reader reader;
    struct fix_item item;
    struct text fix = keep(f, case_field(line, "fix"));
    fix_reader_init(&reader, fix);
    if (!fix_reader_next(&reader, &item) || item.error != FIX_OK)
        return false;
    if (!array_reserve(&f->fixes, &f->fix_cap, f->fix_count + 1, sizeof *f->fixes))
        return false;
    f->fixes[f->fix_count++] = (struct case_fix){.fix = item.fix,
                                                 .received_ms = text_whole(case_field(line, "received")),
                                                 .batch = text_whole(case_field(line, "batch")),
                                                 .n = (uint32_t)text_whole(case_field(line, "n")),
                                                 .sha256 = keep(f, case_field(line, "sha256")),
                                                 .late = keep(f, case_field(line, "late"))};
    return true;
}

static bool take_raw(struct case_facts *f, const struct json_node *line)
{
    if (json_node_member(line, "fix") != NULL)
        return take_fix(f, line);
    f->hole_count += json_node_member(line, "hole") != NULL;
    return true;
}

static bool take_action(struct case_facts *f, const struct json_node *line)
{
    const struct json_node *fields = json_node_member(line, "fields");
    if (!array_reserve(&f->actions, &f->action_cap, f->action_count + 1, sizeof *f->actions))
        return false;
    f->actions[f->action_count++] = (struct case_action){.at_ms = text_whole(case_field(line, "at")),
                                                         .stream = keep(f, case_field(line, "stream")),
                                                         .who = keep(f, case_field(fields, "who")),
                                                         .action = keep(f, case_field(fields, "action")),
                                                         .verdict = keep(f, case_field(fields, "verdict")),
                                                         .reason = keep(f, case_field(fields, "reason")),
                                                         .why = keep(f, case_field(fields, "why")),
                                                         .found = keep(f, case_field(fields, "found")),
                                                         .to = keep(f, case_field(fields, "to")),
                                                         .what = keep(f, case_field(fields, "what")),
                                                         .purpose = keep(f, case_field(fields, "purpose")),
                                                         .edition = keep(f, case_field(fields, "edition"))};
    return true;
}

/* A sample of the tracker's clock; other marks are for the replay. */
static bool take_mark(struct case_facts *f, const struct json_node *line)
{
    const struct json_node *clock = json_node_member(line, "clock");
    if (!json_node_is(clock, JSON_NODE_OBJECT))
        return true;
    const struct json_node *error_us = json_node_member(clock, "maxerror_us"),
                           *offset_us = json_node_member(clock, "offset_us");
    bool told = json_node_is(error_us, JSON_NODE_NUMBER) && json_node_is(offset_us, JSON_NODE_NUMBER) &&
                fabs(error_us->number) < 1e15;
    int64_t error = told ? (int64_t)error_us->number : 0;
    double offset = told ? fabs(offset_us->number) : 0;
    f->clock.sampled = true;
    f->clock.unsynchronised |= json_node_is(json_node_member(clock, "synchronised"), JSON_NODE_FALSE);
    f->clock.worst_error_us = error > f->clock.worst_error_us ? error : f->clock.worst_error_us;
    if (offset < 1e15 && (int64_t)offset > f->clock.worst_offset_us)
        f->clock.worst_offset_us = (int64_t)offset;
    return true;
}

static bool read_lines(struct case_facts *f, struct text left,
                       bool (*take)(struct case_facts *, const struct json_node *))
{
    struct json_tree tree = {0};
    struct text line;
    bool ok = true;
    while (ok && take_line(&left, &line))
        ok = json_tree_read(&tree, line, NULL) == JSON_TREE_OK && take(f, tree.nodes);
    json_tree_fini(&tree);
    return ok && left.len == 0;
}

static int by_time(const void *a, const void *b)
{
    const struct case_fix *x = a, *y = b;
    if (x->fix.time.ms != y->fix.time.ms)
        return x->fix.time.ms < y->fix.time.ms ? -1 : 1;
    return (x->n > y->n) - (x->n < y->n);
}

static bool read_violation(struct case_facts *f, struct text text)
{
    if (json_tree_read(&f->violation_tree, text, NULL) != JSON_TREE_OK)
        return false;
    f->revisions = json_node_member(f->violation_tree.nodes, "revisions");
    uint32_t count = json_node_length(f->revisions);
    f->last = count > 0 ? json_node_first(f->revisions) : NULL;
    for (uint32_t i = 1; i < count; i++)
        f->last = json_node_next(f->last);
    return json_node_is(f->last, JSON_NODE_OBJECT);
}

static bool read_world(struct case_facts *f, struct text text, struct problem *problem)
{
    char name[RULESET_NAME_SIZE];
    ruleset_name(text, name);
    f->names = names_new(NAMES_MAX);
    if (f->names == NULL || json_tree_read(&f->world_tree, text, NULL) != JSON_TREE_OK) {
        problem_set(problem, "data/world.json: not JSON");
        return false;
    }
    f->canonical = f->world_tree.nodes;
    return ruleset_load(text, text_of(name), f->names, &f->world, problem);
}

bool case_facts_read(const struct sealed_case *c, struct case_facts *out, struct problem *out_problem)
{
    *out = (struct case_facts){.header = c->header};
    arena_init(&out->arena);
    if (!read_violation(out, entry(c, "data/violation.json"))) {
        problem_set(out_problem, "data/violation.json: not that of a case");
        return false;
    }
    const char *broken = !read_lines(out, entry(c, "data/raw.jsonl"), take_raw) ? "data/raw.jsonl"
                         : !read_lines(out, entry(c, "data/actions.jsonl"), take_action)
                             ? "data/actions.jsonl"
                         : !read_lines(out, entry(c, "data/marks.jsonl"), take_mark) ? "data/marks.jsonl"
                                                                                     : NULL;
    if (broken != NULL) {
        problem_set(out_problem, "%s: a line is not one of its", broken);
        return false;
    }
    if (out->fix_count > 0)
        qsort(out->fixes, out->fix_count, sizeof *out->fixes, by_time);
    return read_world(out, entry(c, "data/world.json"), out_problem);
}

void case_facts_fini(struct case_facts *f)
{
    world_free(f->world);
    names_free(f->names);
    json_tree_fini(&f->violation_tree);
    json_tree_fini(&f->world_tree);
    free(f->fixes);
    free(f->actions);
    arena_fini(&f->arena);
    *f = (struct case_facts){0};
}
