/* Compresses a reply piece by piece. */
#ifndef COMPRESSOR_H
#define COMPRESSOR_H

#include "buffer.h"
#include "negotiation.h"

struct compressor;

/* For CODING_GZIP or CODING_ZSTD; NULL when memory is out. */
struct compressor *compressor_new(enum coding coding);
void compressor_free(struct compressor *c);

/* Appends to `out` what becomes of `piece`; `last` ends the stream. False when memory is out. */
bool compressor_add(struct compressor *c, struct slice piece, bool last, struct buffer *out);

#endif
