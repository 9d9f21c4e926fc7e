/*
 * Entries of the log, and what the register has of them. An entry is taken in one transaction with how many were; so a kill between the
 * log and the register costs that the entry is taken at the next start.
 */
#include "keeping.h"

#include "case_gather.h"
#include "failpoint.h"
#include "json_tree.h"
#include "log.h"
#include "tlog_tile.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>

/* ---- a case ---- */

/* The objects that a manifest names. */
static bool take_manifest(struct keeping *k, const struct sealed_header *h, struct text manifest)
{
    struct text line;
    while (tlog_take_line(&manifest, &line)) {
        unsigned char hash[EVIDENCE_HASH_BYTES];
        size_t len = 0;
        if (line.len > 2 * EVIDENCE_HASH_BYTES &&
            sodium_hex2bin(hash, sizeof hash, line.data, 2 * EVIDENCE_HASH_BYTES, NULL, &len, NULL) == 0 &&
            len == sizeof hash && !evidence_register_put_object(k->reg, h->id, hash))
            return false;
    }
    return evidence_register_put_object(k->reg, h->id, h->manifest);
}

/* The hash behind which data/violation.json lies, out of a manifest. */
static bool find_violation(struct text manifest, unsigned char out[EVIDENCE_HASH_BYTES])
{
    const struct text path = TEXT("  data/violation.json");
    struct text line;
    size_t len = 0;
    while (tlog_take_line(&manifest, &line))
        if (line.len == 2 * EVIDENCE_HASH_BYTES + path.len &&
            memcmp(line.data + line.len - path.len, path.data, path.len) == 0)
            return sodium_hex2bin(out, EVIDENCE_HASH_BYTES, line.data, 2 * EVIDENCE_HASH_BYTES, NULL, &len,
                                  NULL) == 0 &&
                   len == EVIDENCE_HASH_BYTES;
    return false;
}

static struct text member(const struct json_node *n, const char *name)
{
    const struct json_node *m = json_node_member(n, name);
    return json_node_is(m, JSON_NODE_STRING) ? json_node_text(m) : TEXT("");
}

/* What people search by, out of the last telling. */
static void read_last(const struct json_node *violation, struct evidence_case *c)
{
    const struct json_node *list = json_node_member(violation, "revisions");
    if (json_node_length(list) == 0)
        return;
    const struct json_node *last = json_node_first(list);
    for (uint32_t i = 1; i < json_node_length(list); i++)
        last = json_node_next(last);
    c->plate = member(last, "plate");
    c->company = member(last, "company");
    c->severity = member(last, "severity");
    c->jurisdiction = member(last, "jurisdiction");
    c->fence = member(last, "fence");
}

static bool take_row(struct keeping *k, const struct sealed_header *h, struct text manifest)
{
    struct evidence_case c = {.id = h->id,
                              .kind = h->kind,
                              .vehicle = h->vehicle,
                              .start_ms = h->start_ms,
                              .end_ms = h->end_ms,
                              .review = h->reviewed   ? TEXT("approve")
                                        : h->rejected ? TEXT("reject")
                                                      : TEXT("none"),
                              .state = h->withdrawn     ? TEXT("withdrawn")
                                       : h->end_ms != 0 ? TEXT("over")
                                                        : TEXT("open")};
    unsigned char hash[EVIDENCE_HASH_BYTES];
    struct json_tree tree = {0};
    struct buf violation;
    buf_init(&violation, EVIDENCE_OBJECT_MAX);
    /* A case that was let go of has no objects any more; its row goes with the entry that says so. */
    if (find_violation(manifest, hash) && evidence_objects_get(k->objects, hash, &violation) &&
        json_tree_read(&tree, buf_text(&violation), NULL) == JSON_TREE_OK)
        read_last(tree.nodes, &c);
    bool ok = evidence_register_put_case(k->reg, &c);
    json_tree_fini(&tree);
    buf_fini(&violation);
    return ok;
}

static bool take_case(struct keeping *k, uint64_t index, struct text entry, const struct sealed_header *h)
{
    struct evidence_edition e = {.id = h->id,
                                 .why = text_of(sealed_why_name(h->why)),
                                 .trigger = h->trigger,
                                 .edition = h->edition,
                                 .index = index,
                                 .sealed_at_ms = h->sealed_at_ms,
                                 .rev = h->rev,
                                 .actions_rev = h->actions_rev};
    struct buf manifest;
    memcpy(e.manifest, h->manifest, sizeof e.manifest);
    crypto_hash_sha256(e.record, (const unsigned char *)entry.data, entry.len);
    buf_init(&manifest, EVIDENCE_OBJECT_MAX);
    evidence_objects_get(k->objects, h->manifest, &manifest); /* gone: see take_row */
    bool ok = take_row(k, h, buf_text(&manifest)) && evidence_register_put_edition(k->reg, &e) &&
              take_manifest(k, h, buf_text(&manifest)) &&
              (h->end_ms == 0 && !h->withdrawn ? true : evidence_register_set_open(k->reg, h->id, 0));
    buf_fini(&manifest);
    return ok;
}

/* ---- other entries ---- */

static bool take_other(struct keeping *k, uint64_t index, struct text entry)
{
    struct json_tree tree = {0};
    bool ok = true;
    if (json_tree_read(&tree, entry, NULL) == JSON_TREE_OK) {
        struct text record = member(tree.nodes, "record"), id = member(tree.nodes, "id");
        if (text_equal(record, TEXT("muckwatch/key/1")) || text_equal(record, TEXT("muckwatch/rotation/1"))) {
            int64_t keys;
            char name[40];
            ok = evidence_register_number(k->reg, TEXT("keys"), &keys);
            snprintf(name, sizeof name, "key:%lld", (long long)keys);
            ok = ok && evidence_register_set_number(k->reg, TEXT("key"), (int64_t)index) &&
                 evidence_register_set_number(k->reg, text_of(name), (int64_t)index) &&
                 evidence_register_set_number(k->reg, TEXT("keys"), keys + 1);
        } else if (text_equal(record, TEXT("muckwatch/hold/1"))) {
            ok = evidence_register_set_hold(
                k->reg, id, json_node_is(json_node_member(tree.nodes, "held"), JSON_NODE_TRUE));
        } else if (text_equal(record, TEXT("muckwatch/deletion/1"))) {
            ok = evidence_register_let_go(k->reg, id);
        }
    }
    json_tree_fini(&tree);
    return ok;
}

static bool take(struct keeping *k, uint64_t index, struct text entry)
{
    struct sealed_header h;
    bool is_case = sealed_record_read(entry, &h);
    bool ok = evidence_register_begin(k->reg) &&
              (is_case ? take_case(k, index, entry, &h) : take_other(k, index, entry)) &&
              evidence_register_set_number(k->reg, TEXT("taken"), (int64_t)index + 1);
    failpoint_pass("evidence_taken");
    ok = ok && evidence_register_commit(k->reg);
    if (!ok)
        evidence_register_undo(k->reg);
    return ok;
}

bool keeping_take_all(struct keeping *k)
{
    struct buf entry;
    int64_t taken;
    bool ok = evidence_register_number(k->reg, TEXT("taken"), &taken);
    buf_init(&entry, TLOG_ENTRY_MAX);
    for (uint64_t i = (uint64_t)taken; ok && i < evidence_log_size(k->log); i++)
        ok = evidence_log_entry(k->log, i, &entry) && take(k, i, buf_text(&entry));
    buf_fini(&entry);
    return ok;
}

bool keeping_log(struct keeping *k, struct text entry)
{
    uint64_t index;
    if (!evidence_log_append(k->log, entry, &index))
        return false;
    failpoint_pass("evidence_logged");
    /* It is in the log, whatever becomes of the register: that follows. */
    if (!keeping_take_all(k))
        log_error("register_fails", LOG_STR("why", evidence_register_why(k->reg)));
    return true;
}
