/*
 * verify_data: whether what is below data/ fits itself: the state of the review, the worlds' names, each fix's hash.
 */
#include "ruleset.h"
#include "verify_private.h"

#include <string.h>

#include <sodium.h>

/* ---- review ---- */

struct review {
    char verdict[16], who[80];
    bool broken;
};

static void keep(char *out, size_t cap, struct text t)
{
    size_t n = t.len < cap - 1 ? t.len : cap - 1;
    memcpy(out, t.data, n);
    out[n] = '\0';
}

/* The last review of actions.jsonl; a case that was opened again has none. */
static void take_action(struct review *r, const struct json_node *line)
{
    const struct json_node *fields = json_node_member(line, "fields");
    struct text action = verify_member(fields, "action");
    if (!text_equal(verify_member(line, "stream"), TEXT("actions")))
        return;
    if (text_equal(action, TEXT("reopen")))
        r->verdict[0] = '\0';
    if (!text_equal(action, TEXT("review")))
        return;
    keep(r->verdict, sizeof r->verdict, verify_member(fields, "verdict"));
    keep(r->who, sizeof r->who, verify_member(fields, "who"));
}

static void read_review(struct verifying *v, struct review *out)
{
    struct text left = verify_file(v, "data/actions.jsonl"), line;
    struct json_tree tree = {0};
    while (verify_take_line(&left, &line))
        if (json_tree_read(&tree, line, NULL) == JSON_TREE_OK)
            take_action(out, tree.nodes);
        else
            out->broken = true;
    json_tree_fini(&tree);
}

void verify_review(struct verifying *v)
{
    struct review r = {0};
    struct text said;
    read_review(v, &r);
    bool approved = strcmp(r.verdict, "approve") == 0, rejected = strcmp(r.verdict, "reject") == 0;
    bool known = bag_info(&v->bag, "Muckwatch-Review", &said);
    bool drafted = known && said.len >= 5 && memcmp(said.data, "DRAFT", 5) == 0;
    if (r.broken)
        verify_say(v, VERIFY_REVIEW, VERIFY_FAILED, "data/actions.jsonl: a line is not JSON");
    else if (v->has_record && (approved != v->header.reviewed || rejected != v->header.rejected))
        verify_say(v, VERIFY_REVIEW, VERIFY_FAILED,
                   "data/actions.jsonl: its last review is not that of " BAG_RECORD
                   ": one was taken out or put in");
    else if (!known || drafted != (!approved && !rejected))
        verify_say(v, VERIFY_REVIEW, VERIFY_FAILED,
                   "bag-info.txt: Muckwatch-Review is not what data/actions.jsonl says");
    else if (approved || rejected)
        verify_say(v, VERIFY_REVIEW, VERIFY_OK, "reviewed by %s: %s", r.who, r.verdict);
    else
        verify_say(v, VERIFY_REVIEW, VERIFY_OK, BAG_DRAFT ": nobody has reviewed it");
}

/* ---- worlds ---- */

static bool is_ruleset_of(struct verifying *v, struct text ruleset)
{
    struct json_tree tree = {0};
    bool same = false;
    if (json_tree_read(&tree, verify_file(v, "data/violation.json"), NULL) == JSON_TREE_OK) {
        const struct json_node *revisions = json_node_member(tree.nodes, "revisions");
        const struct json_node *one = json_node_length(revisions) > 0 ? json_node_first(revisions) : NULL;
        for (uint32_t i = 0; i < json_node_length(revisions); i++, one = json_node_next(one))
            same = text_equal(verify_member(one, "ruleset"), ruleset);
    }
    json_tree_fini(&tree);
    return same;
}

void verify_world(struct verifying *v)
{
    static const char folder[] = "data/worlds/";
    char name[RULESET_NAME_SIZE];
    size_t others = 0;
    ruleset_name(verify_file(v, "data/world.json"), name);
    if (!is_ruleset_of(v, text_of(name))) {
        verify_say(v, VERIFY_WORLD, VERIFY_FAILED,
                   "data/world.json: its BLAKE2b-256 is %s, which data/violation.json does not name last",
                   name);
        return;
    }
    for (size_t i = 0; i < v->bag.zip.count; i++) {
        const struct zip_entry *e = &v->bag.zip.entries[i];
        if (e->name.len < sizeof folder || memcmp(e->name.data, folder, sizeof folder - 1) != 0)
            continue;
        struct text file = {e->name.data + sizeof folder - 1, e->name.len - (sizeof folder - 1)};
        ruleset_name(e->bytes, name);
        if (file.len != RULESET_NAME_SIZE - 1 + 5 || memcmp(file.data, name, RULESET_NAME_SIZE - 1) != 0) {
            verify_say(v, VERIFY_WORLD, VERIFY_FAILED, "%.*s: its BLAKE2b-256 is %s", PROBLEM_ARG(e->name),
                       name);
            return;
        }
        others++;
    }
    verify_say(v, VERIFY_WORLD, VERIFY_OK,
               "data/world.json is the ruleset that the violation names; %zu others", others);
}

/* ---- fixes ---- */

static bool is_hashed(const struct json_node *line)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    struct text fix = verify_member(line, "fix");
    crypto_hash_sha256(hash, (const unsigned char *)fix.data, fix.len);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    return text_equal(verify_member(line, "sha256"), text_of(hex));
}

void verify_fixes(struct verifying *v)
{
    struct text left = verify_file(v, "data/raw.jsonl"), line;
    struct json_tree tree = {0};
    size_t number = 0, fixes = 0, holes = 0;
    bool ok = true;
    while (ok && verify_take_line(&left, &line)) {
        number++;
        ok = json_tree_read(&tree, line, NULL) == JSON_TREE_OK;
        bool fix = ok && json_node_member(tree.nodes, "fix") != NULL;
        holes += ok && json_node_member(tree.nodes, "hole") != NULL;
        fixes += fix;
        ok = ok && (!fix || is_hashed(tree.nodes));
    }
    json_tree_fini(&tree);
    if (ok)
        verify_say(v, VERIFY_FIXES, VERIFY_OK, "%zu fixes with the hashes of their bytes, %zu holes", fixes,
                   holes);
    else
        verify_say(v, VERIFY_FIXES, VERIFY_FAILED, "data/raw.jsonl: line %zu is not a fix with its hash",
                   number);
}
