/* public_pem: a public Ed25519 key as OpenSSL has it: SubjectPublicKeyInfo (RFC 8410) in PEM. */
#ifndef MW_PUBLIC_PEM_H
#define MW_PUBLIC_PEM_H

#include "tlog_note.h"

void public_pem_write(const unsigned char key[TLOG_KEY_BYTES], struct buf *out);
/* Takes what writing gives, and nothing else. */
bool public_pem_read(struct text pem, unsigned char out[TLOG_KEY_BYTES]);

#endif
