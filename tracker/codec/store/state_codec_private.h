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
enum { NAMES_MAX = VEHICLE_EPISODES_MAX * 5 + VEHICLE_PIECES_MAX + YARDS_MAX * 3 + BREACHES_MAX + 8 };

struct visitor {
    bool writing;
    uint8_t version; /* of what is read; STATE_VERSION when writing */
    struct buf *out;
    struct text in;
    size_t at;
    enum state_error error;
    const struct names *names;
    struct names *interned; /* the same table, when reading */
    int64_t base_ms;
    uint32_t seen[NAMES_MAX]; /* names met so far */
    uint32_t seen_count;
};

/* Keeps the first error. */
void state_fail(struct visitor *v, enum state_error error);

void state_bytes(struct visitor *v, void *data, size_t n);
void state_number(struct visitor *v, uint64_t *n);
void state_number32(struct visitor *v, uint32_t *n);
void state_number16(struct visitor *v, uint16_t *n);
/* A byte that is at most `max`: enums, counts, flags. */
void state_small(struct visitor *v, uint8_t *n, unsigned max);
/* Near zero in few bytes, whatever the sign. */
void state_signed(struct visitor *v, int64_t *n);
/* A time, relative to the visitor's base_ms. */
void state_when(struct visitor *v, int64_t *ms);
void state_real32(struct visitor *v, float *f);
void state_degrees(struct visitor *v, double *deg);
/* A name: as text where it comes first, then by its place among those met. */
void state_symbol(struct visitor *v, uint32_t *symbol);

void state_visit_episode(struct visitor *v, struct episode *e);

#endif
