#include "public_pem.h"

#include <string.h>

enum { HEAD_BYTES = 12, DER_BYTES = HEAD_BYTES + TLOG_KEY_BYTES, PEM_MAX = 256 };

/* SEQUENCE { SEQUENCE { 1.3.101.112 } BIT STRING, of which the key follows } */
static const unsigned char head[HEAD_BYTES] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                               0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
static const char begin[] = "-----BEGIN PUBLIC KEY-----\n", end[] = "\n-----END PUBLIC KEY-----\n";

void public_pem_write(const unsigned char key[TLOG_KEY_BYTES], struct buf *out)
{
    unsigned char der[DER_BYTES];
    memcpy(der, head, HEAD_BYTES);
    memcpy(der + HEAD_BYTES, key, TLOG_KEY_BYTES);
    buf_puts(out, begin);
    tlog_base64_put(out, der, sizeof der);
    buf_puts(out, end);
}

bool public_pem_read(struct text pem, unsigned char out[TLOG_KEY_BYTES])
{
    unsigned char der[DER_BYTES];
    const size_t first = sizeof begin - 1, last = sizeof end - 1;
    if (pem.len <= first + last || pem.len > PEM_MAX || memcmp(pem.data, begin, first) != 0 ||
        memcmp(pem.data + pem.len - last, end, last) != 0)
        return false;
    struct text base64 = {pem.data + first, pem.len - first - last};
    if (!tlog_base64_read(base64, der, sizeof der) || memcmp(der, head, HEAD_BYTES) != 0)
        return false;
    memcpy(out, der + HEAD_BYTES, TLOG_KEY_BYTES);
    return true;
}
