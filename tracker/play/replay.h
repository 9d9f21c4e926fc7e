/*
 * replay: recorded lines through the same engine as the daemon, to the same entries, without broker or store.
 *
 * A line is a fix with the vehicle it is of and, mostly, when it came (docs/PROTOCOL.md, "Offline"). Its
 * arrival is `received`, or else the largest time read so far; arrivals move the clocks of all vehicles, so
 * deadlines fire between lines as they would have fired between messages. What would have gone to the streams
 * and to the cab is appended as JSON, one object a line. Sans I/O: bytes in, bytes out.
 *
 * A recorded track also has the tracker's own marks, `{"attended":MS,"received":MS,"runs":BOOL}`: how its
 * count of attended time stood to the arrivals from there on (attended.h), so that gaps of the tracker are
 * gaps here too; and `{"ruleset":"HASH","received":MS}`: which world was in force from there on. Whoever can
 * find worlds by their hash gets them put in force as the tracker did: what was due by then is judged under
 * the world before, then every vehicle is settled under the new one. A tracker that started again under the
 * same world settled them as well.
 */
#ifndef MW_REPLAY_H
#define MW_REPLAY_H

#include "bound.h"
#include "buf.h"
#include "names.h"
#include "text.h"
#include "world.h"

#include <stdint.h>

struct replay;
struct trace;

struct replay_counts {
    uint64_t lines, judged, added, late, clock, duplicates, holes, refused;
    uint64_t restarted; /* counters that began again within a boot */
    uint64_t unknown;   /* fixes that said a field out of its range, which is then unknown */
    uint64_t opened, updated, closed, trips;
    uint64_t guessed;             /* judgements that had to do without the holidays of their year */
    uint64_t bounds[BOUND_COUNT]; /* judgements at which something did not fit: enum bound */
    uint64_t other_rulesets;      /* marks of worlds other than the one it runs under, and stays under */
    uint64_t rulesets;            /* put in force by marks */
};

enum replay_status {
    REPLAY_OK,
    REPLAY_FULL,       /* no room for a new vehicle */
    REPLAY_NO_RULESET, /* a fix before any world is in force */
    REPLAY_NOT_FOUND,  /* a world that nobody has; who was asked has said why */
    REPLAY_NO_MEMORY
};

/* Where worlds are found. The one given is borrowed until the next is asked for and put in force. */
struct replay_worlds {
    bool (*find)(void *context, struct text hash, const struct world **out_world);
    void *context;
};

/*
 * For at most `vehicle_limit` vehicles. Names and world are borrowed; the world may be NULL where the first
 * line says which it is. NULL without memory.
 */
struct replay *replay_new(struct names *names, const struct world *world, uint32_t vehicle_limit);
void replay_free(struct replay *r);

/* Who is told of every finding (trace.h); borrowed, NULL: nobody. */
void replay_set_trace(struct replay *r, const struct trace *trace);
/* Without this all is judged under the one world. */
void replay_set_worlds(struct replay *r, struct replay_worlds worlds);
/* Takes one line without its line feed. Unless REPLAY_OK the line is not taken. */
enum replay_status replay_line(struct replay *r, struct text line, struct buf *out);
/* Lets the clock run on to a point in time, as if something had arrived then. */
void replay_until(struct replay *r, int64_t received_ms, struct buf *out);
const struct replay_counts *replay_counts(const struct replay *r);

#endif
