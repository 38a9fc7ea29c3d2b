/* Undoes the Content-Encoding of a request body: gzip (several members), snappy (framed, or the block
 * format), zstd, deflate; other values are ignored as the original does.
 * Sources: RFC 1952, RFC 1950, RFC 8878, snappy's framing_format.txt and format_description.txt. */
#ifndef REQUEST_BODY_H
#define REQUEST_BODY_H

#include "arena.h"
#include "error.h"
#include "slice.h"

/* Decodes `body` into the arena; *out is `body` itself where nothing is to be undone. Never takes more
 * than `limit` bytes: what would decode to more fails with ERROR_TOO_LARGE. `encoding` may be NULL. */
bool request_body_decode(struct slice body, const char *encoding, size_t limit, struct arena *a,
                         struct slice *out, struct error *e);

#endif
