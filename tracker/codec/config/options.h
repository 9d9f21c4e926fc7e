/*
 * options: a program's configuration as a table, one row an option, and YAML bound to it.
 *
 * A row says where the option stands in the file (`mqtt.port`), where its value goes in the program's own
 * struct, its type, range, unit, default, and one line for people. From the same table come the reading of
 * the file with its errors, the list of options in --help and the manual page, and the sample configuration;
 * so none of them can lag behind another.
 *
 * The file is YAML 1.1 as libyaml reads it, but values are taken by the row's type, not guessed: no `yes` for
 * true, no octal, no quoted numbers. An unknown key, a key that stands twice, a wrong type and a value out of
 * range are errors with file, line and column. libcyaml was rejected: it cannot take keys that only the data
 * know (the classes below a rule) and gives no line for a value out of range.
 *
 * Values that are texts live in the caller's arena, followed by a zero byte. Not for the path of a fix.
 */
#ifndef MW_OPTIONS_H
#define MW_OPTIONS_H

#include "arena.h"
#include "buf.h"
#include "json_write.h"
#include "problem.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_list {
    struct text *items;
    size_t count;
};

struct whole_list {
    uint32_t *items;
    size_t count;
};

enum option_type {
    OPTION_TEXT,    /* struct text */
    OPTION_FILE,    /* struct text: a path, relative ones from the configuration file's folder */
    OPTION_FILES,   /* struct text_list of such paths */
    OPTION_TEXTS,   /* struct text_list */
    OPTION_BOOL,    /* bool: true or false */
    OPTION_WHOLE,   /* uint32_t */
    OPTION_WHOLES,  /* struct whole_list of them */
    OPTION_NUMBER,  /* double */
    OPTION_SECONDS, /* int64_t milliseconds, written in seconds; as the next two, with a fraction if need be
                     */
    OPTION_HOURS,
    OPTION_DAYS,
    OPTION_WORD, /* an enum (int): place in `words`, from 1 */
    OPTION_TREE, /* whatever stands below keys that only the data know; read by `tree` */
};

struct options_reader;
struct options_node;

/*
 * Reads what stands below one key of an OPTION_TREE row whose path ends in `.*`. `out` is what the row's
 * offset points to. Uses options_bind for mappings, options_fail to refuse; false after that.
 */
typedef bool options_tree(struct options_reader *reader, struct text key, const struct options_node *node,
                          void *out);

struct option {
    const char *path; /* keys joined by dots */
    enum option_type type;
    size_t offset;       /* of the value in the program's struct */
    double min, max;     /* numbers: range, in the unit of the file; texts: lengths, 0 to 0: any */
    const char *initial; /* as it would be written in the file; NULL: nothing, the struct keeps what it has */
    const char *unit;
    const char *text;    /* one line for people */
    const char *words;   /* OPTION_WORD: "minor|major|critical" */
    const char *example; /* for the sample, where there is no initial value */
    bool required;
    options_tree *tree;
};

struct options_table {
    const struct option *rows;
    size_t count; /* at most OPTIONS_ROWS_MAX */
};

#define OPTIONS_ROWS_MAX 64

/* A table of an array of rows. */
#define OPTIONS_TABLE(rows) ((struct options_table){(rows), sizeof(rows) / sizeof((rows)[0])})

/* Puts the table's initial values into `out`. False without memory; a bad initial value is our bug and
 * asserted. */
bool options_set_initial(struct options_table table, struct arena *arena, void *out);

/* A file to be read: its content, and what errors call it; its folder is where relative paths begin. */
struct options_source {
    struct text name, bytes;
};

/* Where values go: the program's own struct, which has its initial values, and the arena for texts. */
struct options_target {
    void *out;
    struct arena *arena;
};

/* Reads a file. False, with file, line, column and reason in the problem; `target.out` may then be half
 * filled. */
bool options_read(struct options_table table, struct options_source source, struct options_target target,
                  struct problem *out_problem);

/* Who hears of each thing that is wrong; reading then goes on behind it, and is false in the end. */
struct options_hearing {
    void (*tell)(void *context, const struct problem *problem); /* NULL: nobody */
    void *context;
};

bool options_read_all(struct options_table table, struct options_source source, struct options_target target,
                      struct options_hearing hearing, struct problem *out_problem);

/* For trees: binds the mapping below a key to another table and struct. */
bool options_bind(struct options_reader *reader, const struct options_node *node, struct options_table table,
                  void *out);
/* For trees: says what is wrong with a key or its value. Always false. */
bool options_fail(struct options_reader *reader, const struct options_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* For trees: the arena for whatever has to stay. */
struct arena *options_arena(struct options_reader *reader);

/* The sample configuration: every row with its text, unit, range and value as it is in `values`. */
void options_write_sample(struct options_table table, const void *values, struct buf *out);
/* The same as a list for --help, one row a line or two. */
void options_write_help(struct options_table table, const void *values, struct buf *out);
/* The same as roff for the manual page's OPTIONS section. */
void options_write_man(struct options_table table, const void *values, struct buf *out);

/*
 * The values as one JSON object, for what is derived from a configuration: of the rows whose path is `prefix`
 * and one more key, that key, sorted, and the value in the unit of the file.
 */
void options_write_json(struct options_table table, const char *prefix, const void *values,
                        struct json_writer *out);

/* One row's value as text. */
void options_write_value(const struct option *row, const void *values, struct buf *out);

#endif
