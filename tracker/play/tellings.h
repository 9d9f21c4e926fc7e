/*
 * tellings: what was told of a violation, and what was told of it again because of late data.
 *
 * It follows a replay: the stories (explain.h) as things were judged when they came, and where a stretch was judged
 * again, for each violation that this corrected, which late fixes lay there, what changed, and the story as it then
 * was. Those of one violation stand together. Which others belong to it (that it replaces, or is replaced by) is known
 * only in the end; so all are kept until then, where late data is judged.
 */
#ifndef MW_TELLINGS_H
#define MW_TELLINGS_H

#include "buf.h"
#include "names.h"
#include "replay.h"
#include "text.h"
#include "wording.h"
#include "world.h"

#include <stdint.h>

struct tellings;

struct tellings_options {
    struct text id; /* empty: all. Borrowed */
    bool late;      /* what comes late is judged again */
    enum phrase_language language;
};

/* Names and world are borrowed; the world may be NULL until there is something to tell. NULL without memory. */
struct tellings *tellings_new(const struct names *names, const struct world *world,
                              const struct tellings_options *options);
void tellings_free(struct tellings *t);
/* Before the first line. */
void tellings_follow(struct tellings *t, struct replay *replay);
/* Another world is in force: times are told in its zone. */
void tellings_set_world(struct tellings *t, const struct world *world);
/* At the end of the fixes. Appends what there is to tell; returns of how many violations. False in *out_ok: without
 * memory. */
uint32_t tellings_finish(struct tellings *t, struct buf *out, bool *out_ok);

#endif
