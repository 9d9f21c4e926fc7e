/* failpoint: the environment is read at the first place passed. */
#include "failpoint.h"

#ifdef MW_FAILPOINTS

#include <stdlib.h>
#include <string.h>

void failpoint_pass(const char *name)
{
    static const char *wanted;
    static size_t wanted_len;
    static long left = -1; /* not read yet */
    if (left < 0) {
        wanted = getenv("MW_FAILPOINT");
        const char *colon = wanted != NULL ? strchr(wanted, ':') : NULL;
        wanted_len = colon != NULL ? (size_t)(colon - wanted) : 0;
        left = colon != NULL ? strtol(colon + 1, NULL, 10) : 0;
    }
    if (left <= 0 || strlen(name) != wanted_len || strncmp(name, wanted, wanted_len) != 0)
        return;
    if (--left == 0)
        _Exit(FAILPOINT_EXIT);
}

#else

void failpoint_pass(const char *name)
{
    (void)name;
}

#endif
