#include "arguments.h"

#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifndef MW_VERSION
#error "MW_VERSION comes from the build"
#endif

static void wrong(const struct command_line *line, const char *what, const char *which)
{
    fprintf(stderr, "%s: %s '%.80s'; '%s --help' tells what there is\n", line->program, what, which,
            line->program);
}

static const struct argument *find(const struct command_line *line, const char *name, size_t length)
{
    for (const struct argument *a = line->arguments; a != NULL && a->type != ARGUMENT_END; a++)
        if (strlen(a->name) == length && memcmp(a->name, name, length) == 0)
            return a;
    return NULL;
}

static bool take_count(const char *value, int64_t *out)
{
    char *end;
    errno = 0;
    long long n = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || n < 0)
        return false;
    *out = n;
    return true;
}

static bool take_number(const char *value, struct argument_number *out)
{
    char *end;
    double n = strtod(value, &end); /* programs stay in the C locale */
    if (end == value || *end != '\0' || !(n >= out->min && n <= out->max))
        return false;
    out->value = n;
    return true;
}

/* Stores a value. False when it does not fit the type. */
static bool take_value(const struct argument *a, const char *value)
{
    if (a->type == ARGUMENT_COUNT)
        return take_count(value, a->out);
    if (a->type == ARGUMENT_NUMBER)
        return take_number(value, a->out);
    if (a->type == ARGUMENT_LIST) {
        struct argument_list *list = a->out;
        if (list->count == ARGUMENT_LIST_MAX)
            return false;
        list->items[list->count++] = value;
        return true;
    }
    *(const char **)a->out = value;
    return true;
}

static void wrong_value(const struct command_line *line, const struct argument *a, const char *value)
{
    fprintf(stderr, "%s: --%s %.80s: ", line->program, a->name, value);
    if (a->type == ARGUMENT_NUMBER)
        fprintf(stderr, "expected a number from %.15g to %.15g\n",
                ((const struct argument_number *)a->out)->min, ((const struct argument_number *)a->out)->max);
    else if (a->type == ARGUMENT_COUNT)
        fputs("expected a whole number from 0\n", stderr);
    else
        fprintf(stderr, "may be given %d times at most\n", ARGUMENT_LIST_MAX);
}

/* --help and its like. False when the word is none of them. */
static bool answer(const struct command_line *line, const char *word)
{
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        arguments_help(line, stdout);
    else if (strcmp(word, "--version") == 0)
        printf("%s %s\n", line->program, MW_VERSION);
    else if (strcmp(word, "--man") == 0)
        arguments_man(line, stdout);
    else
        return false;
    return true;
}

/* One option; *at moves on when its value is the next word. */
static enum arguments_status take_option(const struct command_line *line, int argc, char **argv, int *at)
{
    const char *word = argv[*at] + 2;
    size_t length = strcspn(word, "=");
    const struct argument *a = find(line, word, length);
    if (a == NULL) {
        wrong(line, "there is no option", argv[*at]);
        return ARGUMENTS_WRONG;
    }
    const char *value = word[length] == '=' ? word + length + 1 : NULL;
    if (a->type == ARGUMENT_FLAG) {
        if (value != NULL) {
            wrong(line, "no value belongs to", argv[*at]);
            return ARGUMENTS_WRONG;
        }
        *(bool *)a->out = true;
        return ARGUMENTS_OK;
    }
    if (value == NULL && *at + 1 < argc)
        value = argv[++*at];
    if (value == NULL) {
        wrong(line, "a value is missing after", argv[*at]);
        return ARGUMENTS_WRONG;
    }
    if (!take_value(a, value)) {
        wrong_value(line, a, value);
        return ARGUMENTS_WRONG;
    }
    return ARGUMENTS_OK;
}

static enum arguments_status take_operand(const struct command_line *line, const char *word,
                                          const char **operands, size_t *count)
{
    if (*count == line->operands_max) {
        wrong(line, "one word too many:", word);
        return ARGUMENTS_WRONG;
    }
    operands[(*count)++] = word;
    return ARGUMENTS_OK;
}

enum arguments_status arguments_read(const struct command_line *line, int argc, char **argv,
                                     const char **out_operands)
{
    size_t count = 0;
    bool options = true;
    for (int at = 1; at < argc; at++) {
        const char *word = argv[at];
        enum arguments_status status = ARGUMENTS_OK;
        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options && answer(line, word)) {
            return ARGUMENTS_DONE;
        } else if (options && strncmp(word, "--", 2) == 0) {
            status = take_option(line, argc, argv, &at);
        } else if (options && word[0] == '-' && word[1] != '\0') {
            wrong(line, "options begin with two dashes:", word);
            status = ARGUMENTS_WRONG;
        } else {
            status = take_operand(line, word, out_operands, &count);
        }
        if (status != ARGUMENTS_OK)
            return status;
    }
    if (count < line->operands_min) {
        fprintf(stderr, "usage: %s %s\n", line->program, line->synopsis);
        return ARGUMENTS_WRONG;
    }
    for (size_t i = count; i < line->operands_max; i++)
        out_operands[i] = NULL;
    return ARGUMENTS_OK;
}

static void help_row(FILE *out, const char *name, const char *value, const char *text)
{
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", name, value != NULL ? " " : "", value != NULL ? value : "");
    fprintf(out, "  %-24s %s\n", left, text);
}

void arguments_help(const struct command_line *line, FILE *out)
{
    fprintf(out, "usage: %s %s\n\n%s\n\nOptions:\n", line->program, line->synopsis, line->about);
    for (const struct argument *a = line->arguments; a != NULL && a->type != ARGUMENT_END; a++)
        help_row(out, a->name, a->value, a->text);
    help_row(out, "help", NULL, "print this and exit");
    help_row(out, "version", NULL, "print the version and exit");
}

/* A dash or a dot at the start of a line means something to roff. */
static void man_text(const char *text, FILE *out)
{
    bool line_start = true;
    for (; *text != '\0'; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '-' || *text == '\\')
            putc('\\', out);
        putc(*text, out);
        line_start = *text == '\n';
    }
}

static void man_row(FILE *out, const char *name, const char *value, const char *text)
{
    fprintf(out, ".TP\n\\fB\\-\\-");
    man_text(name, out);
    fprintf(out, "\\fR%s%s%s\n", value != NULL ? " \\fI" : "", value != NULL ? value : "",
            value != NULL ? "\\fR" : "");
    man_text(text, out);
    putc('\n', out);
}

void arguments_man(const struct command_line *line, FILE *out)
{
    char page[64];
    snprintf(page, sizeof page, "%s", line->program);
    for (char *c = page; *c != '\0'; c++)
        if (*c == ' ')
            *c = '-';
    fprintf(out, ".TH %s 1 \"\" \"Muckwatch %s\"\n.SH NAME\n%s \\- part of Muckwatch\n.SH SYNOPSIS\n.B %s\n",
            page, MW_VERSION, page, line->program);
    man_text(line->synopsis, out);
    fputs("\n.SH DESCRIPTION\n", out);
    man_text(line->about, out);
    fputs("\n.SH OPTIONS\n", out);
    for (const struct argument *a = line->arguments; a != NULL && a->type != ARGUMENT_END; a++)
        man_row(out, a->name, a->value, a->text);
    man_row(out, "help", NULL, "print the options and exit");
    man_row(out, "version", NULL, "print the version and exit");
    fputs(".SH EXIT STATUS\n0 when all went well, otherwise a code of sysexits.h: 64 for a wrong command "
          "line, 65 for bad input,\n"
          "66 for a file that cannot be read, 69 when a server cannot be reached, 75 to try again later, 78 "
          "for a bad\n"
          "configuration.\n.SH SEE ALSO\n.BR muckwatchd (1),\n.BR muckctl (1),\n.BR muckwatch.yaml (5)\n",
          out);
}

bool arguments_start(const char *program, const char *config, const char *level)
{
    enum log_level found = LOG_LEVEL_INFO;
    bool known = level == NULL || log_level_find(text_of(level), &found);
    if (config == NULL)
        fprintf(stderr, "%s: --config FILE is needed; see --help\n", program);
    else if (!known)
        fprintf(stderr, "%s: --log-level '%.32s': expected error, warn, info or debug\n", program, level);
    if (config == NULL || !known)
        return false;
    log_set_level(found);
    return true;
}
