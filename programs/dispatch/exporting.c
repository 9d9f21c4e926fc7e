#include "clock.h"
#include "export_columns.h"
#include "gateway.h"
#include "past_reading.h"
#include "web_problem.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS_BYTES_MAX   ((size_t)16 << 20) /* of a slice; it ends with the row that passes ROWS_BYTES_ASKED */
#define ROWS_BYTES_ASKED ((size_t)1 << 20)
#define SLICE_NS         INT64_C(4000000) /* of processor time; a turn may have a slice of each job */

static void end_job(struct export_job *job);

/* ---- on the thread ---- */

static void put(void *arg)
{
    struct export_job *job = arg;
    job->failed = !rows_file_put(job->file, buf_text(&job->rows)) || (job->last && !rows_file_end(job->file));
}

/* Closing a workbook that nobody wants takes as long as one that somebody does. */
static void drop(void *arg)
{
    struct export_job *job = arg;
    rows_file_free(job->file);
    job->file = NULL;
}

/* ---- on the loop's ---- */

static void on_dropped(void *arg)
{
    struct export_job *job = arg;
    buf_fini(&job->rows);
    free(job->page.ids);
    track_points_fini(&job->points);
    past_book_fini(&job->stretch);
    *job = (struct export_job){.g = job->g, .worker = job->worker};
}

static void end_job(struct export_job *job)
{
    job->ticket = UINT64_MAX; /* of nobody */
    if (job->file == NULL || !worker_run(job->worker, drop, on_dropped, job)) {
        drop(job);
        on_dropped(job);
    }
}

void exporting_go_on(struct export_job *job)
{
    job->reached = false;
    web_server_ask_again(job->g->server, job->ticket);
    /* They have gone, or may not ask any more. */
    if (job->used && !job->reached)
        end_job(job);
}

static void on_put(void *arg)
{
    struct export_job *job = arg;
    job->ended = job->last;
    exporting_go_on(job);
}

static struct export_job *job_of(struct gateway *g, uint64_t ticket)
{
    for (size_t i = 0; i < EXPORTS_MAX; i++)
        if (g->exports.jobs[i].used && g->exports.jobs[i].ticket == ticket)
            return &g->exports.jobs[i];
    return NULL;
}

static bool is_workbook(const struct web_match *match)
{
    const struct web_target *t = match->request->target;
    struct text last = t->segments[t->segment_count - 1];
    return last.len > 5 && memcmp(last.data + last.len - 5, ".xlsx", 5) == 0;
}

static struct export_job *begin(struct gateway *g, const struct web_match *match,
                                const struct export_kind *kind, struct web_answer *out)
{
    struct export_job *job = NULL;
    for (size_t i = 0; i < EXPORTS_MAX; i++)
        if (!g->exports.jobs[i].used)
            job = &g->exports.jobs[i];
    if (g->following.world == NULL || job == NULL || g->exports.sent >= EXPORTS_SENT_MAX) {
        web_answer_field(out, "Retry-After", TEXT("5"));
        web_problem(out, 503,
                    g->following.world == NULL ? "no world is known yet" : "others are being exported");
        return NULL;
    }
    job->file = rows_file_new(is_workbook(match) ? ROWS_XLSX : ROWS_CSV, kind->name);
    if (job->file == NULL) {
        web_problem(out, 503, "there is no room for the file");
        return NULL;
    }
    job->used = true;
    job->ticket = match->request->ticket;
    buf_init(&job->rows, ROWS_BYTES_MAX);
    return job;
}

/* Named by the day on which it was asked for; what is not all says so where everybody sees it. */
static void answer_file(struct export_job *job, const struct web_match *match, const struct export_kind *kind,
                        struct web_answer *out)
{
    struct gateway *g = job->g;
    struct mw_civil day;
    char name[128];
    int fd = rows_file_take(job->file, &out->file_length);
    if (fd < 0) {
        web_problem(out, 503, "the file could not be sent");
        return;
    }
    mw_civil_from_ms(g->following.world->zone, match->request->now.ms, &day);
    snprintf(name, sizeof name, "attachment; filename=\"%s-%04d-%02d-%02d%s.%s\"", kind->name, day.year,
             day.month, day.day, job->truncated ? "-truncated" : "", is_workbook(match) ? "xlsx" : "csv");
    web_answer_field(out, "Content-Disposition", text_of(name));
    out->status = 200;
    out->type = is_workbook(match) ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                                   : "text/csv; charset=utf-8";
    out->file = fd;
    out->file_at = 0;
    out->file_count = &g->exports.sent;
}

bool exporting_has_time(const struct export_job *job)
{
    return job->rows.len == 0 ||
           (job->rows.len < ROWS_BYTES_ASKED && clock_thread_cpu_ns() - job->slice_ns < SLICE_NS);
}

void exporting_step(struct gateway *g, const struct web_match *match, const struct export_kind *kind,
                    struct web_answer *out)
{
    struct export_job *job = job_of(g, match->request->ticket);
    if (job == NULL && (job = begin(g, match, kind, out)) == NULL)
        return;
    job->reached = true;
    if (job->failed) {
        web_answer_field(out, "Retry-After", TEXT("5"));
        web_problem(out, 503, "%s", job->why != NULL ? job->why : rows_file_why(job->file));
    } else if (job->ended) {
        answer_file(job, match, kind, out);
    } else {
        buf_clear(&job->rows);
        job->slice_ns = clock_thread_cpu_ns();
        bool some = kind->more(g, match, job, out);
        job->begun = job->begun || some;
        if (some && !buf_ok(&job->rows))
            web_problem(out, 503, "there is no memory for it");
        else if (some)
            out->later = worker_run(job->worker, put, on_put, job);
        if (some && !out->later && out->status == 0)
            web_problem(out, 503, "there is no thread for it");
    }
    if (!out->later)
        end_job(job);
}

bool exporting_make(struct gateway *g)
{
    bool ok = true;
    for (size_t i = 0; i < EXPORTS_MAX; i++) {
        g->exports.jobs[i] = (struct export_job){.g = g, .worker = worker_new(g->loop)};
        ok = ok && g->exports.jobs[i].worker != NULL;
    }
    return ok;
}

void exporting_unmake(struct gateway *g)
{
    for (size_t i = 0; i < EXPORTS_MAX; i++) {
        struct export_job *job = &g->exports.jobs[i];
        worker_free(job->worker);
        rows_file_free(job->file);
        buf_fini(&job->rows);
        free(job->page.ids);
        track_points_fini(&job->points);
        past_book_fini(&job->stretch);
    }
}
