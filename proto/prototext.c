/* The payload is unpacked by protobuf-c and printed by walking its descriptors. */
#include "prototext.h"

#include "arena.h"
#include "metric_value.h"
#include "names.h"
#include "number.h"

#include <math.h>

/* U+0080 to U+009F, which begin with the byte 0xC2. */
static bool is_c1_control(struct slice text, size_t i)
{
    return i + 1 < text.len && (unsigned char)text.p[i + 1] < 0xa0;
}

static void escape(struct buffer *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.p[i];
        switch (byte) {
        case '"':
        case '\\':
            buffer_byte(out, '\\');
            buffer_byte(out, (char)byte);
            break;
        case '\n':
            buffer_text(out, "\\n");
            break;
        case '\r':
            buffer_text(out, "\\r");
            break;
        case '\t':
            buffer_text(out, "\\t");
            break;
        default:
            if (byte < 0x20 || byte == 0x7f)
                buffer_printf(out, "\\x%02x", byte);
            else if (byte == 0xc2 && is_c1_control(text, i))
                buffer_printf(out, "\\u00%02x", (unsigned char)text.p[++i]);
            else
                buffer_byte(out, (char)byte);
        }
    }
}

/* Bytes that are no UTF-8 are shown one by one. */
static void escape_invalid(struct buffer *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        struct slice byte = {text.p + i, 1};
        if ((unsigned char)text.p[i] < 0x80)
            escape(out, byte);
        else
            buffer_printf(out, "\\x%02x", (unsigned char)text.p[i]);
    }
}

static void quote(struct buffer *out, struct slice text)
{
    buffer_byte(out, '"');
    if (names_is_utf8(text))
        escape(out, text);
    else
        escape_invalid(out, text);
    buffer_byte(out, '"');
}

static void put_double(struct buffer *out, double v)
{
    char text[NUMBER_TEXT_MAX];
    if (isnan(v))
        buffer_text(out, "nan");
    else if (isinf(v))
        buffer_text(out, v > 0 ? "inf" : "-inf");
    else
        buffer_bytes(out, text, number_format_float(v, text));
}

static void put_message(struct buffer *out, const ProtobufCMessage *message);

static void put_value(struct buffer *out, const ProtobufCFieldDescriptor *field, const void *value)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_DOUBLE:
        put_double(out, *(const double *)value);
        break;
    case PROTOBUF_C_TYPE_UINT64:
        buffer_printf(out, "%llu", (unsigned long long)*(const uint64_t *)value);
        break;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
        buffer_printf(out, "%lld", (long long)*(const int64_t *)value);
        break;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
        buffer_printf(out, "%d", *(const int32_t *)value);
        break;
    case PROTOBUF_C_TYPE_UINT32:
        buffer_printf(out, "%u", *(const uint32_t *)value);
        break;
    case PROTOBUF_C_TYPE_BYTES: {
        const ProtobufCBinaryData *bytes = value;
        quote(out, (struct slice){(const char *)bytes->data, bytes->len});
        break;
    }
    case PROTOBUF_C_TYPE_MESSAGE:
        buffer_byte(out, '{');
        put_message(out, *(ProtobufCMessage *const *)value);
        buffer_byte(out, '}');
        break;
    default: /* metrics.proto has no others below Metric */
        break;
    }
}

static size_t value_size(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_UINT32:
        return 4;
    default:
        return 8;
    }
}

static size_t count_values(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const char *base = (const char *)message;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return *(const size_t *)(const void *)(base + field->quantifier_offset);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return *(void *const *)(const void *)(base + field->offset) != NULL;
    return *(const protobuf_c_boolean *)(const void *)(base + field->quantifier_offset) != 0;
}

/* Go prints fields in the order of their declaration, protobuf-c sorts them by number: the messages
 * of metrics.proto where the two are not the same, by field number. */
static const unsigned histogram_order[] = {1, 4, 2, 3, 15, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16};
static const unsigned bucket_order[] = {1, 4, 2, 3};

static const ProtobufCFieldDescriptor *field_at(const ProtobufCMessageDescriptor *d, unsigned i)
{
    if (d == &io__prometheus__client__histogram__descriptor)
        return protobuf_c_message_descriptor_get_field(d, histogram_order[i]);
    if (d == &io__prometheus__client__bucket__descriptor)
        return protobuf_c_message_descriptor_get_field(d, bucket_order[i]);
    return &d->fields[i];
}

static void put_message(struct buffer *out, const ProtobufCMessage *message)
{
    bool first = true;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = field_at(message->descriptor, i);
        const char *at = (const char *)message + field->offset;
        size_t n = count_values(message, field);
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            at = *(const char *const *)(const void *)at;
        for (size_t k = 0; k < n; k++) {
            if (!first)
                buffer_byte(out, ' ');
            first = false;
            buffer_text(out, field->name);
            buffer_byte(out, ':');
            put_value(out, field, at + k * value_size(field));
        }
    }
}

void prototext_metric(struct buffer *out, const struct label *labels, size_t n_labels,
                      struct slice payload)
{
    struct arena arena = {0};
    ProtobufCAllocator allocator = metric_value_allocator(&arena);

    for (size_t i = 0; i < n_labels; i++) {
        buffer_text(out, i > 0 ? " label:{name:" : "label:{name:");
        quote(out, labels[i].name);
        buffer_text(out, " value:");
        quote(out, labels[i].value);
        buffer_byte(out, '}');
    }
    ProtobufCMessage *metric =
        protobuf_c_message_unpack(&io__prometheus__client__metric__descriptor, &allocator,
                                  payload.len, (const uint8_t *)payload.p);
    if (metric && payload.len > 0) {
        if (n_labels > 0)
            buffer_byte(out, ' ');
        put_message(out, metric);
    }
    arena_free(&arena);
}
