#include "gob_decoder.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const char too_short[] = "unexpected end";

void gob_decoder_init(struct gob_decoder *d, struct slice stream, struct error *e)
{
    *d =
        (struct gob_decoder){.start = stream.p, .rest = {stream.p, 0}, .after = stream, .error = e};
}

void gob_decoder_free(struct gob_decoder *d)
{
    arena_free(&d->arena);
}

bool gob_decoder_fail(struct gob_decoder *d, const char *at, const char *format, ...)
{
    char why[256];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    return error_set(d->error, ERROR_INVALID, "%s (byte %zu)", why, (size_t)(at - d->start));
}

static void pass(struct gob_decoder *d, size_t n)
{
    d->rest.p += n;
    d->rest.len -= n;
}

/* --- What needs no type --------------------------------------------------------------------------
 */

bool gob_take_uint(struct gob_decoder *d, uint64_t *out)
{
    const uint8_t *p = (const uint8_t *)d->rest.p;

    *out = 0;
    if (d->rest.len == 0)
        return gob_decoder_fail(d, d->rest.p, too_short);
    if (*p < 0x80) {
        *out = *p;
        pass(d, 1);
        return true;
    }
    size_t n = 0x100 - *p;
    if (n > sizeof(*out))
        return gob_decoder_fail(d, d->rest.p, "a number of %zu bytes", n);
    if (n > d->rest.len - 1)
        return gob_decoder_fail(d, d->rest.p, too_short);
    for (size_t i = 1; i <= n; i++)
        *out = *out << 8 | p[i];
    pass(d, 1 + n);
    return true;
}

bool gob_take_int(struct gob_decoder *d, int64_t *out)
{
    uint64_t u;

    if (!gob_take_uint(d, &u))
        return false;
    *out = (int64_t)(u & 1 ? ~(u >> 1) : u >> 1);
    return true;
}

static bool take_run(struct gob_decoder *d, struct slice *out)
{
    const char *at = d->rest.p;
    uint64_t n;

    if (!gob_take_uint(d, &n))
        return false;
    if (n > d->rest.len)
        return gob_decoder_fail(d, at, "%" PRIu64 " bytes where %zu are left", n, d->rest.len);
    *out = (struct slice){d->rest.p, (size_t)n};
    pass(d, (size_t)n);
    return true;
}

/* --- Values of a type ----------------------------------------------------------------------------
 */

static const struct gob_type *find(struct gob_decoder *d, int64_t number)
{
    const struct gob_type *type = gob_types_find(&d->types, number);
    if (!type)
        gob_decoder_fail(d, d->rest.p, "a value of type %" PRId64 ", which is not defined", number);
    return type;
}

bool gob_take_type(struct gob_decoder *d, int64_t number, enum gob_kind kind,
                   const struct gob_type **out)
{
    static const char *const names[] = {
        [GOB_ARRAY] = "an array", [GOB_SLICE] = "a slice", [GOB_STRUCT] = "a struct",
        [GOB_MAP] = "a map",      [GOB_OPAQUE] = "bytes",
    };
    *out = find(d, number);
    if (!*out)
        return false;
    return (*out)->kind == kind ||
           gob_decoder_fail(d, d->rest.p, "type %" PRId64 " is not %s", number, names[kind]);
}

bool gob_take_bytes(struct gob_decoder *d, int64_t type, struct slice *out)
{
    const struct gob_type *found = find(d, type);
    if (!found)
        return false;
    if (found->kind != GOB_STRING && found->kind != GOB_BYTES && found->kind != GOB_OPAQUE)
        return gob_decoder_fail(d, d->rest.p, "type %" PRId64 " is not bytes", type);
    return take_run(d, out);
}

/* The smallest value is one byte, so more elements than bytes cannot be. */
bool gob_take_count(struct gob_decoder *d, enum gob_kind kind, size_t *out)
{
    const char *at = d->rest.p;
    uint64_t n;

    *out = 0;
    if (!gob_take_uint(d, &n))
        return false;
    if (n > d->rest.len / (kind == GOB_MAP ? 2 : 1))
        return gob_decoder_fail(d, at, "%" PRIu64 " elements in %zu bytes", n, d->rest.len);
    *out = (size_t)n;
    return true;
}

/* The next field that was sent, behind the `passed` ones of the definition; *field is NULL at the
 * end of the struct. */
static bool take_field(struct gob_decoder *d, const struct gob_type *type, size_t *passed,
                       const struct gob_field **field)
{
    const char *at = d->rest.p;
    uint64_t further;

    *field = NULL;
    if (!gob_take_uint(d, &further))
        return false;
    if (further > type->n_fields - *passed)
        return gob_decoder_fail(d, at, "field %" PRIu64 " of a struct with %zu", *passed + further,
                                type->n_fields);
    *passed += (size_t)further;
    if (further > 0)
        *field = &type->fields[*passed - 1];
    return true;
}

bool gob_take_struct(struct gob_decoder *d, int64_t type,
                     bool (*take)(struct gob_decoder *d, const struct gob_field *field, void *to),
                     void *to)
{
    const struct gob_type *found;
    const struct gob_field *field;
    size_t passed = 0;

    if (!gob_take_type(d, type, GOB_STRUCT, &found))
        return false;
    do {
        if (!take_field(d, found, &passed, &field) || (field && !take(d, field, to)))
            return false;
    } while (field);
    return true;
}

/* --- Skipping ------------------------------------------------------------------------------------
 */

static bool skip(struct gob_decoder *d, int64_t number, int depth);

static bool skip_elements(struct gob_decoder *d, const struct gob_type *type, int depth)
{
    size_t n;

    if (!gob_take_count(d, type->kind, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (type->kind == GOB_MAP && !skip(d, type->key, depth))
            return false;
        if (!skip(d, type->element, depth))
            return false;
    }
    return true;
}

static bool skip_field(struct gob_decoder *d, const struct gob_field *field, void *depth)
{
    return skip(d, field->type, *(const int *)depth);
}

static bool skip(struct gob_decoder *d, int64_t number, int depth)
{
    const struct gob_type *type = find(d, number);
    struct slice bytes;
    uint64_t real, imaginary;

    if (!type)
        return false;
    if (depth == GOB_DEPTH_MAX)
        return gob_decoder_fail(d, d->rest.p, "values nested more than %d deep", GOB_DEPTH_MAX);
    switch (type->kind) {
    case GOB_BOOL:
    case GOB_INT:
    case GOB_UINT:
    case GOB_FLOAT:
        return gob_take_uint(d, &real);
    case GOB_COMPLEX:
        return gob_take_uint(d, &real) && gob_take_uint(d, &imaginary);
    case GOB_BYTES:
    case GOB_STRING:
    case GOB_OPAQUE:
        return take_run(d, &bytes);
    case GOB_ARRAY:
    case GOB_SLICE:
    case GOB_MAP:
        return skip_elements(d, type, depth + 1);
    case GOB_STRUCT:
        depth++;
        return gob_take_struct(d, number, skip_field, &depth);
    case GOB_INTERFACE:
    case GOB_UNKNOWN:
    default:
        return gob_decoder_fail(d, d->rest.p, "an interface value, which cannot be read");
    }
}

bool gob_skip(struct gob_decoder *d, int64_t type)
{
    return skip(d, type, 0);
}
