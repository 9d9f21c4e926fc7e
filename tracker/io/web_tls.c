#include "web_tls.h"

#include <stdio.h>
#include <stdlib.h>

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

struct web_tls {
    SSL_CTX *context;
};

static void say_why(const char *what, const char *path, char *why, size_t cap)
{
    unsigned long error = ERR_get_error();
    const char *reason = error != 0 ? ERR_reason_error_string(error) : NULL;
    snprintf(why, cap, "%s%s%s: %s", what, path != NULL ? " " : "", path != NULL ? path : "",
             reason != NULL ? reason : "cannot be used");
    ERR_clear_error();
}

static bool use_files(SSL_CTX *context, const char *cert, const char *key, char *why, size_t cap)
{
    if (SSL_CTX_use_certificate_chain_file(context, cert) != 1) {
        say_why("tls.cert", cert, why, cap);
        return false;
    }
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1) {
        say_why("tls.key", key, why, cap);
        return false;
    }
    return true;
}

struct web_tls *web_tls_new(const char *cert, const char *key, char *why, size_t why_cap)
{
    struct web_tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL)
        return NULL;
    ERR_clear_error();
    tls->context = SSL_CTX_new(TLS_server_method());
    if (tls->context == NULL || SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION) != 1) {
        say_why("tls", NULL, why, why_cap);
        web_tls_free(tls);
        return NULL;
    }
    SSL_CTX_set_options(tls->context,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(tls->context, SSL_MODE_RELEASE_BUFFERS); /* idle connections are many */
    if (!use_files(tls->context, cert, key, why, why_cap)) {
        web_tls_free(tls);
        return NULL;
    }
    return tls;
}

void web_tls_free(struct web_tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

struct bufferevent *web_tls_accept(struct web_tls *tls, struct event_base *base, int fd)
{
    SSL *ssl = SSL_new(tls->context);
    if (ssl == NULL)
        return NULL;
    struct bufferevent *stream = bufferevent_openssl_socket_new(
        base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    if (stream == NULL) {
        SSL_free(ssl);
        return NULL;
    }
    /* Browsers close without saying so. */
    bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
    return stream;
}
