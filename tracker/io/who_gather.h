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
    bool outlined;    /* of the head its id and times are known alone */
    bool near;        /* something of it may be where is asked */
    struct archive_head head;
    struct archive_box first, last; /* of its first and last lines; of what has no outline, of all */
    size_t from, count;
    /* Set by who asks: to be read, all of it, or what is near and (joined) its first or last lines. */
    bool chosen, whole, joined_first, joined_last;
};

/* Where something is left out between two fixes, one of this time stands between them. */
#define WHO_BREAK INT64_MIN

struct who_fixes {
    struct passing_fix *items;
    size_t count, cap;
};

/* Whether something in a box may be where is asked. */
struct who_near {
    bool (*meets)(const void *context, const struct archive_box *box);
    const void *context;
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
    struct who_fixes open;  /* of what is in no chunk */
    struct who_near near;   /* borrowed */
    int64_t gap_ms;         /* what is said so much before a place counts there */
    struct who_line *lines; /* of the chunk in hand */
    size_t line_count, line_cap;
    struct buf outline;
    bool no_memory;
};

bool who_pieces_init(struct who_pieces *p, struct archive_look *look, struct names *names, struct text only);
void who_pieces_fini(struct who_pieces *p);
/* Those of a span, by vehicle and time, in place of those before. */
void who_gather(struct who_pieces *p, const struct archive_span *span);
/* Adds the fixes of a chosen piece; those by a wrong clock are left out. What is damaged adds nothing. */
void who_read(struct who_pieces *p, const struct who_piece *piece, struct who_fixes *to);

#endif
