/* Writes protobuf messages by hand, well formed or not, for tests. All of it lives in one arena
 * that encode_free() gives back. */
#ifndef ENCODE_H
#define ENCODE_H

#include "arena.h"
#include "wire.h"

#include <check.h>

static struct arena encode_arena;

/* MESSAGE(VARINT(1, 5), BYTES(2, TEXT("x"))): fields one after the other. */
#define TEXT SLICE_LITERAL
#define MESSAGE(...)                                                                               \
    encode_join(sizeof((struct slice[]){__VA_ARGS__}) / sizeof(struct slice),                      \
                (struct slice[]){__VA_ARGS__})
#define VARINT encode_varint
#define ZIGZAG encode_zigzag
#define DOUBLE encode_double
#define BYTES  encode_bytes

static inline char *encode_alloc(size_t size)
{
    char *p = arena_alloc(&encode_arena, size);
    ck_assert_ptr_nonnull(p);
    return p;
}

static inline struct slice encode_join(size_t n, const struct slice *parts)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++)
        size += parts[i].len;
    char *joined = encode_alloc(size);
    size = 0;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].len > 0)
            memcpy(joined + size, parts[i].p, parts[i].len);
        size += parts[i].len;
    }
    return (struct slice){joined, size};
}

static inline struct slice encode_varint(uint32_t field, uint64_t v)
{
    char *p = encode_alloc(2 * WIRE_VARINT_MAX);
    char *end = wire_put_varint(wire_put_varint(p, wire_tag(field, WIRE_VARINT)), v);
    return (struct slice){p, (size_t)(end - p)};
}

static inline struct slice encode_zigzag(uint32_t field, int64_t v)
{
    return encode_varint(field, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

static inline struct slice encode_double(uint32_t field, double v)
{
    char *p = encode_alloc(WIRE_VARINT_MAX + 8);
    char *end = wire_put_varint(p, wire_tag(field, WIRE_FIXED64));
    end = wire_put_fixed64(end, wire_fixed64(v));
    return (struct slice){p, (size_t)(end - p)};
}

static inline struct slice encode_bytes(uint32_t field, struct slice content)
{
    char *p = encode_alloc(2 * WIRE_VARINT_MAX + content.len);
    char *end = wire_put_bytes(p, field, content);
    return (struct slice){p, (size_t)(end - p)};
}

/* A message with its length before it. */
static inline struct slice encode_delimited(struct slice message)
{
    char *p = encode_alloc(WIRE_VARINT_MAX);
    char *end = wire_put_varint(p, message.len);
    return MESSAGE((struct slice){p, (size_t)(end - p)}, message);
}

static inline void encode_free(void)
{
    arena_free(&encode_arena);
}

#endif
