#include "suite.h"
#include "web_config.h"

#include <stdio.h>

#define HASH      "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze"
#define TLS       "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
#define LONG_HASH "'" HASH "trailing'"

static struct web_config config;
static struct error error;

static void clean(void)
{
    web_config_free(&config);
    error = (struct error){0};
}

static bool parse(const char *text)
{
    return web_config_parse(slice_of(text), &config, &error);
}

static void require(const char *text)
{
    ck_assert_msg(parse(text), "%s\n%s", error.message, text);
}

/* --- What loads ------------------------------------------------------------------------------- */

START_TEST(nothing)
{
    static const char *const empty[] = {"",    "\n",     "# a comment\n", "---\n",
                                        "~\n", "null\n", "{}\n"};
    require(empty[_i]);
    ck_assert(!config.tls.enabled);
    ck_assert_uint_eq(config.n_users, 0);
    ck_assert_uint_eq(config.n_headers, 0);
    ck_assert(config.rate_interval_ns == 0);
}
END_TEST

START_TEST(documented_example)
{
    require("# TLS and basic authentication configuration example.\n" TLS "\n"
            "basic_auth_users:\n"
            "  bob: $2y$10$hLqFl9jSjoAAy95Z/zw8Ye8wkdMBM8c5Bn1ptYqP/AXyV0.oy0S8m\n"
            "  alice: " HASH "\n\n"
            "rate_limit:\n"
            "  interval: \"1s\" # time interval between two requests\n"
            "  burst: 20\n");
    ck_assert(config.tls.enabled);
    ck_assert_str_eq(config.tls.cert.file, "server.crt");
    ck_assert_str_eq(config.tls.key.file, "server.key");
    ck_assert_int_eq(config.tls.client_auth, CLIENT_AUTH_NONE);
    ck_assert_int_eq(config.tls.min_version, 0x0303);
    ck_assert_int_eq(config.tls.max_version, 0x0304);
    ck_assert_str_eq(config.tls.curves, "X25519:P-256:P-384:P-521");
    ck_assert(config.tls.prefer_server_suites);
    ck_assert(config.rate_interval_ns == 1000000000 && config.rate_burst == 20);
    ck_assert_uint_eq(config.n_users, 2);
    ck_assert(slice_equal(config.users[0].name, SLICE_LITERAL("alice")));
    ck_assert_str_eq(config.users[0].hash,
                     "$2b$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze");
    ck_assert(slice_equal(config.users[1].name, SLICE_LITERAL("bob")));
}
END_TEST

START_TEST(minimal_example)
{
    require(TLS);
    ck_assert(config.tls.enabled);
    ck_assert(!config.tls.checks_sans);
}
END_TEST

/* Each key of the documented schema. */
START_TEST(every_key)
{
    require("tls_server_config:\n"
            "  cert: |\n    -----BEGIN CERTIFICATE-----\n    MII=\n    -----END CERTIFICATE-----\n"
            "  key: secret\n"
            "  client_ca: ca\n"
            "  cert_file: \"\"\n"
            "  key_file:\n"
            "  client_ca_file: ca.pem\n"
            "  client_auth_type: RequireAndVerifyClientCert\n"
            "  client_allowed_sans:\n    - one\n    - 10.0.0.1\n"
            "  min_version: TLS10\n"
            "  max_version: TLS12\n"
            "  cipher_suites:\n"
            "    - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256\n"
            "    - TLS_AES_128_GCM_SHA256\n"
            "    - TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA\n"
            "  prefer_server_cipher_suites: no\n"
            "  curve_preferences: [CurveP521, X25519]\n"
            "http_server_config:\n"
            "  http2: true\n"
            "  headers:\n"
            "    Content-Security-Policy: >\n      default-src 'self';\n      img-src *\n"
            "    X-Frame-Options: sameorigin\n"
            "    X-Content-Type-Options: nosniff\n"
            "    X-XSS-Protection: 1\n"
            "    Strict-Transport-Security: \"\"\n"
            "basic_auth_users:\n  '': " HASH "\n"
            "rate_limit:\n  interval: 1m30s\n  burst: 0x10\n");
    const struct web_config_tls *tls = &config.tls;
    ck_assert_str_eq(tls->cert.text,
                     "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n");
    ck_assert_str_eq(tls->key.text, "secret");
    ck_assert_str_eq(tls->key.file, "");
    ck_assert_str_eq(tls->client_ca.file, "ca.pem");
    ck_assert_int_eq(tls->client_auth, CLIENT_AUTH_REQUIRE_AND_VERIFY);
    ck_assert(tls->checks_sans);
    ck_assert_uint_eq(tls->n_allowed_sans, 2);
    ck_assert_str_eq(tls->allowed_sans[1], "10.0.0.1");
    ck_assert_int_eq(tls->min_version, 0x0301);
    ck_assert_int_eq(tls->max_version, 0x0303);
    ck_assert_str_eq(tls->suites, "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-SHA");
    ck_assert_str_eq(tls->curves, "P-521:X25519");
    ck_assert(!tls->prefer_server_suites);
    ck_assert(config.wants_http2);
    ck_assert_uint_eq(config.n_headers, 4);
    ck_assert_str_eq(config.headers[0].value, "default-src 'self'; img-src *");
    ck_assert_str_eq(config.headers[3].value, "1");
    ck_assert_uint_eq(config.n_users, 1);
    ck_assert(config.rate_interval_ns == 90000000000 && config.rate_burst == 16);
}
END_TEST

static const struct {
    const char *name;
    enum client_auth type;
} client_auths[] = {
    {"NoClientCert", CLIENT_AUTH_NONE},
    {"RequestClientCert", CLIENT_AUTH_REQUEST},
    {"RequireAnyClientCert", CLIENT_AUTH_REQUIRE_ANY},
    {"RequireClientCert", CLIENT_AUTH_REQUIRE_ANY},
    {"VerifyClientCertIfGiven", CLIENT_AUTH_VERIFY_IF_GIVEN},
    {"RequireAndVerifyClientCert", CLIENT_AUTH_REQUIRE_AND_VERIFY},
};

START_TEST(client_auth_types)
{
    char text[256];
    snprintf(text, sizeof(text), TLS "  client_auth_type: %s\n", client_auths[_i].name);
    require(text);
    ck_assert_int_eq(config.tls.client_auth, client_auths[_i].type);
}
END_TEST

/* What the Go server was seen to start with. */
static const char *const accepted[] = {
    "tls_server_config:\n",
    "basic_auth_users:\n",
    "tls_server_config: {client_allowed_sans: [a]}\n",
    "tls_server_config: {min_version: TLS13}\n",
    TLS "  cipher_suites: []\n",
    TLS "  min_version:\n",
    TLS "  cert: unused\n",
    TLS "  cipher_suites: [TLS_AES_128_GCM_SHA256]\n",
    "rate_limit: {interval: 0, burst: 0}\n",
    "rate_limit: {interval: '0', burst: 3}\n",
    "rate_limit: {interval: 1000000000, burst: 3}\n",
    "rate_limit: {interval: -1s, burst: 3.7}\n",
    "http_server_config: {http2: yes}\n",
    "http_server_config: {http2: }\n",
    "http_server_config: {headers: {X-XSS-Protection: 1}}\n",
    "rate_limit: {}\n---\nfoo: 1\n",
    "basic_auth_users: {a: $2x$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}\n",
    "basic_auth_users: {a: $2$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}\n",
    "basic_auth_users: {a: " LONG_HASH "}\n",
};

START_TEST(accepts)
{
    require(accepted[_i]);
}
END_TEST

START_TEST(normalises_hashes)
{
    require("basic_auth_users:\n"
            "  old: $2$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW\n"
            "  x: $2x$31$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW\n");
    ck_assert_str_eq(config.users[0].hash,
                     "$2b$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW");
    ck_assert_str_eq(config.users[1].hash,
                     "$2b$31$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW");
}
END_TEST

START_TEST(many_sans)
{
    enum { SANS = 1000 };
    char text[SANS * 8 + sizeof(TLS) + 64], name[8];
    char *to = stpcpy(text, TLS "  client_allowed_sans: [");
    for (int i = 0; i < SANS; i++)
        to += sprintf(to, "n%d,", i);
    stpcpy(to, "]\n");
    require(text);
    ck_assert_uint_eq(config.tls.n_allowed_sans, SANS);
    for (int i = 0; i < SANS; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        ck_assert_str_eq(config.tls.allowed_sans[i], name);
    }
}
END_TEST

/* --- What does not, and with which words ------------------------------------------------------ */

static const struct {
    const char *text, *message;
} refused[] = {
    {"- a\n", "line 1: expected a mapping, found a list"},
    {"junk\n", "line 1: expected a mapping, found a single value"},
    {"\n\nfoo: 1\n", "line 3: unknown key \"foo\" in the file"},
    {"x: &a {burst: 1}\nrate_limit: *a\n", "line 1: unknown key \"x\" in the file"},
    {"tls_server_config:\n  cert_filse: a\n",
     "line 2: unknown key \"cert_filse\" in tls_server_config"},
    {"http_server_config:\n  http3: a\n", "line 2: unknown key \"http3\" in http_server_config"},
    {"rate_limit:\n  rate: a\n", "line 2: unknown key \"rate\" in rate_limit"},
    {"rate_limit: {}\nrate_limit: {}\n", "line 2: \"rate_limit\" is given twice"},
    {"rate_limit:\n\tburst: 1\n", "line 2: found character that cannot start any token"},
    {"a: [\n", "line 2: did not find expected node content"},
    {"a: b\nc: \xff\n", "line 2: invalid leading UTF-8 octet"},
    {"rate_limit: {burst: '3'}\n", "line 1: expected a whole number"},
    {"rate_limit:\n  burst: [3]\n", "line 2: expected a whole number"},
    {"rate_limit:\n  interval: 1d\n", "line 2: time: unknown unit \"d\" in duration \"1d\""},
    {"rate_limit:\n  interval: \"1s\\0\"\n", "line 2: a NUL character in a duration"},
    {"rate_limit:\n  interval: {}\n", "line 2: expected a duration, found a mapping"},
    {"http_server_config: {http2: 'true'}\n", "line 1: expected true or false"},
    {"http_server_config: {http2: 1}\n", "line 1: expected true or false"},
    {"http_server_config:\n  headers:\n    x-frame-options: deny\n",
     "line 3: HTTP header \"x-frame-options\" can not be configured"},
    {"http_server_config:\n  headers:\n    X-Frame-Options: DENY\n",
     "line 3: invalid value for X-Frame-Options. Expected one of: [\"deny\" \"sameorigin\"], but "
     "got: \"DENY\""},
    {"http_server_config:\n  headers:\n    X-Content-Type-Options: ''\n",
     "line 3: invalid value for X-Content-Type-Options. Expected one of: [\"nosniff\"], but got: "
     "\"\""},
    {"http_server_config:\n  headers:\n    X-XSS-Protection: 1\n    X-XSS-Protection: 1\n",
     "line 4: \"X-XSS-Protection\" is given twice"},
    {"http_server_config:\n  headers:\n    X-XSS-Protection: \"a\\u0001\"\n",
     "line 3: a control character in the value of X-XSS-Protection"},
    {"http_server_config: {headers: [a]}\n", "line 1: expected a mapping of headers, found a list"},
    {"tls_server_config:\n  cert_file: [a]\n", "line 2: expected a text, found a list"},
    {"tls_server_config:\n  cert_file: \"a\\0b\"\n", "line 2: a NUL character in a text"},
    {TLS "  cipher_suites: TLS_AES_128_GCM_SHA256\n",
     "line 4: expected a list, found a single value"},
    {TLS "  cipher_suites:\n  - TLS_AES_128_GCM_SHA256\n  - TLS_RSA_WITH_RC4_128_SHA\n",
     "line 6: unknown cipher: TLS_RSA_WITH_RC4_128_SHA"},
    {TLS "  curve_preferences: [X25519, secp256k1]\n", "line 4: unknown curve: secp256k1"},
    {TLS "  min_version: TLS9\n", "line 4: unknown TLS version: TLS9"},
    {TLS "  client_auth_type: foo\n", "line 4: invalid client_auth_type: foo"},
    {TLS "  client_ca_file: ca\n",
     "line 2: client CA's have been configured without a Client Auth Policy"},
    {"\ntls_server_config:\n  key_file: k\n", "line 3: missing one of cert or cert_file"},
    {"\ntls_server_config:\n  cert: ''\n  key_file: k\n",
     "line 3: missing one of cert or cert_file"},
    {"tls_server_config:\n  cert_file: c\n", "line 2: missing one of key or key_file"},
    {"tls_server_config:\n  client_auth_type: NoClientCert\n",
     "line 2: missing one of cert or cert_file"},
    {TLS "  min_version: TLS13\n  max_version: TLS12\n",
     "line 2: min_version is above max_version"},
    {TLS "  cipher_suites: [TLS_AES_128_GCM_SHA256]\n  max_version: TLS12\n",
     "line 2: cipher_suites leaves none for TLS versions up to max_version"},
    {"basic_auth_users: [a]\n", "line 1: expected a mapping of users, found a list"},
    {"basic_auth_users:\n  a: []\n", "line 2: expected a text, found a list"},
    {"basic_auth_users:\n  john: doe\n",
     "line 2: the password of \"john\" is not a bcrypt hash: too short"},
    {"basic_auth_users:\n  john:\n",
     "line 2: the password of \"john\" is not a bcrypt hash: too short"},
    {"basic_auth_users:\n  j: $5b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
     "line 2: the password of \"j\" is not a bcrypt hash: it does not begin with $2"},
    {"basic_auth_users:\n  j: $2b$03$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
     "line 2: the password of \"j\" is not a bcrypt hash: the cost is not between 04 and 31"},
    {"basic_auth_users:\n  j: $2b$x0$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
     "line 2: the password of \"j\" is not a bcrypt hash: the cost is not between 04 and 31"},
    {"basic_auth_users:\n  j: $2b$100aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
     "line 2: the password of \"j\" is not a bcrypt hash: no cost between $ and $"},
    {"basic_auth_users:\n  j: $2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
     "line 2: the password of \"j\" is not a bcrypt hash: too short"},
    {"basic_auth_users:\n  j: '$2b$10$aaaaaaaaaaaaaaaaaaaaa!aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'\n",
     "line 2: the password of \"j\" is not a bcrypt hash: a letter that bcrypt does not use"},
    {"basic_auth_users:\n  b: " HASH "\n  a: " HASH "\n  b: " HASH "\n",
     "line 4: user \"b\" is given twice"},
    {"basic_auth_users:\n  ? [a]\n  : b\n", "line 2: expected a key, found a list"},
    {"? {a: b}\n: c\n", "line 1: expected a key, found a mapping"},
};

START_TEST(refuses)
{
    ck_assert_msg(!parse(refused[_i].text), "accepted: %s", refused[_i].text);
    ck_assert_str_eq(error.message, refused[_i].message);
    ck_assert_int_eq(error.code, ERROR_INVALID);
}
END_TEST

/* An alias may lead back to where it stands. */
START_TEST(cycles)
{
    ck_assert(!parse("tls_server_config: &a\n  cert_file: *a\n"));
    ck_assert_str_eq(error.message, "line 1: expected a text, found a mapping");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("web_config");
    TCase *tcase = tcase_create("web_config");
    tcase_add_checked_fixture(tcase, NULL, clean);
    tcase_add_loop_test(tcase, nothing, 0, 7);
    tcase_add_test(tcase, documented_example);
    tcase_add_test(tcase, minimal_example);
    tcase_add_test(tcase, every_key);
    tcase_add_loop_test(tcase, client_auth_types, 0, sizeof(client_auths) / sizeof(*client_auths));
    tcase_add_loop_test(tcase, accepts, 0, sizeof(accepted) / sizeof(*accepted));
    tcase_add_test(tcase, normalises_hashes);
    tcase_add_test(tcase, many_sans);
    tcase_add_loop_test(tcase, refuses, 0, sizeof(refused) / sizeof(*refused));
    tcase_add_test(tcase, cycles);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
