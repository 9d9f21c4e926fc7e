/*
 * telling: a transition being put into words, and what sentences and shorter phrases have in common: who, the
 * patterns of phrase_rows.h, and how it went on.
 */
#ifndef MW_TELLING_H
#define MW_TELLING_H

#include "buf.h"
#include "names.h"
#include "outcome.h"
#include "wording.h"

struct telling {
    const struct transition *t;
    const struct names *names;
    enum phrase_language language;
    struct buf *out;
};

void telling_say(const struct telling *x, const char *zh, const char *en);
/* Appends what `put` says, after a separator; neither where it says nothing. */
void telling_clause(const struct telling *x, const char *zh, const char *en,
                    void (*put)(const struct telling *x));
/* The English name where there is one and it is wanted. */
struct text telling_choose(const struct telling *x, struct text zh, struct text en);
/* Names of the fence and of the place around it; empty where there are none. */
struct text telling_fence(const struct telling *x);
struct text telling_place(const struct telling *x);
/* The plate, or else the vehicle; of a duty its id. */
void telling_put_who(const struct telling *x);
/* A pattern; NULL: the kind in its own words. */
void telling_put_what(const struct telling *x, const char *pattern);

/* Whether it was over as it happened: how long it lasted means nothing. */
bool telling_is_done(const struct transition *t);
const char *telling_severity(enum severity severity, enum phrase_language language);
/* Whether an update is about another limit, not about turning worse. */
bool telling_limit_changed(const struct transition *t);
/* What an update changed, or how it ended; nothing of an opening. */
void telling_put_course(const struct telling *x);

#endif
