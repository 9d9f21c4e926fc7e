/*
 * What is sealed, and what of it is let go of.
 */
#include "evidence_register_state.h"

static void bind_hash(struct sqlite_query *q, int place, const unsigned char hash[EVIDENCE_HASH_BYTES])
{
    sqlite_bind_bytes(q, place, hash, EVIDENCE_HASH_BYTES);
}

static bool read_hash(const struct sqlite_query *q, int column, unsigned char out[EVIDENCE_HASH_BYTES])
{
    struct text bytes = sqlite_bytes(q, column);
    if (bytes.len != EVIDENCE_HASH_BYTES)
        return false;
    memcpy(out, bytes.data, EVIDENCE_HASH_BYTES);
    return true;
}

/* ---- what is sealed ---- */

bool evidence_register_put_case(struct evidence_register *r, const struct evidence_case *c)
{
    const struct text texts[] = {c->id,      c->kind,     c->vehicle,      c->plate,
                                 c->company, c->severity, c->jurisdiction, c->fence};
    struct sqlite_query *q = evidence_register_ask(
        r, "INSERT INTO cases(id, kind, vehicle, plate, company, severity, jurisdiction, fence, start, "
           "ended, review, "
           "state) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET kind = "
           "excluded.kind, "
           "vehicle = excluded.vehicle, plate = excluded.plate, company = excluded.company, severity = "
           "excluded.severity, jurisdiction = excluded.jurisdiction, fence = excluded.fence, start = "
           "excluded.start, "
           "ended = excluded.ended, review = excluded.review, state = excluded.state");
    if (q == NULL)
        return false;
    for (int i = 0; i < 8; i++)
        sqlite_bind_text(q, i + 1, texts[i]);
    sqlite_bind_whole(q, 9, c->start_ms);
    if (c->end_ms != 0)
        sqlite_bind_whole(q, 10, c->end_ms);
    sqlite_bind_text(q, 11, c->review);
    sqlite_bind_text(q, 12, c->state);
    return evidence_register_do(r, q);
}

bool evidence_register_put_edition(struct evidence_register *r, const struct evidence_edition *e)
{
    struct sqlite_query *q = evidence_register_ask(
        r, "INSERT OR REPLACE INTO editions(id, edition, why, trigger, place, sealed_at, rev, "
           "actions_rev, record, manifest) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, e->id);
    sqlite_bind_whole(q, 2, e->edition);
    sqlite_bind_text(q, 3, e->why);
    sqlite_bind_text(q, 4, e->trigger);
    sqlite_bind_whole(q, 5, (int64_t)e->index);
    sqlite_bind_whole(q, 6, e->sealed_at_ms);
    sqlite_bind_whole(q, 7, e->rev);
    sqlite_bind_whole(q, 8, e->actions_rev);
    bind_hash(q, 9, e->record);
    bind_hash(q, 10, e->manifest);
    if (!evidence_register_do(r, q))
        return false;
    q = evidence_register_ask(r, "UPDATE cases SET edition = ?2, sealed_at = ?3, gone = 0 WHERE id = ?1");
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, e->id);
    sqlite_bind_whole(q, 2, e->edition);
    sqlite_bind_whole(q, 3, e->sealed_at_ms);
    return evidence_register_do(r, q);
}

#define EDITION                                                                                              \
    "SELECT id, edition, why, trigger, place, sealed_at, rev, actions_rev, record, manifest, proven_by, "    \
    "proof FROM editions "

static bool read_edition(struct evidence_register *r, struct sqlite_query *q, struct evidence_edition *out,
                         bool *out_there)
{
    if (!evidence_register_first(r, q, out_there))
        return false;
    if (!*out_there)
        return true;
    *out = (struct evidence_edition){.id = sqlite_bytes(q, 0),
                                     .edition = (uint32_t)sqlite_whole(q, 1),
                                     .why = sqlite_bytes(q, 2),
                                     .trigger = sqlite_bytes(q, 3),
                                     .index = (uint64_t)sqlite_whole(q, 4),
                                     .sealed_at_ms = sqlite_whole(q, 5),
                                     .rev = sqlite_whole(q, 6),
                                     .actions_rev = sqlite_whole(q, 7),
                                     .proven_by = (uint64_t)sqlite_whole(q, 10)};
    return read_hash(q, 8, out->record) && read_hash(q, 9, out->manifest) &&
           (out->proven_by == 0 || read_hash(q, 11, out->proof));
}

bool evidence_register_edition(struct evidence_register *r, struct text id, uint32_t edition,
                               struct evidence_edition *out, bool *out_there)
{
    struct sqlite_query *q = evidence_register_ask(
        r, EDITION "WHERE id = ?1 AND (?2 = 0 OR edition = ?2) ORDER BY edition DESC LIMIT 1");
    if (q != NULL) {
        sqlite_bind_text(q, 1, id);
        sqlite_bind_whole(q, 2, edition);
    }
    return read_edition(r, q, out, out_there);
}

bool evidence_register_has_trigger(struct evidence_register *r, struct text trigger, bool *out)
{
    struct sqlite_query *q = evidence_register_ask(r, "SELECT 1 FROM editions WHERE trigger = ?");
    if (q != NULL)
        sqlite_bind_text(q, 1, trigger);
    return evidence_register_first(r, q, out);
}

bool evidence_register_next_unproven(struct evidence_register *r, uint64_t size, struct evidence_edition *out,
                                     bool *out_there)
{
    struct sqlite_query *q =
        evidence_register_ask(r, EDITION "WHERE proven_by = 0 AND place < ? ORDER BY place LIMIT 1");
    if (q != NULL)
        sqlite_bind_whole(q, 1, (int64_t)size);
    return read_edition(r, q, out, out_there);
}

bool evidence_register_set_proof(struct evidence_register *r, const struct evidence_edition *e)
{
    struct sqlite_query *q =
        evidence_register_ask(r, "UPDATE editions SET proven_by = ?, proof = ? WHERE place = ?");
    if (q == NULL)
        return false;
    sqlite_bind_whole(q, 1, (int64_t)e->proven_by);
    bind_hash(q, 2, e->proof);
    sqlite_bind_whole(q, 3, (int64_t)e->index);
    return evidence_register_do(r, q);
}

bool evidence_register_put_object(struct evidence_register *r, struct text id,
                                  const unsigned char hash[EVIDENCE_HASH_BYTES])
{
    struct sqlite_query *q = evidence_register_ask(r, "INSERT OR IGNORE INTO objects VALUES(?, ?)");
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, id);
    bind_hash(q, 2, hash);
    return evidence_register_do(r, q);
}

/* ---- keeping and letting go ---- */

bool evidence_register_set_hold(struct evidence_register *r, struct text id, bool held)
{
    struct sqlite_query *q = evidence_register_ask(r, "UPDATE cases SET held = ? WHERE id = ?");
    if (q == NULL)
        return false;
    sqlite_bind_whole(q, 1, held);
    sqlite_bind_text(q, 2, id);
    return evidence_register_do(r, q);
}

bool evidence_register_next_old(struct evidence_register *r, struct text kind, int64_t before_ms,
                                struct text *out_id, bool *out_there)
{
    struct sqlite_query *q =
        evidence_register_ask(r, "SELECT id FROM cases WHERE sealed_at < ?2 AND gone = 0 AND "
                                 "held = 0 AND kind = ?1 ORDER BY sealed_at LIMIT 1");
    if (q != NULL) {
        sqlite_bind_text(q, 1, kind);
        sqlite_bind_whole(q, 2, before_ms);
    }
    if (!evidence_register_first(r, q, out_there))
        return false;
    if (*out_there)
        *out_id = sqlite_bytes(q, 0);
    return true;
}

static bool each_hash(struct evidence_register *r, struct sqlite_query *q, evidence_each_object *each,
                      void *arg)
{
    unsigned char hash[EVIDENCE_HASH_BYTES];
    enum sqlite_came came = SQLITE_CAME_NOT;
    while (q != NULL && (came = sqlite_next(r->db, q)) == SQLITE_CAME_ROW)
        if (!read_hash(q, 0, hash) || !each(arg, hash)) {
            sqlite_leave(q);
            return false;
        }
    return came == SQLITE_CAME_END;
}

bool evidence_register_own_objects(struct evidence_register *r, struct text id, evidence_each_object *each,
                                   void *arg)
{
    struct sqlite_query *q = evidence_register_ask(
        r, "SELECT hash FROM objects o WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM objects p "
           "WHERE p.hash = o.hash AND p.id <> ?1) ORDER BY hash");
    if (q != NULL)
        sqlite_bind_text(q, 1, id);
    return each_hash(r, q, each, arg);
}

bool evidence_register_let_go(struct evidence_register *r, struct text id)
{
    static const char *const steps[] = {"INSERT OR IGNORE INTO dropping SELECT hash FROM objects o WHERE id "
                                        "= ?1 AND NOT EXISTS (SELECT 1 FROM "
                                        "objects p WHERE p.hash = o.hash AND p.id <> ?1)",
                                        "DELETE FROM objects WHERE id = ?1",
                                        "UPDATE cases SET gone = 1, held = 0 WHERE id = ?1",
                                        "DELETE FROM due WHERE id = ?1"};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct sqlite_query *q = evidence_register_ask(r, steps[i]);
        if (q == NULL)
            return false;
        sqlite_bind_text(q, 1, id);
        if (!evidence_register_do(r, q))
            return false;
    }
    return true;
}

bool evidence_register_to_drop(struct evidence_register *r, evidence_each_object *each, void *arg)
{
    return each_hash(
        r, evidence_register_ask(r, "SELECT hash FROM dropping WHERE hash NOT IN (SELECT hash FROM objects)"),
        each, arg);
}

bool evidence_register_dropped(struct evidence_register *r)
{
    return evidence_register_do(r, evidence_register_ask(r, "DELETE FROM dropping"));
}

bool evidence_register_count(struct evidence_register *r, struct evidence_counts *out)
{
    static const char *const questions[] = {"SELECT count(*) FROM cases WHERE gone = 0",
                                            "SELECT count(*) FROM editions",
                                            "SELECT count(*) FROM due",
                                            "SELECT count(*) FROM editions WHERE proven_by = 0",
                                            "SELECT count(*) FROM cases WHERE held = 1",
                                            "SELECT count(*) FROM cases WHERE gone = 1"};
    int64_t *const to[] = {&out->cases, &out->editions, &out->due, &out->unproven, &out->held, &out->gone};
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        bool there;
        struct sqlite_query *q = evidence_register_ask(r, questions[i]);
        if (!evidence_register_first(r, q, &there))
            return false;
        *to[i] = there ? sqlite_whole(q, 0) : 0;
    }
    return true;
}
