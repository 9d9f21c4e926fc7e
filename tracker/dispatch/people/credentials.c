#include "credentials.h"

#include "password.h"

#include <strings.h>

const char *credentials_cookie(bool secret)
{
    return secret ? "__Host-muckwatch" : "muckwatch";
}

static struct text trimmed(struct text t)
{
    while (t.len > 0 && t.data[0] == ' ')
        t = (struct text){t.data + 1, t.len - 1};
    while (t.len > 0 && t.data[t.len - 1] == ' ')
        t.len--;
    return t;
}

/* The value of the cookie of this name, the first of them. */
static struct text cookie(struct text header, struct text name)
{
    while (header.len > 0) {
        const char *end = memchr(header.data, ';', header.len);
        size_t n = end != NULL ? (size_t)(end - header.data) : header.len;
        struct text pair = trimmed((struct text){header.data, n});
        if (pair.len > name.len && memcmp(pair.data, name.data, name.len) == 0 && pair.data[name.len] == '=')
            return (struct text){pair.data + name.len + 1, pair.len - name.len - 1};
        n += end != NULL;
        header = (struct text){header.data + n, header.len - n};
    }
    return (struct text){0};
}

bool credentials_session(const struct web_request *request, bool secret, char out_hash[TOKEN_HASH_SIZE + 1])
{
    struct text value = cookie(web_field(request, WEB_FIELD_COOKIE), text_of(credentials_cookie(secret)));
    if (value.len != SECRET_CHARS)
        return false;
    secret_hash(value, out_hash);
    return true;
}

void credentials_read(struct web_request *request, bool secret, const struct people *people,
                      struct sessions *sessions)
{
    static const struct text scheme = {"Bearer ", 7};
    struct text said = web_field(request, WEB_FIELD_AUTHORIZATION);
    char hash[TOKEN_HASH_SIZE + 1];
    request->who = NULL;
    if (said.data != NULL) {
        if (said.len > scheme.len && strncasecmp(said.data, scheme.data, scheme.len) == 0) {
            secret_hash((struct text){said.data + scheme.len, said.len - scheme.len}, hash);
            request->who = people_by_token(people, text_of(hash));
        }
    } else if (credentials_session(request, secret, hash)) {
        request->who = sessions_find(sessions, people, hash, request->ticks);
    }
    request->role = request->who != NULL ? request->who->role : ROLE_NOBODY;
}
