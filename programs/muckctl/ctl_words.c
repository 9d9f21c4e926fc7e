#include "ctl_words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static void tell(const struct ctl_words *w, FILE *out)
{
    fprintf(out, "usage: muckctl %s WORD [OPTIONS]%s\n\nWords:\n", w->command, w->operands);
    for (size_t i = 0; i < w->count; i++)
        fprintf(out, "  %-12s %s\n", w->words[i].name, w->words[i].summary);
    fprintf(out, "\n'muckctl %s WORD --help' tells about one of them.\n", w->command);
}

static void tell_man(const struct ctl_words *w)
{
    printf(".TH muckctl\\-%s 1 \"\" \"Muckwatch " MW_VERSION
           "\"\n.SH NAME\nmuckctl\\-%s \\- %s\n.SH SYNOPSIS\n.B muckctl %s\nWORD [OPTIONS]%s\n.SH WORDS\n",
           w->command, w->command, w->summary, w->command, w->operands);
    for (size_t i = 0; i < w->count; i++)
        printf(".TP\n.B %s\n%s\n", w->words[i].name, w->words[i].summary);
}

int ctl_words_run(const struct ctl_words *w, int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    bool help = strcmp(word, "--help") == 0, man = strcmp(word, "--man") == 0;
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(word, w->words[i].name) == 0)
            return w->words[i].run(argc - 1, argv + 1);
    if (man)
        tell_man(w);
    else
        tell(w, help ? stdout : stderr);
    return help || man ? EX_OK : EX_USAGE;
}
