/* The command line, in the syntax of the Go server's parser (kingpin): --flag=value or --flag
 * value,
 * --switch or --no-switch, @file for more arguments, one a line. One table, in flags.c, is the
 * parser, the help text, the shell completion and the `flags` of the API. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_LOGFMT, LOG_JSON };
/* When a push is on disk: some time after its reply, or before. */
enum durability { DURABILITY_INTERVAL, DURABILITY_PUSH };
/* What to do about a persistence file that is damaged. */
enum damage_policy { DAMAGE_SALVAGE, DAMAGE_FAIL };

struct options {
    const char **listen_addresses; /* at least one; as given, unchecked */
    size_t n_listen_addresses;
    bool systemd_socket;
    const char *web_config_file; /* "": none */
    const char *telemetry_path;  /* as given */
    const char *telemetry_route; /* the same as a clean path: starts with and does not end in '/' */
    const char *external_url;    /* "": none */
    const char *external_prefix; /* path of the external URL: "" or "/prefix", decoded; for links */
    const char *route_prefix;    /* "" or "/prefix", decoded: by flag, else the external prefix */
    bool enable_lifecycle;
    bool enable_admin_api;
    const char *persistence_file;    /* "": memory only */
    int64_t persistence_interval_ns; /* 0 or less: no pause between flushes */
    enum durability durability;      /* DURABILITY_PUSH only with a persistence file */
    enum damage_policy persistence_on_error;
    bool disable_consistency_check;
    bool enable_utf8_names;
    enum log_level log_level;
    enum log_format log_format;
    unsigned limit_groups, limit_series, limit_series_per_group; /* 0: none */
    size_t max_request_size, max_header_size, max_buffered_size; /* bytes, at least 1 */
    unsigned max_connections;                 /* 0: as many as file descriptors allow */
    int64_t read_timeout_ns, idle_timeout_ns; /* at least 1 ms */
    struct arena memory; /* what the above points to, unless it borrows from argv */
};

enum options_outcome {
    OPTIONS_RUN,
    OPTIONS_EXIT, /* --help, --version or the like was printed to `out` */
    OPTIONS_BAD,  /* the reason was printed to `err` */
};

/* Parses argv, which must outlive *o; free with options_free() whatever the outcome. */
enum options_outcome options_parse(struct options *o, int argc, char **argv, FILE *out, FILE *err);
void options_free(struct options *o);

/* Calls visit(name, value, context) for each flag, in order of names, value printed as the
 * original's API shows it: durations as "5m0s", switches as "true" or "false", several addresses
 * with a comma between them, the route prefix as it came out. Values live as long as the call.
 * False when memory is out. */
bool options_visit(const struct options *o,
                   void (*visit)(const char *name, const char *value, void *context),
                   void *context);

#endif
