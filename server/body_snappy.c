/* libsnappy decodes blocks; frames around them are read here, with the limits and messages of the
 * Go server. */
#include "body_codecs.h"

#include "crc32c.h"

#include <snappy-c.h>

enum {
    CHUNK_HEADER = 4,
    CHECKSUM = 4,
    LARGEST_BLOCK = 65536,            /* decoded, within a frame */
    LARGEST_CHUNK = 76490 + CHECKSUM, /* what a block of random bytes can become; of any type */
    BEST_RATIO = 22,                  /* a copy of 64 bytes takes 3 */
};

enum chunk_type {
    CHUNK_COMPRESSED = 0x00,
    CHUNK_PLAIN = 0x01,
    CHUNK_LAST_UNSKIPPABLE = 0x7f,
    CHUNK_IDENTIFIER = 0xff,
};

#define IDENTIFIER SLICE_LITERAL("\xff\x06\x00\x00sNaPpY")

static bool corrupt(struct error *e)
{
    return error_set(e, ERROR_INVALID, "snappy: corrupt input");
}

static uint32_t load24(const char *p)
{
    return (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 |
           (uint32_t)(unsigned char)p[2] << 16;
}

static uint32_t load32(const char *p)
{
    return load24(p) | (uint32_t)(unsigned char)p[3] << 24;
}

/* Checksums are masked, lest data that holds checksums itself confuses them. */
static bool checksum_is(struct slice decoded, uint32_t masked)
{
    uint32_t sum = crc32c(decoded);

    return (sum >> 15 | sum << 17) + 0xa282ead8 == masked;
}

/* Decodes one block to the end of the output. */
static bool decode_block(struct slice block, size_t largest, struct body_output *o, struct error *e)
{
    size_t length;

    if (snappy_uncompressed_length(block.p, block.len, &length) != SNAPPY_OK || length > largest ||
        length / BEST_RATIO > block.len)
        return corrupt(e);
    if (!body_output_reserve(o, length, e))
        return false;
    if (snappy_uncompress(block.p, block.len, o->p + o->len, &length) != SNAPPY_OK)
        return corrupt(e);
    o->len += length;
    return true;
}

/* The data of a chunk of one of the two types that have some. */
static bool read_data(enum chunk_type type, struct slice data, struct body_output *o,
                      struct error *e)
{
    if (data.len < CHECKSUM)
        return corrupt(e);
    uint32_t sum = load32(data.p);
    struct slice body = {data.p + CHECKSUM, data.len - CHECKSUM};
    size_t start = o->len;

    if (type == CHUNK_COMPRESSED) {
        if (!decode_block(body, LARGEST_BLOCK, o, e))
            return false;
    } else {
        if (body.len > LARGEST_BLOCK)
            return corrupt(e);
        if (!body_output_reserve(o, body.len, e))
            return false;
        memcpy(o->p + start, body.p, body.len);
        o->len += body.len;
    }
    return checksum_is((struct slice){o->p + start, o->len - start}, sum) || corrupt(e);
}

static bool read_chunk(struct slice *in, struct body_output *o, struct error *e)
{
    if (in->len < CHUNK_HEADER)
        return corrupt(e);
    unsigned type = (unsigned char)in->p[0];
    size_t length = load24(in->p + 1);
    if (length > LARGEST_CHUNK)
        return error_set(e, ERROR_INVALID, "snappy: unsupported input");
    if (type > CHUNK_PLAIN && type <= CHUNK_LAST_UNSKIPPABLE)
        return error_set(e, ERROR_INVALID, "snappy: unsupported input");
    if (in->len - CHUNK_HEADER < length)
        return corrupt(e);
    struct slice data = {in->p + CHUNK_HEADER, length};
    if (type == CHUNK_IDENTIFIER && !slice_has_prefix(*in, IDENTIFIER))
        return corrupt(e);
    if (type <= CHUNK_PLAIN && !read_data(type, data, o, e))
        return false;
    in->p += CHUNK_HEADER + length;
    in->len -= CHUNK_HEADER + length;
    return true;
}

/* Blocks begin with their length, which can look like the start of an identifier; what is neither a
 * block nor begins with a whole identifier is faulted as frames. */
static bool is_framed(struct slice body)
{
    return slice_has_prefix(body, IDENTIFIER) ||
           ((unsigned char)body.p[0] == CHUNK_IDENTIFIER &&
            snappy_validate_compressed_buffer(body.p, body.len) != SNAPPY_OK);
}

bool body_unsnappy(struct slice body, size_t limit, struct arena *a, struct slice *out,
                   struct error *e)
{
    struct body_output o;
    bool framed = is_framed(body);
    size_t expected = 0;

    if (framed)
        expected = body.len < SIZE_MAX / 4 ? body.len * 4 : body.len;
    if (!body_output_start(&o, a, limit, expected, e))
        return false;
    if (!framed && !decode_block(body, SIZE_MAX, &o, e))
        return false;
    while (framed && body.len > 0)
        if (!read_chunk(&body, &o, e))
            return false;
    *out = (struct slice){o.p, o.len};
    return true;
}
