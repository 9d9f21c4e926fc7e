/*
 * verify: whether a package of a case is what it says, by its own bytes and what the asker holds: a key, a checkpoint.
 *
 * Nothing is taken from the package that the step before has not bound: hashes bind files to the manifests, the signature binds the manifests to a key, the
 * asker's key binds that one to somebody, the record binds the manifest to a leaf, and the proof binds the leaf to a checkpoint. Each step is told, also behind one
 * that failed, as far as it can be looked at. What is not there and need not be is absent; what is there and cannot be judged is not checked.
 */
#ifndef MW_VERIFY_H
#define MW_VERIFY_H

#include "bag_read.h"
#include "tlog_proof_text.h"

enum verify_step {
    VERIFY_STRUCTURE,
    VERIFY_HASHES,
    VERIFY_SIGNATURE,
    VERIFY_KEY,
    VERIFY_RECORD,
    VERIFY_INCLUSION,
    VERIFY_CHECKPOINT,
    VERIFY_TIME_STAMP,
    VERIFY_SM2,
    VERIFY_REVIEW,
    VERIFY_WORLD,
    VERIFY_FIXES,
    VERIFY_REPLAY,
    VERIFY_STEP_COUNT
};
/* "structure", "hashes", … */
const char *verify_step_name(enum verify_step step);

enum verify_result { VERIFY_NOT_CHECKED, VERIFY_OK, VERIFY_FAILED, VERIFY_ABSENT };
/* "ok", "failed", "not checked", "absent" */
const char *verify_result_name(enum verify_result result);

struct verify_finding {
    enum verify_result result;
    struct problem said; /* what is so, or the file and why */
};

/* Who judges what a library of its own is needed for. `key` is the package's proof/sm2.pem, empty where there is none. Its `said` has a sentence either way. */
typedef struct verify_finding verify_outside(void *context, struct text signature, struct text signed_text,
                                             struct text key);

struct verify_asked {
    struct text archive;              /* the package */
    struct text key;                  /* PEM of Ed25519, or a vkey; empty: the asker has none */
    struct text checkpoint;           /* a checkpoint, or a tlog-proof of this case in one; empty: none */
    verify_outside *time_stamp, *sm2; /* NULL: nobody */
    void *context;
    bool no_replay;
};

struct verify_report {
    struct verify_finding steps[VERIFY_STEP_COUNT];
    char id[SEALED_ID_MAX + 1];
    bool no_memory;
};

void verify(const struct verify_asked *asked, struct verify_report *out);
/* VERIFY_FAILED if a step failed; else VERIFY_NOT_CHECKED if one was not checked; else VERIFY_OK. */
enum verify_result verify_whole(const struct verify_report *report);

#endif
