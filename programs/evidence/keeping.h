/*
 * keeping: the keeper of evidence: what is sealed, from the archive to the log.
 *
 *   archive ─ cursors ─► due ─ post_s ─► gathered ─► objects ─► log ─► register ─ each checkpoint_s ─► signed, told to others ─► proven
 *
 * What is done on the way from one to the next, and in which order, is such that a kill between any two lines costs nothing but doing
 * it again: objects are there before a record names them, a record is in the log before the register has it, and what the register
 * lacks of the log is taken from it when the keeper starts. A case is asked for by an entry of the archive (its trigger), whose place is in the record:
 * a trigger whose record is in the log is done, whoever is killed.
 */
#ifndef MW_KEEPING_H
#define MW_KEEPING_H

#include "archive_look.h"
#include "arena.h"
#include "evidence_config.h"
#include "evidence_log.h"
#include "evidence_objects.h"
#include "evidence_register.h"
#include "http_status.h"
#include "line_socket.h"
#include "loop.h"
#include "metrics.h"
#include "mqtt.h"
#include "problem.h"
#include "redis.h"
#include "sealed.h"

struct keeping_key {
    struct tlog_key key;
    unsigned char *secret; /* locked, in no core dump */
    char *text;            /* as well; the key's name is in it */
};

struct keeping {
    const char *config_path;
    struct evidence_config config;
    char *redis_password, *mqtt_password;
    int lock;
    struct keeping_key key;
    struct evidence_log *log;
    struct evidence_objects *objects;
    struct evidence_register *reg;
    struct loop *loop;
    struct redis *redis;
    struct mqtt *mqtt;
    struct loop_timer *beat, *work, *sign;
    struct http_status *http;
    struct line_socket *socket;
    struct metrics *metrics;
    struct {
        bool known;
        int64_t upto_ms, batch, turn;
    } archive;     /* as it is registered */
    bool asking;   /* the store is asked what is registered */
    bool working;  /* a case is under way, and the store is asked about it */
    bool refusing; /* others hold a checkpoint that this log does not continue: nothing is signed */
    bool compared; /* what the store holds was looked at over this connection */
    uint64_t telling_size, told_size,
        published_size; /* of the checkpoint that the store, and the broker, were told */
    unsigned beats;
    int64_t failing_until_ms; /* by the loop's clock: the disk or the archive failed */
    struct {
        uint64_t sealed, failed, signed_count, asked;
    } count;
    int exit_code;
};

/* Everything, from the configuration; nothing is started. EX_OK, or the exit code and what is refused. */
int keeping_make(struct keeping *k, struct problem *out_problem);
void keeping_unmake(struct keeping *k);
int keeping_run(struct keeping *k);
/* It cannot go on: the loop ends with this exit code. */
void keeping_end(struct keeping *k, int exit_code);

/* ---- keeping_key.c ---- */
/* Reads key_file; no core dump from here on. False, and what is wrong. */
bool keeping_key_read(const char *path, struct keeping_key *out, struct problem *out_problem);
void keeping_key_wipe(struct keeping_key *key);
/* The log begins with its key, and tells of each one that follows. EX_OK where the key in hand is the log's newest, or has become it. */
int keeping_key_join(struct keeping *k, struct problem *out_problem);

/* ---- keeping_entries.c: entries of the log ---- */
/* Takes what the register lacks of the log. False where the register or the log fails. */
bool keeping_take_all(struct keeping *k);
/* Writes an entry into the log, and takes it. False, and errno: it is not in the log, or the log is lost. */
bool keeping_log(struct keeping *k, struct text entry);

/* ---- keeping_work.c: what is due, and its sealing ---- */
/* The archive is as far as is known: looks for what came, and begins what is due. */
void keeping_work(struct keeping *k);
void keeping_ask_archive(struct keeping *k);
/* What failed is told, and tried again later; a log that is lost ends the program. */
void keeping_failed(struct keeping *k, const char *what, const char *why);

/* ---- keeping_scan.c ---- */
/* Entries of the archive behind the cursors become what is due. False: the archive or the register failed. */
bool keeping_scan(struct keeping *k, struct archive_look *look);

/* ---- keeping_seal.c ---- */
struct keeping_haul {
    struct text trip;
    int64_t loaded_ms;
};
/* Seals what an entry asks for, with what is known of a haul under way. False where it is to be tried again. */
bool keeping_seal(struct keeping *k, const struct evidence_due *due, const struct keeping_haul *haul);
struct archive_look *keeping_look(struct keeping *k);

/* ---- keeping_draw.c ---- */
/* Adds what is drawn from a case; texts are in the arena. False where it cannot be drawn now. */
bool keeping_draw(struct keeping *k, struct sealed_case *c, struct arena *arena);

/* ---- keeping_bag.c ---- */
struct keeping_package {
    struct sealed_case sealed;
    struct arena arena;
};
/* An edition that is proven, with all its files. False where an object is not what it was, or gone. keeping_package_fini is due either way. */
bool keeping_package(struct keeping *k, const struct evidence_edition *e, struct keeping_package *out);
void keeping_package_fini(struct keeping_package *p);
/* Makes and signs the files around data/, with the proof if there is one. */
bool keeping_add_tags(struct keeping *k, struct keeping_package *p);
enum { KEEPING_FILES_MAX = 32 };
struct keeping_files {
    unsigned char hashes[KEEPING_FILES_MAX][EVIDENCE_HASH_BYTES], list[EVIDENCE_HASH_BYTES];
    size_t count;
};
/* Those of an edition that the newest checkpoint holds, as objects, and the list of them. */
bool keeping_make_files(struct keeping *k, const struct evidence_edition *e, struct keeping_files *out);

/* ---- keeping_checkpoint.c ---- */
/* Each checkpoint_s: signs what is new, tells others, and proves what it holds. */
void keeping_sign(struct keeping *k);
/* What others hold is looked at before anything is signed. */
void keeping_compare(struct keeping *k);
bool keeping_mqtt_make(struct keeping *k, struct problem *out_problem);

/* ---- keeping_retention.c ---- */
/* Lets go of one case that is old enough; what was let go of is taken off the disk. */
void keeping_sweep(struct keeping *k);

/* ---- keeping_socket.c ---- */
bool keeping_asked(void *keeping, struct text line, unsigned uid,
                   struct buf *answer); /* a line_socket_asked */

/* ---- keeping_pages.c ---- */
struct metrics *keeping_metrics(void);
int keeping_page(void *keeping, const char *path, struct buf *out); /* an http_page */

#endif
