#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

int output_end(const char *program, int code)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (code != EX_OK)
        return code;
    /* The write that failed may lie far back, and its reason with it. */
    fprintf(stderr, "%s: the output could not be written%s%s\n", program, errno != 0 ? ": " : "",
            errno != 0 ? strerror(errno) : "");
    return EX_IOERR;
}

int output_made(bool (*write)(struct buf *out))
{
    struct buf out;
    buf_init(&out, OUTPUT_MAX);
    bool ok = write(&out);
    if (ok)
        fwrite(out.data, 1, out.len, stdout);
    buf_fini(&out);
    return ok ? EX_OK : EX_OSERR;
}
