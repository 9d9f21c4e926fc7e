/*
 * One case, from what the archive has to an entry of the log.
 *
 * The order is what makes it exactly once: objects are on the disk, then the record that names them is in the log, then the register has
 * it and what was due is not due any more. A kill before the record leaves objects that the next attempt finds or that nobody names; a
 * kill behind it is made good by the register taking the log (keeping_entries.c), after which the trigger is known as sealed.
 */
#include "keeping.h"

#include "case_gather.h"
#include "failpoint.h"
#include "log.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { TRIGGER_MAX = 80, POSTPONE_MS = 600000 };

static bool tell_damage(void *arg, const char *file, const char *wrong)
{
    (void)arg;
    log_warn("archive_damaged", LOG_STR("file", file), LOG_STR("why", wrong));
    return true;
}

struct archive_look *keeping_look(struct keeping *k)
{
    char why[512];
    struct archive_look *look = NULL;
    const struct archive_look_listener listener = {tell_damage, k};
    if (archive_look_open(k->config.archive.dir.data, listener, &look, why, sizeof why) != ARCHIVE_LOOK_OK)
        keeping_failed(k, "archive", why);
    return look;
}

/* ---- what is asked for ---- */

static void put_trigger(const struct evidence_due *due, char out[TRIGGER_MAX])
{
    snprintf(out, TRIGGER_MAX, "%.*s/%lld/%lld-%llu", TEXT_ARG(due->stream), (long long)due->at.life,
             (long long)due->at.ms, (unsigned long long)due->at.seq);
}

static struct case_asked ask_for(const struct keeping *k, const struct evidence_due *due,
                                 const struct keeping_haul *haul)
{
    bool telling = text_equal(due->stream, TEXT("violations"));
    struct archive_position until_due = {INT64_MAX, due->due_ms, UINT64_MAX};
    struct archive_position until_then = {INT64_MAX, due->at.ms, UINT64_MAX};
    return (struct case_asked){.id = due->id,
                               .vehicle = due->vehicle,
                               .tellings = telling ? due->at : until_then,
                               .actions = telling ? until_due : due->at,
                               .trip = haul->trip,
                               .trip_loaded_ms = haul->loaded_ms,
                               .pre_ms = k->config.pre_ms,
                               .post_ms = k->config.post_ms,
                               .gap_ms = k->config.gap_ms};
}

/* What of a due entry lives longer than the register's answer. */
struct wanted {
    struct evidence_due due;
    struct keeping_haul haul;
    struct arena arena;
    char trigger[TRIGGER_MAX];
    struct evidence_edition before; /* the case's newest edition; its texts are gone */
    bool has_before;
};

static bool copy_wanted(const struct evidence_due *due, const struct keeping_haul *haul, struct wanted *w)
{
    *w = (struct wanted){.due = *due, .haul = *haul};
    arena_init(&w->arena);
    put_trigger(due, w->trigger);
    return arena_copy_text(&w->arena, due->stream, &w->due.stream) &&
           arena_copy_text(&w->arena, due->id, &w->due.id) &&
           arena_copy_text(&w->arena, due->vehicle, &w->due.vehicle) &&
           arena_copy_text(&w->arena, due->why, &w->due.why) &&
           arena_copy_text(&w->arena, haul->trip, &w->haul.trip);
}

/* ---- objects and record ---- */

static bool put_objects(struct keeping *k, const struct sealed_case *c, struct text manifest,
                        unsigned char hash[EVIDENCE_HASH_BYTES])
{
    for (size_t i = 0; i < c->count; i++) {
        failpoint_pass("evidence_object");
        if (!evidence_objects_put(k->objects, c->entries[i].sha256, c->entries[i].bytes))
            return false;
    }
    crypto_hash_sha256(hash, (const unsigned char *)manifest.data, manifest.len);
    return evidence_objects_put(k->objects, hash, manifest);
}

static void fill_header(struct wanted *w, struct sealed_header *h, int64_t now_ms)
{
    h->trigger = text_of(w->trigger);
    h->edition = w->has_before ? w->before.edition + 1 : 1;
    h->sealed_at_ms = now_ms;
    h->has_earlier = w->has_before;
    if (!sealed_why_find(w->due.why, &h->why))
        h->why = SEALED_CORRECTION;
    if (!w->has_before && h->why == SEALED_CORRECTION)
        h->why = SEALED_CLOSED;
    if (w->has_before) {
        h->earlier_index = w->before.index;
        memcpy(h->earlier, w->before.record, sizeof h->earlier);
    }
}

static bool put_case(struct keeping *k, struct wanted *w, struct case_gathered *g)
{
    struct buf manifest, record;
    buf_init(&manifest, EVIDENCE_OBJECT_MAX);
    buf_init(&record, TLOG_NOTE_MAX);
    fill_header(w, &g->sealed.header, clock_wall().ms);
    bool ok = keeping_draw(k, &g->sealed, &g->arena) && sealed_manifest(&g->sealed, &manifest);
    errno = ok ? 0 : ENOMEM;
    ok = ok && put_objects(k, &g->sealed, buf_text(&manifest), g->sealed.header.manifest);
    if (ok) {
        failpoint_pass("evidence_objects");
        sealed_record_write(&g->sealed.header, &record);
        ok = buf_ok(&record) && keeping_log(k, buf_text(&record));
    }
    int error = errno;
    buf_fini(&manifest);
    buf_fini(&record);
    errno = error;
    return ok;
}

/* ---- one that is due ---- */

static bool drop(struct keeping *k, const struct evidence_due *due)
{
    bool ok = evidence_register_begin(k->reg) && evidence_register_drop_due(k->reg, due) &&
              evidence_register_commit(k->reg);
    if (!ok)
        evidence_register_undo(k->reg);
    return ok;
}

/* It cannot be made now, and others are due as well. */
static bool postpone(struct keeping *k, const struct evidence_due *due, const char *why)
{
    struct evidence_due later = *due;
    later.due_ms = (due->due_ms > k->archive.upto_ms ? due->due_ms : k->archive.upto_ms) + POSTPONE_MS;
    log_error("case_not_sealed", LOG_TEXT("id", due->id), LOG_STR("why", why));
    k->count.failed++;
    bool ok = evidence_register_begin(k->reg) && evidence_register_put_due(k->reg, &later) &&
              evidence_register_commit(k->reg);
    if (!ok)
        evidence_register_undo(k->reg);
    return ok;
}

/* Whether there is anything to seal: a vehicle did it, it is over, and the edition before has not all of it. */
static bool is_news(const struct wanted *w, const struct sealed_header *h)
{
    if (h->vehicle.len == 0 || (h->end_ms == 0 && !h->withdrawn && !w->has_before))
        return false;
    return !w->has_before || text_equal(w->due.stream, TEXT("violations")) ||
           h->actions_rev > w->before.actions_rev || h->rev > w->before.rev;
}

static bool seal_gathered(struct keeping *k, struct wanted *w, struct case_gathered *g)
{
    if (is_news(w, &g->sealed.header)) {
        if (!put_case(k, w, g)) {
            keeping_failed(k, "sealing", strerror(errno));
            return false;
        }
        k->count.sealed++;
        log_info("case_sealed", LOG_TEXT("id", w->due.id), LOG_INT("edition", g->sealed.header.edition),
                 LOG_TEXT("why", w->due.why), LOG_INT("fixes", g->fixes),
                 LOG_INT("log", evidence_log_size(k->log)));
    }
    return drop(k, &w->due);
}

static bool seal(struct keeping *k, struct wanted *w)
{
    static const char *const words[] = {[CASE_TOO_LARGE] = "it is too large",
                                        [CASE_NO_MEMORY] = "out of memory",
                                        [CASE_DAMAGED] = "the archive cannot be read"};
    struct case_gathered g;
    struct archive_look *look = keeping_look(k);
    if (look == NULL)
        return false;
    const struct case_asked asked = ask_for(k, &w->due, &w->haul);
    enum case_gathering got = case_gather(look, &asked, &g);
    bool ok;
    if (got ==
        CASE_UNKNOWN) { /* somebody noted something about what was never told: the archive has all that was, up to here */
        log_warn("no_such_case", LOG_TEXT("id", w->due.id), LOG_STR("trigger", w->trigger));
        ok = drop(k, &w->due);
    } else {
        ok = got == CASE_GATHERED ? seal_gathered(k, w, &g) : postpone(k, &w->due, words[got]);
    }
    case_gathered_fini(&g);
    archive_look_close(look);
    return ok;
}

bool keeping_seal(struct keeping *k, const struct evidence_due *due, const struct keeping_haul *haul)
{
    struct wanted w;
    bool sealed = false, ok = copy_wanted(due, haul, &w);
    ok = ok && evidence_register_has_trigger(k->reg, text_of(w.trigger), &sealed) &&
         evidence_register_edition(k->reg, w.due.id, 0, &w.before, &w.has_before);
    if (!ok)
        keeping_failed(k, "register", evidence_register_why(k->reg));
    else
        ok = sealed ? drop(k, &w.due) : seal(k, &w);
    arena_fini(&w.arena);
    return ok;
}
