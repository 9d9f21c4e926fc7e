/*
 * drawing_desk: what fences of a world are drawn with: one question at a time, on a thread, others wait for it.
 *
 * A world that is not in memory is fetched from the store, or from the archive, and made by the same thread; the question is asked again then.
 */
#ifndef MW_DRAWING_DESK_H
#define MW_DRAWING_DESK_H

#include "buf.h"
#include "fences_page.h"
#include "problem.h"
#include "worker.h"

enum { DRAWING_WAITING_MAX = 16, DRAWING_FOLDER_MAX = 4096 };

struct drawing {
    struct worker *worker;
    uint64_t waiting[DRAWING_WAITING_MAX]; /* tickets */
    size_t waiting_count;

    /* The one in hand. */
    bool busy, reached; /* reached: the request has come back to its handler */
    bool sought;        /* its world was looked for everywhere */
    uint64_t ticket;
    struct fences_asked asked;
    bool at_said;
    char hash[65];
    char archive[DRAWING_FOLDER_MAX]; /* a folder; empty: none */

    /* The thread's while it works. */
    const struct world *world; /* held */
    struct buf canonical, body;
    struct world *made, *gone;
    bool drawn;
    struct problem problem;
};

#endif
