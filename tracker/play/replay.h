/*
 * replay: recorded lines through the same engine as the daemon, to the same entries, without broker or store.
 *
 * A line is a fix with its vehicle and usually its time of arrival, `received` (docs/PROTOCOL.md, "Offline").
 * A line without `received` arrives at the largest time read so far. Arrivals move the clocks of all
 * vehicles, so deadlines fire between lines as they would have fired between messages. Everything that the
 * daemon would have written to the streams or sent to the cab is appended as JSON, one object a line. Sans
 * I/O: bytes in, bytes out.
 *
 * A recorded track also has marks of the tracker. `{"attended":MS,"received":MS,"runs":BOOL}` relates the
 * tracker's attended time to the arrivals that follow (attended.h), so that gaps of the tracker are gaps here
 * too; with `"fired":MS` not all that was due by that arrival had fired, and here it waits for the next mark.
 * `{"mark":"life","vehicle":"ID","received":MS,"clock":MS}` is a sign of life that no fix tells of. Where there
 * are marks, the fixes have been through the tracker's intake, and numbers that are missing are no holes.
 * `{"ruleset":"HASH","received":MS}` says which world was in force from there on. If worlds can be found
 * by their hash, the replay puts them in force as the tracker did: everything that was due by then is judged
 * under the world before, then every vehicle is settled under the new one. A tracker that was restarted under
 * the same world has settled them as well.
 */
#ifndef MW_REPLAY_H
#define MW_REPLAY_H

#include "bound.h"
#include "buf.h"
#include "correction_type.h"
#include "late_settings.h"
#include "names.h"
#include "text.h"
#include "world.h"

#include <stdint.h>

struct correction;
struct duty_ledger;
struct duty_telling;
struct entry;
struct redo;
struct replay;
struct said;
struct trace;
struct vehicle_state;

struct replay_counts {
    uint64_t lines, judged, added, late, clock, duplicates, holes, refused;
    uint64_t restarted; /* counters that began again within a boot */
    uint64_t unknown;   /* fixes that said a field out of its range, which is then unknown */
    uint64_t opened, updated, closed, trips;
    uint64_t guessed;             /* judgements that had to do without the holidays of their year */
    uint64_t bounds[BOUND_COUNT]; /* judgements at which something did not fit: enum bound */
    uint64_t other_rulesets;      /* marks of worlds other than the one it runs under, and stays under */
    uint64_t rulesets;            /* put in force by marks */
    uint64_t redos, judged_again; /* stretches, and their fixes, that were judged again */
    uint64_t beyond_horizon;      /* fixes that came too late for that */
    uint64_t corrections[CORRECTION_COUNT];
    uint64_t lives; /* signs of life, by marks */
};

struct replay_options {
    uint32_t vehicle_limit;
    struct late_settings late; /* all 0: what comes late is not judged */
    bool settled;              /* for replay_settled: all that is said is kept */
};

enum replay_status {
    REPLAY_OK,
    REPLAY_FULL,       /* no room for a new vehicle */
    REPLAY_NO_RULESET, /* a fix before any world is in force */
    REPLAY_NOT_FOUND,  /* a world that nobody has; who was asked has said why */
    REPLAY_NO_MEMORY
};

/* Where worlds are found. The one given is borrowed until the next but one is asked for. */
struct replay_worlds {
    bool (*find)(void *context, struct text hash, const struct world **out_world);
    void *context;
};

/*
 * Names and world are borrowed; the world may be NULL where the first line says which it is. NULL without memory.
 */
struct replay *replay_new(struct names *names, const struct world *world,
                          const struct replay_options *options);
void replay_free(struct replay *r);

/* Who is told of every finding (trace.h); borrowed, NULL: nobody. */
void replay_set_trace(struct replay *r, const struct trace *trace);
/* A correction, while it is told. */
struct replay_correction {
    const struct correction *correction;
    const struct redo *redo;
    const struct said *said; /* as it stood before */
    const struct entry *entry;
    uint64_t after_batch; /* late fixes that came later had not been judged before */
};
/* Who follows what is judged again. A stretch may begin anew, from farther back, before it ends. */
struct replay_again {
    void *context;
    const struct trace *trace; /* of its findings */
    void (*begins)(void *context);
    void (*corrects)(void *context, const struct replay_correction *correction);
    void (*ends)(void *context, const struct vehicle_state *state); /* so the vehicle stands now */
};
/* A finding of a duty, while it is told. */
struct replay_duty_finding {
    const struct duty_telling *telling;
    const struct duty_ledger *ledger; /* NULL: the files have its duty no more */
    const struct world *world;
    const struct entry *entry;
};
/* Who is told of those; borrowed, NULL: nobody. */
struct replay_duties {
    void *context;
    void (*found)(void *context, const struct replay_duty_finding *finding);
};
void replay_set_duties(struct replay *r, const struct replay_duties *duties);
/* Borrowed, before the first line; NULL: nobody. */
void replay_set_again(struct replay *r, const struct replay_again *again);
/* Without this all is judged under the one world. */
void replay_set_worlds(struct replay *r, struct replay_worlds worlds);
/*
 * A record that begins in the middle: a vehicle's state as the store kept it (`past`, docs/PROTOCOL.md), before the first
 * line of it that is not in the state already: of those in order the first of a later time. What intake remembers is not in
 * it, so marks of `attended` have to have come before. Needs a world in force.
 */
struct replay_beginning {
    struct text vehicle, state;
    int64_t upto_ms; /* all was judged up to here; TIME_NONE: it was never seen */
    int64_t fix_ms;  /* of the line in hand */
};
enum replay_begun {
    REPLAY_BEGUN,
    REPLAY_BEGUN_BEFORE, /* the line is in the state already: pass it over */
    REPLAY_BEGUN_UNREAD, /* the state is of another version, or damaged */
};
enum replay_begun replay_begin(struct replay *r, const struct replay_beginning *beginning);
/* Takes one line without its line feed. Unless REPLAY_OK the line is not taken. */
enum replay_status replay_line(struct replay *r, struct text line, struct buf *out);
/* Lets the clock run on to a point in time, as if something had arrived then. */
void replay_until(struct replay *r, int64_t received_ms, struct buf *out);
/* The end of the input: what came late and still waits is judged. False without memory. */
bool replay_end(struct replay *r, struct buf *out);
/*
 * What stands in the end: an object for each violation and trip that was not withdrawn, by vehicle, start and id,
 * with its fields as they stand but for those that say how and when it was told (event, rev, received, cause=late,
 * replaces, replaced_by, late_data).
 */
void replay_settled(struct replay *r, struct buf *out);
const struct replay_counts *replay_counts(const struct replay *r);

#endif
