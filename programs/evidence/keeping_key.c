/*
 * The key, and that it is the log's: the first entry of the log names its key, and each rotation the one that follows, signed by both.
 */
#include "keeping.h"

#include "evidence_file.h"
#include "json_tree.h"
#include "json_write.h"
#include "log.h"
#include "tlog_secret.h"
#include "tlog_tile.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define STATEMENT "keys/rotation"

/* ---- reading ---- */

static bool is_kept_well(int fd, const char *path, struct problem *out_problem)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        problem_set(out_problem, "key_file: %s: %s", path, strerror(errno));
        return false;
    }
    if (S_ISREG(st.st_mode) && (st.st_mode & 077) == 0)
        return true;
    problem_set(out_problem, "key_file: %s: expected a file that its owner alone can read (mode 0400)", path);
    return false;
}

/* Straight into locked memory: no buffer of a stream has it. */
static bool read_into(int fd, struct keeping_key *out, size_t *out_len)
{
    size_t len = 0;
    for (ssize_t n;
         len < TLOG_SECRET_TEXT_MAX && (n = read(fd, out->text + len, TLOG_SECRET_TEXT_MAX - len)) != 0;) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        len += (size_t)n;
    }
    *out_len = len;
    return true;
}

bool keeping_key_read(const char *path, struct keeping_key *out, struct problem *out_problem)
{
    size_t len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        problem_set(out_problem, "key_file: %s: %s", path, strerror(errno));
        return false;
    }
    out->text = sodium_malloc(TLOG_SECRET_TEXT_MAX);
    out->secret = sodium_malloc(TLOG_SECRET_BYTES);
    bool ok = out->text != NULL && out->secret != NULL;
    if (!ok)
        problem_set(out_problem, "out of memory that can be locked");
    ok = ok && is_kept_well(fd, path, out_problem);
    if (ok && !(read_into(fd, out, &len) &&
                tlog_secret_read((struct text){out->text, len}, &out->key, out->secret))) {
        problem_set(out_problem, "key_file: %s: it is no signing key (muckctl evidence key init makes one)",
                    path);
        ok = false;
    }
    close(fd);
    if (ok)
        sodium_mprotect_readonly(out->secret);
    return ok;
}

void keeping_key_wipe(struct keeping_key *key)
{
    sodium_free(key->secret);
    sodium_free(key->text);
    *key = (struct keeping_key){0};
}

/* ---- the log's ---- */

static void put_vkey_entry(const struct tlog_key *key, struct buf *out)
{
    buf_puts(out, "{\"record\":\"muckwatch/key/1\",\"key\":\"");
    tlog_vkey_write(key, out);
    buf_puts(out, "\"}");
}

static void put_rotation_entry(struct text note, struct buf *out)
{
    buf_puts(out, "{\"record\":\"muckwatch/rotation/1\",\"note\":");
    json_put_string(out, note);
    buf_puts(out, "}");
}

static bool is_same(const struct tlog_key *a, const struct tlog_key *b)
{
    return text_equal(a->name, b->name) && memcmp(a->bytes, b->bytes, TLOG_KEY_BYTES) == 0;
}

/* What the newest entry about keys names. Its texts are in `tree` and `entry`. */
static bool read_newest(struct keeping *k, int64_t index, struct buf *entry, struct json_tree *tree,
                        struct tlog_key *out)
{
    struct tlog_rotation rotation;
    if (!evidence_log_entry(k->log, (uint64_t)index, entry) ||
        json_tree_read(tree, buf_text(entry), NULL) != JSON_TREE_OK)
        return false;
    const struct json_node *vkey = json_node_member(tree->nodes, "key"),
                           *note = json_node_member(tree->nodes, "note");
    if (json_node_is(vkey, JSON_NODE_STRING))
        return tlog_vkey_read(json_node_text(vkey), out);
    if (!json_node_is(note, JSON_NODE_STRING) || !tlog_rotation_read(json_node_text(note), &rotation))
        return false;
    *out = rotation.now;
    return true;
}

/* A statement that the log's key has handed over to the one in hand, in the log from now on. */
static int rotate(struct keeping *k, const struct tlog_key *newest, struct problem *out_problem)
{
    struct buf note, entry;
    struct tlog_rotation rotation;
    int code = EX_CONFIG;
    buf_init(&note, TLOG_NOTE_MAX);
    buf_init(&entry, TLOG_NOTE_MAX);
    if (!evidence_file_get(k->config.evidence_dir.data, STATEMENT, &note) ||
        !tlog_rotation_read(buf_text(&note), &rotation) || !is_same(&rotation.old, newest) ||
        !is_same(&rotation.now, &k->key.key)) {
        problem_set(
            out_problem,
            "key_file: %s: the log is signed with another key, and no statement in evidence_dir/" STATEMENT
            " hands over from that one to this",
            k->config.key_file.data);
    } else {
        put_rotation_entry(buf_text(&note), &entry);
        code = buf_ok(&entry) && keeping_log(k, buf_text(&entry)) ? EX_OK : EX_IOERR;
        if (code == EX_OK)
            log_info("key_rotated", LOG_INT("key", tlog_key_id(&k->key.key)));
        else
            problem_set(out_problem, "evidence_dir: %s", strerror(errno));
    }
    buf_fini(&note);
    buf_fini(&entry);
    return code;
}

static int begin_log(struct keeping *k, struct problem *out_problem)
{
    struct buf entry;
    buf_init(&entry, TLOG_NOTE_MAX);
    put_vkey_entry(&k->key.key, &entry);
    bool ok = buf_ok(&entry) && keeping_log(k, buf_text(&entry));
    buf_fini(&entry);
    if (!ok)
        problem_set(out_problem, "evidence_dir: %s", strerror(errno));
    return ok ? EX_OK : EX_IOERR;
}

int keeping_key_join(struct keeping *k, struct problem *out_problem)
{
    struct buf entry;
    struct json_tree tree = {0};
    struct tlog_key newest;
    int64_t index;
    if (!text_equal(k->key.key.name, k->config.origin)) {
        problem_set(out_problem, "key_file: %s: it is the key of \"%.*s\", and origin is \"%.*s\"",
                    k->config.key_file.data, PROBLEM_ARG(k->key.key.name), PROBLEM_ARG(k->config.origin));
        return EX_CONFIG;
    }
    if (evidence_log_size(k->log) == 0)
        return begin_log(k, out_problem);
    buf_init(&entry, TLOG_ENTRY_MAX);
    int code = EX_DATAERR;
    if (!evidence_register_number(k->reg, TEXT("key"), &index) ||
        !read_newest(k, index, &entry, &tree, &newest))
        problem_set(out_problem, "evidence_dir: the log's entry about its key cannot be read");
    else
        code = is_same(&newest, &k->key.key) ? EX_OK : rotate(k, &newest, out_problem);
    json_tree_fini(&tree);
    buf_fini(&entry);
    return code;
}
