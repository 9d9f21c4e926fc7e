/* base32: RFC 4648's alphabet in lower case, without padding. */
#ifndef MW_BASE32_H
#define MW_BASE32_H

#include <stddef.h>
#include <stdint.h>

/* Characters for `n` bytes. */
#define BASE32_LENGTH(n) (((n)*8 + 4) / 5)

/* Writes the first `chars` characters of the encoding of `n` bytes; chars is at most BASE32_LENGTH(n). No
 * zero. */
void base32_write(const uint8_t *bytes, size_t n, size_t chars, char *out);

#endif
