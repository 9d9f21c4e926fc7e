/*
 * city_load: what the loaders of a city's files share: where they are, what they complain of, what they
 * found.
 *
 * The files are written by people, so every complaint names the file, the thing by its kind and id (or its
 * place in the file, before it has shown an id) and the field. For each thing loaded an entry is kept: its
 * id, its file, and its canonical text, of which the hash of the world is made.
 */
#ifndef MW_CITY_LOAD_H
#define MW_CITY_LOAD_H

#include "arena.h"
#include "buf.h"
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
    struct text canonical; /* its bytes only after city_settle */
    size_t canonical_at;   /* where they begin in city_load.canonicals */
};

/* Largest canonical text: it is recorded in Redis, which takes 512 MiB as one value (proto-max-bulk-len). */
#define CANONICAL_MAX ((size_t)512 << 20)
/* What there is beside entries and commas: settings, rules, keys. */
#define CANONICAL_REST ((size_t)1 << 20)

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
    struct problem *problem;
    void (*warn)(void *context, const char *text); /* may be NULL */
    void *warn_context;
    /* The thing in hand: */
    struct text file;
    const char *what;
    char label[160];      /* ` "id"` or ` 12` */
    struct arena scratch; /* cleared for each */
    /* Keys of the file in hand, by a hash, that look like none that is known: every thing has them again. */
    struct city_key harmless[CITY_HARMLESS];
};

/* Empties what is ours to fill; the rest is the caller's. */
void city_load_init(struct city_load *load);
void city_load_fini(struct city_load *load);

/* Says what is wrong with the thing in hand. Always false. */
bool city_fail(struct city_load *load, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for the file as a whole. Always false. */
bool city_fail_file(struct city_load *load, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool city_fail_memory(struct city_load *load);
/* Passes on what the builder said of the thing in hand; true for WORLD_OK. */
bool city_built(struct city_load *load, enum world_status status, const struct world_error *error);

/* The thing in hand, before its id is known: number `index` from 0. */
void city_begin(struct city_load *load, const char *what, size_t index);
void city_begin_id(struct city_load *load, struct text id);

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
bool city_number(struct city_load *load, const struct json_node *object, const char *key, double min,
                 double max, double *out);
bool city_texts(struct city_load *load, const struct json_node *object, const char *key,
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
/* When all is loaded: gives the entries their canonical texts, which live as long as load->canonicals. */
void city_settle(struct city_load *load);

#endif
