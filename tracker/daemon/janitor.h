/*
 * janitor: lets go of what is older than the configuration keeps: of the streams that all vehicles write to
 * each second, whatever the fleet, and of all tracks in turn within ten minutes.
 *
 * By age, as Redis' ids tell it, and never past what a consumer group has not been given or has not
 * acknowledged: XREADGROUP would skip what was trimmed, silently. The ledger of violations takes the hash of
 * each closed violation along. The stream of refusals is trimmed by count; its worth is in being looked at
 * soon. Of what people did about an alert nothing goes before the alert is closed and its last action is old enough as well: so
 * a gateway that starts finds each alert's history whole, or the alert closed. Of the watch the newest entry stays, since it says
 * who has it.
 *
 * Where an archive, or a keeper of evidence, is registered (archived.h) nothing goes that it does not have: of streams of which it registers the last
 * id nothing behind that, of tracks nothing of a batch above the one it registers, by the newest entry that would go. Each
 * turn begins with how far it has come; without that answer none goes on. The stream of refusals keeps its cap.
 *
 * Each stream is a chore of a few questions, one after the other: its groups, what each has pending, of the
 * violations the oldest; then entries are let go of in small steps, until nothing is left that may go: so
 * no commit waits behind more than one step of each chore, and no stream grows faster than it is let go of.
 * A chore that is not answered is given up; its turn comes again.
 */
#ifndef MW_JANITOR_H
#define MW_JANITOR_H

#include "archived.h"
#include "config.h"
#include "partition.h"
#include "shared.h"

#include <muckwatch/contract.h>

enum {
    JANITOR_EVERY_MS = 1000,
    JANITOR_TRACKS = 64, /* looked at at a time */
};

/* Slots of chores: one for each stream of all vehicles, then those of tracks. */
enum {
    JANITOR_VIOLATIONS,
    JANITOR_TRIPS,
    JANITOR_WARNINGS,
    JANITOR_WORK,
    JANITOR_COLLECTIONS,
    JANITOR_COVERAGE,
    JANITOR_ACTIONS,
    JANITOR_WATCH,
    JANITOR_AUDIT,
    JANITOR_REJECTS,
    JANITOR_MARKS,
    JANITOR_ATTENDED,
    JANITOR_SHARED,
    JANITOR_CHORES = JANITOR_SHARED + JANITOR_TRACKS
};

enum chore_of {
    CHORE_BY_AGE,
    CHORE_OF_VIOLATIONS,
    CHORE_OF_ACTIONS,
    CHORE_OF_WATCH, /* by age, but its newest */
    CHORE_BY_COUNT
};
enum chore_step {
    CHORE_FREE,
    CHORE_NEWEST,
    CHORE_GROUPS,
    CHORE_PENDING,
    CHORE_PAGE,
    CHORE_UNLINK,
    CHORE_ACTIONS,
    CHORE_TRIM
};

/* One stream being looked at. */
struct chore {
    enum chore_of what;
    enum chore_step step; /* what its answers are about */
    char key[MW_KEY_MAX];
    struct stream_id keep;           /* by age: the first entry that stays, should it be there */
    uint32_t keep_count;             /* by count */
    enum archived_stream of_archive; /* whose last id counts; ARCHIVED_STREAMS: none has one */
    size_t groups_open;              /* answers that are still to come */
    bool failed;
    /* Of violations: what was looked at ends before this id, and there may be more. */
    struct stream_id page_to;
    bool page_full;
};

struct janitor {
    struct chore chores[JANITOR_CHORES];
    struct retention_config retention;
    struct archived archive;  /* as of this turn */
    struct archived archived; /* what every registered keeper has */
    struct archived_watch archive_watch, evidence_watch;
    struct stream_id actions_to; /* actions up to here were looked at in this round */
    uint32_t next;               /* track, by place */
    uint32_t owed;               /* tracks to be looked at by now */
    uint32_t turn;
};

/* TIMER_JANITOR, while all is well. */
void janitor_run(struct janitor *j, struct shared *s, const struct partition *p,
                 const struct retention_config *retention);
/* An answer to ASK_CHORE in this slot. */
void janitor_answered(struct janitor *j, struct shared *s, uint32_t slot, const struct partition *p,
                      const struct reply *reply);
/* An answer to ASK_ARCHIVE. */
void janitor_archived(struct janitor *j, struct shared *s, const struct reply *reply);
/* An answer to ASK_EVIDENCE, which comes behind it: the turn goes on. */
void janitor_kept(struct janitor *j, struct shared *s, const struct partition *p, const struct reply *reply);
void janitor_memory(struct shared *s, const struct reply *reply);

/* One chore, from question to question until nothing is left that may go (janitor_chore.c). By age: of a stream of which the archive
 * registers its last id, of a track, or of one that waits for nobody. */
void chore_begin_by_age(struct janitor *j, struct shared *s, struct chore *c, int64_t keep_ms);
void chore_begin_by_count(struct janitor *j, struct shared *s, struct chore *c, uint32_t keep_count);
void chore_answered(struct janitor *j, struct shared *s, struct chore *c, uint32_t partition,
                    const struct reply *reply);

#endif
