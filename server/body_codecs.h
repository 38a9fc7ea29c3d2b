/* One decoder for each Content-Encoding that is understood. Each takes the whole body, which is not
 * empty unless said, and fails with ERROR_INVALID, ERROR_TOO_LARGE or ERROR_NO_MEMORY. */
#ifndef BODY_CODECS_H
#define BODY_CODECS_H

#include "body_output.h"
#include "error.h"

/* Several members are one body; anything behind them is an error. An empty body is one, too
 * ("EOF"). Source: RFC 1952. */
bool body_gunzip(struct slice body, size_t limit, struct arena *a, struct slice *out,
                 struct error *e);

/* With the wrapping that the standard wants or, as some clients send it, without. Sources: RFC 1950
 * and 1951. */
bool body_inflate(struct slice body, size_t limit, struct arena *a, struct slice *out,
                  struct error *e);

/* The framing format or a bare block, told apart by the stream identifier. Sources:
 * framing_format.txt and format_description.txt of google/snappy. */
bool body_unsnappy(struct slice body, size_t limit, struct arena *a, struct slice *out,
                   struct error *e);

/* Several frames are one body. A frame may ask for a window of up to 8 MiB (RFC 9659), which is
 * taken in addition to the limit while it is decoded. Source: RFC 8878. */
bool body_unzstd(struct slice body, size_t limit, struct arena *a, struct slice *out,
                 struct error *e);

#endif
