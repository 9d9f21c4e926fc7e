/*
 * desk: what people do about an alert.
 *
 * An alert has two states that know nothing of each other. Its condition is the tracker's: it goes on, is over, or never
 * was. Its work is people's, and only what they do moves it: an alert that ends by itself stays to be worked, and one that is
 * withdrawn while somebody works on it stays with them, marked, until they close it.
 *
 * One table (desk.c) says for each state and action where it leads and who may. `rev` counts the actions of an alert: a
 * request names the one it has seen, and what was decided on an older one is refused, so nobody acts on what has changed
 * behind them. The store's script (desk.lua) holds to that in one step; what is here decides before it is asked.
 *
 * No clock, no store: `now` is an argument. Texts are borrowed.
 */
#ifndef MW_DESK_H
#define MW_DESK_H

#include "fields.h"

#include <stdbool.h>
#include <stdint.h>

enum alert_condition { CONDITION_ACTIVE, CONDITION_ENDED, CONDITION_WITHDRAWN, CONDITION_COUNT };
enum alert_severity {
    SEVERITY_MINOR_ALERT,
    SEVERITY_MAJOR_ALERT,
    SEVERITY_CRITICAL_ALERT,
    ALERT_SEVERITY_COUNT
};

enum work_state {
    WORK_OPEN,
    WORK_ACKNOWLEDGED,
    WORK_ASSIGNED,
    WORK_HANDLED,
    WORK_REVIEWED,
    WORK_CLOSED,
    WORK_STATE_COUNT
};

enum desk_action {
    DESK_ACKNOWLEDGE,
    DESK_ASSIGN,
    DESK_NOTE,
    DESK_HANDLED,
    DESK_APPROVE, /* said as `review` with its verdict */
    DESK_REJECT,
    DESK_CLOSE,
    DESK_REOPEN,
    DESK_SHELVE,
    DESK_DUPLICATE,
    DESK_ACTION_COUNT
};

enum desk_refusal {
    DESK_OK,
    DESK_ROLE,      /* they may not */
    DESK_OWN,       /* they acknowledged it themselves: four eyes */
    DESK_STALE,     /* somebody was faster */
    DESK_NOT_NOW,   /* the action does not fit the state */
    DESK_UNHANDLED, /* to be closed, it has to be handled or reviewed, withdrawn, or a duplicate */
    DESK_UNTIL,     /* shelved into the past, or for longer than may be */
    DESK_ITSELF,    /* a duplicate of itself */
    DESK_FULL,      /* no more actions on one alert */
    DESK_REFUSAL_COUNT
};

enum {
    DESK_ID_LENGTH = 26,
    DESK_ACTIONS_MAX = 1000, /* of one alert: a page that has gone wild fills no stream */
    DESK_TEXT_MAX = 2000,    /* bytes of a reason, a note, a finding */
    DESK_NAME_MAX = 128,
    DESK_REQUEST_MAX = 64,
    DESK_MEDIA_MAX = 16,
    DESK_URI_MAX = 512,
};
#define DESK_SHELVE_MAX_MS INT64_C(28800000) /* a watch: 8 h */

/* The work on an alert, as far as it decides what may be done next. Zero is that of one nobody has touched. */
struct work {
    enum work_state state;
    uint32_t rev;
    int64_t until_ms;    /* shelved until then; 0: never was */
    int64_t reopened_ms; /* deadlines begin anew; 0: it never was */
    struct text acknowledged_by, to, of;
};

/* A request to act, read and found to be of its form. */
struct desk_request {
    enum desk_action action;
    uint32_t rev;
    struct text id, request;
    struct text why, to, found, reason, of;
    struct text media; /* a JSON array of texts, in media_bytes */
    int64_t until_ms;
    char media_bytes[DESK_MEDIA_MAX * (DESK_URI_MAX + 3) + 2];
};

struct desk_person {
    struct text who, from;
    bool works, reviews; /* a dispatcher, an enforcer */
};

struct desk_settings {
    bool four_eyes;
    int64_t ack_ms[ALERT_SEVERITY_COUNT], handle_ms[ALERT_SEVERITY_COUNT], close_ms[ALERT_SEVERITY_COUNT];
};

/* 2, 10 and 60 minutes to acknowledge; 2, 8 and 48 hours to handle; 4, 24 and 72 to close; by graver first. */
extern const struct desk_settings desk_settings_usual;

const char *work_state_word(enum work_state state);
bool work_state_find(struct text word, enum work_state *out);
const char *alert_condition_word(enum alert_condition condition);
bool alert_condition_find(struct text word, enum alert_condition *out);
const char *alert_severity_word(enum alert_severity severity);
/* What a newer tracker calls otherwise counts as the gravest: it must not go unseen. */
enum alert_severity alert_severity_of(struct text word);
/* As it stands in the stream; `review` for both verdicts. */
const char *desk_action_word(enum desk_action action);
/* A sentence for people. */
const char *desk_refusal_text(enum desk_refusal refusal);

/* Where the request leads. Nothing else is decided anywhere: the store only holds to `rev`. */
struct desk_case {
    const struct desk_settings *settings;
    const struct work *work;
    enum alert_condition condition;
    int64_t now_ms;
};
enum desk_refusal desk_decide(const struct desk_case *c, const struct desk_request *request,
                              const struct desk_person *person, enum work_state *out_next);

/*
 * Moves the work on by an entry of the stream `actions` that was written at `at_ms`. False, and nothing moved, for an
 * entry that is not the next one: of a rev that is known already, or of a state that there is not.
 */
bool work_take_action(struct work *work, struct fields entry, int64_t at_ms);
/* The work as the hash of an alert tells it. */
void work_of_hash(struct work *work, struct fields hash);

/* When the next thing has to be done by; INT64_MAX when nothing is. `told_ms`: when it was told first, by the store. */
int64_t desk_due(const struct desk_settings *settings, const struct work *work, enum alert_severity severity,
                 int64_t told_ms);

#endif
