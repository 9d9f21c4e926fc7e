/*
 * world_job: what is asked of the world's files, done on a thread of its own, one at a time, with all that it needs copied.
 *
 *     PUT:  If-Match ── judged ── dry_run: told
 *                              └─ written as a version, `asked` says so, in use ──► the loop asks the trackers (world_asking.c)
 *     SETTLE:  they have it: `asked` goes │ they refuse it: the former is in use again
 *
 * A kill anywhere between leaves `asked`, by which the next start goes on (world_asking.c).
 */
#ifndef MW_WORLD_JOB_H
#define MW_WORLD_JOB_H

#include "version_folder.h"
#include "web_answer.h"
#include "world_judge.h"

enum world_task { WORLD_SHOW, WORLD_READ, WORLD_PUT, WORLD_SETTLE };
enum { WORLD_PATH_MAX = 1024, WORLD_WHO_MAX = 64, WORLD_PARTITIONS_MAX = 64 };
/* Values in one body: each may take some 24 bytes while it is read, and a city has one for each 7 bytes or so. */
#define WORLD_VALUES_MAX ((size_t)6000000)

struct world_job {
    enum world_task task;
    char config[WORLD_PATH_MAX], dir[WORLD_PATH_MAX];
    size_t kept;
    char host[256], socket[WORLD_PATH_MAX], username[256];
    struct world_judge_store store; /* its texts are those above, and the password, which stays */
    uint32_t partitions[WORLD_PARTITIONS_MAX];
    char who[WORLD_WHO_MAX + 1], if_match[WORLD_TAG_SIZE];
    bool dry_run;
    uint64_t version;                /* that is read, or used again; of SETTLE: to go back to, 0: none */
    char name[VERSION_NAME_MAX + 1]; /* of READ */
    char *body;                      /* of PUT, owned; the files are pieces of it */
    struct version_file files[WORLD_FILES_MAX];
    size_t file_count;
    /* What came of it. The answer is only begun where `written`. */
    struct web_answer answer;
    bool written, failed;
    uint64_t number, before;
    char expect[65], tag[WORLD_TAG_SIZE];
    struct buf against; /* of what was written */
    struct buf warnings;
};

void world_job_init(struct world_job *job);
void world_job_fini(struct world_job *job);
/* On the thread. */
void world_job_do(void *job);

/* The words of `asked`: "NUMBER BEFORE HASH". False: they are none. */
bool world_asked_read(struct text words, uint64_t *out_number, uint64_t *out_before, char out_expect[65]);

/* What a change leads to, for who asked: {"result",…}. */
void world_write_outcome(const struct world_job *job, const char *result, struct web_answer *out);

#endif
