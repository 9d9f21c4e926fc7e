/*
 * users_edit: `muckwatch-dispatch passwd` and `token`: a user in users.yaml is made, or gets another password,
 * token or role.
 *
 * The file is written whole beside the old one and takes its place, readable by its owner alone, who stays who it
 * was. Two at a time wait for each other.
 */
#ifndef MW_USERS_EDIT_H
#define MW_USERS_EDIT_H

#include "dispatch_config.h"

struct users_edit {
    const char *name;
    const char *role; /* NULL: it stays; somebody new needs one */
    bool token;       /* else a password, from standard input */
};

/* An exit code; what is wrong is told on standard error, a token on standard output. */
int users_edit(const struct dispatch_config *config, const struct users_edit *edit);

#endif
