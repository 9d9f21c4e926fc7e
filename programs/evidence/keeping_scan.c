/*
 * What the archive has behind the cursors: a telling that says that a violation is over asks for a case post_s later, any later telling and a
 * review ask for the next edition. Cursors and what is due move in one transaction.
 */
#include "keeping.h"

#include "case_gather.h"
#include "failpoint.h"

enum { PAGE = 1000, ACTION_MS = 1000 };

struct scan {
    struct keeping *k;
    struct arena arena;
    uint32_t count;
    struct archive_position last;
    bool ok;
};

static bool put_due(struct scan *s, const struct archive_row *row, struct text id, enum sealed_why why,
                    int64_t after_ms)
{
    const struct evidence_due due = {.stream = row->stream,
                                     .id = id,
                                     .vehicle = row->vehicle,
                                     .why = text_of(sealed_why_name(why)),
                                     .at = row->at,
                                     .due_ms = row->at.ms + after_ms};
    return evidence_register_put_due(s->k->reg, &due);
}

static bool is_sealed(struct scan *s, struct text id, bool *out)
{
    struct evidence_edition e;
    return evidence_register_edition(s->k->reg, id, 0, &e, out);
}

static bool take_telling(struct scan *s, const struct archive_row *row)
{
    bool sealed, withdrawn = text_equal(row->event, TEXT("withdrawn"));
    bool over = withdrawn || text_equal(row->event, TEXT("closed")) ||
                gather_field(&s->arena, row->fields, "end").len > 0;
    if (row->vehicle.len == 0)
        return true; /* of a duty that nobody did: no fixes bear it out, and no day has to stay for them */
    if (!is_sealed(s, row->id, &sealed))
        return false;
    if (!over && !sealed)
        return evidence_register_set_open(s->k->reg, row->id, row->start_ms - s->k->config.pre_ms);
    return put_due(s, row, row->id,
                   withdrawn ? SEALED_WITHDRAWN
                   : sealed  ? SEALED_CORRECTION
                             : SEALED_CLOSED,
                   s->k->config.post_ms);
}

/* Of a case that is not sealed yet the first sealing has all that was done; else a review asks for an edition of its own. */
static bool take_action(struct scan *s, const struct archive_row *row)
{
    struct text action = gather_field(&s->arena, row->fields, "action"),
                id = gather_field(&s->arena, row->fields, "id");
    bool sealed, review = text_equal(action, TEXT("review"));
    if (!review && !text_equal(action, TEXT("reopen")))
        return true;
    if (!is_sealed(s, id, &sealed))
        return false;
    /* One that is only due by now is sealed before, with its earlier time. */
    return put_due(s, row, id, review ? SEALED_REVIEW : SEALED_ACTION,
                   sealed ? ACTION_MS : s->k->config.post_ms + ACTION_MS);
}

static bool on_row(void *arg, const struct archive_row *row)
{
    struct scan *s = arg;
    arena_clear(&s->arena);
    s->ok = text_equal(row->stream, TEXT("violations")) ? take_telling(s, row) : take_action(s, row);
    s->last = row->at;
    s->count++;
    return s->ok;
}

static bool scan_page(struct keeping *k, struct archive_look *look, const char *stream, uint32_t *out_count)
{
    struct scan s = {.k = k, .ok = true};
    struct archive_entries_after asked = {.stream = text_of(stream), .most = PAGE};
    arena_init(&s.arena);
    bool ok = evidence_register_begin(k->reg) &&
              evidence_register_cursor(k->reg, asked.stream, &asked.after) &&
              archive_look_after(look, &asked, on_row, &s) && s.ok;
    if (ok && s.count > 0)
        ok = evidence_register_set_cursor(k->reg, asked.stream, &s.last);
    failpoint_pass("evidence_scanned");
    ok = ok && evidence_register_commit(k->reg);
    if (!ok)
        evidence_register_undo(k->reg);
    arena_fini(&s.arena);
    *out_count = s.count;
    return ok;
}

bool keeping_scan(struct keeping *k, struct archive_look *look)
{
    static const char *const streams[] = {"violations", "actions"};
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
        for (uint32_t count = PAGE; count == PAGE;)
            if (!scan_page(k, look, streams[i], &count))
                return false;
    return true;
}
