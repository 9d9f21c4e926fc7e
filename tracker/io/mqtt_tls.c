#include "mqtt_tls.h"

#include "log.h"
#include "loop.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

static bool tls_file_failed(const char *path)
{
    log_error("mqtt_tls_file", LOG_STR("file", path),
              LOG_STR("reason", ERR_reason_error_string(ERR_peek_last_error())));
    return false;
}

static bool load_tls_files(SSL_CTX *ctx, const struct mqtt_options *o)
{
    if (SSL_CTX_load_verify_locations(ctx, o->cafile, NULL) != 1)
        return tls_file_failed(o->cafile);
    if (o->certfile == NULL)
        return true;
    const char *key = o->keyfile != NULL ? o->keyfile : o->certfile;
    if (SSL_CTX_use_certificate_chain_file(ctx, o->certfile) != 1)
        return tls_file_failed(o->certfile);
    return SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1 || tls_file_failed(key);
}

static bool expect_host(SSL_CTX *ctx, const char *host)
{
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
    return (loop_is_address(host) ? X509_VERIFY_PARAM_set1_ip_asc(param, host)
                                  : X509_VERIFY_PARAM_set1_host(param, host, 0)) == 1;
}

enum mqtt_error mqtt_tls_new(const struct mqtt_options *o, struct ssl_ctx_st **out_ctx)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (ctx == NULL)
        return MQTT_NO_MEMORY;
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    enum mqtt_error error = MQTT_OK;
    if (!load_tls_files(ctx, o))
        error = MQTT_BAD_CAFILE;
    else if (!expect_host(ctx, o->host))
        error = MQTT_BAD_OPTION;
    ERR_clear_error();
    if (error == MQTT_OK)
        *out_ctx = ctx;
    else
        SSL_CTX_free(ctx);
    return error;
}

void mqtt_tls_free(struct ssl_ctx_st *ctx)
{
    SSL_CTX_free(ctx);
}

bool mqtt_tls_pending(const struct ssl_st *ssl)
{
    return ssl != NULL && SSL_pending(ssl) > 0;
}
