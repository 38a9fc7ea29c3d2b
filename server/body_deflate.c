/* gzip and deflate: zlib undoes the compression, headers and checksums are read here, so that each
 * fault has the message that clients know from the Go server. */
#include "body_codecs.h"

#include <limits.h>
#include <stdint.h>
#include <zlib.h>

enum {
    BEST_RATIO = 1032,   /* deflate never shrinks more than this */
    HEADER = 10,         /* of a gzip member, without its optional fields */
    TRAILER = 8,         /* checksum and length */
    LONGEST_FIELD = 512, /* name and comment, with their NUL, may not be longer in Go */
};

enum header_flag {
    FLAG_CHECKSUM = 1 << 1,
    FLAG_EXTRA = 1 << 2,
    FLAG_NAME = 1 << 3,
    FLAG_COMMENT = 1 << 4,
};

static bool truncated(struct error *e)
{
    return error_set(e, ERROR_INVALID, "unexpected EOF");
}

static bool bad_header(struct error *e)
{
    return error_set(e, ERROR_INVALID, "gzip: invalid header");
}

static void skip(struct slice *s, size_t n)
{
    s->p += n;
    s->len -= n;
}

static uint32_t load16(const char *p)
{
    return (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8;
}

static uint32_t load32(const char *p)
{
    return load16(p) | load16(p + 2) << 16;
}

static uint32_t load32_big_endian(const char *p)
{
    return __builtin_bswap32(load32(p));
}

/* Runs zlib over `in` until the compressed data ends; leaves in *in what stands behind it. */
static bool run_zlib(z_stream *z, struct slice *in, struct body_output *o, struct error *e)
{
    const struct slice whole = *in;

    for (;;) {
        if (body_output_room(o) == 0 && o->len < o->limit && !body_output_reserve(o, 1, e))
            return false;
        /* Full to the limit: a byte beside it finds out whether there is more to come. */
        char beyond = 0;
        bool full = body_output_room(o) == 0;
        uInt given = in->len < UINT_MAX ? (uInt)in->len : UINT_MAX;
        uInt room = full                             ? 1
                    : body_output_room(o) < UINT_MAX ? (uInt)body_output_room(o)
                                                     : UINT_MAX;
        z->next_in = (Bytef *)(uintptr_t)in->p;
        z->avail_in = given;
        z->next_out = (Bytef *)(full ? &beyond : o->p + o->len);
        z->avail_out = room;
        int status = inflate(z, Z_NO_FLUSH);
        skip(in, given - z->avail_in);
        if (full && z->avail_out == 0)
            return body_output_too_large(o, e);
        if (!full)
            o->len += room - z->avail_out;
        if (status == Z_STREAM_END)
            return true;
        if (status == Z_MEM_ERROR)
            return error_no_memory(e);
        if (status == Z_DATA_ERROR)
            return error_set(e, ERROR_INVALID, "flate: corrupt input before offset %zu",
                             whole.len - in->len);
        if (in->len == 0 && z->avail_out > 0)
            return truncated(e);
    }
}

static bool inflate_raw(struct slice *in, struct body_output *o, struct error *e)
{
    z_stream z = {0};

    if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
        return error_no_memory(e);
    bool ok = run_zlib(&z, in, o, e);
    inflateEnd(&z);
    return ok;
}

/* A field that ends with a NUL. */
static bool skip_text(struct slice *in, struct error *e)
{
    size_t within = in->len < LONGEST_FIELD ? in->len : LONGEST_FIELD;
    const char *end = within > 0 ? memchr(in->p, '\0', within) : NULL;

    if (!end)
        return in->len < LONGEST_FIELD ? truncated(e) : bad_header(e);
    skip(in, (size_t)(end - in->p) + 1);
    return true;
}

static bool skip_header(struct slice *in, struct error *e)
{
    const char *start = in->p;

    if (in->len < HEADER)
        return in->len == 0 ? error_set(e, ERROR_INVALID, "EOF") : truncated(e);
    if (memcmp(start, "\x1f\x8b\x08", 3) != 0)
        return bad_header(e);
    unsigned flags = (unsigned char)start[3];
    skip(in, HEADER);
    if (flags & FLAG_EXTRA) {
        if (in->len < 2 || in->len - 2 < load16(in->p))
            return truncated(e);
        skip(in, 2 + load16(in->p));
    }
    if ((flags & FLAG_NAME) && !skip_text(in, e))
        return false;
    if ((flags & FLAG_COMMENT) && !skip_text(in, e))
        return false;
    if (flags & FLAG_CHECKSUM) {
        if (in->len < 2)
            return truncated(e);
        uLong sum = crc32_z(0, (const Bytef *)start, (size_t)(in->p - start));
        if (load16(in->p) != (sum & 0xffff))
            return bad_header(e);
        skip(in, 2);
    }
    return true;
}

static bool read_member(struct slice *in, struct body_output *o, struct error *e)
{
    size_t start = o->len;

    if (!skip_header(in, e) || !inflate_raw(in, o, e))
        return false;
    if (in->len < TRAILER)
        return truncated(e);
    size_t length = o->len - start;
    uLong sum = crc32_z(0, (const Bytef *)o->p + start, length);
    if (load32(in->p) != sum || load32(in->p + 4) != (uint32_t)length)
        return error_set(e, ERROR_INVALID, "gzip: invalid checksum");
    skip(in, TRAILER);
    return true;
}

bool body_gunzip(struct slice body, size_t limit, struct arena *a, struct slice *out,
                 struct error *e)
{
    struct body_output o;
    /* The last four bytes are the length of the last member, which is nearly always the only one.
     */
    size_t claimed = body.len >= 4 ? load32(body.p + body.len - 4) : 0;
    size_t expected = claimed / BEST_RATIO <= body.len ? claimed : 0;

    if (!body_output_start(&o, a, limit, expected, e))
        return false;
    do {
        if (!read_member(&body, &o, e))
            return false;
    } while (body.len > 0);
    *out = (struct slice){o.p, o.len};
    return true;
}

/* "Deflate, window of at most 32 KiB, no dictionary" and a check over the two bytes. */
static bool has_zlib_header(struct slice s)
{
    if (s.len < 2)
        return false;
    unsigned method = (unsigned char)s.p[0], flags = (unsigned char)s.p[1];
    return (method & 0x0f) == 8 && method >> 4 <= 7 && (method << 8 | flags) % 31 == 0 &&
           !(flags & 1 << 5);
}

bool body_inflate(struct slice body, size_t limit, struct arena *a, struct slice *out,
                  struct error *e)
{
    struct body_output o;
    bool wrapped = has_zlib_header(body);
    size_t expected = body.len < SIZE_MAX / 4 ? body.len * 4 : body.len;

    if (!body_output_start(&o, a, limit, expected, e))
        return false;
    if (wrapped)
        skip(&body, 2);
    if (!inflate_raw(&body, &o, e))
        return false;
    if (wrapped) {
        if (body.len < 4)
            return truncated(e);
        uLong sum = adler32_z(adler32_z(0, NULL, 0), (const Bytef *)o.p, o.len);
        if (load32_big_endian(body.p) != sum)
            return error_set(e, ERROR_INVALID, "zlib: invalid checksum");
        skip(&body, 4);
    }
    if (body.len > 0)
        return error_set(e, ERROR_INVALID, "zlib: data behind the end of the stream");
    *out = (struct slice){o.p, o.len};
    return true;
}
