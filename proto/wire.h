/* The protobuf wire format, as far as the hot paths need it: varints, tags, lengths.
 * Source: protobuf.dev "Encoding". Readers take from a cursor that moves only on success. */
#ifndef WIRE_H
#define WIRE_H

#include "slice.h"

#include <stdint.h>

enum wire_type {
    WIRE_VARINT = 0,
    WIRE_FIXED64 = 1,
    WIRE_BYTES = 2,
    WIRE_GROUP_START = 3,
    WIRE_GROUP_END = 4,
    WIRE_FIXED32 = 5,
};

enum { WIRE_VARINT_MAX = 10 };

static inline uint32_t wire_tag(uint32_t field, enum wire_type type)
{
    return field << 3 | type;
}

static inline size_t wire_varint_size(uint64_t v)
{
    /* 7 bits a byte; 9/64 is 1/7 rounded so that it is exact for 1..64 bits. */
    return (size_t)((64 - __builtin_clzll(v | 1)) * 9 + 64) / 64;
}

static inline char *wire_put_varint(char *to, uint64_t v)
{
    while (v >= 0x80) {
        *to++ = (char)(v | 0x80);
        v >>= 7;
    }
    *to++ = (char)v;
    return to;
}

static inline char *wire_put_bytes(char *to, uint32_t field, struct slice s)
{
    to = wire_put_varint(to, wire_tag(field, WIRE_BYTES));
    to = wire_put_varint(to, s.len);
    if (s.len > 0)
        memcpy(to, s.p, s.len);
    return to + s.len;
}

/* Size of a length-delimited field with n bytes of content; for field numbers below 16. */
static inline size_t wire_bytes_size(size_t n)
{
    return 1 + wire_varint_size(n) + n;
}

static inline bool wire_take_varint(struct slice *in, uint64_t *out)
{
    uint64_t v = 0;
    for (size_t i = 0; i < WIRE_VARINT_MAX && i < in->len; i++) {
        uint8_t byte = (uint8_t)in->p[i];
        if (i == WIRE_VARINT_MAX - 1 && byte > 1)
            return false; /* more than 64 bits */
        v |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            in->p += i + 1;
            in->len -= i + 1;
            *out = v;
            return true;
        }
    }
    return false;
}

static inline bool wire_take_bytes(struct slice *in, struct slice *out)
{
    struct slice rest = *in;
    uint64_t n;
    if (!wire_take_varint(&rest, &n) || n > rest.len)
        return false;
    *out = (struct slice){rest.p, (size_t)n};
    in->p = rest.p + n;
    in->len = rest.len - (size_t)n;
    return true;
}

#endif
