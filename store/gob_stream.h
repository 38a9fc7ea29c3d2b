/* The messages of a gob stream: the types it defines, and its values. */
#ifndef GOB_STREAM_H
#define GOB_STREAM_H

#include "gob_decoder.h"

/* Steps to the next value: takes the definitions of types before it, and what stands before the
 * value itself. A message that the stream cuts is gone into as far as it goes. */
bool gob_stream_next(struct gob_decoder *d, int64_t *type);

/* To be called behind the value: whether it was all that the stream has, and the stream all that it
 * claims. */
bool gob_stream_end(struct gob_decoder *d);

#endif
