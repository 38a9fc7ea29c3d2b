#include "flags.h"

#include "byte_size.h"
#include "duration.h"
#include "external_url.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#define OPTION(member) offsetof(struct options, member)

const struct flag flags[] = {
    {"help", 'h', false, FLAG_HELP, 0, NULL,
     "Show context-sensitive help (also try --help-long and --help-man)."},
    {"help-long", 0, true, FLAG_HELP_LONG, 0, NULL, "Show all of the help."},
    {"help-man", 0, true, FLAG_HELP_MAN, 0, NULL, "Write a man page."},
    {"completion-bash", 0, true, FLAG_COMPLETION_WORDS, 0, NULL, "List the flags, for completion."},
    {"completion-script-bash", 0, true, FLAG_COMPLETION_BASH, 0, NULL,
     "Write a completion script for bash."},
    {"completion-script-zsh", 0, true, FLAG_COMPLETION_ZSH, 0, NULL,
     "Write a completion script for zsh."},
    {"web.systemd-socket", 0, false, FLAG_SWITCH, OPTION(systemd_socket), NULL,
     "Use the listening sockets that systemd hands over instead of opening any."},
    {"web.listen-address", 0, false, FLAG_ADDRESSES, OPTION(listen_addresses), ":9091",
     "Address to listen on for pushes, scrapes and the web page, such as `:9091` or `[::1]:9091`. "
     "Repeatable for several addresses."},
    {"web.config.file", 0, false, FLAG_TEXT, OPTION(web_config_file), "",
     "File that enables TLS or authentication. See: "
     "https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md"},
    {"web.telemetry-path", 0, false, FLAG_TEXT, OPTION(telemetry_path), "/metrics",
     "Path under which to expose metrics. Pushes always go to /metrics."},
    {"web.external-url", 0, false, FLAG_URL, OPTION(external_url), "",
     "URL under which the Pushgateway is reachable from outside, behind a proxy say."},
    {"web.route-prefix", 0, false, FLAG_TEXT, OPTION(route_prefix), "",
     "Prefix of all paths served. Defaults to the path of --web.external-url."},
    {"web.enable-lifecycle", 0, false, FLAG_SWITCH, OPTION(enable_lifecycle), NULL,
     "Let an HTTP request shut the server down."},
    {"web.enable-admin-api", 0, false, FLAG_SWITCH, OPTION(enable_admin_api), NULL,
     "Enable the API for administrators: deleting everything."},
    {"web.max-request-size", 0, false, FLAG_SIZE, OPTION(max_request_size), "64MiB",
     "Largest body of a request, both as sent and decompressed; larger ones get status 413."},
    {"web.max-header-size", 0, false, FLAG_SIZE, OPTION(max_header_size), "1028KiB",
     "Largest head of a request: its first line and its headers; larger ones get status 431."},
    {"web.max-buffered-size", 0, false, FLAG_SIZE, OPTION(max_buffered_size), "1GiB",
     "Most memory for requests that have not arrived whole, all together; one that needs more gets "
     "status 503."},
    {"web.max-connections", 0, false, FLAG_COUNT, OPTION(max_connections), "0",
     "Most connections at a time, further ones wait. 0 is as many as the limit of open files "
     "allows."},
    {"web.read-timeout", 0, false, FLAG_TIMEOUT, OPTION(read_timeout_ns), "30s",
     "Time that a request may take to arrive, and again for each MiB of its body."},
    {"web.idle-timeout", 0, false, FLAG_TIMEOUT, OPTION(idle_timeout_ns), "6m",
     "Time after which a connection without a request is closed."},
    {"persistence.file", 0, false, FLAG_TEXT, OPTION(persistence_file), "",
     "File to keep metrics in. If empty, they are only kept in memory."},
    {"persistence.interval", 0, false, FLAG_DURATION, OPTION(persistence_interval_ns), "5m",
     "Least time between two writes of the persistence file."},
    {"persistence.durability", 0, false, FLAG_DURABILITY, OPTION(durability), "interval",
     "When pushes get to disk: with the next write of the persistence file, or each before it is "
     "answered. One of: [interval, push]"},
    {"persistence.on-error", 0, false, FLAG_DAMAGE, OPTION(persistence_on_error), "salvage",
     "What to do when the persistence file is damaged: set it aside and serve what verifies, or "
     "leave it alone and exit. One of: [salvage, fail]"},
    {"push.disable-consistency-check", 0, false, FLAG_SWITCH, OPTION(disable_consistency_check),
     NULL,
     "Do not check pushed metrics for consistency. DANGEROUS: one push can fail all scrapes."},
    {"push.enable-utf8-names", 0, false, FLAG_SWITCH, OPTION(enable_utf8_names), NULL,
     "Allow UTF-8 characters in metric and label names."},
    {"limit.groups", 0, false, FLAG_COUNT, OPTION(limit_groups), "0",
     "Most groups stored; a push that would add one more gets status 429. 0 is no limit."},
    {"limit.series", 0, false, FLAG_COUNT, OPTION(limit_series), "0",
     "Most series stored, the push times of groups included; a push that would lead to more gets "
     "status 429. 0 is no limit."},
    {"limit.series-per-group", 0, false, FLAG_COUNT, OPTION(limit_series_per_group), "0",
     "Most series of one group, its push times included; a push that would lead to more gets "
     "status 429. 0 is no limit."},
    {"log.level", 0, false, FLAG_LEVEL, OPTION(log_level), "info",
     "Only log messages of this severity or above. One of: [debug, info, warn, error]"},
    {"log.format", 0, false, FLAG_FORMAT, OPTION(log_format), "logfmt",
     "How log messages are written. One of: [logfmt, json]"},
    {"version", 0, false, FLAG_VERSION, 0, NULL,
     "Show what version this is, and how it was built."},
};

const size_t flags_count = sizeof(flags) / sizeof(*flags);

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static const char *const format_names[] = {"logfmt", "json"};
static const char *const durability_names[] = {"interval", "push"};
static const char *const damage_names[] = {"salvage", "fail"};

bool flag_is_option(const struct flag *f)
{
    return f->kind < FLAG_HELP;
}

bool flag_is_switch(const struct flag *f)
{
    return f->kind == FLAG_SWITCH || !flag_is_option(f);
}

static bool set_addresses(struct options *o, const char *value, struct error *e)
{
    size_t old_size = o->n_listen_addresses * sizeof(*o->listen_addresses);
    const char **grown = arena_grow(&o->memory, o->listen_addresses, old_size,
                                    old_size + sizeof(*o->listen_addresses));
    if (!grown)
        return error_no_memory(e);
    o->listen_addresses = grown;
    o->listen_addresses[o->n_listen_addresses++] = value;
    return true;
}

static bool set_count(unsigned *member, const char *value, struct error *e)
{
    char *end;

    errno = 0;
    unsigned long number = strtoul(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0')
        return error_set(e, ERROR_INVALID, "expected a whole number but got '%s'", value);
    if (errno == ERANGE || number > 1000000000)
        return error_set(e, ERROR_INVALID, "number '%s' is too large", value);
    *member = (unsigned)number;
    return true;
}

#define NAMES(names) names, sizeof(names) / sizeof((names)[0])

/* Finds a value among the names that a flag takes. */
static bool find_name(const char *const *names, unsigned count, const char *value, unsigned *at)
{
    for (*at = 0; *at < count; ++*at)
        if (strcmp(value, names[*at]) == 0)
            return true;
    return false;
}

static bool set_level(enum log_level *member, const char *value, struct error *e)
{
    for (unsigned i = LOG_DEBUG; i <= LOG_ERROR; i++) {
        if (strcasecmp(value, level_names[i]) == 0) {
            *member = i;
            return true;
        }
    }
    return error_set(e, ERROR_INVALID, "unrecognized log level %s", value);
}

static bool set_format(enum log_format *member, const char *value, struct error *e)
{
    unsigned at;
    if (!find_name(NAMES(format_names), value, &at))
        return error_set(e, ERROR_INVALID, "unrecognized log format %s", value);
    *member = at;
    return true;
}

static bool set_durability(enum durability *member, const char *value, struct error *e)
{
    unsigned at;
    if (!find_name(NAMES(durability_names), value, &at))
        return error_set(e, ERROR_INVALID, "expected interval or push but got '%s'", value);
    *member = at;
    return true;
}

static bool set_damage(enum damage_policy *member, const char *value, struct error *e)
{
    unsigned at;
    if (!find_name(NAMES(damage_names), value, &at))
        return error_set(e, ERROR_INVALID, "expected salvage or fail but got '%s'", value);
    *member = at;
    return true;
}

static bool check_url(struct options *o, const char *value, struct error *e)
{
    struct error reason = {0};
    const char *path;

    if (external_url_path(value, &o->memory, &path, &reason))
        return true;
    return error_set(e, reason.code, "invalid URL: %.1900s", reason.message);
}

bool flag_set(const struct flag *f, struct options *o, const char *value, struct error *e)
{
    void *member = (char *)o + f->offset;

    switch (f->kind) {
    case FLAG_SWITCH:
        *(bool *)member = strcmp(value, "true") == 0;
        return true;
    case FLAG_TEXT:
        *(const char **)member = value;
        return true;
    case FLAG_URL:
        *(const char **)member = value;
        return check_url(o, value, e);
    case FLAG_ADDRESSES:
        return set_addresses(o, value, e);
    case FLAG_DURATION:
        return duration_parse(value, member, e);
    case FLAG_TIMEOUT:
        if (!duration_parse(value, member, e))
            return false;
        return *(int64_t *)member >= 1000000 ||
               error_set(e, ERROR_INVALID, "--%s must be at least 1ms", f->name);
    case FLAG_SIZE:
        if (!byte_size_parse(value, member, e))
            return false;
        return *(size_t *)member >= 1 ||
               error_set(e, ERROR_INVALID, "--%s must be at least 1B", f->name);
    case FLAG_COUNT:
        return set_count(member, value, e);
    case FLAG_LEVEL:
        return set_level(member, value, e);
    case FLAG_FORMAT:
        return set_format(member, value, e);
    case FLAG_DURABILITY:
        return set_durability(member, value, e);
    case FLAG_DAMAGE:
        return set_damage(member, value, e);
    default:
        return true;
    }
}

static void print_addresses(const struct options *o, struct buffer *out)
{
    for (size_t i = 0; i < o->n_listen_addresses; i++) {
        if (i > 0)
            buffer_byte(out, ',');
        buffer_text(out, o->listen_addresses[i]);
    }
}

void flag_print(const struct flag *f, const struct options *o, struct buffer *out)
{
    const void *member = (const char *)o + f->offset;
    char duration[DURATION_TEXT_MAX], size[BYTE_SIZE_TEXT_MAX];

    switch (f->kind) {
    case FLAG_SWITCH:
        buffer_text(out, *(const bool *)member ? "true" : "false");
        break;
    case FLAG_TEXT:
    case FLAG_URL:
        buffer_text(out, *(const char *const *)member);
        break;
    case FLAG_ADDRESSES:
        print_addresses(o, out);
        break;
    case FLAG_DURATION:
    case FLAG_TIMEOUT:
        duration_format(*(const int64_t *)member, duration);
        buffer_text(out, duration);
        break;
    case FLAG_SIZE:
        byte_size_format(*(const size_t *)member, size);
        buffer_text(out, size);
        break;
    case FLAG_COUNT:
        buffer_printf(out, "%u", *(const unsigned *)member);
        break;
    case FLAG_LEVEL:
        buffer_text(out, level_names[*(const enum log_level *)member]);
        break;
    case FLAG_FORMAT:
        buffer_text(out, format_names[*(const enum log_format *)member]);
        break;
    case FLAG_DURABILITY:
        buffer_text(out, durability_names[*(const enum durability *)member]);
        break;
    case FLAG_DAMAGE:
        buffer_text(out, damage_names[*(const enum damage_policy *)member]);
        break;
    default:
        break;
    }
}
