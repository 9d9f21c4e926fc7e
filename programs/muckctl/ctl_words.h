/* ctl_words: a muckctl command that is several: a word behind it tells which. */
#ifndef MW_CTL_WORDS_H
#define MW_CTL_WORDS_H

#include <stddef.h>

struct ctl_word {
    const char *name, *summary;
    int (*run)(int argc, char **argv); /* argv[0] is the word */
};

struct ctl_words {
    const char *command;  /* "import", behind muckctl */
    const char *summary;  /* of its manual page */
    const char *operands; /* behind WORD [OPTIONS]; empty: none */
    const struct ctl_word *words;
    size_t count;
};

/* Runs the word of argv[1], or tells which there are. An exit code. */
int ctl_words_run(const struct ctl_words *w, int argc, char **argv);

#endif
