/*
 * arguments: a command line read by a table, and --help written from the same table.
 *
 * Every program and every muckctl command has one struct command_line. The options --help, --version and
 * --man need no row; --man writes the manual page that the build installs. `--name VALUE` and `--name=VALUE`
 * are the same; `--` ends the options; a single `-` is an operand.
 */
#ifndef MW_ARGUMENTS_H
#define MW_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum argument_type {
    ARGUMENT_END,
    ARGUMENT_FLAG,   /* out: bool */
    ARGUMENT_TEXT,   /* out: const char *, borrowed from argv */
    ARGUMENT_LIST,   /* out: struct argument_list; may be given several times */
    ARGUMENT_COUNT,  /* out: int64_t, from 0 */
    ARGUMENT_NUMBER, /* out: struct argument_number */
};

#define ARGUMENT_LIST_MAX 64

struct argument_list {
    const char *items[ARGUMENT_LIST_MAX];
    size_t count;
};

struct argument_number {
    double value, min, max;
};

struct argument {
    enum argument_type type;
    const char *name;  /* without the dashes */
    const char *value; /* what stands for it in --help; NULL for a flag */
    const char *text;  /* one line; a default is told here */
    void *out;         /* set when given, else untouched */
};

struct command_line {
    const char *program;              /* "muckwatchd", "muckctl replay" */
    const char *synopsis;             /* operands and the like, after the program: "[FIXES.ndjson | -]" */
    const char *about;                /* what it does: a paragraph or more, lines at most 100 wide */
    const struct argument *arguments; /* ended by ARGUMENT_END */
    size_t operands_min, operands_max;
};

enum arguments_status {
    ARGUMENTS_OK,
    ARGUMENTS_DONE,  /* --help, --version or --man was asked for and answered: exit 0 */
    ARGUMENTS_WRONG, /* told on stderr: exit EX_USAGE */
};

/* Reads argv[1...]. Operands, at most operands_max, go to out_operands; the rest of it is set to NULL. */
enum arguments_status arguments_read(const struct command_line *line, int argc, char **argv,
                                     const char **out_operands);
/* What every program that runs on wants: the path of --config, and a level of --log-level, which is set; NULL: not given. False
 * after a sentence on stderr: exit EX_USAGE. */
bool arguments_start(const char *program, const char *config, const char *level);
/* What --help prints. */
void arguments_help(const struct command_line *line, FILE *out);
/* The manual page, as roff. */
void arguments_man(const struct command_line *line, FILE *out);

#endif
