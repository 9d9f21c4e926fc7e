/*
 * muckctl import: tables that a city has already, made into fences and duties.
 */
#include "import_words.h"
#include "muckctl.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const struct import_word words[] = {
    {"stops", "planned stops (CSV, NDJSON) into collection points and their duties", import_stops},
    {"segments", "centre lines of roads (GeoJSON) into segments that can be swept", import_segments},
};
enum { WORDS = sizeof words / sizeof *words };

static int tell_words(FILE *out, bool man)
{
    fputs(man ? ".TH muckctl\\-import 1 \"\" \"Muckwatch " MW_VERSION
                "\"\n.SH NAME\nmuckctl\\-import \\- tables of a city made into fences and duties\n"
                ".SH SYNOPSIS\n.B muckctl import\nWORD [OPTIONS] FILE\n.SH WORDS\n"
              : "usage: muckctl import WORD [OPTIONS] FILE\n\nWords:\n",
          out);
    for (size_t i = 0; i < WORDS; i++)
        fprintf(out, man ? ".TP\n.B %s\n%s\n" : "  %-12s %s\n", words[i].name, words[i].summary);
    if (!man)
        fputs("\n'muckctl import WORD --help' tells about one of them.\n", out);
    return EX_OK;
}

static int run(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    if (strcmp(word, "--help") == 0 || strcmp(word, "--man") == 0)
        return tell_words(stdout, strcmp(word, "--man") == 0);
    for (size_t i = 0; i < WORDS; i++)
        if (strcmp(word, words[i].name) == 0)
            return words[i].run(argc - 1, argv + 1);
    tell_words(stderr, false);
    return EX_USAGE;
}

const struct ctl_command ctl_import = {"import", "make a city's tables into fences and duties", run};
