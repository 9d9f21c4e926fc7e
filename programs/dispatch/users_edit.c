#include "users_edit.h"

#include "fd_whole.h"
#include "file_text.h"
#include "password.h"
#include "people.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { FILE_SIZE_MAX = 16 << 20, PATH_SIZE = 4096 };

static int fail(int code, const char *what, const char *why)
{
    fprintf(stderr, "muckwatch-dispatch: %s: %s\n", what, why);
    return code;
}

/* What belongs to the person and has to live until the file is written. */
struct proof {
    char hash[PASSWORD_HASH_SIZE], token[SECRET_CHARS + 1], token_hash[TOKEN_HASH_SIZE + 1];
};

static int read_password(char out[PASSWORD_MAX + 2])
{
    if (fgets(out, PASSWORD_MAX + 2, stdin) == NULL)
        return fail(EX_DATAERR, "standard input", "expected a line with the password");
    size_t n = strcspn(out, "\r\n");
    bool whole = out[n] != '\0' || n <= PASSWORD_MAX;
    out[n] = '\0';
    if (!whole || n < PASSWORD_MIN || n > PASSWORD_MAX)
        return fail(EX_DATAERR, "the password", "has 8 to 256 bytes");
    return EX_OK;
}

static int prove_password(struct person *p, struct proof *proof)
{
    char line[PASSWORD_MAX + 2];
    int code = read_password(line);
    if (code == EX_OK && !password_hash(text_of(line), proof->hash))
        code = fail(EX_OSERR, "the password", "there is no memory to hash it in");
    sodium_memzero(line, sizeof line);
    p->password = text_of(proof->hash);
    return code;
}

static void prove_token(struct person *p, struct proof *proof)
{
    uint8_t bytes[SECRET_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    secret_write(bytes, proof->token);
    secret_hash(text_of(proof->token), proof->token_hash);
    p->token = text_of(proof->token_hash);
    sodium_memzero(bytes, sizeof bytes);
}

static int set_role(struct person *p, const char *role)
{
    static const char *const names[ROLE_COUNT] = {"", "viewer", "dispatcher", "enforcer", "admin"};
    if (role == NULL)
        return p->role != ROLE_NOBODY ? EX_OK : fail(EX_USAGE, "--role", "somebody new needs one");
    for (int i = ROLE_VIEWER; i < ROLE_COUNT; i++)
        if (strcmp(role, names[i]) == 0) {
            p->role = (enum role)i;
            return EX_OK;
        }
    return fail(EX_USAGE, "--role", "takes viewer, dispatcher, enforcer or admin");
}

/* ---- the file ---- */

/* Beside the old one, under its owner, and then in its place. */
static int replace(const char *path, int folder, struct text bytes)
{
    char beside[PATH_SIZE];
    struct stat old;
    if (snprintf(beside, sizeof beside, "%s.XXXXXX", path) >= (int)sizeof beside)
        return fail(EX_CANTCREAT, path, "the path is too long");
    int fd = mkstemp(beside); /* readable by its owner alone */
    if (fd < 0)
        return fail(EX_CANTCREAT, path, strerror(errno));
    bool owned = stat(path, &old) != 0 || (old.st_uid == geteuid() && old.st_gid == getegid()) ||
                 fchown(fd, old.st_uid, old.st_gid) == 0;
    bool ok = owned && fd_write_whole(fd, bytes) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    ok = ok && rename(beside, path) == 0 && fsync(folder) == 0;
    if (ok)
        return EX_OK;
    int error = errno;
    unlink(beside);
    return fail(EX_CANTCREAT, path, strerror(error));
}

/* The folder, held so that nobody else edits meanwhile; -1. */
static int hold_folder(const char *path)
{
    char folder[PATH_SIZE];
    const char *slash = strrchr(path, '/');
    int n = slash != NULL ? snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path)
                          : snprintf(folder, sizeof folder, ".");
    if (n >= (int)sizeof folder)
        return -1;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* A file that is not there yet has nobody in it. */
static int read_people_file(const char *path, struct people *people, struct buf *bytes)
{
    struct problem problem;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return EX_OK;
    if (file_text_read(path, bytes, &problem) &&
        people_read(people, text_of(path), buf_text(bytes), &problem))
        return EX_OK;
    fprintf(stderr, "muckwatch-dispatch: %s\n", problem.text);
    return EX_CONFIG;
}

static int edit_people(struct people *people, const struct users_edit *edit, struct proof *proof)
{
    struct text name = text_of(edit->name);
    if (!person_name_valid(name))
        return fail(EX_USAGE, "NAME", "has 1 to 64 bytes: letters, digits, _ and -");
    struct person *p = people_take(people, name);
    if (p == NULL)
        return fail(EX_OSERR, edit->name, "there is no room for another user");
    int code = set_role(p, edit->role);
    if (code == EX_OK && edit->token)
        prove_token(p, proof);
    else if (code == EX_OK)
        code = prove_password(p, proof);
    return code;
}

static int edit_held(const char *path, int folder, const struct users_edit *edit)
{
    struct people people;
    struct buf bytes, out;
    struct proof proof = {0};
    people_init(&people);
    buf_init(&bytes, FILE_SIZE_MAX);
    buf_init(&out, FILE_SIZE_MAX);
    int code = read_people_file(path, &people, &bytes);
    if (code == EX_OK)
        code = edit_people(&people, edit, &proof);
    if (code == EX_OK) {
        people_write(&people, &out);
        code = buf_ok(&out) ? replace(path, folder, buf_text(&out))
                            : fail(EX_OSERR, path, "it would be too large");
    }
    if (code == EX_OK && edit->token)
        printf("%s\n", proof.token);
    sodium_memzero(&proof, sizeof proof);
    buf_fini(&bytes);
    buf_fini(&out);
    people_fini(&people);
    return code;
}

int users_edit(const struct dispatch_config *config, const struct users_edit *edit)
{
    if (sodium_init() < 0)
        return fail(EX_OSERR, "libsodium", "cannot be used");
    int folder = hold_folder(config->users.data);
    if (folder < 0)
        return fail(EX_CANTCREAT, config->users.data, "its folder cannot be opened");
    int code = edit_held(config->users.data, folder, edit);
    close(folder);
    return code;
}
