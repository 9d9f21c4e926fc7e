/* evidence_words: what may stand behind `muckctl evidence`, a file each. */
#ifndef MW_EVIDENCE_WORDS_H
#define MW_EVIDENCE_WORDS_H

struct evidence_word {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv); /* argv[0] is the word */
};

int evidence_verify(int argc, char **argv);
int evidence_export(int argc, char **argv);
int evidence_transfer(int argc, char **argv);
int evidence_key(int argc, char **argv);

#endif
