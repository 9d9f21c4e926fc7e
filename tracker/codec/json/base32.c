#include "base32.h"

#include <assert.h>

void base32_write(const uint8_t *bytes, size_t n, size_t chars, char *out)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    assert(chars <= BASE32_LENGTH(n));
    for (size_t i = 0; i < chars; i++) {
        size_t bit = i * 5;
        unsigned window = (unsigned)bytes[bit / 8] << 8;
        if (bit / 8 + 1 < n)
            window |= bytes[bit / 8 + 1];
        out[i] = alphabet[window >> (11 - bit % 8) & 31];
    }
}
