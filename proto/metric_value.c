#include "metric_value.h"

#include "metrics_fields.h"
#include "wire.h"

enum { NUMBER_VALUE = 1 }; /* Gauge.value, Counter.value, Untyped.value */

static const uint32_t value_field[METRIC_TYPES] = {
    [METRIC_GAUGE] = 2,   [METRIC_COUNTER] = 3,   [METRIC_SUMMARY] = 4,
    [METRIC_UNTYPED] = 5, [METRIC_HISTOGRAM] = 7, [METRIC_GAUGE_HISTOGRAM] = 7,
};

uint32_t metric_value_field(enum metric_type type)
{
    return value_field[type];
}

static bool is_plain(enum metric_type type)
{
    return type == METRIC_COUNTER || type == METRIC_GAUGE || type == METRIC_UNTYPED;
}

/* Adds up what there is of the type's value message. It is not repeated, but may still come several
 * times. */
static bool measure(struct slice payload, enum metric_type type, size_t *times, size_t *size)
{
    *times = *size = 0;
    while (payload.len > 0) {
        struct wire_field field;
        if (!wire_take_field(&payload, &field))
            return false;
        if (field.number == value_field[type] && field.type == WIRE_BYTES) {
            (*times)++;
            *size += field.bytes.len;
        }
    }
    return true;
}

/* Merging encoded messages is putting them one after the other. Here the payload is known to be
 * well formed and the message to be there. */
static bool gather(struct slice payload, enum metric_type type, size_t times, size_t size,
                   struct arena *a, struct slice *message)
{
    char *joined = NULL;

    if (times > 1 && !(joined = arena_alloc(a, size)))
        return false;
    *message = (struct slice){joined, 0};
    while (payload.len > 0) {
        struct wire_field field;
        if (!wire_take_field(&payload, &field))
            break;
        if (field.number != value_field[type] || field.type != WIRE_BYTES)
            continue;
        if (times == 1) {
            *message = field.bytes;
            break;
        }
        if (field.bytes.len > 0)
            memcpy(joined + message->len, field.bytes.p, field.bytes.len);
        message->len += field.bytes.len;
    }
    return true;
}

static bool read_number(struct slice message, double *out)
{
    while (message.len > 0) {
        struct wire_field field;
        if (!wire_take_field(&message, &field))
            return false;
        if (field.number == NUMBER_VALUE && field.type == WIRE_FIXED64)
            *out = wire_double(field.value); /* the last one counts */
    }
    return true;
}

static void *take_from_arena(void *arena, size_t size)
{
    return arena_alloc(arena, size);
}

static void leave_to_arena(void *arena, void *piece)
{
    (void)arena;
    (void)piece;
}

ProtobufCAllocator metric_value_allocator(struct arena *a)
{
    return (ProtobufCAllocator){take_from_arena, leave_to_arena, a};
}

/* protobuf-c answers NULL for both what is malformed and no memory: this tells them apart. */
struct watched_arena {
    struct arena *arena;
    bool ran_out;
};

static void *take_watched(void *watched_arena, size_t size)
{
    struct watched_arena *watched = watched_arena;
    void *piece = arena_alloc(watched->arena, size);
    watched->ran_out = watched->ran_out || !piece;
    return piece;
}

static bool unpack(struct slice message, enum metric_type type, struct arena *a,
                   struct metric_value *out, struct error *e)
{
    struct watched_arena watched = {a, false};
    ProtobufCAllocator allocator = {take_watched, leave_to_arena, &watched};
    const uint8_t *bytes = (const uint8_t *)message.p;

    if (type == METRIC_SUMMARY)
        out->summary = io__prometheus__client__summary__unpack(&allocator, message.len, bytes);
    else
        out->histogram = io__prometheus__client__histogram__unpack(&allocator, message.len, bytes);
    if (out->summary || out->histogram)
        return true;
    if (watched.ran_out)
        return error_no_memory(e);
    return error_set(e, ERROR_INVALID, "malformed %s", metric_type_name(type));
}

bool metric_value_read(struct slice payload, enum metric_type type, struct arena *a,
                       struct metric_value *out, struct error *e)
{
    size_t times, size;
    struct slice message;

    *out = (struct metric_value){0};
    if (!measure(payload, type, &times, &size))
        return error_set(e, ERROR_INVALID, "malformed metric");
    if (times == 0)
        return error_set(e, ERROR_INVALID, "metric without a %s", metric_type_name(type));
    if (!gather(payload, type, times, size, a, &message))
        return error_no_memory(e);
    if (!is_plain(type))
        return unpack(message, type, a, out, e);
    if (!read_number(message, &out->number))
        return error_set(e, ERROR_INVALID, "malformed %s", metric_type_name(type));
    return true;
}

uint64_t metric_value_samples(struct slice payload, enum metric_type type)
{
    enum { OTHERS = 3 }; /* _sum, _count, the bucket of +Inf */
    uint64_t n = OTHERS;
    struct wire_field field, sample;
    if (is_plain(type))
        return 1;
    while (payload.len > 0 && wire_take_field(&payload, &field)) {
        if (field.number != value_field[type] || field.type != WIRE_BYTES)
            continue;
        while (field.bytes.len > 0 && wire_take_field(&field.bytes, &sample))
            n += sample.number == VALUE_SAMPLE;
    }
    return n;
}

static bool is_native(struct slice histogram)
{
    struct wire_field field;
    while (histogram.len > 0 && wire_take_field(&histogram, &field)) {
        switch (field.number) {
        case HISTOGRAM_ZERO_THRESHOLD:
            if (wire_double(field.value) > 0)
                return true;
            break;
        case HISTOGRAM_ZERO_COUNT:
            if (field.value > 0)
                return true;
            break;
        case HISTOGRAM_NEGATIVE_SPAN:
        case HISTOGRAM_POSITIVE_SPAN:
            return true;
        default:
            break;
        }
    }
    return false;
}

bool metric_value_is_native(struct slice payload)
{
    struct wire_field field;
    while (payload.len > 0 && wire_take_field(&payload, &field))
        if (field.number == value_field[METRIC_HISTOGRAM] && field.type == WIRE_BYTES &&
            is_native(field.bytes))
            return true;
    return false;
}

size_t metric_value_put_number(char *to, double number, enum metric_type type)
{
    *to++ = (char)wire_tag(value_field[type], WIRE_BYTES);
    *to++ = METRIC_VALUE_NUMBER_SIZE - 2;
    *to++ = (char)wire_tag(NUMBER_VALUE, WIRE_FIXED64);
    wire_put_fixed64(to, wire_fixed64(number));
    return METRIC_VALUE_NUMBER_SIZE;
}

struct slice metric_value_write_number(double number, enum metric_type type, struct arena *a)
{
    char *payload = arena_alloc(a, METRIC_VALUE_NUMBER_SIZE);
    if (!payload)
        return (struct slice){NULL, 0};
    return (struct slice){payload, metric_value_put_number(payload, number, type)};
}

static struct slice write_message(const ProtobufCMessage *message, enum metric_type type,
                                  struct arena *a)
{
    size_t content = protobuf_c_message_get_packed_size(message);
    size_t size = wire_bytes_size(content);
    char *payload = arena_alloc(a, size);
    if (!payload)
        return (struct slice){NULL, 0};
    char *to = wire_put_varint(payload, wire_tag(value_field[type], WIRE_BYTES));
    to = wire_put_varint(to, content);
    protobuf_c_message_pack(message, (uint8_t *)to);
    return (struct slice){payload, size};
}

struct slice metric_value_write_summary(const Io__Prometheus__Client__Summary *s, struct arena *a)
{
    return write_message(&s->base, METRIC_SUMMARY, a);
}

struct slice metric_value_write_histogram(const Io__Prometheus__Client__Histogram *h,
                                          struct arena *a)
{
    return write_message(&h->base, METRIC_HISTOGRAM, a);
}
