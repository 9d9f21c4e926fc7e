#include "evidence_outside.h"

#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>

static const char sm2_id[] = "1234567812345678";

static void say_error(char *said, size_t size, const char *what)
{
    unsigned long error = ERR_peek_last_error();
    const char *reason = error != 0 ? ERR_reason_error_string(error) : NULL;
    snprintf(said, size, "%s%s%s", what, reason != NULL ? ": " : "", reason != NULL ? reason : "");
    ERR_clear_error();
}

/* ---- time stamps ---- */

static void say_time(TS_RESP *response, char *said, size_t size)
{
    const ASN1_GENERALIZEDTIME *time = TS_TST_INFO_get_time(TS_RESP_get_tst_info(response));
    BIO *out = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    if (out == NULL)
        return;
    ASN1_GENERALIZEDTIME_print(out, time);
    long len = BIO_get_mem_data(out, &bytes);
    snprintf(said, size, "the manifests were there at %.*s", (int)len, bytes);
    BIO_free(out);
}

/* The certificates trusted; NULL where there are none. */
static X509_STORE *read_store(const char *path)
{
    X509_STORE *store = X509_STORE_new();
    if (store != NULL && X509_STORE_load_file(store, path) == 1)
        return store;
    X509_STORE_free(store);
    return NULL;
}

static bool is_stamped(TS_RESP *response, struct text text, X509_STORE *take_store)
{
    TS_VERIFY_CTX *verify = TS_VERIFY_CTX_new();
    BIO *data = BIO_new_mem_buf(text.data, (int)text.len);
    bool ok = false;
    if (verify != NULL && data != NULL) {
        TS_VERIFY_CTX_set_flags(verify, TS_VFY_VERSION | TS_VFY_DATA | TS_VFY_SIGNATURE);
        TS_VERIFY_CTX_set_data(verify, data);
        TS_VERIFY_CTX_set_store(verify, take_store);
        ok = TS_RESP_verify_response(verify, response) == 1;
    } else {
        BIO_free(data);
        X509_STORE_free(take_store);
    }
    TS_VERIFY_CTX_free(verify); /* with data and store */
    return ok;
}

enum evidence_outside evidence_time_stamp(struct text response, struct text text, const char *ca_path,
                                          char *said, size_t said_size)
{
    const unsigned char *at = (const unsigned char *)response.data;
    ERR_clear_error();
    TS_RESP *read = d2i_TS_RESP(NULL, &at, (long)response.len);
    if (read == NULL || at != (const unsigned char *)response.data + response.len) {
        say_error(said, said_size, "it is no response of RFC 3161");
        TS_RESP_free(read);
        return EVIDENCE_OUTSIDE_BAD;
    }
    X509_STORE *store = ca_path != NULL ? read_store(ca_path) : NULL;
    enum evidence_outside result = EVIDENCE_OUTSIDE_UNABLE;
    if (ca_path == NULL) {
        snprintf(said, said_size, "no --tsa-ca was given");
    } else if (store == NULL) {
        say_error(said, said_size, ca_path);
    } else if (is_stamped(read, text, store)) {
        say_time(read, said, said_size);
        result = EVIDENCE_OUTSIDE_GOOD;
    } else {
        say_error(said, said_size, "it is no time stamp of the manifests by one of these certificates");
        result = EVIDENCE_OUTSIDE_BAD;
    }
    TS_RESP_free(read);
    return result;
}

/* ---- SM2 ---- */

static bool is_signed(EVP_PKEY *key, struct text signature, struct text text)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *of_key = EVP_PKEY_CTX_new(key, NULL);
    bool ok = false;
    if (context != NULL && of_key != NULL && EVP_PKEY_CTX_set1_id(of_key, sm2_id, (int)strlen(sm2_id)) == 1) {
        EVP_MD_CTX_set_pkey_ctx(context, of_key);
        ok = EVP_DigestVerifyInit(context, NULL, EVP_sm3(), NULL, key) == 1 &&
             EVP_DigestVerify(context, (const unsigned char *)signature.data, signature.len,
                              (const unsigned char *)text.data, text.len) == 1;
    }
    EVP_MD_CTX_free(context);
    EVP_PKEY_CTX_free(of_key);
    return ok;
}

enum evidence_outside evidence_sm2(struct text signature, struct text text, struct text pem, char *said,
                                   size_t said_size)
{
    ERR_clear_error();
    BIO *in = BIO_new_mem_buf(pem.data, (int)pem.len);
    EVP_PKEY *key = in != NULL ? PEM_read_bio_PUBKEY(in, NULL, NULL, NULL) : NULL;
    enum evidence_outside result = EVIDENCE_OUTSIDE_BAD;
    if (key == NULL || EVP_PKEY_is_a(key, "SM2") != 1) {
        say_error(said, said_size, "proof/sm2.pem is no public key of SM2");
    } else if (is_signed(key, signature, text)) {
        snprintf(said, said_size, "the manifests are signed by the key in proof/sm2.pem (SM2 with SM3)");
        result = EVIDENCE_OUTSIDE_GOOD;
    } else {
        say_error(said, said_size, "it is no signature of the manifests by the key in proof/sm2.pem");
    }
    EVP_PKEY_free(key);
    BIO_free(in);
    return result;
}
