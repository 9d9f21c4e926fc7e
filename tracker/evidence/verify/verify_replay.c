/*
 * verify_replay: the packaged fixes through the engine once more, under the packaged worlds: do they give the violation that was told?
 *
 * Each revision that was told is compared, field by field, with what the engine tells under the same number. The package begins some minutes before the violation,
 * so `trip`, whose beginning may lie before, and `repeat`, which counts other violations, are not compared here; data/earlier.json has the ids behind `repeat`.
 */
#include "late_settings.h"
#include "names.h"
#include "replay.h"
#include "ruleset.h"
#include "sealed.h"
#include "verify_private.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 1000000, WORLDS_MAX = 64, LINES_MAX_BYTES = 1 << 30 };

struct again {
    struct verifying *v;
    struct names *names;
    struct world *worlds[WORLDS_MAX];
    size_t world_count;
    struct buf lines, told;
    struct problem problem; /* why a world cannot be had */
    struct json_tree violation;
};

/* Worlds stay until the end: a case has few. */
static bool find_world(void *context, struct text hash, const struct world **out_world)
{
    struct again *a = context;
    char name[RULESET_NAME_SIZE], path[96];
    for (size_t i = 0; i < a->world_count; i++)
        if (text_equal(text_of(a->worlds[i]->hash), hash)) {
            *out_world = a->worlds[i];
            return true;
        }
    struct text canonical = verify_file(a->v, "data/world.json");
    ruleset_name(canonical, name);
    if (!text_equal(text_of(name), hash)) {
        problem_set(&a->problem, "data/worlds/%.*s.json: missing", PROBLEM_ARG(hash));
        if (!ruleset_name_valid(hash))
            return false;
        strcpy(path, "data/worlds/");
        memcpy(path + strlen(path), hash.data, hash.len);
        strcpy(path + strlen("data/worlds/") + hash.len, ".json");
        if (!bag_file(&a->v->bag, text_of(path), &canonical))
            return false;
    }
    if (a->world_count == WORLDS_MAX ||
        !ruleset_load(canonical, hash, a->names, &a->worlds[a->world_count], &a->problem))
        return false;
    *out_world = a->worlds[a->world_count++];
    return true;
}

static void fail(struct again *a, enum verify_result result, const char *why)
{
    verify_say(a->v, VERIFY_REPLAY, result, "%s", why);
}

/* ---- comparing ---- */

static bool is_left_out(struct text name)
{
    return text_equal(name, TEXT("trip")) || text_equal(name, TEXT("repeat")) ||
           text_equal(name, TEXT("batch")) || text_equal(name, TEXT("stream"));
}

/* A value as the stream has it: the text of a string, or a number's digits. */
static struct text told_text(const struct json_node *n)
{
    if (json_node_is(n, JSON_NODE_NUMBER))
        return (struct text){n->at, n->len};
    return json_node_is(n, JSON_NODE_STRING) ? json_node_text(n) : TEXT("");
}

/* A sentence with what `repeat` says in it taken out: the clause from `begin`, digits, to `end`. */
static struct text take_clause(struct text *left, const char *begin, const char *end)
{
    size_t b = strlen(begin), e = strlen(end);
    for (size_t i = 0; i + b + e < left->len; i++) {
        size_t at = i + b;
        if (memcmp(left->data + i, begin, b) != 0)
            continue;
        while (at + e < left->len && left->data[at] >= '0' && left->data[at] <= '9')
            at++;
        if (at == i + b || memcmp(left->data + at, end, e) != 0)
            continue;
        struct text before = {left->data, i};
        *left = (struct text){left->data + at + e, left->len - at - e};
        return before;
    }
    struct text all = *left;
    left->len = 0;
    return all;
}

/* Whether two sentences say the same, but for the count of repeats, which has a record of its own. */
static bool says_the_same(struct text a, struct text b)
{
    static const char *const clauses[][2] = {{"；30日内第", "次"}, {"; no. ", " of its kind in 30 days"}};
    for (size_t i = 0; i < sizeof clauses / sizeof *clauses; i++) {
        struct text left_a = a, left_b = b, head_a = take_clause(&left_a, clauses[i][0], clauses[i][1]),
                    head_b = take_clause(&left_b, clauses[i][0], clauses[i][1]);
        size_t n = head_a.len + left_a.len;
        bool same = n == head_b.len + left_b.len;
        for (size_t k = 0; k < n && same; k++)
            same = (k < head_a.len ? head_a.data[k] : left_a.data[k - head_a.len]) ==
                   (k < head_b.len ? head_b.data[k] : left_b.data[k - head_b.len]);
        if (same)
            return true;
    }
    return false;
}

static bool is_sentence(struct text name)
{
    return text_equal(name, TEXT("text_zh")) || text_equal(name, TEXT("text_en"));
}

/* The first field of `one` that `other` has not the same. */
static bool has_all(const struct json_node *one, const struct json_node *other, struct text *out_name)
{
    const struct json_node *key = json_node_first(one);
    for (uint32_t i = 0; i < one->len; i++, key = json_node_next(json_node_next(key))) {
        char name[64];
        *out_name = json_node_text(key);
        if (is_left_out(*out_name))
            continue;
        if (out_name->len >= sizeof name)
            return false;
        memcpy(name, out_name->data, out_name->len);
        name[out_name->len] = '\0';
        const struct json_node *same = json_node_member(other, name);
        struct text mine = told_text(json_node_next(key));
        if (same == NULL || (!text_equal(mine, told_text(same)) &&
                             !(is_sentence(*out_name) && says_the_same(mine, told_text(same)))))
            return false;
    }
    return true;
}

/* What the engine told of the case under this number. False: nothing. */
static bool find_told(struct again *a, struct text rev, struct json_tree *out)
{
    struct text left = buf_text(&a->told), line, id = a->v->bag.top;
    while (verify_take_line(&left, &line))
        if (json_tree_read(out, line, NULL) == JSON_TREE_OK &&
            text_equal(verify_member(out->nodes, "stream"), TEXT("violations")) &&
            text_equal(verify_member(out->nodes, "id"), id) &&
            text_equal(told_text(json_node_member(out->nodes, "rev")), rev))
            return true;
    return false;
}

static bool revision_is_told(struct again *a, const struct json_node *revision)
{
    struct json_tree told = {0};
    struct text rev = told_text(json_node_member(revision, "rev")), name = TEXT("");
    bool found = find_told(a, rev, &told);
    bool same = found && has_all(revision, told.nodes, &name) && has_all(told.nodes, revision, &name);
    if (!found)
        verify_say(a->v, VERIFY_REPLAY, VERIFY_FAILED,
                   "data/violation.json: revision %.*s: these fixes under these worlds do not give it",
                   PROBLEM_ARG(rev));
    else if (!same)
        verify_say(a->v, VERIFY_REPLAY, VERIFY_FAILED,
                   "data/violation.json: revision %.*s: '%.*s' is not what the engine finds",
                   PROBLEM_ARG(rev), PROBLEM_ARG(name));
    json_tree_fini(&told);
    return same;
}

static void compare(struct again *a)
{
    const struct json_node *revisions = json_node_member(a->violation.nodes, "revisions");
    const struct json_node *one = json_node_length(revisions) > 0 ? json_node_first(revisions) : NULL;
    uint32_t count = json_node_length(revisions);
    for (uint32_t i = 0; i < count; i++, one = json_node_next(one))
        if (!revision_is_told(a, one))
            return;
    if (count == 0)
        fail(a, VERIFY_FAILED, "data/violation.json: it has no revisions");
    else
        verify_say(a->v, VERIFY_REPLAY, VERIFY_OK,
                   "the fixes give the violation again, %u revisions, field by field but for trip and repeat",
                   (unsigned)count);
}

/* ---- playing ---- */

static enum replay_status play(struct again *a, struct replay *r)
{
    struct text left = buf_text(&a->lines), line;
    enum replay_status status = REPLAY_OK;
    while (status == REPLAY_OK && verify_take_line(&left, &line))
        status = replay_line(r, line, &a->told);
    if (status == REPLAY_OK && a->v->has_record)
        replay_until(r, a->v->header.sealed_at_ms, &a->told);
    return status == REPLAY_OK && !replay_end(r, &a->told) ? REPLAY_NO_MEMORY : status;
}

static void play_and_compare(struct again *a, const struct world *world)
{
    const struct replay_options options = {.vehicle_limit = 16,
                                           .late = {INT64_C(86400000), 10000, 60000, 900000}};
    struct replay *r = replay_new(a->names, world, &options);
    if (r != NULL)
        replay_set_worlds(r, (struct replay_worlds){find_world, a});
    enum replay_status status = r != NULL ? play(a, r) : REPLAY_NO_MEMORY;
    if (status == REPLAY_NOT_FOUND)
        fail(a, VERIFY_NOT_CHECKED, a->problem.text);
    else if (status != REPLAY_OK || !buf_ok(&a->told))
        fail(a, VERIFY_NOT_CHECKED, "out of memory, or more vehicles than one");
    else
        compare(a);
    replay_free(r);
}

static void begin(struct again *a)
{
    char name[RULESET_NAME_SIZE];
    const struct world *world;
    const struct json_node *revisions, *first;
    if (json_tree_read(&a->violation, verify_file(a->v, "data/violation.json"), NULL) != JSON_TREE_OK) {
        fail(a, VERIFY_FAILED, "data/violation.json: not JSON");
        return;
    }
    revisions = json_node_member(a->violation.nodes, "revisions");
    first = json_node_length(revisions) > 0 ? json_node_first(revisions) : NULL;
    if (!sealed_lines(verify_member(first, "vehicle"), verify_file(a->v, "data/raw.jsonl"),
                      verify_file(a->v, "data/marks.jsonl"), &a->lines)) {
        fail(a, VERIFY_FAILED, "data/raw.jsonl or data/marks.jsonl: a line is none of theirs");
        return;
    }
    ruleset_name(verify_file(a->v, "data/world.json"), name);
    if (!find_world(a, text_of(name), &world))
        fail(a, VERIFY_NOT_CHECKED, a->problem.text);
    else
        play_and_compare(a, world);
}

void verify_replay(struct verifying *v)
{
    struct again a = {.v = v, .names = names_new(NAMES_MAX)};
    if (v->asked->no_replay || a.names == NULL) {
        verify_say(v, VERIFY_REPLAY, VERIFY_NOT_CHECKED,
                   a.names == NULL ? "out of memory" : "it was not asked for");
        names_free(a.names);
        return;
    }
    buf_init(&a.lines, LINES_MAX_BYTES);
    buf_init(&a.told, LINES_MAX_BYTES);
    begin(&a);
    for (size_t i = 0; i < a.world_count; i++)
        world_free(a.worlds[i]);
    json_tree_fini(&a.violation);
    buf_fini(&a.lines);
    buf_fini(&a.told);
    names_free(a.names);
}
