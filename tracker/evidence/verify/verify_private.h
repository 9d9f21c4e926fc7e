/* verify_private: a package being judged, and what the files of this room share. */
#ifndef MW_VERIFY_PRIVATE_H
#define MW_VERIFY_PRIVATE_H

#include "json_tree.h"
#include "verify.h"

struct verifying {
    const struct verify_asked *asked;
    struct verify_report *report;
    struct bag bag;
    bool has_key; /* that of the package reads as one */
    unsigned char key[TLOG_KEY_BYTES];
    bool has_record, draft; /* a draft has none, and is in no log */
    struct text record;
    struct sealed_header header;
    struct tlog_proved proved;
    bool has_proof;
};

void verify_say(struct verifying *v, enum verify_step step, enum verify_result result, const char *format,
                ...) __attribute__((format(printf, 4, 5)));

void verify_signature(struct verifying *v);
void verify_key(struct verifying *v);
void verify_record(struct verifying *v);
void verify_inclusion(struct verifying *v);
void verify_checkpoint(struct verifying *v);
void verify_review(struct verifying *v);
void verify_world(struct verifying *v);
void verify_fixes(struct verifying *v);
void verify_replay(struct verifying *v);

/* Whether the keys of a log, from its first to the last, which has to be `to`, have `from` among them, each handed over to the next. */
bool verify_keys_lead(struct text keys, const unsigned char from[TLOG_KEY_BYTES],
                      const unsigned char to[TLOG_KEY_BYTES], unsigned *out_steps);

/* The bytes of a file of the package; empty where it is not there. */
struct text verify_file(const struct verifying *v, const char *path);
/* The line before the next feed, taken away. False at the end; a last line without a feed counts. */
bool verify_take_line(struct text *left, struct text *out);
/* A member that is a string; empty where there is none. */
struct text verify_member(const struct json_node *object, const char *name);

#endif
