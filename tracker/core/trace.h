/*
 * trace: what the rules found, moment by moment, for whoever has to explain a violation.
 *
 * A recorder that a caller hangs into the engine. It sees every finding before it is acted on, with the
 * moment, the settings and the episode as they then are, and afterwards the transitions; it changes nothing.
 * Without one the engine spends a comparison a rule on it.
 */
#ifndef MW_TRACE_H
#define MW_TRACE_H

#include "moment.h"
#include "outcome.h"
#include "rule.h"

struct trace_finding {
    const struct moment *moment;
    const struct rule *rule;
    const struct rule_settings *settings;
    const struct finding *finding; /* of a subject that has an episode and is not spoken of: the rest */
    const struct episode *episode; /* of that subject so far; NULL: none */
    int64_t received_ms;           /* TIME_NONE: a deadline */
};

struct trace {
    void *context;
    void (*finding)(void *context, const struct trace_finding *finding);
    void (*transition)(void *context, const struct transition *transition);
};

#endif
