/* Undoes the Content-Encoding of a request body: gzip (several members), snappy (framed, or the
 * block format), zstd, deflate; other values are ignored as the original does. How each is read:
 * body_codecs.h. */
#ifndef REQUEST_BODY_H
#define REQUEST_BODY_H

#include "arena.h"
#include "error.h"
#include "slice.h"

/* Decodes `body` into the arena; *out is `body` itself where nothing is to be undone. What would
 * decode to more than `limit` bytes fails with ERROR_TOO_LARGE, having taken no more than a third
 * on top of the limit from the arena; what is corrupt or truncated fails with ERROR_INVALID and the
 * original's message.
 *
 * `encoding` is the first Content-Encoding header, NULL if there is none: one name in any case. A
 * list
 * ("gzip, identity") is not taken apart, nor does a second header count, as in the original. An
 * empty body stays empty, but for gzip, where it is an error ("EOF") as in the original. */
bool request_body_decode(struct slice body, const char *encoding, size_t limit, struct arena *a,
                         struct slice *out, struct error *e);

#endif
