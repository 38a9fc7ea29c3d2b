/* What the types of a gob stream look like: those every stream knows, and those it defines.
 *
 * A type has a number. Numbers below GOB_FIRST_OWN_TYPE belong to the encoding; among those are the
 * types that definitions of types are written in, so that definitions are read as any struct is.
 * Source: the documentation of encoding/gob, "Encoding Details". */
#ifndef GOB_TYPES_H
#define GOB_TYPES_H

#include "arena.h"

#include <stdint.h>

enum gob_kind {
    GOB_UNKNOWN, /* not defined */
    GOB_BOOL,
    GOB_INT,
    GOB_UINT,
    GOB_FLOAT,
    GOB_BYTES,
    GOB_STRING,
    GOB_COMPLEX,
    GOB_INTERFACE,
    GOB_ARRAY,
    GOB_SLICE,
    GOB_STRUCT,
    GOB_MAP,
    GOB_OPAQUE, /* bytes that the type's own GobEncode, MarshalBinary or MarshalText wrote */
};

enum {
    GOB_TYPE_INT = 2,
    GOB_TYPE_STRING = 6,
    GOB_TYPE_WIRE_TYPE = 16, /* the definition of a type */
    GOB_FIRST_OWN_TYPE = 64,
    GOB_TYPES_MAX = 1024,  /* that a stream may define; the Pushgateway's has some thirty */
    GOB_FIELDS_MAX = 1024, /* of a struct */
};

struct gob_field {
    struct slice name;
    int64_t type;
};

struct gob_type {
    enum gob_kind kind;
    int64_t key;     /* of a map */
    int64_t element; /* of a map, a slice, an array */
    const struct gob_field *fields;
    size_t n_fields;
};

/* Starts as all zeroes. */
struct gob_types {
    struct gob_type *own; /* by number, from GOB_FIRST_OWN_TYPE; in the arena of the decoder */
};

/* NULL: there is no such type. */
const struct gob_type *gob_types_find(const struct gob_types *types, int64_t number);

/* Where the definition of a type goes: its kind is GOB_UNKNOWN as long as there is none. NULL when
 * the stream cannot define that number, or memory is out. */
struct gob_type *gob_types_place(struct gob_types *types, int64_t number, struct arena *a);

/* The field of that name; NULL when the type has none. */
const struct gob_field *gob_type_field(const struct gob_type *type, const char *name);

#endif
