/* JSON as Go's encoding/json prints it, written piece by piece.
 *
 * Of our own because the replies of the API are streamed: a library that builds a tree first would
 * hold all of 100,000 groups in memory, and would print strings and numbers otherwise than the
 * original. The caller opens, closes and separates in the right order; commas are set here.
 * Failures are those of the buffer.
 *
 * A writer is embedded in its owner and starts as all zeroes but for `out`, which may be changed
 * between two calls. */
#ifndef JSON_WRITER_H
#define JSON_WRITER_H

#include "buffer.h"

struct json_writer {
    struct buffer *out;
    bool separate; /* the next value or key needs a comma before it */
};

void json_writer_object(struct json_writer *w);
void json_writer_end_object(struct json_writer *w);
void json_writer_array(struct json_writer *w);
void json_writer_end_array(struct json_writer *w);

void json_writer_key(struct json_writer *w, struct slice name);

/* Escapes what HTML would take for its own, as Go does, and each byte that is not valid UTF-8
 * becomes U+FFFD. */
void json_writer_string(struct json_writer *w, struct slice text);
void json_writer_text(struct json_writer *w, const char *text);

void json_writer_bool(struct json_writer *w, bool value);
void json_writer_uint(struct json_writer *w, uint64_t value);

/* Numbers in quotes, as Go's %v prints them. */
void json_writer_quoted_float(struct json_writer *w, double value);
void json_writer_quoted_uint(struct json_writer *w, uint64_t value);

#endif
