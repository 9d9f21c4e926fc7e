/* alert_query: the parameters of a request as a question to the register, within the scope of whoever asks. */
#ifndef MW_ALERT_QUERY_H
#define MW_ALERT_QUERY_H

#include "people.h"
#include "register.h"
#include "web_route.h"

enum { ALERT_QUERY_VALUES_MAX = 64, ALERT_QUERY_COLUMNS_MAX = 8, ALERTS_LISTED_MAX = 500 };

/* The question's arrays lie in it: it is not to be copied. */
struct alert_query {
    struct register_query question;
    struct register_wanted wanted[ALERT_QUERY_COLUMNS_MAX];
    struct text values[ALERT_QUERY_VALUES_MAX];
};

/* Of a route whose row has the parameters of ALERT_PARAMETERS. False, with a problem: too many values. */
bool alert_query_read(const struct web_match *match, struct alert_query *out, struct web_answer *refusal);
struct register_scope alert_scope(const struct person *who);

#define ALERT_TEXT(word)                                                                                     \
    {                                                                                                        \
        word, WEB_PARAMETER_TEXT, .min = 0, .max = 255, .repeats = true                                      \
    }
#define ALERT_WHETHER(word)                                                                                  \
    {                                                                                                        \
        word, WEB_PARAMETER_WORD, .words = "true|false"                                                      \
    }
#define ALERT_PARAMETERS                                                                                     \
    {"from", WEB_PARAMETER_WHOLE, .min = 0, .max = 4102444800000},                                           \
        {"to", WEB_PARAMETER_WHOLE, .min = 0, .max = 4102444800000},                                         \
        {"severity", WEB_PARAMETER_WORD, .words = "minor|major|critical", .repeats = true},                  \
        {"condition", WEB_PARAMETER_WORD, .words = "active|ended|withdrawn", .repeats = true},               \
        {"state", WEB_PARAMETER_WORD, .words = "open|acknowledged|assigned|handled|reviewed|closed",         \
         .repeats = true},                                                                                   \
        {"plate", WEB_PARAMETER_TEXT, .min = 1, .max = 64}, ALERT_TEXT("kind"), ALERT_TEXT("vehicle"),       \
        ALERT_TEXT("company"), ALERT_TEXT("jurisdiction"), ALERT_TEXT("fence"), ALERT_TEXT("permit"),        \
        ALERT_TEXT("trip"), ALERT_TEXT("assignee"), ALERT_WHETHER("overdue"), ALERT_WHETHER("shelved"),      \
        ALERT_WHETHER("to_do")

#endif
