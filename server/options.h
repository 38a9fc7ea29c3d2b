/* The command line. One table in options.c is the parser, the help text, the shell completion and the
 * `flags` of the API. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_LOGFMT, LOG_JSON };

struct options {
    const char **listen_addresses; /* at least one */
    size_t n_listen_addresses;
    bool systemd_socket;
    const char *web_config_file;   /* "": none */
    const char *telemetry_path;
    const char *external_url;      /* "": none */
    char *route_prefix;            /* "" or "/prefix": starts with and does not end in '/' */
    bool enable_lifecycle;
    bool enable_admin_api;
    const char *persistence_file;  /* "": memory only */
    int64_t persistence_interval_ns;
    bool disable_consistency_check;
    bool enable_utf8_names;
    enum log_level log_level;
    enum log_format log_format;
    size_t max_request_size;       /* bytes */
    unsigned max_connections;      /* 0: as many as file descriptors allow */
    int64_t read_timeout_ns, idle_timeout_ns;
};

enum options_outcome {
    OPTIONS_RUN,
    OPTIONS_EXIT, /* --help or --version was printed to `out` */
    OPTIONS_BAD,  /* the reason was printed to `err` */
};

/* Parses argv. Strings borrow from argv; free with options_free(). */
enum options_outcome options_parse(struct options *o, int argc, char **argv, FILE *out, FILE *err);
void options_free(struct options *o);

/* Calls visit(name, value, context) for each flag, in order of names, value printed as the original's
 * API shows it (durations as "5m0s", booleans "true"/"false", several addresses as "[:9091]"). */
void options_visit(const struct options *o,
                   void (*visit)(const char *name, const char *value, void *context),
                   void *context);

#endif
