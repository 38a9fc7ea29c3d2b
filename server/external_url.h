/* What of --web.external-url matters here: its path, the prefix under which browsers see the
 * server. */
#ifndef EXTERNAL_URL_H
#define EXTERNAL_URL_H

#include "arena.h"
#include "error.h"

/* The percent-decoded path of a URL or URL reference, in the arena: "" where it has none. Fails
 * with the messages of Go's url.Parse, e.g. `parse ":bad": missing protocol scheme`. */
bool external_url_path(const char *url, struct arena *a, const char **path, struct error *e);

#endif
