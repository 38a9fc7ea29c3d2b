/* The target of a request: its path decoded and cleaned, as the published Go server does both.
 * Pure. Sources: RFC 3986, RFC 9112 section 3.2. */
#ifndef TARGET_H
#define TARGET_H

#include "buffer.h"
#include "slice.h"

#include <stdbool.h>

struct target {
    struct slice path;  /* still encoded; empty if the target has none */
    struct slice query; /* what follows the first '?', encoded */
    bool asterisk;      /* "*" */
};

/* Splits origin-form ("/a?b"), absolute-form ("http://host/a?b") and "*". False: not a target. */
bool target_split(struct slice target, struct target *out);

/* Undoes percent-encoding once; '+' stays. `to` has room for path.len bytes. Returns the decoded
 * length, or -1 for a '%' without two hex digits behind it. */
long target_decode(struct slice path, char *to);

/* Whether path_clean() would change a decoded path: it holds "//", "/./" or "/../", or does not
 * begin with '/'. */
bool target_is_clean(struct slice path);

/* Appends the path without empty, "." and ".." segments; a last '/' stays. */
void target_clean(struct slice path, struct buffer *to);

/* Appends a decoded path in the encoded form that Go's URL.String() gives. */
void target_encode(struct slice path, struct buffer *to);

#endif
