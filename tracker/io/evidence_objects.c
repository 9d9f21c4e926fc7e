#include "evidence_objects.h"

#include "evidence_file.h"
#include "press.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct evidence_objects {
    const char *root;
    struct press *press;
    struct buf packed;
};

struct evidence_objects *evidence_objects_new(const char *root)
{
    struct evidence_objects *o = calloc(1, sizeof *o);
    if (o == NULL)
        return NULL;
    o->root = root;
    o->press = press_new(TEXT(""), PRESS_TO_KEEP);
    buf_init(&o->packed, EVIDENCE_OBJECT_MAX + (EVIDENCE_OBJECT_MAX >> 7));
    if (o->press != NULL)
        return o;
    evidence_objects_free(o);
    return NULL;
}

void evidence_objects_free(struct evidence_objects *o)
{
    if (o == NULL)
        return;
    press_free(o->press);
    buf_fini(&o->packed);
    free(o);
}

void evidence_object_path(const unsigned char hash[EVIDENCE_HASH_BYTES], char out[EVIDENCE_OBJECT_PATH])
{
    int at = snprintf(out, EVIDENCE_OBJECT_PATH, "objects/%02x/", hash[0]);
    for (unsigned i = 1; i < EVIDENCE_HASH_BYTES; i++)
        at += snprintf(out + at, (size_t)(EVIDENCE_OBJECT_PATH - at), "%02x", hash[i]);
}

static bool is_hash_of(const unsigned char hash[EVIDENCE_HASH_BYTES], struct text bytes)
{
    unsigned char made[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    return EVP_Digest(bytes.data, bytes.len, made, &len, EVP_sha256(), NULL) == 1 &&
           len == EVIDENCE_HASH_BYTES && memcmp(made, hash, EVIDENCE_HASH_BYTES) == 0;
}

bool evidence_objects_has(struct evidence_objects *o, const unsigned char hash[EVIDENCE_HASH_BYTES])
{
    char path[EVIDENCE_OBJECT_PATH], full[4096];
    evidence_object_path(hash, path);
    return snprintf(full, sizeof full, "%s/%s", o->root, path) < (int)sizeof full && access(full, F_OK) == 0;
}

bool evidence_objects_put(struct evidence_objects *o, const unsigned char hash[EVIDENCE_HASH_BYTES],
                          struct text bytes)
{
    char path[EVIDENCE_OBJECT_PATH];
    if (bytes.len > EVIDENCE_OBJECT_MAX) {
        errno = EFBIG;
        return false;
    }
    if (evidence_objects_has(o, hash))
        return true;
    evidence_object_path(hash, path);
    if (!press_pack(o->press, bytes, &o->packed)) {
        errno = ENOMEM;
        return false;
    }
    return evidence_file_put(o->root, path, buf_text(&o->packed), 0440);
}

bool evidence_objects_get(struct evidence_objects *o, const unsigned char hash[EVIDENCE_HASH_BYTES],
                          struct buf *out)
{
    char path[EVIDENCE_OBJECT_PATH];
    struct buf bytes;
    evidence_object_path(hash, path);
    buf_clear(&o->packed);
    if (!evidence_file_get(o->root, path, &o->packed))
        return false;
    buf_init(&bytes, EVIDENCE_OBJECT_MAX);
    bool ok = press_unpack(o->press, buf_text(&o->packed), &bytes) && is_hash_of(hash, buf_text(&bytes));
    if (ok)
        buf_put_text(out, buf_text(&bytes));
    buf_fini(&bytes);
    errno = ok ? EFBIG : EILSEQ;
    return ok && buf_ok(out);
}

bool evidence_objects_drop(struct evidence_objects *o, const unsigned char hash[EVIDENCE_HASH_BYTES])
{
    char path[EVIDENCE_OBJECT_PATH];
    evidence_object_path(hash, path);
    return evidence_file_drop(o->root, path);
}
