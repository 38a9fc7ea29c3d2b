/* Compresses a reply piece by piece. The same pieces always give the same bytes. */
#ifndef COMPRESSOR_H
#define COMPRESSOR_H

#include "buffer.h"
#include "negotiation.h"

struct compressor;

/* For CODING_GZIP or CODING_ZSTD; NULL when memory is out. */
struct compressor *compressor_new(enum coding coding);
void compressor_free(struct compressor *c); /* NULL is fine */

/* Appends to `out` what becomes of `piece`, which may be nothing yet; `last` ends the stream, and
 * nothing may follow. False when memory is out. */
bool compressor_add(struct compressor *c, struct slice piece, bool last, struct buffer *out);

#endif
