/*
 * sealed: a case as it is sealed: its entries, and the record that the log holds of it.
 *
 * A record is one JSON object on one line, canonical (record_write): it names the case, its edition and the edition before, and `manifest`, the SHA-256
 * of the text of manifest-sha256.txt, which names every file below data/ with its SHA-256. So a leaf of the log stands for every byte of the case.
 *
 * A case is made in two steps. First the entries below data/ are cut from the archive, those that are drawn from them are added (sealed_add), the
 * manifest is written and with it the record, and the record goes into the log. When a checkpoint holds it, `proof` is known; then the tag files of the
 * bag and their signature are made. What is made once is kept and never made again.
 *
 * Entries of the first step, in this order (those that are drawn come where the bag has them):
 *
 *   data/violation.json  {"id":ID,"revisions":[{fields as in the stream, texts, in their order} …]}, by rev; of one rev the latest life's
 *   data/raw.jsonl       a line a fix, in the order in which they came:
 *                        {"n":N,"batch":B,"received":MS,"late":"1"|"clock" (absent: in order),"sha256":HEX,"fix":TEXT}
 *                        `fix` are the bytes as sent, as a JSON text (a line feed between tokens is a space), `sha256` is theirs; and a line a hole:
 *                        {"n":N,"batch":B,"received":MS,"hole":"FROM-TO","seen":"1"}
 *   data/actions.jsonl   a line an entry of `actions`, and of `audit` about the case: {"stream":"actions","at":MS,"entry":ID,"fields":{…}}
 *   data/marks.jsonl     the tracker's marks as a replay takes them, and samples of its clock: {"n":N,"batch":B,"line":{…}}; what was in force before
 *                        the first fix comes first, with "n":0
 *   data/warnings.jsonl  what the cab was told of it: {"at":MS,"entry":ID,"fields":{…}}
 *   data/world.json      the canonical text of the world that the violation names; its BLAKE2b-256 is `ruleset`
 *   data/worlds/HASH.json the other worlds in force between the first fix and the last
 *   data/earlier.json    {"count":N,"ids":[{"id":ID,"kind":…,"start":MS,"end":MS} …]}: what `repeat` counts
 *
 * `n` is one count over raw.jsonl and marks.jsonl: merged by it, marks first where two have the same, they are what a replay takes:
 * {"vehicle":V,"received":MS, and what stands behind the brace of `fix`; marks as they stand. sealed_lines does this.
 */
#ifndef MW_SEALED_H
#define MW_SEALED_H

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

#define SEALED_SHA256 32
/* A case's id, and one more. */
#define SEALED_ID_MAX 64

enum sealed_why {
    SEALED_CLOSED,     /* the violation is over */
    SEALED_CORRECTION, /* another rev of one that was sealed before */
    SEALED_WITHDRAWN,
    SEALED_REVIEW, /* a review, by its rev of actions */
    SEALED_ACTION, /* an objection, its outcome, or another action behind a seal */
    SEALED_ADDED,  /* a time stamp or another signature */
    SEALED_DRAFT,  /* of one that still runs: in no log */
};
/* "closed", "correction", …; and back: false where there is none such. */
const char *sealed_why_name(enum sealed_why why);
bool sealed_why_find(struct text name, enum sealed_why *out);

/* What the log says of a case. Texts are borrowed. */
struct sealed_header {
    struct text id, kind, vehicle;
    uint32_t edition; /* from 1; 0: a draft */
    enum sealed_why why;
    struct text
        trigger; /* the entry of the archive that had it sealed: "violations/LIFE/MS-SEQ", "actions/LIFE/MS-SEQ" */
    uint32_t rev;                           /* of the violation */
    uint32_t actions_rev;                   /* of its last action; 0: none */
    int64_t sealed_at_ms, start_ms, end_ms; /* end: 0 where it goes on */
    bool reviewed;                          /* its last review says "approve"; */
    bool rejected;                          /* … or "reject" */
    bool withdrawn;
    struct text ruleset;
    unsigned char manifest[SEALED_SHA256]; /* of manifest-sha256.txt */
    bool has_earlier;
    uint64_t earlier_index;               /* of the edition before, in the log; */
    unsigned char earlier[SEALED_SHA256]; /* and the SHA-256 of its record's bytes */
};

struct sealed_entry {
    struct text path; /* in the bag, below its top folder: "data/raw.jsonl" */
    struct text bytes;
    unsigned char sha256[SEALED_SHA256];
};

struct sealed_case {
    struct sealed_header header;
    struct sealed_entry *entries; /* in the order in which they were added */
    size_t count, cap;
    struct text record; /* empty before it is written */
    /* Empty before a checkpoint holds the record. */
    uint64_t log_index;
    struct text proof;      /* a tlog-proof, its checkpoint with it */
    struct text public_key; /* PEM */
    struct text keys;       /* proof/keys.txt: statements of rotation, oldest first */
    struct text software;   /* proof/software.txt */
};

/* Adds an entry, whose texts have to outlive the case, and hashes it. False without memory. */
bool sealed_add(struct sealed_case *c, struct text path, struct text bytes);
/* NULL: there is none of that path. */
const struct sealed_entry *sealed_find(const struct sealed_case *c, struct text path);
void sealed_fini(struct sealed_case *c);

/* The lines of manifest-sha256.txt: of all entries below data/, by path as bytes: "HEX  PATH\n". */
bool sealed_manifest(const struct sealed_case *c, struct buf *out);
/* The record, without a line feed. Reading takes only what writing gives, byte for byte; texts are borrowed. */
void sealed_record_write(const struct sealed_header *h, struct buf *out);
bool sealed_record_read(struct text record, struct sealed_header *out);

/* The lines that a replay takes, of raw.jsonl and marks.jsonl. False where they are not as above. */
bool sealed_lines(struct text vehicle, struct text raw, struct text marks, struct buf *out);

#endif
