/*
 * archiving: the adapters of muckwatch-archive, around what decides (../../tracker/archive/archive.h).
 */
#ifndef MW_ARCHIVING_H
#define MW_ARCHIVING_H

#include "archive.h"
#include "archive_folder.h"
#include "city_day.h"
#include "config.h"
#include "http_status.h"
#include "loop.h"
#include "metrics.h"
#include "redis.h"

struct archiving {
    const char *config_path;
    struct config config;
    char *redis_password;
    struct mw_zone *zone;
    struct city_days days; /* that figures are kept by */
    struct archive_folder *folder;
    struct archive *archive;
    struct loop *loop;
    struct redis *redis;
    struct loop_timer *timer, *beat;
    struct http_status *http;
    struct metrics *metrics;
    struct archive_answer *items; /* of the answer in hand */
    size_t item_cap;
    struct {
        int64_t from_ms,
            told_ms; /* where it began, 0: it is not behind; when the log was told last, by the loop's clock */
        uint64_t taken;
    } catching_up;
    int exit_code;
};

/* Everything, from the configuration; nothing is started. EX_OK, or the exit code and what is refused. */
int archiving_make(struct archiving *a, struct problem *out_problem);
void archiving_unmake(struct archiving *a);
/* Until a signal, or what cannot be gone on from. The exit code. */
int archiving_run(struct archiving *a);

/* ---- archiving_progress.c ---- */
/* Once a second: how far it has come while it catches up, as a line of the log now and then and, on a terminal, a bar. */
void archiving_progress(struct archiving *a, const struct archive_figures *f);

/* ---- archiving_pages.c ---- */
struct metrics *archiving_metrics(void);
int archiving_page(void *archiving, const char *path, struct buf *out); /* an http_page */

#endif
