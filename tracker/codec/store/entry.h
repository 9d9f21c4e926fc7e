/*
 * entry: what is written of a transition, a trip, a refusal: an ordered list of names and texts.
 *
 * The one place that knows the fields of docs/PROTOCOL.md and how their numbers are written. Redis gets the
 * fields of an entry as they are; replay writes the same fields as a JSON object, numbers bare. What does not
 * apply is left out.
 *
 * Values borrow from the transition, its world and the names, or lie in the entry itself: use it before any
 * of them changes, and do not copy it.
 */
#ifndef MW_ENTRY_H
#define MW_ENTRY_H

#include "buf.h"
#include "clock.h"
#include "names.h"
#include "outcome.h"
#include "phrases.h"
#include "violation_id.h"
#include "world.h"

/* The store holds the texts, the trail of fences with every byte escaped, and some hundred bytes of figures
 * and ids. */
enum {
    ENTRY_FIELDS_MAX = 48,
    ENTRY_TRAIL_MAX = EPISODE_PIECES_MAX * (WORLD_ID_MAX * 6 + 3) + 32,
    ENTRY_STORE_MAX = 2 * (PHRASE_MAX + SENTENCE_MAX) + ENTRY_TRAIL_MAX + 768,
    REJECT_PAYLOAD_MAX = 256
};

struct entry_field {
    const char *name;
    struct text value;
    bool number;
};

struct entry {
    struct entry_field fields[ENTRY_FIELDS_MAX];
    uint32_t count;
    struct buf store;
    char bytes[ENTRY_STORE_MAX];
};

/* An entry of `violations`. Its first field is `event`, its second `id`. */
void entry_of_transition(struct entry *e, const struct transition *t, const struct names *names);
/* Those of its fields that one entry of an episode may have and the next have not; NULL ends the list. */
extern const char *const entry_passing_fields[];
/* Whether a violation's entry may have a field of that name. */
bool entry_has_field(const char *name);
/* An entry of `trips`. Its first field is `trip`. */
void entry_of_trip(struct entry *e, const struct trip_entry *t, const struct names *names);
void work_id_write(const struct work_entry *w, const struct names *names, char out[VIOLATION_ID_LENGTH + 1]);
/* An entry of `work`. Its first field is `id`. */
void entry_of_work(struct entry *e, const struct work_entry *w, const struct names *names);
/* One that is put together by others, in its order; values are borrowed, empty ones left out. */
void entry_begin(struct entry *e);
void entry_add(struct entry *e, const char *name, struct text value, bool number);
/* A copy is kept in the entry. */
void entry_add_copy(struct entry *e, const char *name, struct text value);
/* Left out where it is not known, or out of all bounds. */
void entry_add_fixed(struct entry *e, const char *name, double value, int decimals);
void entry_add_number(struct entry *e, const char *name, int64_t value);
/* An entry of `rejects`; the payload is cut at REJECT_PAYLOAD_MAX bytes. */
void entry_of_reject(struct entry *e, struct text vehicle, struct wall received, const char *reason,
                     struct text payload);
/* And one that stands for `count` more, which are not written one by one. */
void entry_of_more_rejects(struct entry *e, struct text vehicle, struct wall received, uint64_t count);

/* An entry of `marks`: a sign of life of the vehicle that is in no track, at these two clocks. */
void entry_of_life(struct entry *e, struct text vehicle, struct life life, uint64_t batch);

/* The value of a field; empty when it is left out. */
struct text entry_value(const struct entry *e, const char *name);

/* Appends one JSON object: `stream` first when it is not NULL, then the fields. */
void entry_write_json(const struct entry *e, const char *stream, struct buf *out);

/* The id of an episode, and that of a trip. */
void transition_id_write(const struct transition *t, const struct names *names,
                         char out[VIOLATION_ID_LENGTH + 1]);
void episode_id_write(const struct vehicle_state *state, const struct episode *e, const struct names *names,
                      char out[VIOLATION_ID_LENGTH + 1]);
void trip_id_write(struct text vehicle, int64_t start_ms, char out[VIOLATION_ID_LENGTH + 1]);

/*
 * Appends what the cab is told, as the payload of `muck/v1/{vehicle}/warn`; or, with a stream's name, as a
 * line of replay, which then also tells the vehicle.
 */
void warning_write_json(const struct warning *w, const struct names *names, const char *stream,
                        struct buf *out);

#endif
