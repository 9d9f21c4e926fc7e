/*
 * muckctl evidence: what is done with a sealed case: it is verified here, and the keeper is asked for the rest.
 */
#include "evidence_words.h"
#include "muckctl.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const struct evidence_word words[] = {
    {"verify", "judge a package of a case", evidence_verify},
    {"export", "get the package of a sealed case from the keeper", evidence_export},
    {"transfer", "hand a case over: into the log, with a receipt", evidence_transfer},
    {"key", "make, hand over and retire the signing key", evidence_key},
};
enum { WORDS = sizeof words / sizeof *words };

static int tell_words(FILE *out, bool man)
{
    fputs(man ? ".TH muckctl\\-evidence 1 \"\" \"Muckwatch " MW_VERSION
                "\"\n.SH NAME\nmuckctl\\-evidence \\- sealed cases\n"
                ".SH SYNOPSIS\n.B muckctl evidence\nWORD [OPTIONS]\n.SH WORDS\n"
              : "usage: muckctl evidence WORD [OPTIONS]\n\nWords:\n",
          out);
    for (size_t i = 0; i < WORDS; i++)
        fprintf(out, man ? ".TP\n.B %s\n%s\n" : "  %-12s %s\n", words[i].name, words[i].summary);
    if (!man)
        fputs("\n'muckctl evidence WORD --help' tells about one of them.\n", out);
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

const struct ctl_command ctl_evidence = {"evidence", "verify and export sealed cases", run};
