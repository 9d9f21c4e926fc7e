/*
 * A state in fewer bytes: runs of zeros by their length.
 *
 *     first byte: version with PACKED set    ESCAPE n, n >= 3: n zeros    ESCAPE 0: the byte ESCAPE itself
 *
 * Of most vehicles most is not there, and much of that is written as zeros. What is read at every start and written
 * with every commit is left as it is; what is kept a hundred times a vehicle is packed.
 */
#include "state_codec_private.h"

#include <assert.h>

enum { ESCAPE = 0xe7, RUN_MIN = 3, RUN_MAX = UINT8_MAX };

void state_write_packed(const struct vehicle_state *state, const struct names *names, struct buf *out)
{
    size_t begin = out->len, to = begin + 1;
    char bytes[STATE_BYTES_MAX];
    state_write(state, names, out);
    size_t len = out->len - begin;
    if (!buf_ok(out) || len > sizeof bytes)
        return;
    memcpy(bytes, out->data + begin, len);
    out->len = to;
    out->data[begin] = (char)(bytes[0] | STATE_PACKED);
    for (size_t at = 1; at < len;) {
        size_t run = 0;
        while (at + run < len && run < RUN_MAX && bytes[at + run] == 0)
            run++;
        if (run >= RUN_MIN) {
            buf_put_char(out, (char)ESCAPE);
            buf_put_char(out, (char)run);
            at += run;
            continue;
        }
        buf_put_char(out, bytes[at]);
        if ((uint8_t)bytes[at++] == ESCAPE)
            buf_put_char(out, 0);
    }
}

bool state_unpack(struct text packed, char *bytes, size_t *out_len)
{
    size_t len = 0;
    bytes[len++] = (char)(packed.data[0] & ~STATE_PACKED);
    for (size_t at = 1; at < packed.len; at++) {
        if (len == STATE_BYTES_MAX)
            return false;
        if ((uint8_t)packed.data[at] != ESCAPE) {
            bytes[len++] = packed.data[at];
            continue;
        }
        if (++at == packed.len)
            return false;
        uint8_t run = (uint8_t)packed.data[at];
        if (run == 0) {
            bytes[len++] = (char)ESCAPE;
            continue;
        }
        if (run < RUN_MIN || run > STATE_BYTES_MAX - len)
            return false;
        memset(bytes + len, 0, run);
        len += run;
    }
    *out_len = len;
    return true;
}
