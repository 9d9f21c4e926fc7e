/* evidence_words: what may stand behind `muckctl evidence`, a file each. */
#ifndef MW_EVIDENCE_WORDS_H
#define MW_EVIDENCE_WORDS_H

int evidence_verify(int argc, char **argv);
int evidence_export(int argc, char **argv);
int evidence_transfer(int argc, char **argv);
int evidence_key(int argc, char **argv);

#endif
