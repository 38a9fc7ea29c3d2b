#include "access.h"

#include "clock.h"
#include "complaint.h"
#include "log.h"
#include "options.h"
#include "password_checker.h"
#include "rate_limit.h"
#include "request_head.h"
#include "server.h"
#include "web_settings.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <strings.h>

enum { LOOK_SECONDS = 1 }; /* how often the files are looked at */

struct access {
    const char *path;
    struct web_settings settings; /* in force */
    struct rate_limit rate_limit;
    struct password_checker *checker;
    struct basic_auth *auth;
    struct complaint complaint; /* about clients that are refused */

    struct event *look;
    struct file_set files; /* of the last load, good or bad: those that are looked at */
    uint64_t changed;      /* their stamp when they were found changed; 0: they are not */
};

/* --- Putting settings into force -------------------------------------------------------------- */

/* What works, but may not be what was meant. */
static void warn(const struct access *a)
{
    const struct web_config *config = &a->settings.config;
    if (config->tls.enabled && config->wants_http2)
        log_write(LOG_INFO, "http2 has no effect: this server speaks HTTP/1.1", "file", a->path,
                  NULL);
    if (config->tls.checks_sans && config->tls.client_auth == CLIENT_AUTH_NONE)
        log_write(LOG_WARN, "client_allowed_sans has no effect without client_auth_type", "file",
                  a->path, NULL);
    if (config->rate_interval_ns > 0 && config->rate_burst < 1)
        log_write(LOG_WARN, "rate_limit without burst refuses all requests", "file", a->path, NULL);
    if (config->n_users > 0 && !config->tls.enabled)
        log_write(LOG_WARN, "passwords are sent in the clear without TLS", "file", a->path, NULL);
}

static void set_rate_limit(struct access *a, const struct web_config *config)
{
    if (config->rate_interval_ns == a->rate_limit.interval_ns &&
        config->rate_burst == a->rate_limit.burst)
        return;
    rate_limit_init(&a->rate_limit, config->rate_interval_ns, config->rate_burst,
                    (int64_t)clock_monotonic_ns());
}

/* `next` moves into force; what was in force is freed. */
static bool adopt(struct access *a, struct web_settings *next, struct error *e)
{
    if (!basic_auth_set_users(a->auth, next->config.users, next->config.n_users))
        return error_no_memory(e);
    set_rate_limit(a, &next->config);
    web_settings_free(&a->settings);
    a->settings = *next;
    *next = (struct web_settings){0};
    warn(a);
    return true;
}

/* --- Reading again ---------------------------------------------------------------------------- */

/* Whoever connects knows whether to speak TLS. */
static bool replace(struct access *a, struct web_settings *next, struct error *e)
{
    if ((next->tls != NULL) != (a->settings.tls != NULL))
        return error_set(e, ERROR_INVALID, "%s: turning TLS on or off takes a restart", a->path);
    return adopt(a, next, e);
}

static void look_at(struct access *a, struct web_settings *loaded)
{
    file_set_free(&a->files);
    a->files = loaded->files;
    loaded->files = (struct file_set){0};
}

static void reload(struct access *a)
{
    struct web_settings next;
    struct error error = {0};
    bool ok = web_settings_load(a->path, &next, &error);
    look_at(a, &next);
    ok = ok && replace(a, &next, &error);
    web_settings_free(&next);
    if (ok)
        log_write(LOG_INFO, "Reloaded the web configuration", "file", a->path, NULL);
    else
        log_write(LOG_ERROR, "Cannot reload the web configuration, what was in force stays", "err",
                  error.message, NULL);
}

/* A certificate and its key are written one after the other: what has changed is read when it has
 * not changed again for one interval. */
static void on_look(evutil_socket_t fd, short what, void *context)
{
    struct access *a = context;
    uint64_t stamp = file_set_stamp(&a->files);
    (void)fd;
    (void)what;
    if (stamp == a->files.stamp) {
        a->changed = 0;
    } else if (stamp != a->changed) {
        a->changed = stamp;
    } else {
        a->changed = 0;
        reload(a);
    }
}

/* --- Requests --------------------------------------------------------------------------------- */

SSL_CTX *access_tls(const struct access *a)
{
    return a ? a->settings.tls : NULL;
}

/* The first one counts, as in Go. */
static struct slice authorization(struct slice headers)
{
    static const struct slice name = {"Authorization", 13};
    struct request_header header;
    while (request_head_next(&headers, &header))
        if (header.name.len == name.len && strncasecmp(header.name.p, name.p, name.len) == 0)
            return header.value;
    return (struct slice){"", 0};
}

enum admission access_ask(struct access *a, struct slice headers, int fd,
                          struct auth_waiter *waiter)
{
    if (!a)
        return ADMISSION_GRANTED;
    if (!rate_limit_allow(&a->rate_limit, (int64_t)clock_monotonic_ns()))
        return ADMISSION_TOO_MANY;
    return basic_auth_ask(a->auth, authorization(headers), fd, waiter);
}

void access_cancel(struct access *a, struct auth_waiter *waiter)
{
    if (a)
        basic_auth_cancel(a->auth, waiter);
}

void access_log_refusal(struct access *a, const char *client, const char *reason)
{
    complaint_write(&a->complaint, LOG_WARN, "request refused", client, reason);
}

void access_add_headers(const struct access *a, struct evkeyvalq *headers)
{
    if (!a)
        return;
    for (size_t i = 0; i < a->settings.config.n_headers; i++) {
        const struct web_config_header *header = &a->settings.config.headers[i];
        evhttp_remove_header(headers, header->name);
        evhttp_add_header(headers, header->name, header->value);
    }
}

/* --- Making and freeing ----------------------------------------------------------------------- */

static bool make_parts(struct access *a, struct event_base *base, struct error *e)
{
    static const struct timeval interval = {.tv_sec = LOOK_SECONDS};
    a->checker = password_checker_new(base);
    if (!a->checker)
        return error_set(e, ERROR_IO, "cannot start a process to check passwords: %s",
                         strerror(errno));
    a->auth = basic_auth_new(a->checker);
    a->look = event_new(base, -1, EV_PERSIST, on_look, a);
    return (a->auth && a->look && evtimer_add(a->look, &interval) == 0) || error_no_memory(e);
}

bool access_new(struct server *s, struct access **out, struct error *e)
{
    struct web_settings settings;
    const char *path = s->options->web_config_file;
    *out = NULL;
    if (path[0] == '\0')
        return true;
    /* What the machine's openssl.cnf says is not part of the configuration. */
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    struct access *a = calloc(1, sizeof(*a));
    if (!a)
        return error_no_memory(e);
    a->path = path;
    bool ok = web_settings_load(path, &settings, e) && make_parts(a, s->base, e);
    look_at(a, &settings);
    ok = ok && adopt(a, &settings, e);
    web_settings_free(&settings);
    if (!ok) {
        access_free(a);
        return false;
    }
    *out = a;
    return true;
}

void access_free(struct access *a)
{
    if (!a)
        return;
    if (a->look)
        event_free(a->look);
    basic_auth_free(a->auth);
    password_checker_free(a->checker);
    file_set_free(&a->files);
    web_settings_free(&a->settings);
    free(a);
}
