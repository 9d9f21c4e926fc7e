#include "desk.h"

#define HOUR_MS   INT64_C(3600000)
#define MINUTE_MS INT64_C(60000)

const struct desk_settings desk_settings_usual = {
    .ack_ms = {60 * MINUTE_MS, 10 * MINUTE_MS, 2 * MINUTE_MS},
    .handle_ms = {48 * HOUR_MS, 8 * HOUR_MS, 2 * HOUR_MS},
    .close_ms = {72 * HOUR_MS, 24 * HOUR_MS, 4 * HOUR_MS},
};

static const char *const state_words[WORK_STATE_COUNT] = {"open",    "acknowledged", "assigned",
                                                          "handled", "reviewed",     "closed"};
static const char *const condition_words[CONDITION_COUNT] = {"active", "ended", "withdrawn"};
static const char *const severity_words[ALERT_SEVERITY_COUNT] = {"minor", "major", "critical"};
static const char *const refusal_texts[DESK_REFUSAL_COUNT] = {
    [DESK_OK] = "done",
    [DESK_ROLE] = "your role may not do this",
    [DESK_OWN] = "whoever acknowledged an alert does not review it",
    [DESK_STALE] = "somebody was faster",
    [DESK_NOT_NOW] = "this does not fit the state it is in",
    [DESK_UNHANDLED] = "it is closed once it is handled or reviewed, withdrawn, or a duplicate",
    [DESK_UNTIL] = "an alert is shelved until a time to come, for 8 hours at most",
    [DESK_ITSELF] = "an alert is no duplicate of itself",
    [DESK_FULL] = "no more actions on one alert",
};

/* ---- the table ---- */

enum cell { NO, STAY, ACK, ASG, HND, REV, CLS, OPN };

struct row {
    const char *word;
    bool reviews; /* takes an enforcer; else a dispatcher does */
    enum cell to[WORK_STATE_COUNT];
};

/* From: open, acknowledged, assigned, handled, reviewed, closed. Assigning comes after acknowledging: a report counts the time
 * to the first acknowledgement, and what is handed on unseen was not acknowledged. */
static const struct row rows[DESK_ACTION_COUNT] = {
    [DESK_ACKNOWLEDGE] = {"acknowledge", false, {ACK, NO, NO, NO, NO, NO}},
    [DESK_ASSIGN] = {"assign", false, {NO, ASG, ASG, ASG, NO, NO}},
    [DESK_NOTE] = {"note", false, {STAY, STAY, STAY, STAY, STAY, STAY}},
    [DESK_HANDLED] = {"handled", false, {NO, HND, HND, NO, NO, NO}},
    [DESK_APPROVE] = {"review", true, {NO, NO, NO, REV, NO, NO}},
    [DESK_REJECT] = {"review", true, {NO, REV, REV, REV, NO, NO}},
    /* What is not handled closes only where there is nothing to handle: see below. */
    [DESK_CLOSE] = {"close", false, {CLS, CLS, CLS, CLS, CLS, NO}},
    [DESK_REOPEN] = {"reopen", false, {NO, NO, NO, NO, OPN, OPN}},
    [DESK_SHELVE] = {"shelve", false, {STAY, STAY, STAY, STAY, STAY, NO}},
    [DESK_DUPLICATE] = {"duplicate", false, {STAY, STAY, STAY, STAY, STAY, NO}},
};

static enum work_state state_of(enum cell cell, enum work_state now)
{
    static const enum work_state states[] = {
        [ACK] = WORK_ACKNOWLEDGED, [ASG] = WORK_ASSIGNED, [HND] = WORK_HANDLED,
        [REV] = WORK_REVIEWED,     [CLS] = WORK_CLOSED,   [OPN] = WORK_OPEN};
    return cell == STAY ? now : states[cell];
}

static bool find(const char *const *words, size_t count, struct text word, size_t *out)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(word, text_of(words[i]))) {
            *out = i;
            return true;
        }
    return false;
}

const char *work_state_word(enum work_state state)
{
    return state_words[state];
}

bool work_state_find(struct text word, enum work_state *out)
{
    size_t i;
    if (!find(state_words, WORK_STATE_COUNT, word, &i))
        return false;
    *out = (enum work_state)i;
    return true;
}

const char *alert_condition_word(enum alert_condition condition)
{
    return condition_words[condition];
}

bool alert_condition_find(struct text word, enum alert_condition *out)
{
    size_t i;
    if (!find(condition_words, CONDITION_COUNT, word, &i))
        return false;
    *out = (enum alert_condition)i;
    return true;
}

const char *alert_severity_word(enum alert_severity severity)
{
    return severity_words[severity];
}

enum alert_severity alert_severity_of(struct text word)
{
    size_t i = SEVERITY_CRITICAL_ALERT;
    find(severity_words, ALERT_SEVERITY_COUNT, word, &i);
    return (enum alert_severity)i;
}

const char *desk_action_word(enum desk_action action)
{
    return rows[action].word;
}

const char *desk_refusal_text(enum desk_refusal refusal)
{
    return refusal_texts[refusal];
}

/* ---- deciding ---- */

static bool has_nothing_to_handle(const struct desk_case *c)
{
    return c->condition == CONDITION_WITHDRAWN || c->work->of.len > 0 || c->work->state >= WORK_HANDLED;
}

enum desk_refusal desk_decide(const struct desk_case *c, const struct desk_request *request,
                              const struct desk_person *person, enum work_state *out_next)
{
    const struct row *row = &rows[request->action];
    enum cell cell = row->to[c->work->state];
    if (!(row->reviews ? person->reviews : person->works))
        return DESK_ROLE;
    if (request->rev != c->work->rev)
        return DESK_STALE;
    if (cell == NO)
        return DESK_NOT_NOW;
    if (row->reviews && c->settings->four_eyes && text_equal(person->who, c->work->acknowledged_by))
        return DESK_OWN;
    if (request->action == DESK_CLOSE && !has_nothing_to_handle(c))
        return DESK_UNHANDLED;
    /* 0 takes it off the shelf. */
    if (request->action == DESK_SHELVE && request->until_ms != 0 &&
        (request->until_ms <= c->now_ms || request->until_ms - c->now_ms > DESK_SHELVE_MAX_MS))
        return DESK_UNTIL;
    if (request->action == DESK_DUPLICATE && text_equal(request->of, request->id))
        return DESK_ITSELF;
    if (c->work->rev >= DESK_ACTIONS_MAX)
        return DESK_FULL;
    *out_next = state_of(cell, c->work->state);
    return DESK_OK;
}

/* ---- what was done ---- */

static bool is_action(struct fields entry, enum desk_action action)
{
    return text_equal(fields_value(entry, "action"), text_of(rows[action].word));
}

bool work_take_action(struct work *work, struct fields entry, int64_t at_ms)
{
    int64_t rev = fields_whole(entry, "rev", 0);
    enum work_state state;
    if (rev <= (int64_t)work->rev || rev > UINT32_MAX ||
        !work_state_find(fields_value(entry, "state"), &state))
        return false;
    work->state = state;
    work->rev = (uint32_t)rev;
    if (is_action(entry, DESK_ACKNOWLEDGE))
        work->acknowledged_by = fields_value(entry, "who");
    if (is_action(entry, DESK_ASSIGN))
        work->to = fields_value(entry, "to");
    if (is_action(entry, DESK_SHELVE))
        work->until_ms = fields_whole(entry, "until", 0);
    if (is_action(entry, DESK_DUPLICATE))
        work->of = fields_value(entry, "of");
    if (is_action(entry, DESK_CLOSE))
        work->until_ms = 0;
    if (is_action(entry, DESK_REOPEN)) {
        work->reopened_ms = at_ms;
        work->until_ms = 0;
        work->of = work->to = work->acknowledged_by = (struct text){"", 0};
    }
    return true;
}

void work_of_hash(struct work *work, struct fields hash)
{
    *work = (struct work){.rev = (uint32_t)fields_whole(hash, "rev", 0),
                          .until_ms = fields_whole(hash, "until", 0),
                          .reopened_ms = fields_whole(hash, "reopen_at", 0),
                          .acknowledged_by = fields_value(hash, "acknowledge_by"),
                          .to = fields_value(hash, "to"),
                          .of = fields_value(hash, "of")};
    work_state_find(fields_value(hash, "state"), &work->state);
}

int64_t desk_due(const struct desk_settings *settings, const struct work *work, enum alert_severity severity,
                 int64_t told_ms)
{
    const int64_t *const within[WORK_STATE_COUNT] = {settings->ack_ms,    settings->handle_ms,
                                                     settings->handle_ms, settings->close_ms,
                                                     settings->close_ms,  NULL};
    const int64_t *times = within[work->state];
    if (times == NULL)
        return INT64_MAX;
    return (work->reopened_ms > told_ms ? work->reopened_ms : told_ms) + times[severity];
}
