/*
 * credentials: what of a request proves who sends it: a bearer token, or the cookie of a session.
 *
 * The token goes first: whoever sends one means it. A token that nobody has is nobody, also beside a good cookie.
 */
#ifndef MW_CREDENTIALS_H
#define MW_CREDENTIALS_H

#include "sessions.h"
#include "web_request.h"

/* The cookie's name: with TLS one that a browser takes from this very host alone, and sends by TLS alone. */
const char *credentials_cookie(bool secret);

/* What is kept of the session that a request names; false: it names none. */
bool credentials_session(const struct web_request *request, bool secret, char out_hash[TOKEN_HASH_SIZE + 1]);

/* Sets who asks, and with which role. */
void credentials_read(struct web_request *request, bool secret, const struct people *people,
                      struct sessions *sessions);

#endif
