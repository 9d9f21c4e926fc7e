/*
 * state_codec_private: the walk over a state, and the steps that it is made of.
 *
 * A step takes one value. Writing, it appends the value's bytes; reading, it puts into the value what the
 * bytes say, and after the first error something harmless: so what walks need not ask after each step.
 */
#ifndef MW_STATE_CODEC_PRIVATE_H
#define MW_STATE_CODEC_PRIVATE_H

#include "state_codec.h"

/* Distinct names in one state: those of each episode and of its pieces, and those of trip, visit and haul. */
enum { NAMES_MAX = VEHICLE_EPISODES_MAX * 5 + VEHICLE_PIECES_MAX + YARDS_MAX * 3 + BREACHES_MAX + 9 };

struct visitor {
    bool writing;
    uint8_t version; /* of what is read or written */
    struct buf *out;
    struct text in;
    size_t at;
    enum state_error error;
    const struct names *names;
    struct names *interned; /* the same table, when reading */
    int64_t base_ms;
    int64_t last_deg[2];      /* latitude and longitude that came last, scaled */
    uint8_t axis;             /* which of them is next: they come in pairs */
    uint32_t seen[NAMES_MAX]; /* names met so far */
    uint32_t seen_count;
};

/* Keeps the first error. */
static inline void state_fail(struct visitor *v, enum state_error error)
{
    if (v->error == STATE_OK)
        v->error = error;
}

/* Inline, with what stands on it, so that the compiler knows how many bytes they are: mostly one or four. */
static inline void state_bytes(struct visitor *v, void *data, size_t n)
{
    if (v->writing) {
        buf_put(v->out, data, n);
    } else if (v->error != STATE_OK || n > v->in.len - v->at) {
        state_fail(v, STATE_MALFORMED);
        memset(data, 0, n);
    } else {
        memcpy(data, v->in.data + v->at, n);
        v->at += n;
    }
}

/* A byte that is at most `max`: enums, counts, flags. */
static inline void state_small(struct visitor *v, uint8_t *n, unsigned max)
{
    state_bytes(v, n, 1);
    if (*n > max) {
        state_fail(v, STATE_MALFORMED);
        *n = 0;
    }
}

static inline void state_real32(struct visitor *v, float *f)
{
    state_bytes(v, f, sizeof *f);
}

void state_number(struct visitor *v, uint64_t *n);
void state_number32(struct visitor *v, uint32_t *n);
void state_number16(struct visitor *v, uint16_t *n);
/* Near zero in few bytes, whatever the sign. */
void state_signed(struct visitor *v, int64_t *n);
/* A time, relative to the visitor's base_ms. */
void state_when(struct visitor *v, int64_t *ms);
void state_degrees(struct visitor *v, double *deg);
/* A name: as text where it comes first, then by its place among those met. */
void state_symbol(struct visitor *v, uint32_t *symbol);

/* Set in the first byte of a packed state. */
enum { STATE_PACKED = 0x80 };
/* The bytes of the state that was packed, at most STATE_BYTES_MAX; false: they are of none. */
bool state_unpack(struct text packed, char *bytes, size_t *out_len);

/* As a program of that version, from 3 on, wrote them, if the state has nothing that it did not know: for tests. */
void state_write_version(const struct vehicle_state *state, const struct names *names, uint8_t version,
                         struct buf *out);

void state_visit_episode(struct visitor *v, struct episode *e);
void state_visit_work(struct visitor *v, struct vehicle_state *s);
void state_visit_sensors(struct visitor *v, struct vehicle_state *s);

#endif
