/*
 * case_facts: a sealed case read once, as what people ask of it: what was told last, each fix in order of time, who did what, the world's fences.
 *
 * Texts and values borrow from the entries of the case and from the facts' own arena; they hold as long as both.
 */
#ifndef MW_CASE_FACTS_H
#define MW_CASE_FACTS_H

#include "arena.h"
#include "fix.h"
#include "json_tree.h"
#include "names.h"
#include "problem.h"
#include "sealed.h"
#include "world.h"

struct case_fix {
    struct fix fix; /* `boot` is kept */
    int64_t received_ms;
    int64_t batch;
    uint32_t n;         /* its number in raw.jsonl */
    struct text sha256; /* of its bytes, as text */
    struct text late;   /* "1", "clock"; empty: in order */
};

struct case_action {
    int64_t at_ms;
    struct text stream; /* "actions", or "audit" */
    struct text who, action, verdict, reason, why, found, to;
    struct text what, purpose, edition; /* of audit */
};

/* What the tracker's clock was like: the largest error that was sampled. */
struct case_clock {
    bool sampled, unsynchronised;
    int64_t worst_error_us, worst_offset_us;
};

struct case_facts {
    struct sealed_header header;
    const struct json_node *revisions; /* of violation.json */
    const struct json_node *last;      /* the one that stands */
    struct case_fix *fixes;            /* by time, then by number */
    size_t fix_count, fix_cap;
    size_t hole_count;
    struct case_action *actions;
    size_t action_count, action_cap;
    struct case_clock clock;
    const struct json_node *canonical; /* the world's text */
    struct names *names;
    struct world *world; /* of it; its zone tells times */
    struct json_tree violation_tree, world_tree;
    struct arena arena;
};

/* False, with the file in the problem, where an entry is missing or not of its form. case_facts_fini is due either way. */
bool case_facts_read(const struct sealed_case *c, struct case_facts *out, struct problem *out_problem);
void case_facts_fini(struct case_facts *f);

/* A field of a revision, as the stream has it; empty: it has none. */
struct text case_field(const struct json_node *revision, const char *name);
/* A number of one; NaN where there is none. */
double case_number(const struct json_node *revision, const char *name);
/* The beginning, and the end or the last moment that was told. */
int64_t case_start_ms(const struct case_facts *f);
int64_t case_end_ms(const struct case_facts *f);
bool case_is_within(const struct case_facts *f, const struct case_fix *fix);

/* The member of the world's list of that name whose id this is; NULL: none. */
const struct json_node *case_world_item(const struct case_facts *f, const char *list, struct text id);

/* "2026-05-08 21:38:26" in the city's zone; with milliseconds if they are wanted. */
void case_put_time(const struct case_facts *f, int64_t ms, bool with_ms, struct buf *out);
/* What a kind is called, for people. */
const char *case_kind_zh(struct text kind);
/* Words of sensors: empty where nothing was said. */
const char *case_cover(const struct fix *fix);
const char *case_body(const struct fix *fix);
const char *case_load(const struct fix *fix);

#endif
