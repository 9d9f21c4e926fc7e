#include "export_past.h"

#include "web_problem.h"

#define DAY_MS         INT64_C(86400000)
#define STRETCH_MIN_MS INT64_C(3600000)
#define STRETCH_MAX_MS (31 * DAY_MS)
enum { ROWS_FEW = 2000, ROWS_MANY = 20000 };

bool export_is_past(const struct gateway *g, const struct web_match *match, struct export_job *job,
                    enum past_kind kind)
{
    if (job->source == EXPORT_FROM_UNKNOWN)
        job->source = past_is_wanted(g, match, kind) ? EXPORT_FROM_PAST : EXPORT_FROM_MEMORY;
    return job->source == EXPORT_FROM_PAST;
}

static void on_stretch(void *arg, struct past_book *book, const char *why)
{
    struct export_job *job = arg;
    job->reading = false;
    job->failed = book == NULL;
    job->why = why;
    if (book != NULL)
        job->stretch = *book;
    exporting_go_on(job);
}

const struct past_book *export_stretch(struct gateway *g, const struct web_match *match,
                                       struct export_job *job, enum past_kind kind, struct web_answer *out)
{
    int64_t from_ms = (int64_t)web_match_number(match, "from", 0),
            to_ms = (int64_t)web_match_number(match, "to", 0);
    if (g->config.archive.dir.len == 0)
        web_problem_at(out, 400, NULL, "archived", TEXT("there is no archive"));
    else if (to_ms <= from_ms)
        web_problem_at(out, 400, NULL, "to", TEXT("of the archive `from` and `to` are asked"));
    if (out->status != 0)
        return NULL;
    if (job->stretch_ms == 0) {
        job->stretch_ms = DAY_MS;
        job->stretch_to_ms = to_ms;
    }
    if (past_book_is(&job->stretch))
        return &job->stretch;
    job->last = job->stretch_to_ms <= from_ms;
    if (job->last)
        return NULL;
    int64_t begin_ms = job->stretch_to_ms - job->stretch_ms;
    const struct past_wanted wanted = {
        .kind = kind, .from_ms = begin_ms > from_ms ? begin_ms : from_ms, .to_ms = job->stretch_to_ms};
    job->reading = out->later = past_read(g, &wanted, on_stretch, job);
    if (!out->later) {
        web_answer_field(out, "Retry-After", TEXT("5"));
        web_problem(out, 503, "too many are reading the archive");
    }
    return NULL;
}

void export_stretch_end(struct export_job *job, uint64_t rows)
{
    job->stretch_to_ms = job->stretch.from_ms;
    past_book_fini(&job->stretch);
    job->cursor[0] = '\0';
    job->page.count = job->page.at = 0;
    job->page.total = 0;
    if (rows < ROWS_FEW && job->stretch_ms < STRETCH_MAX_MS)
        job->stretch_ms = 2 * job->stretch_ms < STRETCH_MAX_MS ? 2 * job->stretch_ms : STRETCH_MAX_MS;
    else if (rows > ROWS_MANY && job->stretch_ms > STRETCH_MIN_MS)
        job->stretch_ms /= 2;
}
