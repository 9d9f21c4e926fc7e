/*
 * evidence_register: cases.sqlite: what is sealed, what is due to be, and which objects belong to what.
 *
 * What it says of sealed cases follows from the log: `taken` is how many of its entries it has taken, and each is taken in one
 * transaction. So a register that was lost, or is behind, is made anew from the log. Beside that it has the cursors over the
 * archive and what is due, which follow from the archive.
 *
 * All return false when the file fails; evidence_register_why says a sentence. Texts of answers live until the next call.
 */
#ifndef MW_EVIDENCE_REGISTER_H
#define MW_EVIDENCE_REGISTER_H

#include "archive_disk.h"
#include "evidence_objects.h"

struct evidence_register;

/* NULL with a sentence in `why`. */
struct evidence_register *evidence_register_open(const char *root, char *why, size_t why_size);
void evidence_register_close(struct evidence_register *r);
const char *evidence_register_why(const struct evidence_register *r);
int evidence_register_errno(const struct evidence_register *r); /* 0: it was not the disk */

bool evidence_register_begin(struct evidence_register *r);
bool evidence_register_commit(struct evidence_register *r);
void evidence_register_undo(struct evidence_register *r); /* nothing, where nothing was begun */

/* A number by its name; 0 where there is none yet. */
bool evidence_register_number(struct evidence_register *r, struct text name, int64_t *out);
bool evidence_register_set_number(struct evidence_register *r, struct text name, int64_t value);
/* How far a stream of the archive was looked at; before its first entry where it was not. */
bool evidence_register_cursor(struct evidence_register *r, struct text stream, struct archive_position *out);
bool evidence_register_set_cursor(struct evidence_register *r, struct text stream,
                                  const struct archive_position *at);

/* ---- what is due ---- */
struct evidence_due {
    struct text stream, id, vehicle, why; /* why: a word of the record room */
    struct archive_position at;           /* of the entry that asks for it */
    int64_t due_ms;
};
bool evidence_register_put_due(struct evidence_register *r, const struct evidence_due *due);
/* The one that is due first, up to a time; of one case the earlier entry first. False in *out_there: none is. */
bool evidence_register_next_due(struct evidence_register *r, int64_t upto_ms, struct evidence_due *out,
                                bool *out_there);
bool evidence_register_drop_due(struct evidence_register *r, const struct evidence_due *due);
/* A violation that is not over: from when on its track is needed; 0: it is over. */
bool evidence_register_set_open(struct evidence_register *r, struct text id, int64_t start_ms);
/* The least start of what is open or due; INT64_MAX: nothing is. */
bool evidence_register_needs(struct evidence_register *r, int64_t *out_ms);

/* ---- what is sealed ---- */
struct evidence_case {
    struct text id, kind, vehicle, plate, company, severity, jurisdiction, fence, review, state;
    int64_t start_ms, end_ms; /* 0: none */
};
struct evidence_edition {
    struct text id, why, trigger;
    uint32_t edition;
    uint64_t index; /* in the log */
    int64_t sealed_at_ms, rev, actions_rev;
    unsigned char record[EVIDENCE_HASH_BYTES], manifest[EVIDENCE_HASH_BYTES];
    uint64_t proven_by;                       /* size of the checkpoint that `proof` is for; 0: none yet */
    unsigned char proof[EVIDENCE_HASH_BYTES]; /* of the object */
};
/* The case's row is that of its newest edition; one that was let go of is there again with the next. */
bool evidence_register_put_case(struct evidence_register *r, const struct evidence_case *c);
bool evidence_register_put_edition(struct evidence_register *r, const struct evidence_edition *e);
/* One of them, or with 0 the newest. */
bool evidence_register_edition(struct evidence_register *r, struct text id, uint32_t edition,
                               struct evidence_edition *out, bool *out_there);
/* Whether a trigger was sealed. */
bool evidence_register_has_trigger(struct evidence_register *r, struct text trigger, bool *out);
/* The first one within a log of `size` that has no proof yet. */
bool evidence_register_next_unproven(struct evidence_register *r, uint64_t size, struct evidence_edition *out,
                                     bool *out_there);
bool evidence_register_set_proof(struct evidence_register *r, const struct evidence_edition *e);
bool evidence_register_put_object(struct evidence_register *r, struct text id,
                                  const unsigned char hash[EVIDENCE_HASH_BYTES]);

/* ---- keeping and letting go ---- */
bool evidence_register_set_hold(struct evidence_register *r, struct text id, bool held);
/* A case of this kind that was sealed last before a time, is not held and not gone. */
bool evidence_register_next_old(struct evidence_register *r, struct text kind, int64_t before_ms,
                                struct text *out_id, bool *out_there);
typedef bool evidence_each_object(void *arg, const unsigned char hash[EVIDENCE_HASH_BYTES]);
/* Objects that no other case has. */
bool evidence_register_own_objects(struct evidence_register *r, struct text id, evidence_each_object *each,
                                   void *arg);
/* Says that it is gone; its own objects are then to be dropped, until evidence_register_dropped. */
bool evidence_register_let_go(struct evidence_register *r, struct text id);
bool evidence_register_to_drop(struct evidence_register *r, evidence_each_object *each, void *arg);
bool evidence_register_dropped(struct evidence_register *r);

struct evidence_counts {
    int64_t cases, editions, due, unproven, held, gone;
};
bool evidence_register_count(struct evidence_register *r, struct evidence_counts *out);

#endif
