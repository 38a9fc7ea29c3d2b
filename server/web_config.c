#include "web_config.h"

#include "bcrypt_hash.h"
#include "buffer.h"
#include "tls_names.h"
#include "yaml_reader.h"

#include <stdlib.h>

#define KEYS(table) (table), sizeof(table) / sizeof(*(table))

/* --- TLS -------------------------------------------------------------------------------------- */

/* The section while it is read: OpenSSL wants lists as one text. */
struct tls_section {
    struct web_config_tls *tls;
    struct web_config_pem cert, key, client_ca;
    const char *client_auth;
    int min_version, max_version;
    bool prefer_server_suites;
    struct buffer suites, curves;
    bool names_suites;
};

static void add_to_list(struct buffer *list, const char *name)
{
    if (list->len > 0)
        buffer_byte(list, ':');
    buffer_text(list, name);
}

static bool add_suite(struct yaml_reader *r, const yaml_node_t *at, const char *text, void *to)
{
    struct tls_section *section = to;
    const struct tls_name *suite = tls_names_suite(text);
    if (suite)
        add_to_list(&section->suites, suite->openssl);
    else if (!tls_names_suite13(text))
        return yaml_reader_fail(r, at, "unknown cipher: %s", text);
    section->names_suites = true;
    return true;
}

static bool read_suites(struct yaml_reader *r, const yaml_node_t *value, void *to)
{
    return yaml_reader_list(r, value, add_suite, to);
}

static bool add_curve(struct yaml_reader *r, const yaml_node_t *at, const char *text, void *to)
{
    struct tls_section *section = to;
    const struct tls_name *curve = tls_names_curve(text);
    if (!curve)
        return yaml_reader_fail(r, at, "unknown curve: %s", text);
    add_to_list(&section->curves, curve->openssl);
    return true;
}

static bool read_curves(struct yaml_reader *r, const yaml_node_t *value, void *to)
{
    return yaml_reader_list(r, value, add_curve, to);
}

static bool read_version(struct yaml_reader *r, const yaml_node_t *value, void *to)
{
    const char *text = NULL;
    int *version = to;
    if (!yaml_reader_text(r, value, &text))
        return false;
    if (!text)
        return true;
    *version = tls_names_version(text);
    return *version != 0 || yaml_reader_fail(r, value, "unknown TLS version: %s", text);
}

/* The room for them doubles each time it is full. */
static bool has_room_for_san(const struct web_config_tls *tls)
{
    return (tls->n_allowed_sans & (tls->n_allowed_sans - 1)) != 0;
}

static bool add_san(struct yaml_reader *r, const yaml_node_t *at, const char *text, void *to)
{
    struct web_config_tls *tls = to;
    size_t n = tls->n_allowed_sans, size = n * sizeof(*tls->allowed_sans);
    (void)at;
    if (!has_room_for_san(tls)) {
        const char **grown =
            arena_grow(r->memory, tls->allowed_sans, size, n == 0 ? sizeof(*grown) : 2 * size);
        if (!grown)
            return error_no_memory(r->error);
        tls->allowed_sans = grown;
    }
    tls->allowed_sans[tls->n_allowed_sans++] = text;
    return true;
}

static bool read_sans(struct yaml_reader *r, const yaml_node_t *value, void *to)
{
    struct tls_section *section = to;
    section->tls->checks_sans = !yaml_reader_is_null(value);
    return yaml_reader_list(r, value, add_san, section->tls);
}

static bool read_client_auth(struct yaml_reader *r, const yaml_node_t *value, void *to)
{
    static const struct {
        const char *name;
        enum client_auth type;
    } types[] = {
        {"", CLIENT_AUTH_NONE},
        {"NoClientCert", CLIENT_AUTH_NONE},
        {"RequestClientCert", CLIENT_AUTH_REQUEST},
        {"RequireAnyClientCert", CLIENT_AUTH_REQUIRE_ANY},
        {"RequireClientCert", CLIENT_AUTH_REQUIRE_ANY}, /* its name of old */
        {"VerifyClientCertIfGiven", CLIENT_AUTH_VERIFY_IF_GIVEN},
        {"RequireAndVerifyClientCert", CLIENT_AUTH_REQUIRE_AND_VERIFY},
    };
    struct tls_section *section = to;
    if (!yaml_reader_text(r, value, &section->client_auth))
        return false;
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        if (strcmp(types[i].name, section->client_auth) == 0) {
            section->tls->client_auth = types[i].type;
            return true;
        }
    }
    return yaml_reader_fail(r, value, "invalid client_auth_type: %s", section->client_auth);
}

static bool is_given(struct web_config_pem pem)
{
    return pem.file[0] != '\0' || pem.text[0] != '\0';
}

/* What cannot be, in the Go server's words. */
static const char *tls_fault(const struct tls_section *section)
{
    const struct web_config_tls *tls = section->tls;
    if (!is_given(section->cert))
        return "missing one of cert or cert_file";
    if (!is_given(section->key))
        return "missing one of key or key_file";
    if (is_given(section->client_ca) && tls->client_auth == CLIENT_AUTH_NONE)
        return "client CA's have been configured without a Client Auth Policy";
    if (section->min_version > section->max_version)
        return "min_version is above max_version";
    if (tls->suites[0] == '\0' && section->max_version < 0x0304)
        return "cipher_suites leaves none for TLS versions up to max_version";
    return NULL;
}

/* The text of a list, or what Go offers by itself. False: memory is out. */
static bool choose_list(struct yaml_reader *r, struct buffer *list, bool named,
                        const char *otherwise, const char **to)
{
    *to = otherwise;
    if (!named)
        return true;
    buffer_byte(list, '\0');
    *to = list->failed ? NULL : arena_copy(r->memory, buffer_slice(list)).p;
    return *to || error_no_memory(r->error);
}

static bool finish_tls(struct yaml_reader *r, const yaml_node_t *at, struct tls_section *section)
{
    struct web_config_tls *tls = section->tls;
    tls->enabled = is_given(section->cert) || is_given(section->key) ||
                   is_given(section->client_ca) || section->client_auth[0] != '\0';
    if (!choose_list(r, &section->suites, section->names_suites, tls_names_default_suites,
                     &tls->suites) ||
        !choose_list(r, &section->curves, section->curves.len > 0, tls_names_default_curves,
                     &tls->curves))
        return false;
    const char *fault = tls->enabled ? tls_fault(section) : NULL;
    if (fault)
        return yaml_reader_fail(r, at, "%s", fault);
    tls->cert = section->cert;
    tls->key = section->key;
    tls->client_ca = section->client_ca;
    tls->min_version = section->min_version;
    tls->max_version = section->max_version;
    tls->prefer_server_suites = section->prefer_server_suites;
    return true;
}

static bool read_tls(struct yaml_reader *r, const yaml_node_t *value, void *to)
{
#define FIELD(member) offsetof(struct tls_section, member)
    static const struct yaml_key keys[] = {
        {"cert", yaml_reader_text, FIELD(cert.text)},
        {"key", yaml_reader_text, FIELD(key.text)},
        {"client_ca", yaml_reader_text, FIELD(client_ca.text)},
        {"cert_file", yaml_reader_text, FIELD(cert.file)},
        {"key_file", yaml_reader_text, FIELD(key.file)},
        {"client_ca_file", yaml_reader_text, FIELD(client_ca.file)},
        {"client_auth_type", read_client_auth, 0},
        {"client_allowed_sans", read_sans, 0},
        {"min_version", read_version, FIELD(min_version)},
        {"max_version", read_version, FIELD(max_version)},
        {"cipher_suites", read_suites, 0},
        {"curve_preferences", read_curves, 0},
        {"prefer_server_cipher_suites", yaml_reader_switch, FIELD(prefer_server_suites)},
    };
#undef FIELD
    struct tls_section section = {
        .tls = to,
        .cert = {"", ""},
        .key = {"", ""},
        .client_ca = {"", ""},
        .client_auth = "",
        .min_version = 0x0303,
        .max_version = 0x0304,
        .prefer_server_suites = true,
    };
    bool ok = yaml_reader_mapping(r, value, "tls_server_config", KEYS(keys), &section) &&
              finish_tls(r, value, &section);
    buffer_free(&section.suites);
    buffer_free(&section.curves);
    return ok;
}

/* --- HTTP ------------------------------------------------------------------------------------- */

/* The headers that may be added; the values that one may have, unless any. */
static const struct {
    const char *name;
    const char *values[2];
    const char *expected;
} allowed_headers[WEB_CONFIG_HEADERS_MAX] = {
    {"Content-Security-Policy", {NULL}, NULL},
    {"Strict-Transport-Security", {NULL}, NULL},
    {"X-Content-Type-Options", {"nosniff", "nosniff"}, "[\"nosniff\"]"},
    {"X-Frame-Options", {"deny", "sameorigin"}, "[\"deny\" \"sameorigin\"]"},
    {"X-XSS-Protection", {NULL}, NULL},
};

/* As it goes out: line breaks are blanks, none at either end. */
static const char *header_value(struct yaml_reader *r, struct slice value)
{
    char *text = arena_alloc(r->memory, value.len + 1);
    size_t n = 0;
    if (!text)
        return NULL;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.p[i] == '\n' || value.p[i] == '\r' ? ' ' : value.p[i];
        if (n > 0 || (c != ' ' && c != '\t'))
            text[n++] = c;
    }
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    text[n] = '\0';
    return text;
}

static bool has_control(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
            return true;
    }
    return false;
}

static bool add_header(struct yaml_reader *r, const yaml_node_t *at, struct slice key,
                       struct slice value, void *to)
{
    struct web_config *config = to;
    size_t i = 0;
    while (i < WEB_CONFIG_HEADERS_MAX && !slice_equal(key, slice_of(allowed_headers[i].name)))
        i++;
    if (i == WEB_CONFIG_HEADERS_MAX)
        return yaml_reader_fail(r, at, "HTTP header \"%.*s\" can not be configured",
                                SLICE_ARGS(key));
    for (size_t j = 0; j < config->n_headers; j++)
        if (config->headers[j].name == allowed_headers[i].name)
            return yaml_reader_fail(r, at, "\"%s\" is given twice", allowed_headers[i].name);
    const char *const *values = allowed_headers[i].values;
    if (values[0] && !slice_equal(value, slice_of(values[0])) &&
        !slice_equal(value, slice_of(values[1])))
        return yaml_reader_fail(
            r, at, "invalid value for %s. Expected one of: %s, but got: \"%.*s\"",
            allowed_headers[i].name, allowed_headers[i].expected, SLICE_ARGS(value));
    if (has_control(value))
        return yaml_reader_fail(r, at, "a control character in the value of %s",
                                allowed_headers[i].name);
    struct web_config_header header = {allowed_headers[i].name, header_value(r, value)};
    if (!header.value)
        return error_no_memory(r->error);
    if (header.value[0] != '\0')
        config->headers[config->n_headers++] = header;
    return true;
}

static bool read_headers(struct yaml_reader *r, const yaml_node_t *value, void *to)
{
    return yaml_reader_pairs(r, value, "a mapping of headers", add_header, to);
}

static bool read_http(struct yaml_reader *r, const yaml_node_t *value, void *to)
{
    static const struct yaml_key keys[] = {
        {"http2", yaml_reader_switch, offsetof(struct web_config, wants_http2)},
        {"headers", read_headers, 0},
    };
    return yaml_reader_mapping(r, value, "http_server_config", KEYS(keys), to);
}

static bool read_rate_limit(struct yaml_reader *r, const yaml_node_t *value, void *to)
{
    static const struct yaml_key keys[] = {
        {"interval", yaml_reader_duration, offsetof(struct web_config, rate_interval_ns)},
        {"burst", yaml_reader_number, offsetof(struct web_config, rate_burst)},
    };
    return yaml_reader_mapping(r, value, "rate_limit", KEYS(keys), to);
}

/* --- Users ------------------------------------------------------------------------------------ */

/* A user while the section is read. */
struct listed_user {
    struct web_config_user user;
    const yaml_node_t *at;
};

struct user_list {
    struct listed_user *items;
    size_t n, capacity;
};

static bool add_user(struct yaml_reader *r, const yaml_node_t *at, struct slice key,
                     struct slice value, void *to)
{
    struct user_list *list = to;
    if (list->n == list->capacity) {
        size_t capacity = list->capacity * 2 + 16;
        struct listed_user *grown = realloc(list->items, capacity * sizeof(*grown));
        if (!grown)
            return error_no_memory(r->error);
        list->items = grown;
        list->capacity = capacity;
    }
    struct listed_user *item = &list->items[list->n++];
    const char *fault = bcrypt_hash_read(value, item->user.hash);
    if (fault)
        return yaml_reader_fail(r, at, "the password of \"%.*s\" is not a bcrypt hash: %s",
                                SLICE_ARGS(key), fault);
    item->at = at;
    item->user.name = arena_copy(r->memory, key);
    return item->user.name.p || error_no_memory(r->error);
}

static int compare_users(const void *a, const void *b)
{
    const struct listed_user *x = a, *y = b;
    return slice_compare(x->user.name, y->user.name);
}

static bool keep_users(struct yaml_reader *r, const struct user_list *list,
                       struct web_config *config)
{
    if (list->n == 0)
        return true;
    qsort(list->items, list->n, sizeof(*list->items), compare_users);
    config->users = arena_alloc(r->memory, list->n * sizeof(*config->users));
    if (!config->users)
        return error_no_memory(r->error);
    for (size_t i = 0; i < list->n; i++) {
        const struct listed_user *item = &list->items[i];
        if (i > 0 && compare_users(item - 1, item) == 0) {
            bool later = item->at->start_mark.line > item[-1].at->start_mark.line;
            return yaml_reader_fail(r, later ? item->at : item[-1].at,
                                    "user \"%.*s\" is given twice", SLICE_ARGS(item->user.name));
        }
        config->users[config->n_users++] = item->user;
    }
    return true;
}

static bool read_users(struct yaml_reader *r, const yaml_node_t *value, void *to)
{
    struct user_list list = {0};
    bool ok = yaml_reader_pairs(r, value, "a mapping of users", add_user, &list) &&
              keep_users(r, &list, to);
    free(list.items);
    return ok;
}

/* --- The file --------------------------------------------------------------------------------- */

static bool read_root(struct yaml_reader *r, const yaml_node_t *root, void *to)
{
    static const struct yaml_key keys[] = {
        {"tls_server_config", read_tls, offsetof(struct web_config, tls)},
        {"http_server_config", read_http, 0},
        {"rate_limit", read_rate_limit, 0},
        {"basic_auth_users", read_users, 0},
    };
    return yaml_reader_mapping(r, root, "the file", KEYS(keys), to);
}

bool web_config_parse(struct slice text, struct web_config *config, struct error *e)
{
    *config = (struct web_config){0};
    return yaml_reader_run(text, &config->memory, e, read_root, config);
}

void web_config_free(struct web_config *config)
{
    arena_free(&config->memory);
    *config = (struct web_config){0};
}
