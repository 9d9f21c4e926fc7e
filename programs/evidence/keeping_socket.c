/*
 * The socket: one JSON object a line, one answer a line. A member that a question does not have is refused by its name: who misspells
 * "reason" has not given one.
 */
#include "bag.h"
#include "case_gather.h"
#include "keeping_answer.h"

#include "json_tree.h"
#include "json_write.h"
#include "tlog_tile.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* ---- reading ---- */

struct member {
    const char *name;
    enum json_node_type type;
    size_t offset; /* of a text */
};

static const struct member texts[] = {{"op", JSON_NODE_STRING, offsetof(struct question, op)},
                                      {"id", JSON_NODE_STRING, offsetof(struct question, id)},
                                      {"who", JSON_NODE_STRING, offsetof(struct question, who)},
                                      {"to", JSON_NODE_STRING, offsetof(struct question, to)},
                                      {"reason", JSON_NODE_STRING, offsetof(struct question, reason)}};

static bool read_member(struct text name, const struct json_node *value, struct question *out)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (text_equal(name, text_of(texts[i].name)) && json_node_is(value, JSON_NODE_STRING)) {
            *(struct text *)((char *)out + texts[i].offset) = json_node_text(value);
            return true;
        }
    if (text_equal(name, TEXT("edition")) && json_node_is(value, JSON_NODE_NUMBER) && value->whole &&
        value->number >= 1 && value->number <= UINT32_MAX) {
        out->edition = (int64_t)value->number;
        return true;
    }
    if (text_equal(name, TEXT("draft")) &&
        (value->type == JSON_NODE_TRUE || value->type == JSON_NODE_FALSE)) {
        out->draft = value->type == JSON_NODE_TRUE;
        return true;
    }
    if (text_equal(name, TEXT("held")) && (value->type == JSON_NODE_TRUE || value->type == JSON_NODE_FALSE)) {
        out->held = value->type == JSON_NODE_TRUE;
        out->has_held = true;
        return true;
    }
    return false;
}

/* What is wrong with it, or NULL; *out_name is then the member's. */
static const char *read_question(struct json_tree *tree, struct text line, struct question *out,
                                 struct text *out_name)
{
    *out = (struct question){0};
    *out_name = TEXT("");
    if (json_tree_read(tree, line, NULL) != JSON_TREE_OK || !json_node_is(tree->nodes, JSON_NODE_OBJECT))
        return "expected a JSON object";
    const struct json_node *n = json_node_first(tree->nodes);
    for (uint32_t i = 0; i < tree->nodes->len; i++) {
        const struct json_node *value = json_node_next(n);
        if (!read_member(json_node_text(n), value, out)) {
            *out_name = json_node_text(n);
            return "unknown, or of another type";
        }
        n = json_node_next(value);
    }
    return NULL;
}

/* ---- answering ---- */

void answer_refuse(struct answering *a, const char *why, struct text name)
{
    json_write_begin_object(&a->w);
    json_write_key(&a->w, "ok");
    json_write_bool(&a->w, false);
    json_write_key(&a->w, "error");
    json_write_string(&a->w, text_of(why));
    if (name.len > 0) {
        json_write_key(&a->w, "field");
        json_write_string(&a->w, name);
    }
    json_write_end_object(&a->w);
}

void answer_begin(struct answering *a)
{
    json_write_begin_object(&a->w);
    json_write_key(&a->w, "ok");
    json_write_bool(&a->w, true);
}

void answer_number(struct answering *a, const char *key, int64_t value)
{
    json_write_key(&a->w, key);
    json_write_i64(&a->w, value);
}

void answer_hash(struct json_writer *w, const char *key, const unsigned char hash[EVIDENCE_HASH_BYTES])
{
    char hex[2 * EVIDENCE_HASH_BYTES + 1];
    json_write_key(w, key);
    json_write_string(w, text_of(sodium_bin2hex(hex, sizeof hex, hash, EVIDENCE_HASH_BYTES)));
}

/* The edition that is asked for; false: refused. */
bool answer_find(struct answering *a, struct evidence_edition *out)
{
    bool there;
    if (a->q->id.len == 0)
        answer_refuse(a, "it is needed", TEXT("id"));
    else if (!evidence_register_edition(a->k->reg, a->q->id, (uint32_t)a->q->edition, out, &there))
        answer_refuse(a, evidence_register_why(a->k->reg), TEXT(""));
    else if (!there)
        answer_refuse(a, "nothing of this name is sealed", TEXT("id"));
    else
        return true;
    return false;
}

static void answer_status(struct answering *a)
{
    struct evidence_counts c = {0};
    struct buf vkey;
    buf_init(&vkey, TLOG_NOTE_MAX);
    evidence_register_count(a->k->reg, &c);
    tlog_vkey_write(&a->k->key.key, &vkey);
    answer_begin(a);
    json_write_key(&a->w, "key");
    json_write_string(&a->w, buf_text(&vkey));
    answer_number(a, "cases", c.cases);
    answer_number(a, "editions", c.editions);
    answer_number(a, "due", c.due);
    answer_number(a, "unproven", c.unproven);
    answer_number(a, "held", c.held);
    answer_number(a, "gone", c.gone);
    answer_number(a, "log", (int64_t)evidence_log_size(a->k->log));
    answer_number(a, "signed", (int64_t)evidence_log_signed(a->k->log));
    answer_number(a, "upto", a->k->archive.upto_ms);
    json_write_key(&a->w, "checkpoint");
    json_write_string(&a->w, evidence_log_checkpoint(a->k->log));
    json_write_end_object(&a->w);
    buf_fini(&vkey);
}

/* The first object of an edition that is not what was sealed; empty: all are. */
static bool is_whole(struct keeping *k, const struct evidence_edition *e, struct text *out_path,
                     struct buf *manifest)
{
    struct text left, line;
    if (!evidence_objects_get(k->objects, e->manifest, manifest)) {
        *out_path = TEXT("manifest-sha256.txt");
        return false;
    }
    for (left = buf_text(manifest); tlog_take_line(&left, &line);) {
        unsigned char hash[EVIDENCE_HASH_BYTES];
        size_t len = 0;
        struct buf bytes;
        buf_init(&bytes, EVIDENCE_OBJECT_MAX);
        bool ok =
            line.len > 2 * EVIDENCE_HASH_BYTES + 2 &&
            sodium_hex2bin(hash, sizeof hash, line.data, 2 * EVIDENCE_HASH_BYTES, NULL, &len, NULL) == 0 &&
            evidence_objects_get(k->objects, hash, &bytes);
        buf_fini(&bytes);
        if (!ok) {
            *out_path = line.len > 66 ? (struct text){line.data + 66, line.len - 66} : line;
            return false;
        }
    }
    return true;
}

/* Whether the log has the record that the register says, and all objects are there. */
static void answer_verify(struct answering *a)
{
    struct evidence_edition e;
    struct buf entry, manifest;
    unsigned char hash[EVIDENCE_HASH_BYTES];
    struct text path;
    if (!answer_find(a, &e))
        return;
    buf_init(&entry, TLOG_ENTRY_MAX);
    buf_init(&manifest, EVIDENCE_OBJECT_MAX);
    bool logged = evidence_log_entry(a->k->log, e.index, &entry);
    crypto_hash_sha256(hash, (const unsigned char *)entry.data, entry.len);
    if (!logged || memcmp(hash, e.record, sizeof hash) != 0)
        answer_refuse(a, "the log has another record", TEXT(""));
    else if (!is_whole(a->k, &e, &path, &manifest))
        answer_refuse(a, "it is not what was sealed, or is gone", path);
    else {
        answer_begin(a);
        answer_number(a, "edition", e.edition);
        answer_number(a, "log", (int64_t)e.index);
        answer_number(a, "proven_by", (int64_t)e.proven_by);
        answer_hash(&a->w, "record", e.record);
        json_write_end_object(&a->w);
    }
    buf_fini(&entry);
    buf_fini(&manifest);
}

/* ---- packages ---- */

/* The answer's line has the length of what follows it. */
static void put_package(struct answering *a, const struct sealed_case *c)
{
    unsigned char hash[EVIDENCE_HASH_BYTES];
    char name[SEALED_ID_MAX + 32];
    struct buf zip;
    buf_init(&zip, EVIDENCE_OBJECT_MAX);
    if (!bag_write(c, &zip)) {
        answer_refuse(a, "it is too large", TEXT(""));
        buf_fini(&zip);
        return;
    }
    crypto_hash_sha256(hash, (const unsigned char *)zip.data, zip.len);
    snprintf(name, sizeof name, "%.*s-%u.zip", TEXT_ARG(c->header.id), c->header.edition);
    answer_begin(a);
    json_write_key(&a->w, "name");
    json_write_string(&a->w, text_of(name));
    answer_number(a, "edition", c->header.edition);
    answer_hash(&a->w, "sha256", hash);
    answer_number(a, "bytes", (int64_t)zip.len);
    json_write_end_object(&a->w);
    a->package = zip;
}

static const struct archive_position everything = {INT64_MAX, INT64_MAX, UINT64_MAX};

/* Of a violation that goes on, or is not sealed yet: in no log, and the package says so. */
static void answer_draft(struct answering *a)
{
    struct case_gathered g;
    struct keeping_package p = {0};
    struct archive_look *look = keeping_look(a->k);
    const struct case_asked asked = {.id = a->q->id,
                                     .tellings = everything,
                                     .actions = everything,
                                     .pre_ms = a->k->config.pre_ms,
                                     .post_ms = a->k->config.post_ms,
                                     .gap_ms = a->k->config.gap_ms};
    if (look == NULL) {
        answer_refuse(a, "the archive cannot be read", TEXT(""));
        return;
    }
    arena_init(&p.arena);
    if (case_gather(look, &asked, &g) != CASE_GATHERED) {
        answer_refuse(a, "the archive has no such violation", TEXT("id"));
    } else {
        p.sealed = g.sealed;
        g.sealed = (struct sealed_case){0};
        p.sealed.header.why = SEALED_DRAFT;
        p.sealed.header.sealed_at_ms = clock_wall().ms;
        if (keeping_draw(a->k, &p.sealed, &p.arena) && keeping_add_tags(a->k, &p))
            put_package(a, &p.sealed);
        else
            answer_refuse(a, "it cannot be drawn", TEXT(""));
    }
    keeping_package_fini(&p);
    case_gathered_fini(&g);
    archive_look_close(look);
}

static void answer_export(struct answering *a)
{
    struct evidence_edition e;
    struct keeping_package p;
    if (a->q->draft && a->q->id.len > 0) {
        answer_draft(a);
        return;
    }
    if (!answer_find(a, &e))
        return;
    if (keeping_package(a->k, &e, &p))
        put_package(a, &p.sealed);
    else
        answer_refuse(a,
                      e.proven_by == 0 ? "no checkpoint holds it yet; within a minute one will"
                                       : "it is not what was sealed, or is gone",
                      TEXT(""));
    keeping_package_fini(&p);
}

/* ---- what is written into the log ---- */

static void log_and_answer(struct answering *a, const struct buf *entry)
{
    if (!buf_ok(entry) || entry->len > TLOG_ENTRY_MAX) {
        answer_refuse(a, "it is too long", TEXT(""));
    } else if (!keeping_log(a->k, buf_text(entry))) {
        answer_refuse(a, strerror(errno), TEXT(""));
        keeping_failed(a->k, "socket", strerror(errno));
    } else {
        answer_begin(a);
        answer_number(a, "log", (int64_t)evidence_log_size(a->k->log) - 1);
        json_write_end_object(&a->w);
    }
}

void answer_begin_entry(struct json_writer *w, struct buf *entry, const char *record,
                        const struct question *q)
{
    buf_init(entry, TLOG_NOTE_MAX);
    json_writer_init(w, entry);
    json_write_begin_object(w);
    json_write_key(w, "record");
    json_write_string(w, text_of(record));
    json_write_key(w, "id");
    json_write_string(w, q->id);
    json_write_key(w, "at");
    json_write_i64(w, clock_wall().ms);
    json_write_key(w, "who");
    json_write_string(w, q->who);
}

static void answer_hold(struct answering *a)
{
    struct evidence_edition e;
    struct json_writer w;
    struct buf entry;
    if (!a->q->has_held || a->q->who.len == 0 || a->q->reason.len == 0) {
        answer_refuse(a, "it is needed",
                      !a->q->has_held      ? TEXT("held")
                      : a->q->who.len == 0 ? TEXT("who")
                                           : TEXT("reason"));
        return;
    }
    if (!answer_find(a, &e))
        return;
    answer_begin_entry(&w, &entry, "muckwatch/hold/1", a->q);
    json_write_key(&w, "held");
    json_write_bool(&w, a->q->held);
    json_write_key(&w, "reason");
    json_write_string(&w, a->q->reason);
    json_write_end_object(&w);
    log_and_answer(a, &entry);
    buf_fini(&entry);
}

static const struct {
    const char *name;
    void (*answer)(struct answering *a);
} ops[] = {{"status", answer_status},
           {"export", answer_export},
           {"verify", answer_verify},
           {"hold", answer_hold},
           {"transfer", answer_transfer}};

bool keeping_asked(void *keeping, struct text line, unsigned uid, struct buf *answer)
{
    struct keeping *k = keeping;
    struct question q;
    struct text name;
    struct json_tree tree = {0};
    struct answering a = {.k = k, .q = &q};
    (void)uid;
    k->count.asked++;
    json_writer_init(&a.w, answer);
    const char *wrong = read_question(&tree, line, &q, &name);
    size_t op = 0;
    while (wrong == NULL && op < sizeof ops / sizeof *ops && !text_equal(q.op, text_of(ops[op].name)))
        op++;
    if (wrong != NULL)
        answer_refuse(&a, wrong, name);
    else if (op == sizeof ops / sizeof *ops)
        answer_refuse(&a, "expected status, export, verify, hold or transfer", TEXT("op"));
    else
        ops[op].answer(&a);
    buf_put_char(answer, '\n');
    buf_put_text(answer, buf_text(&a.package));
    buf_fini(&a.package);
    json_tree_fini(&tree);
    return true;
}
