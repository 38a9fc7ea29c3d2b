#include "snapshot_record.h"

#include "delimited_reader.h"
#include "wire.h"

enum { /* field numbers of snapshot.proto */
       GROUP_LABEL = 1,
       GROUP_CREATED = 2,
       GROUP_PUSH_TIME = 3,
       GROUP_PUSH_FAILURE_TIME = 4,
       GROUP_FAMILY = 5,
       LABEL_NAME = 1,
       LABEL_VALUE = 2,
       FAMILY_MESSAGE = 1,
       FAMILY_TIME = 2,
};

struct outline {
    size_t n_labels, n_families;
};

static bool fail(struct error *e)
{
    return error_set(e, ERROR_INVALID, "record cannot be decoded");
}

/* A sint64. */
static int64_t signed_value(const struct wire_field *field)
{
    return (int64_t)(field->value >> 1) ^ -(int64_t)(field->value & 1);
}

static uint32_t number_of(const struct wire_field *field, enum wire_type type)
{
    return field->type == type ? field->number : 0;
}

/* Reads the times, and counts the rest. */
static bool read_outline(struct slice record, struct store_saved_group *out, struct outline *found)
{
    struct wire_field field;
    while (record.len > 0) {
        if (!wire_take_field(&record, &field))
            return false;
        switch (number_of(&field, WIRE_BYTES)) {
        case GROUP_LABEL:
            found->n_labels++;
            break;
        case GROUP_FAMILY:
            found->n_families++;
            break;
        default:
            break;
        }
        switch (number_of(&field, WIRE_VARINT)) {
        case GROUP_CREATED:
            out->created_ns = signed_value(&field);
            break;
        case GROUP_PUSH_TIME:
            out->push_time_ns = signed_value(&field);
            break;
        case GROUP_PUSH_FAILURE_TIME:
            out->push_failure_time_ns = signed_value(&field);
            break;
        default:
            break;
        }
    }
    return true;
}

static bool read_label(struct slice message, struct label *out)
{
    struct wire_field field;
    *out = (struct label){{"", 0}, {"", 0}};
    while (message.len > 0) {
        if (!wire_take_field(&message, &field))
            return false;
        if (number_of(&field, WIRE_BYTES) == LABEL_NAME)
            out->name = field.bytes;
        else if (number_of(&field, WIRE_BYTES) == LABEL_VALUE)
            out->value = field.bytes;
    }
    return true;
}

static bool read_family(struct slice message, struct arena *a, struct family *out, int64_t *time_ns,
                        struct error *e)
{
    struct wire_field field;
    struct slice encoded = {"", 0};
    *time_ns = 0;
    while (message.len > 0) {
        if (!wire_take_field(&message, &field))
            return fail(e);
        if (number_of(&field, WIRE_BYTES) == FAMILY_MESSAGE)
            encoded = field.bytes;
        else if (number_of(&field, WIRE_VARINT) == FAMILY_TIME)
            *time_ns = signed_value(&field);
    }
    return delimited_reader_read_family(encoded, a, out, e);
}

bool snapshot_record_read(struct slice record, struct arena *a, struct store_saved_group *out,
                          struct error *e)
{
    struct outline found = {0};

    *out = (struct store_saved_group){0};
    if (!read_outline(record, out, &found))
        return fail(e);
    struct label *labels = arena_alloc(a, found.n_labels * sizeof(*labels));
    struct family *families = arena_alloc(a, found.n_families * sizeof(*families));
    int64_t *times = arena_alloc(a, found.n_families * sizeof(*times));
    if (!labels || !families || !times)
        return error_no_memory(e);
    out->key = (struct group_key){labels, found.n_labels};
    out->families = (struct family_list){families, found.n_families};
    out->times_ns = times;
    while (record.len > 0) {
        struct wire_field field;
        if (!wire_take_field(&record, &field))
            return fail(e);
        uint32_t number = number_of(&field, WIRE_BYTES);
        if (number == GROUP_LABEL && !read_label(field.bytes, labels++))
            return fail(e);
        if (number == GROUP_FAMILY && !read_family(field.bytes, a, families++, times++, e))
            return false;
    }
    return true;
}
