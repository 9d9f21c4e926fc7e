/*
 * register_steps: when an alert was acknowledged, handled and closed first, since it was told or reopened, and whether that was in time.
 */
#include "register_state.h"

static void note(int64_t *done_ms, int64_t at_ms)
{
    if (*done_ms == 0)
        *done_ms = at_ms;
}

void register_note_step(struct alert_more *more, struct text action, int64_t at_ms)
{
    if (text_equal(action, TEXT("reopen")))
        memset(more->done_ms, 0, sizeof more->done_ms);
    else if (text_equal(action, TEXT("acknowledge")))
        note(&more->done_ms[STEP_ACKNOWLEDGE], at_ms);
    else if (text_equal(action, TEXT("handled")) || text_equal(action, TEXT("review")))
        note(&more->done_ms[STEP_HANDLE], at_ms);
    else if (text_equal(action, TEXT("close")))
        note(&more->done_ms[STEP_CLOSE], at_ms);
}

/* It has the last time of each action: the first one where it was done once. */
void register_note_hash(struct alert_more *more, struct fields hash)
{
    static const char *const names[STEP_COUNT] = {"acknowledge_at", "handled_at", "close_at"};
    int64_t reopened_ms = fields_whole(hash, "reopen_at", 0);
    for (int i = 0; i < STEP_COUNT; i++) {
        int64_t at_ms = fields_whole(hash, names[i], 0);
        if (more->done_ms[i] <= reopened_ms)
            more->done_ms[i] = 0;
        if (at_ms > reopened_ms)
            note(&more->done_ms[i], at_ms);
    }
}

/* A step that was left out by closing is not counted: it was withdrawn, or a duplicate. */
void register_count_steps(const struct register_book *r, uint32_t number, int64_t now_ms,
                          struct register_steps *out)
{
    const struct alert_row *row = &r->rows[number];
    const struct alert_more *more = &r->mores[number];
    const struct desk_settings *desk = r->settings.desk;
    const int64_t *const within[STEP_COUNT] = {desk->ack_ms, desk->handle_ms, desk->close_ms};
    int64_t begun_ms = more->reopened_ms > more->told_ms ? more->reopened_ms : more->told_ms;
    bool given_up = row->work == WORK_CLOSED || (row->condition == CONDITION_WITHDRAWN && !row->touched);
    for (int i = 0; i < STEP_COUNT; i++) {
        int64_t due_ms = begun_ms + within[i][row->severity], done_ms = more->done_ms[i];
        if (done_ms != 0 && done_ms <= due_ms)
            out->in_time[i]++;
        else if (done_ms != 0 || (!given_up && now_ms > due_ms))
            out->late[i]++;
        else if (!given_up)
            out->pending[i]++;
    }
}
