/*
 * muckctl evidence key: the keeper's signing key: made, handed over, done away with.
 *
 * No key is ever written over. A hand-over is a statement that both keys have signed; the keeper puts it into the log when it is started
 * with the new key. A kill on the way leaves KEY.next, with which the same command goes on: the key in force changes by one rename.
 */
#include "arguments.h"
#include "evidence_config.h"
#include "evidence_file.h"
#include "evidence_words.h"
#include "public_pem.h"
#include "tlog_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static const char command[] = "muckctl evidence key";
#define STATEMENT "keys/rotation"

enum { PATH_BYTES = 4096, ID_DIGITS = 8 };

/* A key in memory that is locked; its name is in its text. */
struct held_key {
    char *text;
    unsigned char *secret;
    size_t len;
    struct tlog_key key;
};

static bool hold(struct held_key *k)
{
    *k = (struct held_key){.text = sodium_malloc(TLOG_SECRET_TEXT_MAX),
                           .secret = sodium_malloc(TLOG_SECRET_BYTES)};
    if (k->text != NULL && k->secret != NULL)
        return true;
    fprintf(stderr, "%s: out of memory that can be locked\n", command);
    return false;
}

static void let_go(struct held_key *k)
{
    sodium_free(k->text);
    sodium_free(k->secret);
}

static int fail(const char *path)
{
    fprintf(stderr, "%s: %s: %s\n", command, path, strerror(errno));
    return errno == EACCES || errno == EPERM ? EX_NOPERM : errno == EEXIST ? EX_CANTCREAT : EX_IOERR;
}

static int read_key(const char *path, struct held_key *k)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd >= 0 ? read(fd, k->text, TLOG_SECRET_TEXT_MAX) : -1;
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    if (n < 0)
        return fail(path);
    k->len = (size_t)n;
    if (tlog_secret_read((struct text){k->text, k->len}, &k->key, k->secret))
        return EX_OK;
    fprintf(stderr, "%s: %s: it is no signing key\n", command, path);
    return EX_DATAERR;
}

/* A new file, 0400, never over one that is there. */
static int write_key(const char *path, const struct held_key *k)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
    if (fd < 0)
        return fail(path);
    bool ok = write(fd, k->text, k->len) == (ssize_t)k->len && fchmod(fd, 0400) == 0 && fsync(fd) == 0;
    int error = errno;
    ok = close(fd) == 0 && ok;
    if (ok)
        return EX_OK;
    unlink(path);
    errno = error;
    return fail(path);
}

static int make_key(const char *path, struct text name, struct held_key *k)
{
    k->len = tlog_secret_make(name, k->text, &k->key, k->secret);
    if (k->len > 0)
        return write_key(path, k);
    fprintf(stderr, "%s: origin: it is no name of a log\n", command);
    return EX_CONFIG;
}

/* For the notice board: the key as text, as OpenSSL has it, and its fingerprint. */
static int tell(const struct tlog_key *key)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof hash + 1];
    struct buf out;
    buf_init(&out, 1 << 16);
    tlog_vkey_write(key, &out);
    buf_puts(&out, "\n\n");
    public_pem_write(key->bytes, &out);
    crypto_hash_sha256(hash, key->bytes, TLOG_KEY_BYTES);
    buf_printf(&out, "\nSHA-256 of the key: %s\n", sodium_bin2hex(hex, sizeof hex, hash, sizeof hash));
    bool ok = buf_ok(&out) && fwrite(out.data, 1, out.len, stdout) == out.len;
    buf_fini(&out);
    return ok ? EX_OK : EX_IOERR;
}

/* ---- words ---- */

static int init(const struct evidence_config *c, const char *operand)
{
    struct held_key k;
    (void)operand;
    int code = hold(&k) ? make_key(c->key_file.data, c->origin, &k) : EX_OSERR;
    if (code == EX_OK)
        code = tell(&k.key);
    let_go(&k);
    return code;
}

/* The folder's owner is the keeper, who has to read it. */
static int put_statement(const struct evidence_config *c, const struct held_key *old,
                         const struct held_key *now)
{
    char path[PATH_BYTES];
    struct stat folder;
    struct buf note;
    buf_init(&note, TLOG_NOTE_MAX);
    tlog_rotation_write(&old->key, old->secret, &now->key, now->secret, &note);
    snprintf(path, sizeof path, "%s/" STATEMENT, c->evidence_dir.data);
    bool ok = buf_ok(&note) && evidence_file_put(c->evidence_dir.data, STATEMENT, buf_text(&note), 0440) &&
              stat(c->evidence_dir.data, &folder) == 0 &&
              (geteuid() != 0 || chown(path, folder.st_uid, folder.st_gid) == 0);
    buf_fini(&note);
    return ok ? EX_OK : fail(path);
}

/* The old key stays beside the new one, until it is retired. */
static int change_over(const char *path, const char *next, const struct held_key *old)
{
    char kept[PATH_BYTES];
    snprintf(kept, sizeof kept, "%s.%08x", path, tlog_key_id(&old->key));
    if (link(path, kept) != 0 && errno != EEXIST)
        return fail(kept);
    return rename(next, path) == 0 ? EX_OK : fail(path);
}

static int rotate(const struct evidence_config *c, const char *operand)
{
    char next[PATH_BYTES];
    struct held_key old, now;
    (void)operand;
    snprintf(next, sizeof next, "%s.next", c->key_file.data);
    bool held = hold(&old);
    held = hold(&now) && held;
    int code = held ? read_key(c->key_file.data, &old) : EX_OSERR;
    if (code == EX_OK)
        code = access(next, F_OK) == 0 ? read_key(next, &now) : make_key(next, c->origin, &now);
    if (code == EX_OK)
        code = put_statement(c, &old, &now);
    if (code == EX_OK)
        code = change_over(c->key_file.data, next, &old);
    if (code == EX_OK)
        code = tell(&now.key);
    if (code == EX_OK)
        fprintf(stderr,
                "%s: the keeper signs with it from its next start on; then `retire %08x` does away with the "
                "old one\n",
                command, tlog_key_id(&old.key));
    let_go(&old);
    let_go(&now);
    return code;
}

/* Whether what others see is signed with the key in force: before, the old one is still needed. */
static bool is_in_force(const struct evidence_config *c, const struct tlog_key *key)
{
    struct tlog_note parts;
    struct buf note;
    buf_init(&note, TLOG_NOTE_MAX);
    bool is = evidence_file_get(c->evidence_dir.data, "log/checkpoint", &note) &&
              tlog_note_split(buf_text(&note), &parts) && tlog_note_check(&parts, key) == TLOG_SIGNED;
    buf_fini(&note);
    return is;
}

static int wipe(const char *path)
{
    static const char zeros[TLOG_SECRET_TEXT_MAX];
    struct stat st;
    if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return fail(path);
    if (chmod(path, 0600) != 0)
        return fail(path);
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    bool ok = fd >= 0 && write(fd, zeros, sizeof zeros) == (ssize_t)sizeof zeros && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok && unlink(path) == 0 ? EX_OK : fail(path);
}

static int retire(const struct evidence_config *c, const char *operand)
{
    char path[PATH_BYTES];
    struct held_key now, old;
    if (operand == NULL || strlen(operand) != ID_DIGITS || strspn(operand, "0123456789abcdef") != ID_DIGITS) {
        fprintf(stderr, "%s: retire needs the old key's id, 8 hexadecimal digits\n", command);
        return EX_USAGE;
    }
    snprintf(path, sizeof path, "%s.%s", c->key_file.data, operand);
    bool held = hold(&now);
    held = hold(&old) && held;
    int code = held ? read_key(c->key_file.data, &now) : EX_OSERR;
    if (code == EX_OK)
        code = read_key(path, &old);
    if (code == EX_OK &&
        (memcmp(old.key.bytes, now.key.bytes, TLOG_KEY_BYTES) == 0 || !is_in_force(c, &now.key))) {
        fprintf(stderr, "%s: no checkpoint is signed with another key yet: start the keeper first\n",
                command);
        code = EX_TEMPFAIL;
    }
    if (code == EX_OK)
        code = wipe(path);
    let_go(&now);
    let_go(&old);
    return code;
}

static const struct {
    const char *name;
    int (*run)(const struct evidence_config *c, const char *operand);
} words[] = {{"init", init}, {"rotate", rotate}, {"retire", retire}};

static int with_config(const char *path, size_t word, const char *operand)
{
    struct evidence_config config;
    struct problem problem = {"out of memory"};
    int code = EX_CONFIG;
    if (!evidence_config_init(&config) || !evidence_config_read_file(&config, path, &problem))
        fprintf(stderr, "%s: %s\n", command, problem.text);
    else if (sodium_init() < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        code = EX_OSERR;
    else
        code = words[word].run(&config, operand);
    evidence_config_fini(&config);
    return code;
}

int evidence_key(int argc, char **argv)
{
    const char *config = NULL, *operands[2] = {NULL};
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "config", "FILE", "the keeper's configuration, evidence.yaml", &config}, {0}};
    const struct command_line line = {command,
                                      "init|rotate|retire ID --config FILE",
                                      "`init` makes the signing key where key_file says (0400, never over "
                                      "one that is there) and prints its public half.\n"
                                      "`rotate` makes another, has both sign a statement that the log goes "
                                      "over to it, and puts it in the place of the old\n"
                                      "one, which stays beside it under its id. `retire ID` does away with "
                                      "that once a checkpoint is signed with the new one.",
                                      rows,
                                      1,
                                      2};
    enum arguments_status status = arguments_read(&line, argc, argv, operands);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    for (size_t i = 0; i < sizeof words / sizeof *words && config != NULL; i++)
        if (strcmp(operands[0], words[i].name) == 0)
            return with_config(config, i, operands[1]);
    fprintf(stderr, "%s: expected init, rotate or retire, and --config FILE; see --help\n", command);
    return EX_USAGE;
}
