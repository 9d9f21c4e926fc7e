/*
 * How far the archive has come while it catches up: how much of the time between where it began and the store's present
 * the stream has behind it that is furthest behind.
 */
#include "archiving.h"

#include "log.h"
#include "progress.h"

enum { BEHIND_MS = 60000, TELL_EVERY_MS = 10000 };

static uint64_t taken(const struct archive_figures *f)
{
    return f->lines + f->rows + f->marks;
}

static void begin(struct archiving *a, const struct archive_figures *f, int64_t now_ms)
{
    a->catching_up.from_ms = f->reached_ms;
    a->catching_up.told_ms = now_ms - TELL_EVERY_MS;
    a->catching_up.taken = taken(f);
}

static void end(struct archiving *a, const struct archive_figures *f)
{
    progress_clear();
    log_info("archive_caught_up", LOG_INT("entries", taken(f) - a->catching_up.taken));
    a->catching_up.from_ms = 0;
}

void archiving_progress(struct archiving *a, const struct archive_figures *f)
{
    int64_t behind_ms = f->reached_ms > 0 ? f->sweep_ms - f->reached_ms : 0, now_ms = loop_now(a->loop).ms;
    if (a->catching_up.from_ms == 0 && behind_ms < BEHIND_MS)
        return;
    if (a->catching_up.from_ms == 0)
        begin(a, f, now_ms);
    if (f->reached_ms == 0) {
        if (f->connected && !f->broken)
            end(a, f);
        return;
    }
    double all_ms = (double)(f->sweep_ms - a->catching_up.from_ms);
    double share = all_ms > 0 ? (double)(f->reached_ms - a->catching_up.from_ms) / all_ms : 1;
    progress_draw(share, "archived");
    if (now_ms - a->catching_up.told_ms < TELL_EVERY_MS)
        return;
    a->catching_up.told_ms = now_ms;
    log_info("archive_catching_up", LOG_INT("percent", share * 100), LOG_INT("behind_s", behind_ms / 1000),
             LOG_INT("entries", taken(f) - a->catching_up.taken));
}
