#include "client_certificate.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

/* Belongs to its SSL_CTX. */
struct requirement {
    bool verifies;
    bool checks_names;
    size_t n_names;
    char *names[];
};

static void requirement_free(struct requirement *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n_names; i++)
        free(r->names[i]);
    free(r);
}

static void on_context_freed(void *parent, void *data, CRYPTO_EX_DATA *all, int index, long argl,
                             void *argp)
{
    (void)parent;
    (void)all;
    (void)index;
    (void)argl;
    (void)argp;
    requirement_free(data);
}

/* Where an SSL_CTX keeps its requirement; OpenSSL hands out such places once for the process. */
static int requirement_index(void)
{
    static int index = -1;
    if (index < 0)
        index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, on_context_freed);
    return index;
}

static struct requirement *requirement_new(const struct web_config_tls *tls)
{
    struct requirement *r = calloc(1, sizeof(*r) + tls->n_allowed_sans * sizeof(*r->names));
    if (!r)
        return NULL;
    r->verifies = tls->client_auth >= CLIENT_AUTH_VERIFY_IF_GIVEN;
    r->checks_names = tls->checks_sans;
    for (; r->n_names < tls->n_allowed_sans; r->n_names++) {
        r->names[r->n_names] = strdup(tls->allowed_sans[r->n_names]);
        if (!r->names[r->n_names]) {
            requirement_free(r);
            return NULL;
        }
    }
    return r;
}

/* --- Judging ---------------------------------------------------------------------------------- */

static bool is_allowed(const struct requirement *r, struct slice name)
{
    for (size_t i = 0; i < r->n_names; i++)
        if (slice_equal(name, slice_of(r->names[i])))
            return true;
    return false;
}

static bool is_allowed_address(const struct requirement *r, const ASN1_OCTET_STRING *address)
{
    char text[INET6_ADDRSTRLEN];
    int length = ASN1_STRING_length(address);
    if (length != 4 && length != 16)
        return false;
    return inet_ntop(length == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(address), text,
                     sizeof(text)) &&
           is_allowed(r, slice_of(text));
}

static bool is_allowed_name(const struct requirement *r, const GENERAL_NAME *name)
{
    int type;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);
    if (type == GEN_IPADD)
        return is_allowed_address(r, value);
    if (type != GEN_DNS && type != GEN_EMAIL && type != GEN_URI)
        return false;
    return is_allowed(r, (struct slice){(const char *)ASN1_STRING_get0_data(value),
                                        (size_t)ASN1_STRING_length(value)});
}

static bool has_allowed_name(const struct requirement *r, const X509 *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    bool found = false;
    for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++)
        found = is_allowed_name(r, sk_GENERAL_NAME_value(names, i));
    GENERAL_NAMES_free(names);
    return found;
}

/* Takes the place of OpenSSL's verification. */
static int on_certificate(X509_STORE_CTX *check, void *requirement)
{
    const struct requirement *r = requirement;
    if (r->verifies && X509_verify_cert(check) <= 0)
        return 0;
    if (r->checks_names && !has_allowed_name(r, X509_STORE_CTX_get0_cert(check))) {
        X509_STORE_CTX_set_error(check, X509_V_ERR_APPLICATION_VERIFICATION);
        return 0;
    }
    X509_STORE_CTX_set_error(check, X509_V_OK);
    return 1;
}

bool client_certificate_require(SSL_CTX *context, const struct web_config_tls *tls)
{
    if (tls->client_auth == CLIENT_AUTH_NONE)
        return true;
    struct requirement *r = requirement_new(tls);
    if (!r || requirement_index() < 0 || !SSL_CTX_set_ex_data(context, requirement_index(), r)) {
        requirement_free(r);
        return false;
    }
    bool must = tls->client_auth == CLIENT_AUTH_REQUIRE_ANY ||
                tls->client_auth == CLIENT_AUTH_REQUIRE_AND_VERIFY || tls->checks_sans;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (must ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       NULL);
    SSL_CTX_set_cert_verify_callback(context, on_certificate, r);
    /* In Go whatever is in the file is trusted, an authority or not. */
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
    /* A resumed session would bring no certificate to judge. */
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
    return true;
}
