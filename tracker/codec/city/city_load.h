/*
 * city_load: what the loaders of a city's files share: where they are, what they complain of, what they
 * found.
 *
 * The files are written by people, so every complaint names the file, the thing by its kind and id (or its
 * place in the file, before it has shown an id) and the field. For each thing loaded an entry is kept: its
 * id, its file, and its canonical text, of which the hash of the world is made.
 *
 * Where all that is wrong is to be told (`all`), whoever loads goes on after a complaint, with the next
 * member, thing or file; what could not be used is false in the end all the same.
 */
#ifndef MW_CITY_LOAD_H
#define MW_CITY_LOAD_H

#include "arena.h"
#include "buf.h"
#include "city_report.h"
#include "json_tree.h"
#include "options.h"
#include "problem.h"
#include "world.h"

#include <stdbool.h>
#include <stddef.h>

struct city_entry {
    const char *what; /* "fence", "vehicle", "permit", "duty", "day", "year", "school day", "school year" */
    struct text id;
    struct text file;
    struct text canonical; /* its bytes only after city_settle; none where it could not be used */
    size_t canonical_at;   /* where they begin in city_load.canonicals */
    size_t at;             /* where it begins in its file */
    size_t order;          /* of loading */
    bool number;           /* the id is written as one */
};

/* Largest canonical text: it is recorded in Redis, which takes 512 MiB as one value (proto-max-bulk-len). */
#define CANONICAL_MAX ((size_t)512 << 20)
/* What there is beside entries and commas: settings, rules, keys. */
#define CANONICAL_REST ((size_t)1 << 20)

/*
 * Largest file that is read. The bytes of each are recorded in Redis, as is the canonical text.
 *
 * Memory while loading, beside the world: the file in hand (all, if the texts are wanted), the canonical text
 * of what has been read (once more, if they are), and 24 bytes for each JSON value of the fence in hand, or
 * of the file where it is no fences.
 */
#define FENCE_FILE_MAX ((size_t)512 << 20)
#define CITY_FILE_MAX  ((size_t)256 << 20)

enum { CITY_HARMLESS = 64 };

struct city_key {
    struct text name;
    const char *const *known; /* among which it stood */
};

struct city_load {
    struct world_builder *builder;
    struct mw_calendar *calendar;
    struct arena arena;    /* of the entries' ids */
    struct buf canonicals; /* of their canonical texts, one behind the other */
    struct city_entry *entries;
    size_t entry_count, entry_cap;
    struct city_report *report;
    struct city_facts *facts; /* of each thing, for doubts about their meaning (city_doubts.h); or NULL */
    uint32_t fence_points;    /* that a fence may have; 0: any number, of a world that was in force */
    bool all;                 /* go on after a complaint */
    bool no_memory;           /* after which nobody goes on */
    /* The file in hand: */
    struct text file, bytes;
    struct text_lines lines;
    /* The thing in hand: */
    const char *what;
    const char *at;       /* in the bytes; NULL: the file as a whole */
    struct text id;       /* once it has shown one */
    bool id_number;       /* which is written as a number */
    size_t number;        /* in its list, from 1 */
    struct arena scratch; /* cleared for each */
    /* Keys of the file in hand, by a hash, that look like none that is known: every thing has them again. */
    struct city_key harmless[CITY_HARMLESS];
};

/* Empties what is ours to fill; the rest is the caller's. */
void city_load_init(struct city_load *load);
void city_load_fini(struct city_load *load);

/* Begins a file. */
void city_begin_file(struct city_load *load, struct text path, struct text bytes);
/* Whether to look further, although something is wrong. */
static inline bool city_goes_on(const struct city_load *load)
{
    return load->all && !load->no_memory;
}

/* Whether the next step is due, after steps that were all right or not. */
static inline bool city_step(const struct city_load *load, bool ok)
{
    return ok || city_goes_on(load);
}

/* Says what is wrong with the thing in hand. Always false. */
bool city_fail(struct city_load *load, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same of a value in it, for its line. Always false. */
bool city_fail_at(struct city_load *load, const struct json_node *value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with the place filled in by the caller: a finding with `part` and what follows it. */
bool city_fail_placed(struct city_load *load, const struct json_node *value, struct city_finding place,
                      const char *reason);
/* The same for the file as a whole. Always false. */
bool city_fail_file(struct city_load *load, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool city_fail_memory(struct city_load *load);
/* Passes on what the builder said of the thing in hand; true for WORLD_OK. */
bool city_built(struct city_load *load, enum world_status status, const struct world_error *error);

/* The file as a whole; `what` is how it is called, or NULL. */
void city_begin_root(struct city_load *load, const char *what);
/* The thing in hand, before its id is known: number `index` from 0. */
void city_begin(struct city_load *load, const char *what, size_t index, const struct json_node *object);
/*
 * Its id, of the member `id`: a text, or a whole number, which becomes its digits (RFC 7946 allows both; 12.0
 * is 12). False, after complaining, where there is none, or a number that doubles do not hold.
 */
bool city_begin_id(struct city_load *load, const struct json_node *object, const char *missing);

/*
 * Reads a file into a tree, with elements of one list handed over as they come if `stream` is not NULL
 * (json_tree.h). False, with line and column in the problem, when it is not JSON or repeats a key.
 */
bool city_parse(struct city_load *load, struct text bytes, struct json_tree *tree,
                struct json_stream *stream);

/*
 * A member of an object; null counts as absent and leaves *out as it was. False, after complaining, when it
 * is of another type or out of range. Texts borrow from the tree.
 */
bool city_text(struct city_load *load, const struct json_node *object, const char *key, struct text *out);
struct city_range {
    double min, max;
};
bool city_number(struct city_load *load, const struct json_node *object, const char *key,
                 struct city_range range, double *out);
bool city_texts(struct city_load *load, const struct json_node *object, const char *key,
                const struct text **out, size_t *out_count);
/* The same of ids, which may be whole numbers. */
bool city_id(struct city_load *load, const struct json_node *object, const char *key, struct text *out);
bool city_ids(struct city_load *load, const struct json_node *object, const char *key,
              const struct text **out, size_t *out_count);
/* RFC 3339, or a date YYYY-MM-DD. */
bool city_when(struct city_load *load, const struct json_node *object, const char *key,
               struct when_spec *out);
/* An array of objects, or absent: NULL. */
bool city_array(struct city_load *load, const struct json_node *object, const char *key,
                const struct json_node **out);

/* Warns of keys that nobody knows but that look like one of `known` (ended by NULL): a slip of the finger. */
void city_warn_keys(struct city_load *load, const struct json_node *object, const char *const *known);
void city_warn(struct city_load *load, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Keeps an entry for the thing in hand: the members of `object` named in `known`, or all where it is NULL, as
 * canonical JSON. False without memory.
 */
bool city_keep(struct city_load *load, struct text id, const struct json_node *object,
               const char *const *known);
/* The same with what has been written to load->canonicals from `at` on. Also false when that makes more than
 * CANONICAL_MAX in all. */
bool city_keep_written(struct city_load *load, struct text id, size_t at);
/* An entry for the thing in hand, which could not be used, so that its id is known. Always false. */
bool city_keep_broken(struct city_load *load);
/* When all is loaded: gives the entries their canonical texts, which live as long as load->canonicals. */
void city_settle(struct city_load *load);

#endif
