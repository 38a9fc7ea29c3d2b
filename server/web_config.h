/* What --web.config.file says: TLS, extra headers, the rate limit and who may ask, in the YAML of
 * Prometheus' exporter toolkit, whose documentation describes it:
 * https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
 *
 * Pure: text in, a struct or a complaint with its line out. Files that it names are not looked at;
 * their paths are as given. */
#ifndef WEB_CONFIG_H
#define WEB_CONFIG_H

#include "arena.h"
#include "bcrypt_hash.h"
#include "error.h"

#include <stdint.h>

enum client_auth { /* in Go's words */
                   CLIENT_AUTH_NONE,
                   CLIENT_AUTH_REQUEST,
                   CLIENT_AUTH_REQUIRE_ANY,
                   CLIENT_AUTH_VERIFY_IF_GIVEN,
                   CLIENT_AUTH_REQUIRE_AND_VERIFY,
};

/* PEM, in a file or in the configuration itself; "" where it is not. The file wins. */
struct web_config_pem {
    const char *file, *text;
};

struct web_config_tls {
    bool enabled; /* if not, nothing else here means anything */
    struct web_config_pem cert, key, client_ca;
    enum client_auth client_auth;
    bool checks_sans; /* a client's certificate must carry one of these names */
    const char **allowed_sans;
    size_t n_allowed_sans;
    int min_version, max_version; /* as on the wire: 0x0303 is TLS 1.2 */
    const char *suites;           /* up to TLS 1.2, OpenSSL's list; "": none but those of TLS 1.3 */
    const char *curves;           /* OpenSSL's list */
    bool prefer_server_suites;
};

struct web_config_header {
    const char *name, *value;
};

enum { WEB_CONFIG_HEADERS_MAX = 5 };

struct web_config_user {
    struct slice name;
    char hash[BCRYPT_HASH_LENGTH + 1];
};

struct web_config {
    struct web_config_tls tls;
    bool wants_http2; /* it is said to be on, which is more than to leave it out */
    struct web_config_header headers[WEB_CONFIG_HEADERS_MAX];
    size_t n_headers;
    int64_t rate_interval_ns; /* between two requests; 0 or less: no limit */
    int64_t rate_burst;
    struct web_config_user *users; /* sorted by name, each name once */
    size_t n_users;
    struct arena memory; /* of all this */
};

/* Reads a whole file's text; an empty one is good and says nothing. Free with web_config_free()
 * whatever the outcome. */
bool web_config_parse(struct slice text, struct web_config *config, struct error *e);
void web_config_free(struct web_config *config);

#endif
