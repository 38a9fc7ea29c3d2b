/* The web configuration with all files that it names, loaded: what is in force, or is to be. */
#ifndef WEB_SETTINGS_H
#define WEB_SETTINGS_H

#include "error.h"
#include "file_set.h"
#include "web_config.h"

#include <openssl/types.h>

struct web_settings {
    struct web_config config;
    SSL_CTX *tls; /* NULL: plain HTTP */
    /* The configuration itself and what it names; also when loading failed, as far as it came. */
    struct file_set files;
};

/* Loads the file at `path` and what it names. Free with web_settings_free() whatever the outcome;
 * *e begins with the path, and the line if one is wrong. */
bool web_settings_load(const char *path, struct web_settings *settings, struct error *e);
void web_settings_free(struct web_settings *settings);

#endif
