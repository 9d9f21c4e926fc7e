/*
 * verify_log: who signed, and whether the log has it: signature, key, record, inclusion, a later checkpoint.
 */
#include "public_pem.h"
#include "verify_private.h"

#include <string.h>

#include <sodium.h>

enum { FINGERPRINT_SIZE = 2 * crypto_hash_sha256_BYTES + 1 };

/* SHA-256 of the key's 32 bytes: what a notice board shows. */
static void fingerprint(const unsigned char key[TLOG_KEY_BYTES], char out[FINGERPRINT_SIZE])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, key, TLOG_KEY_BYTES);
    sodium_bin2hex(out, FINGERPRINT_SIZE, hash, sizeof hash);
}

void verify_signature(struct verifying *v)
{
    struct text signature, signed_text = verify_file(v, BAG_TAG_MANIFEST);
    v->has_key = public_pem_read(verify_file(v, BAG_PUBLIC_KEY), v->key);
    if (!v->has_key)
        verify_say(v, VERIFY_SIGNATURE, VERIFY_FAILED, BAG_PUBLIC_KEY ": not a public key of Ed25519 in PEM");
    else if (!bag_file(&v->bag, TEXT(BAG_SIGNATURE), &signature))
        verify_say(v, VERIFY_SIGNATURE, VERIFY_FAILED, BAG_SIGNATURE ": missing");
    else if (signature.len != crypto_sign_BYTES ||
             crypto_sign_verify_detached((const unsigned char *)signature.data,
                                         (const unsigned char *)signed_text.data, signed_text.len,
                                         v->key) != 0)
        verify_say(v, VERIFY_SIGNATURE, VERIFY_FAILED,
                   BAG_SIGNATURE ": not a signature of " BAG_TAG_MANIFEST " by the key in " BAG_PUBLIC_KEY);
    else
        verify_say(v, VERIFY_SIGNATURE, VERIFY_OK,
                   "the manifests are signed by the key in " BAG_PUBLIC_KEY " (Ed25519)");
}

/* The asker's, in one of its forms. A file of PEM ends with a line feed, a vkey may. */
static bool read_trusted(struct text given, unsigned char out[TLOG_KEY_BYTES])
{
    struct tlog_key key;
    if (given.len > 0 && given.data[0] == '-')
        return public_pem_read(given, out);
    while (given.len > 0 && (given.data[given.len - 1] == '\n' || given.data[given.len - 1] == '\r'))
        given.len--;
    if (!tlog_vkey_read(given, &key))
        return false;
    memcpy(out, key.bytes, TLOG_KEY_BYTES);
    return true;
}

void verify_key(struct verifying *v)
{
    unsigned char trusted[TLOG_KEY_BYTES];
    char own[FINGERPRINT_SIZE], other[FINGERPRINT_SIZE];
    if (!v->has_key) {
        verify_say(v, VERIFY_KEY, VERIFY_FAILED, BAG_PUBLIC_KEY ": no key");
        return;
    }
    fingerprint(v->key, own);
    if (v->asked->key.len == 0) {
        verify_say(v, VERIFY_KEY, VERIFY_NOT_CHECKED,
                   "no --key was given: compare the fingerprint %s with the published one", own);
        return;
    }
    if (!read_trusted(v->asked->key, trusted)) {
        verify_say(v, VERIFY_KEY, VERIFY_FAILED, "--key: not a public key of Ed25519, in PEM or as a vkey");
        return;
    }
    fingerprint(trusted, other);
    unsigned steps = 0;
    if (memcmp(trusted, v->key, TLOG_KEY_BYTES) == 0)
        verify_say(v, VERIFY_KEY, VERIFY_OK, "the key is the one given, fingerprint %s", own);
    else if (verify_keys_lead(verify_file(v, BAG_KEYS), trusted, v->key, &steps))
        verify_say(v, VERIFY_KEY, VERIFY_OK,
                   "the key given handed over to it, in %u rotations that both keys signed; fingerprint %s",
                   steps, own);
    else
        verify_say(v, VERIFY_KEY, VERIFY_FAILED,
                   BAG_PUBLIC_KEY ": its fingerprint is %s, that of the key given %s, and " BAG_KEYS
                                  " does not lead from that one to it",
                   own, other);
}

/* ---- record ---- */

static void check_record(struct verifying *v)
{
    const struct sealed_header *h = &v->header;
    unsigned char manifest[SEALED_SHA256];
    struct text bytes = verify_file(v, BAG_MANIFEST), edition;
    crypto_hash_sha256(manifest, (const unsigned char *)bytes.data, bytes.len);
    bool edition_fits = bag_info(&v->bag, "Muckwatch-Edition", &edition) && text_whole(edition) == h->edition;
    if (!text_equal(h->id, v->bag.top))
        verify_say(v, VERIFY_RECORD, VERIFY_FAILED, BAG_RECORD ": it is the record of case %.*s",
                   TEXT_ARG(h->id));
    else if (memcmp(manifest, h->manifest, sizeof manifest) != 0)
        verify_say(v, VERIFY_RECORD, VERIFY_FAILED,
                   BAG_RECORD ": it is not the record of this " BAG_MANIFEST);
    else if (!edition_fits)
        verify_say(v, VERIFY_RECORD, VERIFY_FAILED, "bag-info.txt: its edition is not that of " BAG_RECORD);
    else
        verify_say(v, VERIFY_RECORD, VERIFY_OK,
                   "edition %u, sealed because: %s; it stands for every file below data/",
                   (unsigned)h->edition, sealed_why_name(h->why));
}

void verify_record(struct verifying *v)
{
    struct text edition;
    bool there = bag_file(&v->bag, TEXT(BAG_RECORD), &v->record);
    v->draft = !there && bag_info(&v->bag, "Muckwatch-Edition", &edition) && text_equal(edition, TEXT("0"));
    v->has_record = there && sealed_record_read(v->record, &v->header);
    if (v->draft)
        verify_say(v, VERIFY_RECORD, VERIFY_ABSENT, "a draft, made while the case went on: it is in no log");
    else if (!there)
        verify_say(v, VERIFY_RECORD, VERIFY_FAILED, BAG_RECORD ": missing");
    else if (!v->has_record)
        verify_say(v, VERIFY_RECORD, VERIFY_FAILED, BAG_RECORD ": not a record of a case");
    else
        check_record(v);
}

/* ---- the log ---- */

static const char *why_not_in(struct verifying *v, const struct tlog_proved *p)
{
    struct tlog_key key = {.name = p->checkpoint.origin};
    struct tlog_hash leaf;
    memcpy(key.bytes, v->key, TLOG_KEY_BYTES);
    tlog_leaf(v->record, &leaf);
    if (!v->has_key || tlog_note_check(&p->parts, &key) != TLOG_SIGNED)
        return "its checkpoint is not signed by the key in " BAG_PUBLIC_KEY;
    if (!tlog_check_inclusion(&leaf, p->index, p->checkpoint.head.size, &p->proof, &p->checkpoint.head.root))
        return "it does not lead from " BAG_RECORD " to the root of its checkpoint";
    return NULL;
}

void verify_inclusion(struct verifying *v)
{
    struct text proof;
    bool there = bag_file(&v->bag, TEXT(BAG_PROOF), &proof);
    v->has_proof = there && tlog_proof_read(proof, &v->proved);
    if (v->draft && !there) {
        verify_say(v, VERIFY_INCLUSION, VERIFY_ABSENT, "a draft is in no log");
        return;
    }
    const char *why = !there           ? "missing"
                      : !v->has_proof  ? "not a tlog-proof"
                      : !v->has_record ? "there is no record that it could be of"
                                       : why_not_in(v, &v->proved);
    if (why != NULL)
        verify_say(v, VERIFY_INCLUSION, VERIFY_FAILED, BAG_PROOF ": %s", why);
    else
        verify_say(v, VERIFY_INCLUSION, VERIFY_OK, "entry %llu of the log '%.*s', which had %llu then",
                   (unsigned long long)v->proved.index, TEXT_ARG(v->proved.checkpoint.origin),
                   (unsigned long long)v->proved.checkpoint.head.size);
}

/* A proof of the same case in another checkpoint: it is one log where both have it at one place. */
static void check_other_proof(struct verifying *v, const struct tlog_proved *other)
{
    const char *why = other->index != v->proved.index ? "it has the case at another index"
                      : !text_equal(other->checkpoint.origin, v->proved.checkpoint.origin)
                          ? "it is of another log"
                          : why_not_in(v, other);
    if (why != NULL)
        verify_say(v, VERIFY_CHECKPOINT, VERIFY_FAILED, "--checkpoint: %s", why);
    else
        verify_say(v, VERIFY_CHECKPOINT, VERIFY_OK, "the log still had it at %llu entries",
                   (unsigned long long)other->checkpoint.head.size);
}

static void check_note(struct verifying *v, const struct tlog_note *note, const struct tlog_checkpoint *c)
{
    struct tlog_key key = {.name = c->origin};
    const struct tlog_head *own = &v->proved.checkpoint.head;
    memcpy(key.bytes, v->key, TLOG_KEY_BYTES);
    unsigned long long size = c->head.size;
    if (tlog_note_check(note, &key) != TLOG_SIGNED)
        verify_say(v, VERIFY_CHECKPOINT, VERIFY_FAILED,
                   "--checkpoint: not signed by the key in " BAG_PUBLIC_KEY);
    else if (!text_equal(c->origin, v->proved.checkpoint.origin))
        verify_say(v, VERIFY_CHECKPOINT, VERIFY_FAILED, "--checkpoint: it is of another log");
    else if (c->head.size == own->size && !tlog_hash_equal(&c->head.root, &own->root))
        verify_say(v, VERIFY_CHECKPOINT, VERIFY_FAILED,
                   "--checkpoint: the log had two roots at %llu entries: it was forked", size);
    else if (c->head.size == own->size)
        verify_say(v, VERIFY_CHECKPOINT, VERIFY_OK, "the same checkpoint, of %llu entries", size);
    else if (c->head.size <= v->proved.index)
        verify_say(v, VERIFY_CHECKPOINT, VERIFY_NOT_CHECKED,
                   "--checkpoint: of %llu entries: from before the case was sealed", size);
    else
        verify_say(
            v, VERIFY_CHECKPOINT, VERIFY_NOT_CHECKED,
            "--checkpoint: of %llu entries, the case's is of %llu: give a tlog-proof of entry %llu in it",
            size, (unsigned long long)own->size, (unsigned long long)v->proved.index);
}

void verify_checkpoint(struct verifying *v)
{
    struct tlog_proved other;
    struct tlog_note note;
    struct tlog_checkpoint checkpoint;
    struct text given = v->asked->checkpoint;
    if (given.len == 0)
        verify_say(v, VERIFY_CHECKPOINT, VERIFY_ABSENT, "no --checkpoint was given");
    else if (!v->has_proof || !v->has_record || !v->has_key)
        verify_say(v, VERIFY_CHECKPOINT, VERIFY_NOT_CHECKED,
                   "there is no proof that it could be compared with");
    else if (tlog_proof_read(given, &other))
        check_other_proof(v, &other);
    else if (tlog_note_split(given, &note) && tlog_checkpoint_read(note.text, &checkpoint))
        check_note(v, &note, &checkpoint);
    else
        verify_say(v, VERIFY_CHECKPOINT, VERIFY_FAILED,
                   "--checkpoint: neither a checkpoint nor a tlog-proof");
}
