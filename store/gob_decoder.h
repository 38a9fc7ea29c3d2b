/* Takes values of encoding/gob from a stream that may be hostile.
 *
 *   stream    messages
 *   message   uint: how many bytes follow; int: a type's number, then
 *               negative: the definition of that type, a value of the type "wireType"
 *               positive: a value of that type; unless it is a struct, a zero byte before it
 *   uint      below 128: the byte itself; else how many bytes, negated, and these, the high one
 * first int       a uint: the value shifted left by 1; bit 0 says that it is to be complemented
 *   string    uint: length; its bytes. []byte and what types encode themselves look the same
 *   slice     uint: how many elements; these. Arrays, too
 *   map       uint: how many pairs; of each the key and the element
 *   struct    of each field that is not zero: uint: how many fields further in the definition; its
 *             value. Then 0
 *   float     a uint; complex: two
 *
 * Source: the documentation of encoding/gob, "Encoding Details" (pkg.go.dev/encoding/gob).
 *
 * Nothing is copied, and no memory is taken for what a count claims: only the definitions of types
 * are kept. Each call takes something or fails with ERROR_INVALID, saying at which byte of the
 * stream; after a failure the decoder is of no use. */
#ifndef GOB_DECODER_H
#define GOB_DECODER_H

#include "error.h"
#include "gob_types.h"

enum { GOB_DEPTH_MAX = 32 }; /* of values within values that are skipped */

struct gob_decoder {
    const char *start;  /* of the stream */
    struct slice rest;  /* of the message */
    struct slice after; /* the messages behind it */
    uint64_t missing;   /* bytes that the message claims and the stream has not */
    struct gob_types types;
    struct arena arena; /* of the types */
    struct error *error;
};

/* The stream is borrowed; failures go to *e. */
void gob_decoder_init(struct gob_decoder *d, struct slice stream, struct error *e);
void gob_decoder_free(struct gob_decoder *d);

/* Always false. `at` is where in the stream. */
bool gob_decoder_fail(struct gob_decoder *d, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* --- What needs no type --- */

bool gob_take_uint(struct gob_decoder *d, uint64_t *out);
bool gob_take_int(struct gob_decoder *d, int64_t *out);

/* --- Values of a type, given by its number --- */

/* The type of that number and kind. */
bool gob_take_type(struct gob_decoder *d, int64_t number, enum gob_kind kind,
                   const struct gob_type **out);

/* Any value that is bytes: a string, []byte, what a type encodes itself. */
bool gob_take_bytes(struct gob_decoder *d, int64_t type, struct slice *out);

/* How many elements of a slice or pairs of a map follow; never more than can be. */
bool gob_take_count(struct gob_decoder *d, enum gob_kind kind, size_t *out);

/* A struct: take() is called for each field that was sent, and takes its value. */
bool gob_take_struct(struct gob_decoder *d, int64_t type,
                     bool (*take)(struct gob_decoder *d, const struct gob_field *field, void *to),
                     void *to);

/* Passes over a value of any type but interfaces. */
bool gob_skip(struct gob_decoder *d, int64_t type);

#endif
