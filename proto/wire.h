/* The protobuf wire format, as far as the hot paths need it: varints, fields, groups.
 * Source: protobuf.dev "Encoding", and how far the published Go decoder goes along with what is odd
 * (overlong varints are fine, field numbers end at 2^29-1). Readers take from a cursor that moves
 * only on success. */
#ifndef WIRE_H
#define WIRE_H

#include "slice.h"

#include <endian.h>
#include <stdint.h>

enum wire_type {
    WIRE_VARINT = 0,
    WIRE_FIXED64 = 1,
    WIRE_BYTES = 2,
    WIRE_GROUP_START = 3,
    WIRE_GROUP_END = 4,
    WIRE_FIXED32 = 5,
};

enum {
    WIRE_VARINT_MAX = 10,           /* bytes */
    WIRE_FIELD_MAX = (1 << 29) - 1, /* the largest field number */
    WIRE_GROUPS_MAX = 64,           /* how deep groups may nest; they are only ever skipped */
};

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

static inline char *wire_put_fixed64(char *to, uint64_t v)
{
    v = htole64(v);
    memcpy(to, &v, sizeof(v));
    return to + sizeof(v);
}

static inline bool wire_take_varint(struct slice *in, uint64_t *out)
{
    uint64_t v = 0;
    if (in->len > 0 && (uint8_t)*in->p < 0x80) { /* nearly all of them */
        *out = (uint8_t)*in->p++;
        in->len--;
        return true;
    }
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

static inline bool wire_take_fixed64(struct slice *in, uint64_t *out)
{
    uint64_t v;
    if (in->len < sizeof(v))
        return false;
    memcpy(&v, in->p, sizeof(v));
    in->p += sizeof(v);
    in->len -= sizeof(v);
    *out = le64toh(v);
    return true;
}

static inline bool wire_take_fixed32(struct slice *in, uint64_t *out)
{
    uint32_t v;
    if (in->len < sizeof(v))
        return false;
    memcpy(&v, in->p, sizeof(v));
    in->p += sizeof(v);
    in->len -= sizeof(v);
    *out = le32toh(v);
    return true;
}

static inline double wire_double(uint64_t fixed64)
{
    double v;
    memcpy(&v, &fixed64, sizeof(v));
    return v;
}

static inline uint64_t wire_fixed64(double v)
{
    uint64_t fixed64;
    memcpy(&fixed64, &v, sizeof(fixed64));
    return fixed64;
}

struct wire_field {
    uint32_t number;
    enum wire_type type;
    uint64_t value;     /* of a varint or a fixed one, as it is encoded */
    struct slice bytes; /* content of a length-delimited one */
};

/* Moves behind the end tag of the group `number`, whose start tag has been taken. */
bool wire_skip_group(struct slice *in, uint32_t number);

/* A field of one byte of tag and one of length, as nearly all are that hold others. */
static inline bool wire_take_short_bytes(struct slice *in, struct wire_field *out)
{
    if (in->len < 2)
        return false;
    uint8_t tag = (uint8_t)in->p[0], n = (uint8_t)in->p[1];
    if ((tag & 0x87) != WIRE_BYTES || tag < 1 << 3 || n >= 0x80 || n > in->len - 2)
        return false;
    *out = (struct wire_field){.number = tag >> 3, .type = WIRE_BYTES, .bytes = {in->p + 2, n}};
    in->p += 2 + n;
    in->len -= (size_t)2 + n;
    return true;
}

/* Takes the next field of a message. A group is skipped whole and comes out as WIRE_GROUP_START.
 * False when what is there is malformed or goes beyond the end. */
static inline bool wire_take_field(struct slice *in, struct wire_field *out)
{
    struct slice rest = *in;
    uint64_t tag;
    bool ok;

    if (wire_take_short_bytes(in, out))
        return true;
    if (!wire_take_varint(&rest, &tag) || tag < 1 << 3 || tag >> 3 > WIRE_FIELD_MAX)
        return false;
    *out = (struct wire_field){.number = (uint32_t)(tag >> 3)};
    out->type = (enum wire_type)(tag & 7);
    switch (out->type) {
    case WIRE_VARINT:
        ok = wire_take_varint(&rest, &out->value);
        break;
    case WIRE_FIXED64:
        ok = wire_take_fixed64(&rest, &out->value);
        break;
    case WIRE_BYTES:
        ok = wire_take_bytes(&rest, &out->bytes);
        break;
    case WIRE_GROUP_START:
        ok = wire_skip_group(&rest, out->number);
        break;
    case WIRE_FIXED32:
        ok = wire_take_fixed32(&rest, &out->value);
        break;
    case WIRE_GROUP_END: /* of a group that was not opened */
    default:
        ok = false;
    }
    if (ok)
        *in = rest;
    return ok;
}

#endif
