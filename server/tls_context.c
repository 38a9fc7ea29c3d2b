#include "tls_context.h"

#include "client_certificate.h"
#include "file.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string.h>

enum { PEM_MAX = 16 << 20 };

/* --- PEM -------------------------------------------------------------------------------------- */

/* What OpenSSL complained about last. */
static const char *reason(void)
{
    unsigned long code = ERR_peek_last_error();
    const char *text = code != 0 ? ERR_reason_error_string(code) : NULL;
    return text ? text : "unknown error";
}

static bool fail(struct error *e, const char *what)
{
    error_set(e, ERROR_INVALID, "%s: %s", what, reason());
    ERR_clear_error();
    return false;
}

/* Never asks on the terminal: a key that needs a password cannot be used. */
static int no_password(char *to, int size, int writing, void *context)
{
    (void)to;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

/* The text of `pem`, read into `bytes` if it is a file. */
static bool read_pem(struct web_config_pem pem, const char *folder, const char *key,
                     struct buffer *bytes, struct error *e)
{
    struct buffer path = {0};
    struct error why = {0};
    if (pem.file[0] == '\0') {
        buffer_text(bytes, pem.text);
        return !bytes->failed || error_no_memory(e);
    }
    file_path(folder, pem.file, &path);
    bool ok = path.failed ? error_no_memory(&why) : file_read(path.p, PEM_MAX, bytes, &why);
    buffer_free(&path);
    return ok || error_set(e, why.code, "failed to read %s_file: %s", key, why.message);
}

/* The end of a file is an error to OpenSSL, and none if something came before. */
static bool at_end(void)
{
    unsigned long code = ERR_peek_last_error();
    bool end = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
    if (end)
        ERR_clear_error();
    return end;
}

/* The certificate, then those between it and the authority. */
static bool use_certificates(SSL_CTX *context, BIO *bio, struct error *e)
{
    X509 *x = PEM_read_bio_X509_AUX(bio, NULL, no_password, NULL);
    bool ok = x && SSL_CTX_use_certificate(context, x) == 1;
    X509_free(x);
    while (ok && (x = PEM_read_bio_X509(bio, NULL, no_password, NULL)) != NULL) {
        ok = SSL_CTX_add0_chain_cert(context, x) == 1;
        if (!ok)
            X509_free(x);
    }
    return (ok && at_end()) || fail(e, "cannot use the certificate");
}

static bool use_key(SSL_CTX *context, BIO *bio, struct error *e)
{
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    bool ok = key && SSL_CTX_use_PrivateKey(context, key) == 1;
    EVP_PKEY_free(key);
    return ok || fail(e, "cannot use the key");
}

/* Clients' certificates are verified against these, and told so. */
static bool use_authorities(SSL_CTX *context, BIO *bio, struct error *e)
{
    X509 *x;
    size_t n = 0;
    bool ok = true;
    while (ok && (x = PEM_read_bio_X509(bio, NULL, no_password, NULL)) != NULL) {
        ok = X509_STORE_add_cert(SSL_CTX_get_cert_store(context), x) == 1 &&
             SSL_CTX_add_client_CA(context, x) == 1;
        X509_free(x);
        n++;
    }
    if (ok && at_end())
        return n > 0 || error_set(e, ERROR_INVALID, "no certificate in the client CA");
    return fail(e, "cannot use the client CA");
}

static bool use(SSL_CTX *context, struct web_config_pem pem, const char *folder, const char *key,
                bool (*take)(SSL_CTX *context, BIO *bio, struct error *e), struct error *e)
{
    struct buffer bytes = {0};
    struct error why = {0};
    bool ok = read_pem(pem, folder, key, &bytes, e);
    if (ok) {
        BIO *bio = BIO_new_mem_buf(bytes.p ? bytes.p : "", (int)bytes.len);
        ok = bio ? take(context, bio, &why) : error_no_memory(&why);
        BIO_free(bio);
        if (!ok)
            error_set(e, why.code, "%s%s%s", pem.file, pem.file[0] != '\0' ? ": " : "",
                      why.message);
    }
    if (bytes.p)
        explicit_bzero(bytes.p, bytes.len);
    buffer_free(&bytes);
    return ok;
}

/* --- The context ------------------------------------------------------------------------------ */

static int on_alpn(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_length,
                   const unsigned char *offered, unsigned int offered_length, void *context)
{
    static const unsigned char ours[] = "\x08http/1.1";
    (void)ssl;
    (void)context;
    /* A client that speaks nothing else, HTTP/2 say, is told so, as by Go. */
    return SSL_select_next_proto((unsigned char **)chosen, chosen_length, ours, sizeof(ours) - 1,
                                 offered, offered_length) == OPENSSL_NPN_NEGOTIATED
               ? SSL_TLSEXT_ERR_OK
               : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* OpenSSL's security levels would refuse what Go accepts: keys of 1024 bits at level 2, TLS 1.0 and
 * 1.1 at all above 0. */
static bool set_versions(SSL_CTX *context, const struct web_config_tls *tls)
{
    int min = tls->suites[0] == '\0' ? TLS1_3_VERSION : tls->min_version;
    SSL_CTX_set_security_level(context, min < TLS1_2_VERSION ? 0 : 1);
    return SSL_CTX_set_min_proto_version(context, min) == 1 &&
           SSL_CTX_set_max_proto_version(context, tls->max_version) == 1;
}

static void set_options(SSL_CTX *context, const struct web_config_tls *tls)
{
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    if (tls->prefer_server_suites)
        SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    /* An idle connection keeps no buffers; nothing is remembered between connections but what
     * clients keep for us in their tickets. */
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_alpn_select_cb(context, on_alpn, NULL);
}

static bool set_up(SSL_CTX *context, const struct web_config_tls *tls, const char *folder,
                   struct error *e)
{
    set_options(context, tls);
    if (!set_versions(context, tls))
        return fail(e, "cannot set the TLS versions");
    if (tls->suites[0] != '\0' && SSL_CTX_set_cipher_list(context, tls->suites) != 1)
        return fail(e, "cannot set cipher_suites");
    if (SSL_CTX_set1_groups_list(context, tls->curves) != 1)
        return fail(e, "cannot set curve_preferences");
    if (!use(context, tls->cert, folder, "cert", use_certificates, e) ||
        !use(context, tls->key, folder, "key", use_key, e))
        return false;
    if (SSL_CTX_check_private_key(context) != 1)
        return fail(e, "the key does not belong to the certificate");
    if (tls->client_ca.file[0] != '\0' || tls->client_ca.text[0] != '\0') {
        if (!use(context, tls->client_ca, folder, "client_ca", use_authorities, e))
            return false;
    } else if (tls->client_auth >= CLIENT_AUTH_VERIFY_IF_GIVEN &&
               SSL_CTX_set_default_verify_paths(context) != 1) {
        return fail(e, "cannot use the machine's certificates");
    }
    return client_certificate_require(context, tls) || error_no_memory(e);
}

SSL_CTX *tls_context_new(const struct web_config_tls *tls, const char *folder, struct error *e)
{
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context) {
        fail(e, "cannot set up TLS");
        return NULL;
    }
    if (!set_up(context, tls, folder, e)) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}
