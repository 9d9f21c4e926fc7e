/*
 * muckctl evidence: what is done with a sealed case: it is verified here, and the keeper is asked for the rest.
 */
#include "ctl_words.h"
#include "evidence_words.h"
#include "muckctl.h"

static const struct ctl_word words[] = {
    {"verify", "judge a package of a case", evidence_verify},
    {"export", "get the package of a sealed case from the keeper", evidence_export},
    {"transfer", "hand a case over: into the log, with a receipt", evidence_transfer},
    {"key", "make, hand over and retire the signing key", evidence_key},
};
static const struct ctl_words all = {"evidence", "sealed cases", "", words, sizeof words / sizeof *words};

static int run(int argc, char **argv)
{
    return ctl_words_run(&all, argc, argv);
}

const struct ctl_command ctl_evidence = {"evidence", "verify and export sealed cases", run};
