#include "gob_types.h"

#define NAMED(text) SLICE_LITERAL(text)
#define STRUCT(of)                                                                                 \
    {                                                                                              \
        .kind = GOB_STRUCT, .fields = (of), .n_fields = sizeof(of) / sizeof(*(of))                 \
    }

enum { /* the types that definitions are made of */
       ARRAY_TYPE = 17,
       COMMON_TYPE = 18,
       SLICE_TYPE = 19,
       STRUCT_TYPE = 20,
       FIELD_TYPE = 21,
       FIELD_TYPES = 22, /* slice of FIELD_TYPE */
       MAP_TYPE = 23,
       GOB_ENCODER_TYPE = 24, /* as COMMON_TYPE in a struct; its number is never sent */
};

static const struct gob_field wire_type[] = {
    {NAMED("ArrayT"), ARRAY_TYPE},
    {NAMED("SliceT"), SLICE_TYPE},
    {NAMED("StructT"), STRUCT_TYPE},
    {NAMED("MapT"), MAP_TYPE},
    {NAMED("GobEncoderT"), GOB_ENCODER_TYPE},
    {NAMED("BinaryMarshalerT"), GOB_ENCODER_TYPE},
    {NAMED("TextMarshalerT"), GOB_ENCODER_TYPE},
};
static const struct gob_field array_type[] = {{NAMED("CommonType"), COMMON_TYPE},
                                              {NAMED("Elem"), GOB_TYPE_INT},
                                              {NAMED("Len"), GOB_TYPE_INT}};
static const struct gob_field common_type[] = {{NAMED("Name"), GOB_TYPE_STRING},
                                               {NAMED("Id"), GOB_TYPE_INT}};
static const struct gob_field slice_type[] = {{NAMED("CommonType"), COMMON_TYPE},
                                              {NAMED("Elem"), GOB_TYPE_INT}};
static const struct gob_field struct_type[] = {{NAMED("CommonType"), COMMON_TYPE},
                                               {NAMED("Field"), FIELD_TYPES}};
static const struct gob_field field_type[] = {{NAMED("Name"), GOB_TYPE_STRING},
                                              {NAMED("Id"), GOB_TYPE_INT}};
static const struct gob_field map_type[] = {{NAMED("CommonType"), COMMON_TYPE},
                                            {NAMED("Key"), GOB_TYPE_INT},
                                            {NAMED("Elem"), GOB_TYPE_INT}};
static const struct gob_field gob_encoder_type[] = {{NAMED("CommonType"), COMMON_TYPE}};

static const struct gob_type known[GOB_FIRST_OWN_TYPE] = {
    [1] = {.kind = GOB_BOOL},
    [GOB_TYPE_INT] = {.kind = GOB_INT},
    [3] = {.kind = GOB_UINT},
    [4] = {.kind = GOB_FLOAT},
    [5] = {.kind = GOB_BYTES},
    [GOB_TYPE_STRING] = {.kind = GOB_STRING},
    [7] = {.kind = GOB_COMPLEX},
    [8] = {.kind = GOB_INTERFACE},
    [GOB_TYPE_WIRE_TYPE] = STRUCT(wire_type),
    [ARRAY_TYPE] = STRUCT(array_type),
    [COMMON_TYPE] = STRUCT(common_type),
    [SLICE_TYPE] = STRUCT(slice_type),
    [STRUCT_TYPE] = STRUCT(struct_type),
    [FIELD_TYPE] = STRUCT(field_type),
    [FIELD_TYPES] = {.kind = GOB_SLICE, .element = FIELD_TYPE},
    [MAP_TYPE] = STRUCT(map_type),
    [GOB_ENCODER_TYPE] = STRUCT(gob_encoder_type),
};

static bool is_own(int64_t number)
{
    return number >= GOB_FIRST_OWN_TYPE && number < GOB_FIRST_OWN_TYPE + GOB_TYPES_MAX;
}

const struct gob_type *gob_types_find(const struct gob_types *types, int64_t number)
{
    const struct gob_type *type = NULL;

    if (number > 0 && number < GOB_FIRST_OWN_TYPE)
        type = &known[number];
    else if (types->own && is_own(number))
        type = &types->own[number - GOB_FIRST_OWN_TYPE];
    return type && type->kind != GOB_UNKNOWN ? type : NULL;
}

struct gob_type *gob_types_place(struct gob_types *types, int64_t number, struct arena *a)
{
    if (!types->own)
        types->own = arena_zalloc(a, GOB_TYPES_MAX * sizeof(*types->own));
    return types->own && is_own(number) ? &types->own[number - GOB_FIRST_OWN_TYPE] : NULL;
}

const struct gob_field *gob_type_field(const struct gob_type *type, const char *name)
{
    for (size_t i = 0; i < type->n_fields; i++)
        if (slice_equal(type->fields[i].name, slice_of(name)))
            return &type->fields[i];
    return NULL;
}
