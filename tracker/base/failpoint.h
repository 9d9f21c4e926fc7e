/*
 * failpoint: places at which a test ends the program as a crash would.
 *
 * MW_FAILPOINT=NAME:COUNT in the environment ends it without a word, with FAILPOINT_EXIT, when the place of
 * that name is passed for the COUNT-th time. Only in builds with MW_FAILPOINTS (the sanitizer preset); in
 * others the function is empty. Called once a batch, never once a fix. The names are listed in
 * docs/TESTING.md.
 */
#ifndef MW_FAILPOINT_H
#define MW_FAILPOINT_H

#define FAILPOINT_EXIT 86

void failpoint_pass(const char *name);

#endif
