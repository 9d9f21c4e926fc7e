/*
 * The record is written with its members in one order; what is read is written again and compared, so that there is one text for
 * one record, and a reader that looks for members by their names finds what is meant.
 */
#include "sealed.h"

#include "array.h"
#include "json_tree.h"
#include "json_write.h"

#include <sodium.h>
#include <stdlib.h>

#define RECORD_MAX 65535 /* an entry of the log has no more */

static const char *const why_names[] = {
    [SEALED_CLOSED] = "closed", [SEALED_CORRECTION] = "correction", [SEALED_WITHDRAWN] = "withdrawn",
    [SEALED_REVIEW] = "review", [SEALED_ACTION] = "action",         [SEALED_ADDED] = "added",
    [SEALED_DRAFT] = "draft"};
enum { WHY_COUNT = sizeof why_names / sizeof *why_names };

const char *sealed_why_name(enum sealed_why why)
{
    return why_names[why];
}

bool sealed_why_find(struct text name, enum sealed_why *out)
{
    for (int i = 0; i < WHY_COUNT; i++)
        if (text_equal(name, text_of(why_names[i]))) {
            *out = (enum sealed_why)i;
            return true;
        }
    return false;
}

/* ---- entries ---- */

bool sealed_add(struct sealed_case *c, struct text path, struct text bytes)
{
    if (!array_reserve(&c->entries, &c->cap, c->count + 1, sizeof *c->entries))
        return false;
    struct sealed_entry *e = &c->entries[c->count++];
    *e = (struct sealed_entry){.path = path, .bytes = bytes};
    crypto_hash_sha256(e->sha256, (const unsigned char *)bytes.data, bytes.len);
    return true;
}

const struct sealed_entry *sealed_find(const struct sealed_case *c, struct text path)
{
    for (size_t i = 0; i < c->count; i++)
        if (text_equal(c->entries[i].path, path))
            return &c->entries[i];
    return NULL;
}

void sealed_fini(struct sealed_case *c)
{
    free(c->entries);
    *c = (struct sealed_case){0};
}

static int by_path(const void *a, const void *b)
{
    const struct sealed_entry *const *x = a, *const *y = b;
    return text_compare((*x)->path, (*y)->path);
}

static void put_hex(struct buf *out, const unsigned char sha256[SEALED_SHA256])
{
    char hex[2 * SEALED_SHA256 + 1];
    buf_puts(out, sodium_bin2hex(hex, sizeof hex, sha256, SEALED_SHA256));
}

bool sealed_manifest(const struct sealed_case *c, struct buf *out)
{
    const struct text data = TEXT("data/");
    const struct sealed_entry **order = malloc((c->count + 1) * sizeof *order);
    size_t count = 0;
    if (order == NULL)
        return false;
    for (size_t i = 0; i < c->count; i++)
        if (c->entries[i].path.len > data.len && memcmp(c->entries[i].path.data, data.data, data.len) == 0)
            order[count++] = &c->entries[i];
    qsort(order, count, sizeof *order, by_path);
    for (size_t i = 0; i < count; i++) {
        put_hex(out, order[i]->sha256);
        buf_puts(out, "  ");
        buf_put_text(out, order[i]->path);
        buf_put_char(out, '\n');
    }
    free(order);
    return buf_ok(out);
}

/* ---- the record ---- */

static void put_hash(struct json_writer *w, const char *key, const unsigned char sha256[SEALED_SHA256])
{
    char hex[2 * SEALED_SHA256 + 1];
    json_write_key(w, key);
    json_write_string(w, text_of(sodium_bin2hex(hex, sizeof hex, sha256, SEALED_SHA256)));
}

static void put_text(struct json_writer *w, const char *key, struct text value)
{
    json_write_key(w, key);
    json_write_string(w, value);
}

static void put_number(struct json_writer *w, const char *key, int64_t value)
{
    json_write_key(w, key);
    json_write_i64(w, value);
}

static const char *review_of(const struct sealed_header *h)
{
    return h->reviewed ? "approve" : h->rejected ? "reject" : "none";
}

void sealed_record_write(const struct sealed_header *h, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    put_text(&w, "record", TEXT("muckwatch/case/1"));
    put_text(&w, "id", h->id);
    put_number(&w, "edition", h->edition);
    put_text(&w, "why", text_of(sealed_why_name(h->why)));
    put_text(&w, "trigger", h->trigger);
    put_number(&w, "sealed_at", h->sealed_at_ms);
    put_text(&w, "kind", h->kind);
    put_text(&w, "vehicle", h->vehicle);
    put_number(&w, "start", h->start_ms);
    put_number(&w, "end", h->end_ms);
    put_number(&w, "rev", h->rev);
    put_number(&w, "actions", h->actions_rev);
    put_text(&w, "review", text_of(review_of(h)));
    json_write_key(&w, "withdrawn");
    json_write_bool(&w, h->withdrawn);
    put_text(&w, "ruleset", h->ruleset);
    put_hash(&w, "manifest", h->manifest);
    if (h->has_earlier) {
        put_number(&w, "earlier_index", (int64_t)h->earlier_index);
        put_hash(&w, "earlier", h->earlier);
    }
    json_write_end_object(&w);
}

struct reading {
    const struct json_node *record;
    bool ok;
};

static struct text read_text(struct reading *r, const char *key)
{
    const struct json_node *n = json_node_member(r->record, key);
    r->ok = r->ok && json_node_is(n, JSON_NODE_STRING);
    return r->ok ? json_node_text(n) : TEXT("");
}

static int64_t read_number(struct reading *r, const char *key, double most)
{
    const struct json_node *n = json_node_member(r->record, key);
    r->ok = r->ok && json_node_is(n, JSON_NODE_NUMBER) && n->whole && n->number >= 0 && n->number <= most;
    return r->ok ? (int64_t)n->number : 0;
}

static void read_hash(struct reading *r, const char *key, unsigned char out[SEALED_SHA256])
{
    struct text hex = read_text(r, key);
    size_t len = 0;
    r->ok = r->ok && hex.len == 2 * (size_t)SEALED_SHA256 &&
            sodium_hex2bin(out, SEALED_SHA256, hex.data, hex.len, NULL, &len, NULL) == 0 &&
            len == SEALED_SHA256;
}

static void read_header(struct reading *r, struct sealed_header *out)
{
    const double ms_max = 1e15, rev_max = UINT32_MAX;
    struct text review = read_text(r, "review");
    const struct json_node *withdrawn = json_node_member(r->record, "withdrawn");
    *out = (struct sealed_header){
        .id = read_text(r, "id"),
        .kind = read_text(r, "kind"),
        .vehicle = read_text(r, "vehicle"),
        .trigger = read_text(r, "trigger"),
        .edition = (uint32_t)read_number(r, "edition", rev_max),
        .rev = (uint32_t)read_number(r, "rev", rev_max),
        .actions_rev = (uint32_t)read_number(r, "actions", rev_max),
        .sealed_at_ms = read_number(r, "sealed_at", ms_max),
        .start_ms = read_number(r, "start", ms_max),
        .end_ms = read_number(r, "end", ms_max),
        .reviewed = text_equal(review, TEXT("approve")),
        .rejected = text_equal(review, TEXT("reject")),
        .withdrawn = json_node_is(withdrawn, JSON_NODE_TRUE),
        .ruleset = read_text(r, "ruleset"),
        .has_earlier = json_node_member(r->record, "earlier") != NULL,
    };
    r->ok = r->ok && sealed_why_find(read_text(r, "why"), &out->why) && out->id.len > 0 &&
            out->id.len <= SEALED_ID_MAX;
    read_hash(r, "manifest", out->manifest);
    if (out->has_earlier) {
        out->earlier_index = (uint64_t)read_number(r, "earlier_index", 9e15);
        read_hash(r, "earlier", out->earlier);
    }
}

/* A text with escapes is not in the record's bytes, so it could not be borrowed: no id or name has one. */
static bool borrows(struct text record, struct text t)
{
    return t.len == 0 || (t.data >= record.data && t.data + t.len <= record.data + record.len);
}

bool sealed_record_read(struct text record, struct sealed_header *out)
{
    struct json_tree tree = {0};
    struct buf again;
    bool ok = record.len <= RECORD_MAX && json_tree_read(&tree, record, NULL) == JSON_TREE_OK;
    buf_init(&again, RECORD_MAX);
    if (ok) {
        struct reading r = {tree.nodes, json_node_is(tree.nodes, JSON_NODE_OBJECT)};
        read_header(&r, out);
        ok = r.ok && borrows(record, out->id) && borrows(record, out->trigger) &&
             borrows(record, out->kind) && borrows(record, out->vehicle) && borrows(record, out->ruleset);
    }
    if (ok)
        sealed_record_write(out, &again);
    ok = ok && buf_ok(&again) && text_equal(buf_text(&again), record);
    buf_fini(&again);
    json_tree_fini(&tree);
    return ok;
}
