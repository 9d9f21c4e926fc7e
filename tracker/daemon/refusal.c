#include "refusal.h"

#include <string.h>

enum reason {
    REASON_OTHER,
    REASON_RIGHTS,
    REASON_MEMORY,
    REASON_DISK,
    REASON_LOADING,
    REASON_BUSY,
    REASON_REPLICA,
    REASON_LIBRARY,
    REASON_BROKEN,
    REASON_DAMAGED,
};

const char *const refusal_reasons[] = {"other",   "rights",  "memory", "disk",    "loading", "busy",
                                       "replica", "library", "broken", "damaged", NULL};

static const char no_function[] = "ERR Function not found";

/* What they begin with. */
static const struct {
    const char *word;
    enum reason reason;
} known[] = {
    {"NOPERM", REASON_RIGHTS},     {"NOAUTH", REASON_RIGHTS},      {"WRONGPASS", REASON_RIGHTS},
    {"DENIED", REASON_RIGHTS},     {"OOM", REASON_MEMORY},         {"MISCONF", REASON_DISK},
    {"LOADING", REASON_LOADING},   {"BUSY", REASON_BUSY},          {"UNKILLABLE", REASON_BUSY},
    {"READONLY", REASON_REPLICA},  {"MASTERDOWN", REASON_REPLICA}, {"NOREPLICAS", REASON_REPLICA},
    {no_function, REASON_LIBRARY}, {"BROKEN", REASON_BROKEN},      {"DAMAGED", REASON_DAMAGED},
};

static bool begins(struct text text, const char *word)
{
    size_t n = strlen(word);
    return text.len >= n && memcmp(text.data, word, n) == 0;
}

bool refusal_is_ours(struct text error)
{
    return begins(error, "MUCK ");
}

bool refusal_is_type(struct text error)
{
    return begins(error, "WRONGTYPE");
}

bool refusal_no_function(struct text error)
{
    return begins(error, no_function);
}

bool refusal_is_for_good(struct text error)
{
    return begins(error, "NOPERM ") || begins(error, "ERR ");
}

size_t refusal_reason(struct text error)
{
    enum reason reason = REASON_OTHER;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (begins(error, known[i].word))
            reason = known[i].reason;
    return reason;
}
