#include "jobs.h"

#include <string.h>

static void run(void *arg)
{
    const struct job *job = &((struct jobs *)arg)->items[0];
    job->work(job->arg);
}

static void end_first(struct jobs *jobs)
{
    const struct job job = jobs->items[0];
    memmove(jobs->items, jobs->items + 1, --jobs->count * sizeof *jobs->items);
    job.done(job.arg);
}

static void on_done(void *arg)
{
    struct jobs *jobs = arg;
    end_first(jobs);
    /* One for which there is no thread is told that nothing came of it. */
    while (jobs->count > 0 && !worker_busy(jobs->worker) && !worker_run(jobs->worker, run, on_done, jobs))
        end_first(jobs);
}

bool jobs_make(struct jobs *jobs, struct loop *loop)
{
    jobs->worker = worker_new(loop);
    return jobs->worker != NULL;
}

bool jobs_add(struct jobs *jobs, const struct job *job)
{
    if (jobs->count == JOBS_MAX)
        return false;
    jobs->items[jobs->count++] = *job;
    if (jobs->count > 1 || worker_run(jobs->worker, run, on_done, jobs))
        return true;
    jobs->count--;
    return false;
}

void jobs_unmake(struct jobs *jobs)
{
    worker_free(jobs->worker);
    jobs->worker = NULL;
    while (jobs->count > 0)
        end_first(jobs);
}
