#include "who_audit.h"

#include "clock.h"
#include "fd_whole.h"
#include "json_write.h"

#include <muckwatch/contract.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { FIELDS = 8, VALUE_MAX = 512, LINE_MAX_BYTES = 1 << 16 };

/* In the order of the contract. */
struct fields {
    const char *names[FIELDS];
    char values[FIELDS][VALUE_MAX];
};

/* Who asks: who has signed in, also behind sudo. */
static void put_user(char out[VALUE_MAX])
{
    const char *sudo = geteuid() == 0 ? getenv("SUDO_USER") : NULL;
    const struct passwd *user = getpwuid(getuid());
    if (sudo != NULL && sudo[0] != '\0')
        snprintf(out, VALUE_MAX, "%.200s", sudo);
    else if (user != NULL)
        snprintf(out, VALUE_MAX, "%.200s", user->pw_name);
    else
        snprintf(out, VALUE_MAX, "uid %lu", (unsigned long)getuid());
}

static void fill(const struct who_audit *a, struct fields *f)
{
    static const char *const names[FIELDS] = {"who", "at", "what", "from", "to", "near", "purpose", "source"};
    char host[128] = "";
    memcpy(f->names, names, sizeof names);
    gethostname(host, sizeof host - 1);
    put_user(f->values[0]);
    snprintf(f->values[1], VALUE_MAX, "%" PRId64, clock_wall().ms);
    snprintf(f->values[2], VALUE_MAX, "who");
    snprintf(f->values[3], VALUE_MAX, "%" PRId64, a->from_ms);
    snprintf(f->values[4], VALUE_MAX, "%" PRId64, a->to_ms);
    snprintf(f->values[5], VALUE_MAX, "%s", a->near);
    snprintf(f->values[6], VALUE_MAX, "%s", a->purpose != NULL ? a->purpose : "");
    snprintf(f->values[7], VALUE_MAX, "muckctl %s %.300s", host, a->archive);
}

static bool to_store(struct look *look, const struct who_audit *a, const struct fields *f)
{
    char key[MW_KEY_MAX];
    struct text words[3 + 2 * FIELDS] = {TEXT("XADD"), text_of(look_key(look, key, MW_KEY_AUDIT, TEXT(""))),
                                         TEXT("*")};
    const struct reply *reply;
    for (size_t i = 0; i < FIELDS; i++) {
        words[3 + 2 * i] = text_of(f->names[i]);
        words[4 + 2 * i] = text_of(f->values[i]);
    }
    if (store_command(look->store, words, sizeof words / sizeof words[0], 0, &reply))
        return true;
    fprintf(stderr, "%s: Redis: %s: the question is written to %s/audit.ndjson\n", a->command,
            store_error(look->store), a->archive);
    return false;
}

static bool write_whole(int fd, struct text line)
{
    ssize_t n = write(fd, line.data, line.len);
    if (n >= 0 && (size_t)n < line.len)
        errno = ENOSPC;
    return n == (ssize_t)line.len && fsync(fd) == 0;
}

static int to_folder(const struct who_audit *a, struct text line)
{
    char path[4096];
    snprintf(path, sizeof path, "%.4000s/audit.ndjson", a->archive);
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    /* The file may have been made: its name has to be on the disk as well. */
    bool ok = fd >= 0 && write_whole(fd, line) && folder_sync(a->archive);
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (ok)
        return EX_OK;
    fprintf(stderr, "%s: %s: %s: a question that cannot be written down is not answered\n", a->command, path,
            strerror(error));
    return error == EACCES || error == EPERM || error == EROFS ? EX_NOPERM : EX_CANTCREAT;
}

int who_audit(struct look *look, const struct who_audit *a)
{
    struct fields f;
    struct json_writer w;
    struct buf line;
    fill(a, &f);
    if (look->store != NULL && to_store(look, a, &f))
        return EX_OK;
    buf_init(&line, LINE_MAX_BYTES);
    json_writer_init(&w, &line);
    json_write_begin_object(&w);
    for (size_t i = 0; i < FIELDS; i++) {
        json_write_key(&w, f.names[i]);
        if (i == 1 || i == 3 || i == 4)
            json_write_raw(&w, text_of(f.values[i]));
        else
            json_write_string(&w, text_of(f.values[i]));
    }
    json_write_end_object(&w);
    buf_put_char(&line, '\n');
    int code = buf_ok(&line) ? to_folder(a, buf_text(&line)) : EX_OSERR;
    buf_fini(&line);
    return code;
}
