/*
 * role: what somebody may do. Each may what the one before may.
 */
#ifndef MW_ROLE_H
#define MW_ROLE_H

enum role {
    ROLE_NOBODY, /* not signed in */
    ROLE_VIEWER,
    ROLE_DISPATCHER,
    ROLE_ENFORCER,
    ROLE_ADMIN,
    ROLE_COUNT
};

/* For a table of options; a role is its place, from 1. */
#define ROLE_WORDS "viewer|dispatcher|enforcer|admin"

#endif
