/*
 * case_desk: packages of sealed cases, on their way from the keeper of evidence to whoever asked.
 *
 * The keeper answers over its socket to a thread, which writes to a file without a name; the loop never waits for it. Who may know the
 * case is judged when all is there, by what he may know then.
 */
#ifndef MW_CASE_DESK_H
#define MW_CASE_DESK_H

#include "desk.h"
#include "evidence_seen.h"
#include "line_ask.h"
#include "people.h"
#include "worker.h"

enum { CASE_FETCHES_MAX = 2, CASE_SENT_MAX = 8, CASE_PATH_MAX = 4096, CASE_WHY_MAX = 256 };

struct gateway;

struct case_fetch {
    struct gateway *g;
    struct worker *worker;
    bool used;
    uint64_t ticket;
    char who[PERSON_NAME_MAX + 1];
    /* The thread's while it works. */
    char dir[CASE_PATH_MAX], id[DESK_ID_LENGTH + 1];
    uint32_t edition; /* 0: the newest */
    struct line_ask *ask;
    struct evidence_seen seen;
    bool read, refused; /* refused: the keeper says why */
    char why[CASE_WHY_MAX], name[64];
    int file;
    uint64_t length;
};

struct case_desk {
    struct case_fetch fetches[CASE_FETCHES_MAX];
    unsigned sent; /* files that are being sent */
};

bool case_desk_make(struct gateway *g);
void case_desk_unmake(struct gateway *g);

#endif
