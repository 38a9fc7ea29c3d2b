/* What --web.config.file says. Of certificates and keys that it names as files, ones made here take
 * the place: no file is read. */
#include "web_config.h"

#include "duration.h"
#include "fuzz.h"
#include "tls_context.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

/* A certificate that signs itself, and its key, as PEM; made at the start. */
static char *certificate, *private_key;

static char *text_of(BIO *bio)
{
    char *bytes;
    long n = BIO_get_mem_data(bio, &bytes);
    char *text = fuzz_text((struct slice){bytes, (size_t)n});
    BIO_free(bio);
    return text;
}

static X509 *sign_itself(EVP_PKEY *key)
{
    X509 *x = X509_new();
    FUZZ_REQUIRE(x && ASN1_INTEGER_set(X509_get_serialNumber(x), 1) &&
                     X509_gmtime_adj(X509_getm_notBefore(x), 0) &&
                     X509_gmtime_adj(X509_getm_notAfter(x), 86400) && X509_set_pubkey(x, key) &&
                     X509_sign(x, key, EVP_sha256()),
                 "a certificate");
    return x;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    FUZZ_REQUIRE(key, "a key");
    X509 *x = sign_itself(key);
    BIO *x_pem = BIO_new(BIO_s_mem()), *key_pem = BIO_new(BIO_s_mem());
    FUZZ_REQUIRE(PEM_write_bio_X509(x_pem, x) &&
                     PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL),
                 "PEM");
    certificate = text_of(x_pem);
    private_key = text_of(key_pem);
    X509_free(x);
    EVP_PKEY_free(key);
    return 0;
}

/* --- What is refused -------------------------------------------------------------------------- */

static void check_refusal(struct slice text, const struct error *e)
{
    size_t line;
    int at = 0;
    FUZZ_REQUIRE(e->code == ERROR_INVALID, "%s", e->message);
    FUZZ_REQUIRE(sscanf(e->message, "line %zu: %n", &line, &at) == 1 && at > 0 && e->message[at],
                 "%s", e->message);
    FUZZ_REQUIRE(line >= 1 && line <= text.len + 1, "%s", e->message);
}

/* --- What is loaded --------------------------------------------------------------------------- */

static void check_users(const struct web_config *c)
{
    char again[BCRYPT_HASH_LENGTH + 1];
    for (size_t i = 0; i < c->n_users; i++) {
        const struct web_config_user *user = &c->users[i];
        FUZZ_REQUIRE(i == 0 || slice_compare(user[-1].name, user->name) < 0, "order of users");
        FUZZ_REQUIRE(!bcrypt_hash_read(slice_of(user->hash), again) &&
                         strcmp(user->hash, again) == 0,
                     "%s", user->hash);
    }
}

static void check_headers(const struct web_config *c)
{
    for (size_t i = 0; i < c->n_headers; i++) {
        const char *value = c->headers[i].value;
        size_t n = strlen(value);
        FUZZ_REQUIRE(n > 0 && !strchr(" \t", value[0]) && !strchr(" \t", value[n - 1]), "%s",
                     value);
        for (size_t j = 0; j < n; j++)
            FUZZ_REQUIRE((unsigned char)value[j] >= ' ' || value[j] == '\t', "%s", value);
        for (size_t j = 0; j < i; j++)
            FUZZ_REQUIRE(strcmp(c->headers[i].name, c->headers[j].name) != 0, "%s twice",
                         c->headers[i].name);
    }
}

static void check_rate(const struct web_config *c)
{
    char printed[DURATION_TEXT_MAX];
    int64_t again;
    struct error e;
    duration_format(c->rate_interval_ns, printed);
    FUZZ_REQUIRE(duration_parse(printed, &again, &e) && again == c->rate_interval_ns, "%s",
                 printed);
}

/* --- What OpenSSL makes of it ----------------------------------------------------------------- */

/* `otherwise` for a file; texts stay. */
static bool replace_file(struct web_config_pem *pem, const char *otherwise)
{
    if (pem->file[0] == '\0' && pem->text[0] != '\0')
        return false;
    *pem = (struct web_config_pem){"", otherwise};
    return true;
}

/* With a good certificate and key, all that loads can be spoken. */
static void check_tls(struct web_config_tls tls)
{
    struct error e = {0};
    bool good = replace_file(&tls.cert, certificate);
    good = replace_file(&tls.key, private_key) && good;
    /* The machine's authorities are files, too. */
    good =
        (tls.client_auth == CLIENT_AUTH_NONE || replace_file(&tls.client_ca, certificate)) && good;
    SSL_CTX *context = tls_context_new(&tls, "", &e);
    FUZZ_REQUIRE(context || (!good && e.message[0]), "%s", e.message);
    SSL_CTX_free(context);
}

/* --- What loads twice ------------------------------------------------------------------------- */

static bool same_pem(struct web_config_pem a, struct web_config_pem b)
{
    return strcmp(a.file, b.file) == 0 && strcmp(a.text, b.text) == 0;
}

static bool same_sans(const struct web_config_tls *a, const struct web_config_tls *b)
{
    if (a->checks_sans != b->checks_sans || a->n_allowed_sans != b->n_allowed_sans)
        return false;
    for (size_t i = 0; i < a->n_allowed_sans; i++)
        if (strcmp(a->allowed_sans[i], b->allowed_sans[i]) != 0)
            return false;
    return true;
}

static bool same_tls(const struct web_config_tls *a, const struct web_config_tls *b)
{
    if (!a->enabled || !b->enabled)
        return a->enabled == b->enabled;
    return same_pem(a->cert, b->cert) && same_pem(a->key, b->key) &&
           same_pem(a->client_ca, b->client_ca) && a->client_auth == b->client_auth &&
           same_sans(a, b) && a->min_version == b->min_version &&
           a->max_version == b->max_version && strcmp(a->suites, b->suites) == 0 &&
           strcmp(a->curves, b->curves) == 0 && a->prefer_server_suites == b->prefer_server_suites;
}

static bool same(const struct web_config *a, const struct web_config *b)
{
    bool same = same_tls(&a->tls, &b->tls) && a->wants_http2 == b->wants_http2 &&
                a->n_headers == b->n_headers && a->rate_interval_ns == b->rate_interval_ns &&
                a->rate_burst == b->rate_burst && a->n_users == b->n_users;
    for (size_t i = 0; same && i < a->n_headers; i++)
        same = strcmp(a->headers[i].name, b->headers[i].name) == 0 &&
               strcmp(a->headers[i].value, b->headers[i].value) == 0;
    for (size_t i = 0; same && i < a->n_users; i++)
        same = slice_equal(a->users[i].name, b->users[i].name) &&
               strcmp(a->users[i].hash, b->users[i].hash) == 0;
    return same;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    struct web_config config, again;
    struct error e = {0}, e_again = {0};
    bool loaded = web_config_parse(text, &config, &e);
    FUZZ_REQUIRE(web_config_parse(text, &again, &e_again) == loaded, "%s%s", e.message,
                 e_again.message);
    if (loaded) {
        FUZZ_REQUIRE(same(&config, &again), "what is loaded twice");
        check_users(&config);
        check_headers(&config);
        check_rate(&config);
        if (config.tls.enabled)
            check_tls(config.tls);
    } else {
        FUZZ_REQUIRE(strcmp(e.message, e_again.message) == 0, "%s, %s", e.message, e_again.message);
        check_refusal(text, &e);
    }
    web_config_free(&config);
    web_config_free(&again);
    return 0;
}
