/*
 * case_gather: all that an archive has of a case, as the entries of a sealed one (sealed.h).
 */
#ifndef MW_CASE_GATHER_H
#define MW_CASE_GATHER_H

#include "archive_look.h"
#include "arena.h"
#include "cutting.h"
#include "sealed.h"

struct case_asked {
    struct text id, vehicle;
    /* Tellings up to here, and actions up to here, belong to it. */
    struct archive_position tellings, actions;
    struct text trip;       /* a haul under way, */
    int64_t trip_loaded_ms; /* and when it was loaded; 0: nobody knows */
    int64_t pre_ms, post_ms, gap_ms;
};

struct case_world {
    struct text hash;
    char path[96];
    struct buf canonical;
};

struct case_gathered {
    struct sealed_case
        sealed; /* its header but for edition, why, trigger, times of sealing and what was before */
    uint32_t fixes;
    struct text plate, company, severity, jurisdiction, fence; /* as told last */
    struct arena arena;
    struct buf violation, raw, marks, actions, warnings, earlier;
    struct case_world *worlds; /* the first is the violation's */
    size_t world_count, world_cap;
};

enum case_gathering { CASE_GATHERED, CASE_UNKNOWN, CASE_TOO_LARGE, CASE_NO_MEMORY, CASE_DAMAGED };
/* case_gathered_fini is due either way. */
enum case_gathering case_gather(struct archive_look *look, const struct case_asked *asked,
                                struct case_gathered *out);
void case_gathered_fini(struct case_gathered *g);

/* A member of an entry's fields, copied; empty where there is none. */
struct text gather_field(struct arena *arena, struct text fields, const char *name);
int case_position_order(const struct archive_position *a, const struct archive_position *b);

#endif
