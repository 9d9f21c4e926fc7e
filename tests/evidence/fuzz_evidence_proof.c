/* What proves a case: a tlog-proof, a checkpoint, the keys of a log: what is read and written again is the same text. */
#include "buf.h"
#include "public_pem.h"
#include "tlog_proof_text.h"
#include "tlog_secret.h"
#include "verify_private.h"

#include <stdlib.h>

#include <sodium.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_proof(struct text text)
{
    struct tlog_proved p;
    struct tlog_hash leaf = {{0}};
    struct buf again;
    if (!tlog_proof_read(text, &p))
        return;
    buf_init(&again, 1 << 20);
    tlog_proof_write(p.index, &p.proof, p.note, &again);
    if (!text_equal(buf_text(&again), text))
        abort();
    if (tlog_check_inclusion(&leaf, p.index, p.checkpoint.head.size, &p.proof, &p.checkpoint.head.root) &&
        p.proof.count > 0)
        abort(); /* a root that was found by chance */
    buf_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text text = {(const char *)data, size};
    unsigned char key[TLOG_KEY_BYTES] = {1}, other[TLOG_KEY_BYTES] = {2};
    struct tlog_note note;
    struct tlog_checkpoint checkpoint;
    struct tlog_key vkey;
    unsigned steps;
    if (sodium_init() < 0)
        abort();
    check_proof(text);
    if (tlog_note_split(text, &note) && tlog_checkpoint_read(note.text, &checkpoint)) {
        vkey = (struct tlog_key){.name = checkpoint.origin};
        tlog_note_check(&note, &vkey);
    }
    if (verify_keys_lead(text, key, other, &steps))
        abort(); /* nobody can sign for these */
    public_pem_read(text, key);
    tlog_vkey_read(text, &vkey);
    return 0;
}
