/*
 * The package of an edition: the files around data/ are made and signed once, when a checkpoint holds the record, and kept as objects; `files` of the
 * edition is the list of them, in the form of a manifest. What is exported is joined from objects, so it is the same bytes every time.
 */
#include "bag.h"
#include "case_gather.h"
#include "json_tree.h"
#include "keeping.h"
#include "public_pem.h"
#include "tlog_proof_text.h"
#include "tlog_tile.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>

#define AGENT "Muckwatch " MW_VERSION

/* ---- joined from objects ---- */

static bool join_lines(struct keeping *k, struct text lines, struct keeping_package *p)
{
    struct text line;
    while (tlog_take_line(&lines, &line)) {
        unsigned char hash[EVIDENCE_HASH_BYTES];
        size_t len = 0;
        struct text path, bytes;
        struct buf b;
        if (line.len <= 2 * EVIDENCE_HASH_BYTES + 2 ||
            sodium_hex2bin(hash, sizeof hash, line.data, 2 * EVIDENCE_HASH_BYTES, NULL, &len, NULL) != 0)
            return false;
        path = (struct text){line.data + 2 * EVIDENCE_HASH_BYTES + 2, line.len - 2 * EVIDENCE_HASH_BYTES - 2};
        buf_init(&b, EVIDENCE_OBJECT_MAX);
        bool ok = evidence_objects_get(k->objects, hash, &b) && arena_copy_text(&p->arena, path, &path) &&
                  arena_copy_text(&p->arena, buf_text(&b), &bytes) && sealed_add(&p->sealed, path, bytes);
        buf_fini(&b);
        if (!ok)
            return false;
    }
    return lines.len == 0;
}

static bool join_list(struct keeping *k, const unsigned char hash[EVIDENCE_HASH_BYTES],
                      struct keeping_package *p)
{
    struct buf lines;
    buf_init(&lines, EVIDENCE_OBJECT_MAX);
    bool ok = evidence_objects_get(k->objects, hash, &lines) && join_lines(k, buf_text(&lines), p);
    buf_fini(&lines);
    return ok;
}

/* The record, and what it names. */
static bool join(struct keeping *k, const struct evidence_edition *e, struct keeping_package *p)
{
    struct buf entry;
    *p = (struct keeping_package){0};
    arena_init(&p->arena);
    buf_init(&entry, TLOG_ENTRY_MAX);
    bool ok = evidence_log_entry(k->log, e->index, &entry) &&
              arena_copy_text(&p->arena, buf_text(&entry), &p->sealed.record) &&
              sealed_record_read(p->sealed.record, &p->sealed.header) && join_list(k, e->manifest, p);
    p->sealed.log_index = e->index;
    buf_fini(&entry);
    return ok;
}

void keeping_package_fini(struct keeping_package *p)
{
    sealed_fini(&p->sealed);
    arena_fini(&p->arena);
}

bool keeping_package(struct keeping *k, const struct evidence_edition *e, struct keeping_package *out)
{
    return join(k, e, out) && e->proven_by > 0 && join_list(k, e->proof, out);
}

/* ---- made once ---- */

/* The log's keys: the first, and each statement that handed over. */
static bool put_keys(struct keeping *k, struct buf *out)
{
    int64_t count, index;
    char name[40];
    struct buf entry;
    bool ok = evidence_register_number(k->reg, TEXT("keys"), &count);
    buf_init(&entry, TLOG_ENTRY_MAX);
    for (int64_t i = 0; i < count && ok; i++) {
        struct json_tree tree = {0};
        snprintf(name, sizeof name, "key:%lld", (long long)i);
        ok = evidence_register_number(k->reg, text_of(name), &index) &&
             evidence_log_entry(k->log, (uint64_t)index, &entry) &&
             json_tree_read(&tree, buf_text(&entry), NULL) == JSON_TREE_OK;
        const struct json_node *said = ok ? json_node_member(tree.nodes, i == 0 ? "key" : "note") : NULL;
        if (json_node_is(said, JSON_NODE_STRING)) {
            buf_puts(out, i == 0 ? "" : "\n");
            buf_put_text(out, json_node_text(said));
            buf_puts(out, i == 0 ? "\n" : "");
        }
        json_tree_fini(&tree);
    }
    buf_fini(&entry);
    return ok && buf_ok(out);
}

static bool copy(struct arena *arena, const struct buf *from, struct text *out)
{
    return buf_ok(from) && arena_copy_text(arena, buf_text(from), out);
}

/* What the files around data/ are made of, beside the proof. */
static bool set_keys(struct keeping *k, struct keeping_package *p)
{
    struct buf b;
    buf_init(&b, TLOG_ENTRY_MAX * 16);
    public_pem_write(k->key.key.bytes, &b);
    bool ok = copy(&p->arena, &b, &p->sealed.public_key);
    buf_clear(&b);
    ok = ok && put_keys(k, &b) && copy(&p->arena, &b, &p->sealed.keys);
    p->sealed.software = TEXT(AGENT "\n");
    buf_fini(&b);
    return ok;
}

static bool sign(struct keeping *k, struct keeping_package *p)
{
    unsigned char signature[crypto_sign_BYTES];
    const struct sealed_entry *tags = sealed_find(&p->sealed, TEXT(BAG_TAG_MANIFEST));
    struct text kept;
    if (tags == NULL)
        return false;
    crypto_sign_detached(signature, NULL, (const unsigned char *)tags->bytes.data, tags->bytes.len,
                         k->key.secret);
    return arena_copy_text(&p->arena, (struct text){(const char *)signature, sizeof signature}, &kept) &&
           sealed_add(&p->sealed, TEXT(BAG_SIGNATURE), kept);
}

bool keeping_add_tags(struct keeping *k, struct keeping_package *p)
{
    return set_keys(k, p) && bag_add_tags(&p->sealed, TEXT(AGENT), &p->arena) && sign(k, p);
}

static bool set_proof(struct keeping *k, const struct evidence_edition *e, struct keeping_package *p)
{
    struct tlog_proof proof;
    struct buf b;
    buf_init(&b, TLOG_NOTE_MAX);
    bool ok = evidence_log_prove(k->log, e->index, evidence_log_signed(k->log), &proof);
    if (ok)
        tlog_proof_write(e->index, &proof, evidence_log_checkpoint(k->log), &b);
    ok = ok && copy(&p->arena, &b, &p->sealed.proof);
    buf_fini(&b);
    return ok;
}

/* Objects of what was added behind `from`, and their list. */
static bool put_files(struct keeping *k, const struct keeping_package *p, size_t from,
                      struct keeping_files *out)
{
    char hex[2 * EVIDENCE_HASH_BYTES + 1];
    struct buf list;
    buf_init(&list, EVIDENCE_OBJECT_MAX);
    bool ok = true;
    for (size_t i = from; i < p->sealed.count && ok; i++) {
        const struct sealed_entry *e = &p->sealed.entries[i];
        ok = evidence_objects_put(k->objects, e->sha256, e->bytes) && out->count < KEEPING_FILES_MAX;
        if (ok)
            memcpy(out->hashes[out->count++], e->sha256, EVIDENCE_HASH_BYTES);
        buf_printf(&list, "%s  %.*s\n", sodium_bin2hex(hex, sizeof hex, e->sha256, sizeof e->sha256),
                   TEXT_ARG(e->path));
    }
    ok = ok && buf_ok(&list);
    if (ok) {
        crypto_hash_sha256(out->list, (const unsigned char *)list.data, list.len);
        ok = evidence_objects_put(k->objects, out->list, buf_text(&list));
    }
    buf_fini(&list);
    return ok;
}

bool keeping_make_files(struct keeping *k, const struct evidence_edition *e, struct keeping_files *out)
{
    struct keeping_package p;
    *out = (struct keeping_files){0};
    bool ok = join(k, e, &p);
    size_t from = p.sealed.count;
    ok = ok && set_proof(k, e, &p) && keeping_add_tags(k, &p) && put_files(k, &p, from, out);
    keeping_package_fini(&p);
    return ok;
}
