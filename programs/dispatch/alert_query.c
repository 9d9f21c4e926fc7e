#include "alert_query.h"

#include "web_problem.h"

static bool covers(const void *context, struct text jurisdiction, struct text company)
{
    return scope_covers(context, jurisdiction, company);
}

struct register_scope alert_scope(const struct person *who)
{
    if (scope_is_whole(&who->scope))
        return (struct register_scope){NULL, NULL};
    return (struct register_scope){covers, &who->scope};
}

static enum register_whether whether(const struct web_match *match, const char *name)
{
    struct text word = web_match_text(match, name, 0);
    return word.data == NULL ? WHETHER_ANY : text_equal(word, TEXT("true")) ? WHETHER_YES : WHETHER_NO;
}

/* A bit for each word that was said; `words` end with NULL. */
static unsigned bits_of(const struct web_match *match, const char *name, const char *const *words)
{
    unsigned bits = 0;
    struct text said;
    for (size_t n = 0; (said = web_match_text(match, name, n)).data != NULL; n++)
        for (size_t i = 0; words[i] != NULL; i++)
            if (text_equal(said, text_of(words[i])))
                bits |= 1u << i;
    return bits;
}

static bool read_columns(const struct web_match *match, struct alert_query *q)
{
    static const struct {
        const char *name;
        enum register_column column;
    } rows[ALERT_QUERY_COLUMNS_MAX] = {{"kind", COLUMN_KIND},       {"vehicle", COLUMN_VEHICLE},
                                       {"company", COLUMN_COMPANY}, {"jurisdiction", COLUMN_JURISDICTION},
                                       {"fence", COLUMN_FENCE},     {"permit", COLUMN_PERMIT},
                                       {"trip", COLUMN_TRIP},       {"assignee", COLUMN_TO}};
    size_t used = 0;
    q->question.wanted = q->wanted;
    for (size_t i = 0; i < ALERT_QUERY_COLUMNS_MAX; i++) {
        size_t first = used;
        struct text said;
        for (size_t n = 0; (said = web_match_text(match, rows[i].name, n)).data != NULL; n++) {
            if (used == ALERT_QUERY_VALUES_MAX)
                return false;
            q->values[used++] = said;
        }
        if (used > first)
            q->wanted[q->question.wanted_count++] =
                (struct register_wanted){rows[i].column, &q->values[first], used - first};
    }
    return true;
}

bool alert_query_read(const struct web_match *match, struct alert_query *out, struct web_answer *refusal)
{
    static const char *const severities[] = {"minor", "major", "critical", NULL};
    static const char *const conditions[] = {"active", "ended", "withdrawn", NULL};
    static const char *const states[] = {"open",     "acknowledged", "assigned", "handled",
                                         "reviewed", "closed",       NULL};
    struct register_query *q = &out->question;
    *q = (struct register_query){.now_ms = match->request->now.ms,
                                 .scope = alert_scope(match->request->who),
                                 .from_ms = (int64_t)web_match_number(match, "from", 0),
                                 .to_ms = (int64_t)web_match_number(match, "to", 0),
                                 .severities = bits_of(match, "severity", severities),
                                 .conditions = bits_of(match, "condition", conditions),
                                 .work_states = bits_of(match, "state", states),
                                 .plate_part = web_match_text(match, "plate", 0),
                                 .overdue = whether(match, "overdue"),
                                 .shelved = whether(match, "shelved"),
                                 .to_do = whether(match, "to_do")};
    if (read_columns(match, out))
        return true;
    web_problem(refusal, 400, "at most %d values can be asked for", ALERT_QUERY_VALUES_MAX);
    return false;
}
