#include "archive_state.h"

#include <stdlib.h>

enum {
    SUMS_EVERY_MS = 60000,
    SUMS_AT_ONCE = 8,
    BROKEN_MS = 1000,
    COMMAND_MAX = 1 << 20,
    LINE_MAX = 1 << 20,
    FIELDS_MAX = 1 << 22,
    LAGS_MS = 60000
};

void archive_tell(struct archive *a, enum log_level level, const char *event, const struct log_field *fields)
{
    if (a->options.tell != NULL)
        a->options.tell(a->options.context, level, event, fields);
}

/* All that is in memory may be ahead of the disk: it is forgotten, and read again after a pause. */
struct archive_step archive_broken(struct archive *a, const char *what)
{
    ARCHIVE_TELL(a, LOG_LEVEL_ERROR, "archive_broken", LOG_STR("at", what),
                 LOG_STR("disk", a->disk->why(a->disk->context)));
    a->figures.failures++;
    a->broken = a->failing = true;
    a->waiting = false;
    a->figures.reached_ms = 0;
    archive_unload(a);
    return (struct archive_step){.kind = ARCHIVE_SLEEP, .after_ms = BROKEN_MS};
}

struct archive *archive_new(const struct archive_options *options)
{
    struct archive *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    a->options = *options;
    a->disk = options->disk;
    buf_init(&a->command, COMMAND_MAX);
    buf_init(&a->line, LINE_MAX);
    buf_init(&a->fields, FIELDS_MAX);
    buf_init(&a->places, COMMAND_MAX);
    a->chunk_summing.gap_ms = options->days != NULL ? options->gap_ms : -1;
    if (options->days != NULL)
        a->summing = summing_new(a->disk, *options->days, options->gap_ms);
    if (archive_load(a))
        return a;
    archive_free(a);
    return NULL;
}

void archive_free(struct archive *a)
{
    if (a == NULL)
        return;
    archive_unload(a);
    buf_fini(&a->command);
    buf_fini(&a->line);
    buf_fini(&a->fields);
    buf_fini(&a->places);
    summing_free(&a->summing);
    day_points_fini(&a->chunk_summing.points);
    free(a);
}

static struct archive_step waiting(void)
{
    return (struct archive_step){.kind = ARCHIVE_WAIT};
}

/* Figures of tracks, some vehicles at a time; where nothing is due it is looked again after a while. */
static bool sum_some(struct archive *a, bool *out_more)
{
    *out_more = false;
    if (a->options.days == NULL || a->wall.ms < a->sum_ms)
        return true;
    const struct archive_due due = summing_due(&a->summing, a->wall.ms);
    *out_more = true;
    for (int i = 0; i < SUMS_AT_ONCE && *out_more; i++) {
        if (!summing_some(&a->summing, &due, out_more))
            return false;
        a->figures.sums += *out_more;
    }
    a->sum_ms = *out_more ? 0 : a->wall.ms + SUMS_EVERY_MS;
    return true;
}

/* What is open is closed in slices, and what is old goes, between sweeps. */
static struct archive_step on_due(struct archive *a)
{
    bool more, sums = false;
    if (a->broken) {
        if (!archive_load(a))
            return archive_broken(a, "load");
        a->broken = false;
    }
    if (!archive_forget(a))
        return archive_broken(a, "forgetting");
    if (!archive_close_some(a, &more))
        return archive_broken(a, "closing");
    if (!more && !sum_some(a, &sums))
        return archive_broken(a, "summing");
    if (a->connected && !a->waiting)
        return archive_sweep_begin(a);
    return more || sums ? (struct archive_step){.kind = ARCHIVE_SLEEP} : waiting();
}

static struct archive_step on_lost(struct archive *a)
{
    bool undone = a->in_turn && !a->broken;
    a->connected = a->waiting = a->registered = false;
    a->vehicles_known = -1;
    if (!undone)
        return a->broken ? (struct archive_step){.kind = ARCHIVE_SLEEP, .after_ms = BROKEN_MS} : waiting();
    /* Whether the store has this turn's number is not known: it is read and begun again. */
    a->broken = !archive_load(a);
    return a->broken ? archive_broken(a, "load") : waiting();
}

struct archive_step archive_take(struct archive *a, const struct archive_fact *fact)
{
    a->wall = fact->wall;
    a->mono = fact->mono;
    switch (fact->kind) {
    case ARCHIVE_CONNECTED:
        a->connected = true;
        a->registered = false;
        a->vehicles_known = -1;
        return a->broken ? (struct archive_step){.kind = ARCHIVE_SLEEP, .after_ms = BROKEN_MS} : on_due(a);
    case ARCHIVE_LOST:
        return on_lost(a);
    case ARCHIVE_ANSWERED:
        if (!a->waiting || fact->answer->type == ANSWER_LOST)
            return waiting(); /* LOST follows */
        a->waiting = false;
        return archive_sweep_answer(a, fact->answer);
    case ARCHIVE_DUE:
        return a->waiting ? waiting() : on_due(a);
    }
    return waiting();
}

void archive_figures(const struct archive *a, struct wall now, struct archive_figures *out)
{
    *out = a->figures;
    out->connected = a->connected;
    out->broken = a->broken || a->failing;
    out->lags = !a->connected || out->broken || a->upto_ms == 0 || now.ms - a->upto_ms > LAGS_MS;
    out->life = a->state.life;
    out->turn = a->state.turn;
    out->batch = a->registered_batch;
    out->upto_ms = a->upto_ms;
    out->streams = (uint32_t)a->count;
    out->missed = 0;
    for (size_t i = 0; i < a->count; i++)
        out->missed += a->streams[i].missed;
    out->open_bytes = 0;
    for (size_t i = 0; i < ARCHIVE_DAYS_MAX; i++)
        out->open_bytes += a->days[i].open.bytes + a->days[i].closing.bytes;
}
