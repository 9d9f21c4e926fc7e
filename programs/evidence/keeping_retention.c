/*
 * What is old enough goes, and that it went stays: the log's entry names the case, why, and the objects that went with it.
 *
 * First the entry is in the log, then the register has it with the objects to be dropped, then they are dropped: a kill on the way is made good
 * at the next start, and no object goes that no entry tells of.
 */
#include "keeping.h"

#include "failpoint.h"
#include "json_write.h"
#include "kinds.h"
#include "log.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

enum { OBJECTS_MAX = 800 }; /* an entry of the log holds so many */

struct naming {
    struct json_writer w;
    unsigned count;
};

static bool on_object(void *arg, const unsigned char hash[EVIDENCE_HASH_BYTES])
{
    struct naming *n = arg;
    char hex[2 * EVIDENCE_HASH_BYTES + 1];
    if (n->count++ < OBJECTS_MAX)
        json_write_string(&n->w, text_of(sodium_bin2hex(hex, sizeof hex, hash, EVIDENCE_HASH_BYTES)));
    return true;
}

static bool put_deletion(struct keeping *k, struct text id, struct text kind, struct buf *out)
{
    struct naming n = {.count = 0};
    json_writer_init(&n.w, out);
    json_write_begin_object(&n.w);
    json_write_key(&n.w, "record");
    json_write_string(&n.w, TEXT("muckwatch/deletion/1"));
    json_write_key(&n.w, "id");
    json_write_string(&n.w, id);
    json_write_key(&n.w, "kind");
    json_write_string(&n.w, kind);
    json_write_key(&n.w, "at");
    json_write_i64(&n.w, clock_wall().ms);
    json_write_key(&n.w, "reason");
    json_write_string(&n.w, TEXT("retention"));
    json_write_key(&n.w, "kept_ms");
    json_write_i64(&n.w, evidence_config_retention_ms(&k->config, kind));
    json_write_key(&n.w, "objects");
    json_write_begin_array(&n.w);
    bool ok = evidence_register_own_objects(k->reg, id, on_object, &n);
    json_write_end_array(&n.w);
    json_write_key(&n.w, "more");
    json_write_u64(&n.w, n.count > OBJECTS_MAX ? n.count - OBJECTS_MAX : 0);
    json_write_end_object(&n.w);
    return ok && buf_ok(out);
}

static bool on_drop(void *arg, const unsigned char hash[EVIDENCE_HASH_BYTES])
{
    struct keeping *k = arg;
    failpoint_pass("evidence_dropping");
    return evidence_objects_drop(k->objects, hash);
}

static bool drop_objects(struct keeping *k)
{
    return evidence_register_to_drop(k->reg, on_drop, k) && evidence_register_dropped(k->reg);
}

static bool let_go(struct keeping *k, struct text id, struct text kind)
{
    struct buf entry;
    struct arena arena;
    buf_init(&entry, TLOG_NOTE_MAX);
    arena_init(&arena);
    bool ok = arena_copy_text(&arena, id, &id) && put_deletion(k, id, kind, &entry) &&
              keeping_log(k, buf_text(&entry)) && drop_objects(k);
    if (ok)
        log_info("case_let_go", LOG_TEXT("id", id), LOG_TEXT("kind", kind));
    arena_fini(&arena);
    buf_fini(&entry);
    return ok;
}

void keeping_sweep(struct keeping *k)
{
    struct text id;
    bool there = false, ok = drop_objects(k);
    for (int kind = KIND_NONE + 1; kind < KIND_COUNT && ok && !there; kind++) {
        struct text name = text_of(kind_row((enum kind)kind)->name);
        int64_t before = clock_wall().ms - evidence_config_retention_ms(&k->config, name);
        ok = evidence_register_next_old(k->reg, name, before, &id, &there) && (!there || let_go(k, id, name));
    }
    if (!ok)
        keeping_failed(k, "retention", strerror(errno));
}
