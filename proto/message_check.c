#include "message_check.h"

#include "utf8.h"

static enum wire_type wire_type_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return WIRE_FIXED64;
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return WIRE_FIXED32;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return WIRE_BYTES;
    default:
        return WIRE_VARINT;
    }
}

/* Repeated numbers may come one by one or packed in one field, whatever the schema says. */
static bool check_packed(struct slice numbers, enum wire_type type)
{
    uint64_t ignored;

    if (type == WIRE_FIXED64)
        return numbers.len % 8 == 0;
    if (type == WIRE_FIXED32)
        return numbers.len % 4 == 0;
    while (numbers.len > 0) {
        if (!wire_take_varint(&numbers, &ignored))
            return false;
    }
    return true;
}

/* Whether the field may come, after those `seen`; numbers beyond 63 are not in metrics.proto. */
static bool may_merge(const ProtobufCFieldDescriptor *known, uint64_t *seen,
                      struct message_findings *found)
{
    uint64_t bit = UINT64_C(1) << (known->id & 63);
    if (known->label == PROTOBUF_C_LABEL_REPEATED)
        return true;
    if (*seen & bit)
        found->merges++;
    *seen |= bit;
    return found->merges <= MESSAGE_MERGES_MAX;
}

bool message_check_field(const ProtobufCMessageDescriptor *schema, const struct wire_field *field,
                         uint64_t *seen, struct message_findings *found)
{
    const ProtobufCFieldDescriptor *known =
        protobuf_c_message_descriptor_get_field(schema, field->number);
    if (!known)
        return true;
    enum wire_type type = wire_type_of(known->type);
    if (field->type == type && known->type == PROTOBUF_C_TYPE_BYTES) /* in truth a string */
        return utf8_is_valid(field->bytes);
    if (field->type == type)
        return known->type != PROTOBUF_C_TYPE_MESSAGE ||
               (may_merge(known, seen, found) &&
                message_check(known->descriptor, field->bytes, found));
    return field->type == WIRE_BYTES && known->label == PROTOBUF_C_LABEL_REPEATED &&
           check_packed(field->bytes, type);
}

static bool is_unusual(const struct wire_field *field, const char *start)
{
    size_t tag = wire_varint_size((uint64_t)field->number << 3);

    if (start[tag - 1] & 0x80) /* the tag goes on where it could have ended */
        return true;
    if (field->type == WIRE_BYTES)
        return (size_t)(field->bytes.p - start) > tag + wire_varint_size(field->bytes.len);
    return field->type == WIRE_GROUP_START;
}

bool message_check(const ProtobufCMessageDescriptor *schema, struct slice encoded,
                   struct message_findings *found)
{
    uint64_t seen = 0;
    while (encoded.len > 0) {
        const char *start = encoded.p;
        struct wire_field field;
        if (!wire_take_field(&encoded, &field) ||
            !message_check_field(schema, &field, &seen, found))
            return false;
        if (is_unusual(&field, start))
            found->unusual = true;
    }
    return true;
}
