#include "evidence_seen.h"

#include "sqlite.h"

#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 4096 };

/* False: it is longer than there is room for. */
static bool copy(char *out, size_t cap, struct text t)
{
    if (t.len >= cap)
        return false;
    if (t.len > 0)
        memcpy(out, t.data, t.len);
    out[t.len] = '\0';
    return true;
}

static bool read_case(struct sqlite *db, struct text id, struct evidence_seen *out)
{
    struct sqlite_query *q =
        sqlite_ask(db, "SELECT jurisdiction, company, review, state, held, gone FROM cases WHERE id = ?");
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, id);
    enum sqlite_came came = sqlite_next(db, q);
    out->there = came == SQLITE_CAME_ROW &&
                 copy(out->jurisdiction, sizeof out->jurisdiction, sqlite_bytes(q, 0)) &&
                 copy(out->company, sizeof out->company, sqlite_bytes(q, 1)) &&
                 copy(out->review, sizeof out->review, sqlite_bytes(q, 2)) &&
                 copy(out->state, sizeof out->state, sqlite_bytes(q, 3));
    out->held = out->there && sqlite_whole(q, 4) != 0;
    out->gone = out->there && sqlite_whole(q, 5) != 0;
    if (came == SQLITE_CAME_ROW)
        sqlite_leave(q);
    return came != SQLITE_CAME_NOT;
}

static bool read_editions(struct sqlite *db, struct text id, struct evidence_seen *out)
{
    struct sqlite_query *q =
        sqlite_ask(db, "SELECT edition, sealed_at, place, proven_by, why FROM editions WHERE id = ? "
                       "ORDER BY edition DESC LIMIT 100");
    enum sqlite_came came = SQLITE_CAME_NOT;
    if (q == NULL)
        return false;
    sqlite_bind_text(q, 1, id);
    while (out->count < EVIDENCE_SEEN_EDITIONS && (came = sqlite_next(db, q)) == SQLITE_CAME_ROW) {
        struct evidence_seen_edition *e = &out->editions[out->count++];
        e->edition = (uint32_t)sqlite_whole(q, 0);
        e->sealed_at_ms = sqlite_whole(q, 1);
        e->index = sqlite_whole(q, 2);
        e->proven = sqlite_whole(q, 3) > 0;
        copy(e->why, sizeof e->why, sqlite_bytes(q, 4));
    }
    if (came == SQLITE_CAME_ROW)
        sqlite_leave(q);
    return came != SQLITE_CAME_NOT;
}

bool evidence_seen_read(const char *root, struct text id, struct evidence_seen *out, char *why,
                        size_t why_size)
{
    char path[PATH_BYTES];
    *out = (struct evidence_seen){0};
    if (snprintf(path, sizeof path, "%s/cases.sqlite", root) >= (int)sizeof path) {
        snprintf(why, why_size, "evidence.dir: the path is too long");
        return false;
    }
    struct sqlite *db = sqlite_open(path, SQLITE_TO_READ, why, why_size);
    if (db == NULL)
        return false;
    bool ok = read_case(db, id, out) && (!out->there || read_editions(db, id, out));
    if (!ok)
        snprintf(why, why_size, "cases.sqlite: %s", sqlite_why(db));
    sqlite_close(db);
    return ok;
}
