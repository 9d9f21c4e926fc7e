#include "tlog_proof_text.h"

static const struct text first_line = {"c2sp.org/tlog-proof@v1", 22};
static const struct text index_word = {"index ", 6};

void tlog_proof_write(uint64_t index, const struct tlog_proof *proof, struct text checkpoint, struct buf *out)
{
    buf_put_text(out, first_line);
    buf_put_char(out, '\n');
    buf_put_text(out, index_word);
    buf_put_u64(out, index);
    buf_put_char(out, '\n');
    for (unsigned i = 0; i < proof->count; i++) {
        tlog_base64_put(out, proof->hashes[i].bytes, TLOG_HASH_BYTES);
        buf_put_char(out, '\n');
    }
    buf_put_char(out, '\n');
    buf_put_text(out, checkpoint);
}

static bool take_hashes(struct text *left, struct tlog_proof *out)
{
    struct text line;
    for (out->count = 0; tlog_take_line(left, &line); out->count++) {
        if (line.len == 0)
            return true;
        if (out->count == TLOG_PROOF_MAX ||
            !tlog_base64_read(line, out->hashes[out->count].bytes, TLOG_HASH_BYTES))
            return false;
    }
    return false;
}

bool tlog_proof_read(struct text text, struct tlog_proved *out)
{
    struct text line;
    if (text.len > TLOG_NOTE_MAX || !tlog_take_line(&text, &line) || !text_equal(line, first_line) ||
        !tlog_take_line(&text, &line) || line.len < index_word.len ||
        memcmp(line.data, index_word.data, index_word.len) != 0)
        return false;
    line = (struct text){line.data + index_word.len, line.len - index_word.len};
    if (!tlog_read_number(line, &out->index) || !take_hashes(&text, &out->proof))
        return false;
    out->note = text;
    return tlog_note_split(text, &out->parts) && tlog_checkpoint_read(out->parts.text, &out->checkpoint);
}
