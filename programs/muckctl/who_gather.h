/*
 * who_gather: what of an archive has fixes in a span of event time, vehicle by vehicle: chunks by what is beside them, and
 * what is open, read.
 */
#ifndef MW_WHO_GATHER_H
#define MW_WHO_GATHER_H

#include "archive_look.h"
#include "names.h"
#include "passing.h"

/* A chunk, or what of a vehicle's lines is still open. */
struct who_piece {
    uint32_t vehicle; /* its symbol */
    size_t day;       /* place in `days` */
    bool open;        /* then `fixes` has it, from `from` on */
    bool chosen;
    struct archive_head head;
    size_t from, count;
};

struct who_fixes {
    struct passing_fix *items;
    size_t count, cap;
};

struct who_pieces {
    struct names *names; /* borrowed */
    struct archive_look *look;
    struct text only;          /* this vehicle; empty: all */
    struct archive_day **days; /* open ones, by place; NULL: not opened, or gone */
    bool *asked;
    size_t day_count;
    struct who_piece *items;
    size_t count, cap;
    struct who_fixes open; /* of what is in no chunk */
    bool no_memory;
};

bool who_pieces_init(struct who_pieces *p, struct archive_look *look, struct names *names, struct text only);
void who_pieces_fini(struct who_pieces *p);
/* Those of a span, by vehicle and time, in place of those before. */
void who_gather(struct who_pieces *p, const struct archive_span *span);
/* Adds the fixes of a piece; those by a wrong clock are left out. What is damaged adds nothing. */
void who_read(struct who_pieces *p, const struct who_piece *piece, struct who_fixes *to);

#endif
