/*
 * planted: what was planted and truly done, and what was told of it.
 *
 * A row a deed: how many, how many of them found, found more than once, told as another kind, missed; in one
 * table those that are to be found for sure, in two others the shallow ones and those that nobody can judge.
 * A finding belongs to a deed of its vehicle and kind if it began while that was done, two intervals and some
 * seconds granted.
 */
#ifndef MW_HONEST_PLANTED_H
#define MW_HONEST_PLANTED_H

#include "deed.h"
#include "score.h"

enum depth {
    DEPTH_VOID, /* nobody can say whether it is to be found: near an edge, cut in two, not to be seen */
    DEPTH_SHALLOW,
    DEPTH_DEEP,
    DEPTH_COUNT
};

struct planted {
    uint32_t vehicle;
    enum deed deed;
    enum depth depth;
    int64_t start_ms, end_ms;
    struct spot at; /* where it began */
    double held_s, inside_m, deepest_m;
    uint32_t told;   /* findings of its kind */
    uint32_t others; /* of another */
};

struct planted_list {
    struct planted *list;
    size_t count, cap;
};

struct planted *planted_add(struct planted_list *l, const struct planted *p);
void planted_free(struct planted_list *l);
/* Gives findings of the vehicle to what it has done; those of `told` from `first` on. What fits nothing keeps
 * `planted` at 0. */
void planted_match(struct planted_list *l, size_t first_planted, struct score *s, size_t first_told,
                   int interval_s);
void planted_print(const struct planted_list *l, const struct score *s, FILE *out);
/* Those not told once, one a line; with `all` the others too. */
void planted_print_list(const struct planted_list *l, const struct score *s, FILE *out, bool all);

/* Of those to be found for sure. */
struct planted_sum {
    uint32_t planted, found, twice, others;
};
struct planted_sum planted_sum(const struct planted_list *l, enum depth depth, enum deed deed);

#endif
