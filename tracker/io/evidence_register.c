#include "evidence_register_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { VERSION = 1, APPLICATION = 0x4D55434B, PATH_BYTES = 4096 };

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS numbers(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS cursors(stream TEXT PRIMARY KEY, life INTEGER, ms INTEGER, seq INTEGER) "
    "WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS due(stream TEXT, life INTEGER, ms INTEGER, seq INTEGER, id TEXT, vehicle "
    "TEXT, "
    "why TEXT, due INTEGER, PRIMARY KEY(stream, life, ms, seq)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS due_when ON due(due, ms, seq);"
    "CREATE TABLE IF NOT EXISTS running(id TEXT PRIMARY KEY, start INTEGER) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS cases(id TEXT PRIMARY KEY, kind TEXT, vehicle TEXT, plate TEXT, company "
    "TEXT, "
    "severity TEXT, jurisdiction TEXT, fence TEXT, start INTEGER, ended INTEGER, review TEXT, state TEXT, "
    "edition INTEGER, sealed_at INTEGER, held INTEGER DEFAULT 0, gone INTEGER DEFAULT 0) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS cases_start ON cases(start);"
    "CREATE INDEX IF NOT EXISTS cases_vehicle ON cases(vehicle, start);"
    "CREATE INDEX IF NOT EXISTS cases_plate ON cases(plate, start);"
    "CREATE INDEX IF NOT EXISTS cases_kind ON cases(kind, start);"
    "CREATE INDEX IF NOT EXISTS cases_sealed ON cases(sealed_at) WHERE gone = 0 AND held = 0;"
    "CREATE TABLE IF NOT EXISTS editions(id TEXT, edition INTEGER, why TEXT, trigger TEXT, place INTEGER, "
    "sealed_at INTEGER, rev INTEGER, actions_rev INTEGER, record BLOB, manifest BLOB, proven_by INTEGER "
    "DEFAULT 0, proof BLOB, PRIMARY KEY(id, edition)) WITHOUT ROWID;"
    "CREATE UNIQUE INDEX IF NOT EXISTS editions_place ON editions(place);"
    "CREATE INDEX IF NOT EXISTS editions_trigger ON editions(trigger);"
    "CREATE INDEX IF NOT EXISTS editions_unproven ON editions(place) WHERE proven_by = 0;"
    "CREATE TABLE IF NOT EXISTS objects(id TEXT, hash BLOB, PRIMARY KEY(id, hash)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS objects_hash ON objects(hash);"
    "CREATE TABLE IF NOT EXISTS dropping(hash BLOB PRIMARY KEY) WITHOUT ROWID;";

/* ---- the file ---- */

static bool is_ours(struct evidence_register *r, char *why, size_t why_size)
{
    struct sqlite_query *q = sqlite_ask(r->db, "PRAGMA user_version");
    int64_t version = q != NULL && sqlite_next(r->db, q) == SQLITE_CAME_ROW ? sqlite_whole(q, 0) : -1;
    if (q != NULL)
        sqlite_leave(q);
    if (version > VERSION)
        snprintf(why, why_size, "cases.sqlite: it is of a later version");
    else if (version < 0)
        snprintf(why, why_size, "cases.sqlite: %s", sqlite_why(r->db));
    return version >= 0 && version <= VERSION;
}

struct evidence_register *evidence_register_open(const char *root, char *why, size_t why_size)
{
    char path[PATH_BYTES];
    struct evidence_register *r = calloc(1, sizeof *r);
    if (r == NULL || snprintf(path, sizeof path, "%s/cases.sqlite", root) >= (int)sizeof path) {
        snprintf(why, why_size, r == NULL ? "out of memory" : "the path is too long");
        free(r);
        return NULL;
    }
    r->db = sqlite_open(path, SQLITE_TO_WRITE, why, why_size);
    if (r->db != NULL && is_ours(r, why, why_size)) {
        char mark[80];
        snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION,
                 VERSION);
        if (sqlite_run(r->db, "BEGIN IMMEDIATE") && sqlite_run(r->db, schema) && sqlite_run(r->db, mark) &&
            sqlite_run(r->db, "COMMIT"))
            return r;
        snprintf(why, why_size, "cases.sqlite: %s", sqlite_why(r->db));
    }
    evidence_register_close(r);
    return NULL;
}

void evidence_register_close(struct evidence_register *r)
{
    if (r == NULL)
        return;
    if (r->left != NULL)
        sqlite_leave(r->left);
    sqlite_close(r->db);
    free(r);
}

const char *evidence_register_why(const struct evidence_register *r)
{
    return sqlite_why(r->db);
}

int evidence_register_errno(const struct evidence_register *r)
{
    return sqlite_errno(r->db);
}

/* ---- questions ---- */

/* The next question: texts of the one before are gone with it. */
struct sqlite_query *evidence_register_ask(struct evidence_register *r, const char *literal)
{
    if (r->left != NULL)
        sqlite_leave(r->left);
    r->left = NULL;
    return sqlite_ask(r->db, literal);
}

bool evidence_register_do(struct evidence_register *r, struct sqlite_query *q)
{
    return q != NULL && sqlite_do(r->db, q);
}

/* The first row, which stays readable until the next question. */
bool evidence_register_first(struct evidence_register *r, struct sqlite_query *q, bool *out_there)
{
    enum sqlite_came came = q != NULL ? sqlite_next(r->db, q) : SQLITE_CAME_NOT;
    *out_there = came == SQLITE_CAME_ROW;
    if (*out_there)
        r->left = q;
    return came != SQLITE_CAME_NOT;
}

bool evidence_register_begin(struct evidence_register *r)
{
    if (r->left != NULL)
        sqlite_leave(r->left);
    r->left = NULL;
    return sqlite_run(r->db, "BEGIN IMMEDIATE");
}

bool evidence_register_commit(struct evidence_register *r)
{
    if (r->left != NULL)
        sqlite_leave(r->left);
    r->left = NULL;
    return sqlite_run(r->db, "COMMIT");
}

void evidence_register_undo(struct evidence_register *r)
{
    if (r->left != NULL)
        sqlite_leave(r->left);
    r->left = NULL;
    if (sqlite_in_transaction(r->db))
        sqlite_run(r->db, "ROLLBACK");
}

bool evidence_register_number(struct evidence_register *r, struct text name, int64_t *out)
{
    bool there;
    struct sqlite_query *q = evidence_register_ask(r, "SELECT value FROM numbers WHERE name = ?");
    if (q != NULL)
        sqlite_bind_text(q, 1, name);
    bool ok = evidence_register_first(r, q, &there);
    *out = ok && there ? sqlite_whole(q, 0) : 0;
    return ok;
}

bool evidence_register_set_number(struct evidence_register *r, struct text name, int64_t value)
{
    struct sqlite_query *q = evidence_register_ask(r, "INSERT OR REPLACE INTO numbers VALUES(?, ?)");
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, name);
    sqlite_bind_whole(q, 2, value);
    return evidence_register_do(r, q);
}

bool evidence_register_cursor(struct evidence_register *r, struct text stream, struct archive_position *out)
{
    bool there;
    struct sqlite_query *q = evidence_register_ask(r, "SELECT life, ms, seq FROM cursors WHERE stream = ?");
    *out = (struct archive_position){-1, -1, 0};
    if (q != NULL)
        sqlite_bind_text(q, 1, stream);
    bool ok = evidence_register_first(r, q, &there);
    if (ok && there)
        *out =
            (struct archive_position){sqlite_whole(q, 0), sqlite_whole(q, 1), (uint64_t)sqlite_whole(q, 2)};
    return ok;
}

bool evidence_register_set_cursor(struct evidence_register *r, struct text stream,
                                  const struct archive_position *at)
{
    struct sqlite_query *q = evidence_register_ask(r, "INSERT OR REPLACE INTO cursors VALUES(?, ?, ?, ?)");
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, stream);
    sqlite_bind_whole(q, 2, at->life);
    sqlite_bind_whole(q, 3, at->ms);
    sqlite_bind_whole(q, 4, (int64_t)at->seq);
    return evidence_register_do(r, q);
}

/* ---- what is due ---- */

static void bind_place(struct sqlite_query *q, struct text stream, const struct archive_position *at)
{
    sqlite_bind_text(q, 1, stream);
    sqlite_bind_whole(q, 2, at->life);
    sqlite_bind_whole(q, 3, at->ms);
    sqlite_bind_whole(q, 4, (int64_t)at->seq);
}

bool evidence_register_put_due(struct evidence_register *r, const struct evidence_due *due)
{
    struct sqlite_query *q =
        evidence_register_ask(r, "INSERT OR REPLACE INTO due VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
    if (q == NULL)
        return false;
    bind_place(q, due->stream, &due->at);
    sqlite_bind_text(q, 5, due->id);
    sqlite_bind_text(q, 6, due->vehicle);
    sqlite_bind_text(q, 7, due->why);
    sqlite_bind_whole(q, 8, due->due_ms);
    return evidence_register_do(r, q);
}

bool evidence_register_next_due(struct evidence_register *r, int64_t upto_ms, struct evidence_due *out,
                                bool *out_there)
{
    struct sqlite_query *q = evidence_register_ask(
        r, "SELECT stream, life, ms, seq, id, vehicle, why, due FROM due WHERE due <= ? "
           "ORDER BY due, ms, seq LIMIT 1");
    if (q != NULL)
        sqlite_bind_whole(q, 1, upto_ms);
    if (!evidence_register_first(r, q, out_there))
        return false;
    if (*out_there)
        *out = (struct evidence_due){
            .stream = sqlite_bytes(q, 0),
            .at = {sqlite_whole(q, 1), sqlite_whole(q, 2), (uint64_t)sqlite_whole(q, 3)},
            .id = sqlite_bytes(q, 4),
            .vehicle = sqlite_bytes(q, 5),
            .why = sqlite_bytes(q, 6),
            .due_ms = sqlite_whole(q, 7)};
    return true;
}

bool evidence_register_drop_due(struct evidence_register *r, const struct evidence_due *due)
{
    struct sqlite_query *q =
        evidence_register_ask(r, "DELETE FROM due WHERE stream = ? AND life = ? AND ms = ? AND seq = ?");
    if (q == NULL)
        return false;
    bind_place(q, due->stream, &due->at);
    return evidence_register_do(r, q);
}

bool evidence_register_set_open(struct evidence_register *r, struct text id, int64_t start_ms)
{
    struct sqlite_query *q = start_ms != 0
                                 ? evidence_register_ask(r, "INSERT OR REPLACE INTO running VALUES(?1, ?2)")
                                 : evidence_register_ask(r, "DELETE FROM running WHERE id = ?1 AND ?2 = 0");
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, id);
    sqlite_bind_whole(q, 2, start_ms);
    return evidence_register_do(r, q);
}

bool evidence_register_needs(struct evidence_register *r, int64_t *out_ms)
{
    bool there;
    struct sqlite_query *q = evidence_register_ask(
        r, "SELECT min(start) FROM (SELECT min(start) AS start FROM running UNION ALL SELECT "
           "min(coalesce(c.start, d.ms)) FROM due d LEFT JOIN cases c ON c.id = d.id)");
    *out_ms = INT64_MAX;
    bool ok = evidence_register_first(r, q, &there);
    if (ok && there && !sqlite_is_null(q, 0))
        *out_ms = sqlite_whole(q, 0);
    return ok;
}
