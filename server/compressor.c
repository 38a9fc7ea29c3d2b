/* Nothing is flushed between pieces: it would cost size, and a scraper waits for the whole anyway.
 */
#include "compressor.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum {
    /* The loop stands still while a piece is compressed. Of 10 MB of text exposition, level 2
     * leaves 14.3 % in 0.04 s, level 6 (zlib's default) 12.5 % in 0.10 s; level 1 is no faster. Of
     * zstd, level 1 leaves 12.1 % in 0.014 s, and the next ones nearly the same. */
    GZIP_LEVEL = 2,
    ZSTD_LEVEL = 1,
    ZSTD_WINDOW_LOG = 16, /* a stream takes 0.3 MB instead of 0.9 */
    GZIP_MEMORY = 8,      /* zlib's default */
    GZIP_WRAPPING = 16,   /* added to the window's bits */
    STEP = 16 << 10,      /* room made in the output at a time */
};

struct compressor {
    z_stream gzip;
    ZSTD_CCtx *zstd; /* NULL: gzip */
};

static bool start_zstd(struct compressor *c)
{
    c->zstd = ZSTD_createCCtx();
    return c->zstd &&
           !ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL)) &&
           !ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_windowLog, ZSTD_WINDOW_LOG));
}

static bool start_gzip(struct compressor *c)
{
    return deflateInit2(&c->gzip, GZIP_LEVEL, Z_DEFLATED, MAX_WBITS + GZIP_WRAPPING, GZIP_MEMORY,
                        Z_DEFAULT_STRATEGY) == Z_OK;
}

struct compressor *compressor_new(enum coding coding)
{
    struct compressor *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    if (coding == CODING_ZSTD ? start_zstd(c) : start_gzip(c))
        return c;
    ZSTD_freeCCtx(c->zstd);
    free(c);
    return NULL;
}

void compressor_free(struct compressor *c)
{
    if (!c)
        return;
    if (c->zstd)
        ZSTD_freeCCtx(c->zstd);
    else
        deflateEnd(&c->gzip);
    free(c);
}

static bool add_gzip(z_stream *z, struct slice piece, bool last, struct buffer *out)
{
    do {
        uInt given = piece.len < UINT_MAX ? (uInt)piece.len : UINT_MAX;
        z->next_in = (Bytef *)(uintptr_t)piece.p;
        z->avail_in = given;
        piece.p += given;
        piece.len -= given;
        do {
            char *to = buffer_reserve(out, STEP);
            if (!to)
                return false;
            z->next_out = (Bytef *)to;
            z->avail_out = STEP;
            /* Z_BUF_ERROR only says that there was nothing to do. */
            if (deflate(z, last && piece.len == 0 ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR)
                return false;
            out->len += STEP - z->avail_out;
        } while (z->avail_out == 0);
    } while (piece.len > 0);
    return true;
}

static bool add_zstd(ZSTD_CCtx *context, struct slice piece, bool last, struct buffer *out)
{
    ZSTD_inBuffer in = {piece.p, piece.len, 0};
    size_t left;

    do {
        char *to = buffer_reserve(out, STEP);
        if (!to)
            return false;
        ZSTD_outBuffer room = {to, STEP, 0};
        left = ZSTD_compressStream2(context, &room, &in, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left))
            return false;
        out->len += room.pos;
    } while (in.pos < in.size || (last && left > 0));
    return true;
}

bool compressor_add(struct compressor *c, struct slice piece, bool last, struct buffer *out)
{
    return c->zstd ? add_zstd(c->zstd, piece, last, out) : add_gzip(&c->gzip, piece, last, out);
}
