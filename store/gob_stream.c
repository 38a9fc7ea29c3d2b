#include "gob_stream.h"

#include <inttypes.h>

/* --- The definition of a type --------------------------------------------------------------------
 */

static bool take_field_part(struct gob_decoder *d, const struct gob_field *part, void *to)
{
    struct gob_field *out = to;
    return slice_equal(part->name, SLICE_LITERAL("Name"))
               ? gob_take_bytes(d, part->type, &out->name)
               : gob_take_int(d, &out->type);
}

static bool take_fields(struct gob_decoder *d, int64_t slice_type, struct gob_type *out)
{
    const char *at = d->rest.p;
    const struct gob_type *list;

    if (!gob_take_type(d, slice_type, GOB_SLICE, &list) ||
        !gob_take_count(d, GOB_SLICE, &out->n_fields))
        return false;
    if (out->n_fields > GOB_FIELDS_MAX)
        return gob_decoder_fail(d, at, "a struct of %zu fields", out->n_fields);
    struct gob_field *fields = arena_alloc(&d->arena, out->n_fields * sizeof(*fields));
    if (!fields)
        return error_no_memory(d->error);
    for (size_t i = 0; i < out->n_fields; i++) {
        fields[i] = (struct gob_field){0};
        if (!gob_take_struct(d, list->element, take_field_part, &fields[i]))
            return false;
    }
    out->fields = fields;
    return true;
}

/* What an ArrayType, SliceType, StructType, MapType or gobEncoderType says. */
static bool take_detail(struct gob_decoder *d, const struct gob_field *part, void *to)
{
    struct gob_type *out = to;
    if (slice_equal(part->name, SLICE_LITERAL("Key")))
        return gob_take_int(d, &out->key);
    if (slice_equal(part->name, SLICE_LITERAL("Elem")))
        return gob_take_int(d, &out->element);
    if (slice_equal(part->name, SLICE_LITERAL("Field")))
        return take_fields(d, part->type, out);
    return gob_skip(d, part->type);
}

static enum gob_kind kind_of(struct slice name)
{
    static const struct {
        const char *name;
        enum gob_kind kind;
    } kinds[] = {
        {"ArrayT", GOB_ARRAY},
        {"SliceT", GOB_SLICE},
        {"StructT", GOB_STRUCT},
        {"MapT", GOB_MAP},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (slice_equal(name, slice_of(kinds[i].name)))
            return kinds[i].kind;
    return GOB_OPAQUE;
}

static bool take_kind(struct gob_decoder *d, const struct gob_field *part, void *to)
{
    struct gob_type *out = to;
    out->kind = kind_of(part->name);
    return gob_take_struct(d, part->type, take_detail, out);
}

static bool take_definition(struct gob_decoder *d, struct gob_type *out)
{
    const char *at = d->rest.p;
    if (!gob_take_struct(d, GOB_TYPE_WIRE_TYPE, take_kind, out))
        return false;
    return out->kind != GOB_UNKNOWN ||
           gob_decoder_fail(d, at, "the definition of a type says nothing");
}

static bool define(struct gob_decoder *d, int64_t number, const char *at)
{
    struct gob_type type = {0};
    struct gob_type *place = gob_types_place(&d->types, number, &d->arena);

    if (!d->types.own)
        return error_no_memory(d->error);
    if (!place)
        return gob_decoder_fail(d, at, "type %" PRId64 " cannot be defined", number);
    if (place->kind != GOB_UNKNOWN)
        return gob_decoder_fail(d, at, "type %" PRId64 " is defined twice", number);
    if (!take_definition(d, &type))
        return false;
    if (d->rest.len > 0)
        return gob_decoder_fail(d, d->rest.p, "%zu bytes behind the definition of a type",
                                d->rest.len);
    *place = type;
    return true;
}

/* --- Messages ------------------------------------------------------------------------------------
 */

static bool open_message(struct gob_decoder *d)
{
    uint64_t length;

    d->rest = d->after;
    if (!gob_take_uint(d, &length))
        return false;
    size_t there = length < d->rest.len ? (size_t)length : d->rest.len;
    d->missing = length - there;
    d->after = (struct slice){d->rest.p + there, d->rest.len - there};
    d->rest.len = there;
    return true;
}

/* A value that is no struct stands where the first field of one would, but for the number. */
static bool open_value(struct gob_decoder *d, int64_t type)
{
    const struct gob_type *found = gob_types_find(&d->types, type);
    const char *at = d->rest.p;
    uint64_t zero;

    if (!found)
        return gob_decoder_fail(d, at, "a value of type %" PRId64 ", which is not defined", type);
    if (found->kind == GOB_STRUCT)
        return true;
    if (!gob_take_uint(d, &zero))
        return false;
    return zero == 0 || gob_decoder_fail(d, at, "no zero before a value that is not a struct");
}

bool gob_stream_next(struct gob_decoder *d, int64_t *type)
{
    for (;;) {
        if (!open_message(d))
            return false;
        const char *at = d->rest.p;
        if (!gob_take_int(d, type))
            return false;
        if (*type >= 0)
            return open_value(d, *type);
        if (*type <= -(GOB_FIRST_OWN_TYPE + GOB_TYPES_MAX))
            return gob_decoder_fail(d, at, "a type numbered beyond %d",
                                    GOB_FIRST_OWN_TYPE + GOB_TYPES_MAX - 1);
        if (!define(d, -*type, at))
            return false;
    }
}

bool gob_stream_end(struct gob_decoder *d)
{
    const char *end = d->rest.p + d->rest.len;

    if (d->rest.len > 0)
        return gob_decoder_fail(d, d->rest.p, "%zu bytes behind the value", d->rest.len);
    if (d->missing > 0)
        return gob_decoder_fail(d, end, "%" PRIu64 " bytes are missing at the end", d->missing);
    if (d->after.len > 0)
        return gob_decoder_fail(d, d->after.p, "%zu bytes behind the last message", d->after.len);
    return true;
}
