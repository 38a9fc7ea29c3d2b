#include "gzip_writer.h"

#include <endian.h>
#include <stdlib.h>
#include <zlib.h>

enum {
    LEVEL = 2,
    /* Segments are of some kilobytes: a small window and small tables start faster. */
    WINDOW_BITS = 13,
    MEMORY_LEVEL = 6,
    FLUSH_SIZE = 16, /* what Z_SYNC_FLUSH may add to the bound */
};

struct gzip_writer {
    z_stream deflate;
    bool started; /* deflate is */
    struct buffer segment;
    uint32_t crc, size; /* of the text so far */
};

struct gzip_writer *gzip_writer_new(void)
{
    struct gzip_writer *w = calloc(1, sizeof(*w));
    if (!w)
        return NULL;
    w->crc = (uint32_t)crc32(0, NULL, 0);
    return w;
}

void gzip_writer_rest(struct gzip_writer *w)
{
    if (w->started)
        deflateEnd(&w->deflate);
    w->started = false;
    buffer_free(&w->segment);
}

void gzip_writer_free(struct gzip_writer *w)
{
    if (!w)
        return;
    gzip_writer_rest(w);
    free(w);
}

static bool start(struct gzip_writer *w)
{
    if (w->started)
        return deflateReset(&w->deflate) == Z_OK;
    w->started = deflateInit2(&w->deflate, LEVEL, Z_DEFLATED, -WINDOW_BITS, MEMORY_LEVEL,
                              Z_DEFAULT_STRATEGY) == Z_OK;
    return w->started;
}

struct gzip_segment gzip_writer_compress(struct gzip_writer *w, struct slice text)
{
    z_stream *z = &w->deflate;

    if (!start(w))
        return (struct gzip_segment){0};
    size_t bound = deflateBound(z, text.len) + FLUSH_SIZE;
    buffer_clear(&w->segment);
    char *to = buffer_reserve(&w->segment, bound);
    if (!to)
        return (struct gzip_segment){0};
    z->next_in = (Bytef *)(uintptr_t)text.p;
    z->avail_in = (uInt)text.len;
    z->next_out = (Bytef *)to;
    z->avail_out = (uInt)bound;
    deflate(z, Z_SYNC_FLUSH); /* there is room: it takes all */
    return (struct gzip_segment){
        .coded = {to, bound - z->avail_out},
        .text_size = (uint32_t)text.len,
        .text_crc = (uint32_t)crc32(crc32(0, NULL, 0), (const Bytef *)text.p, (uInt)text.len)};
}

void gzip_writer_begin(struct gzip_writer *w, struct buffer *out)
{
    /* Magic, deflate, no flags, no time, fastest, unknown system. */
    static const unsigned char header[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255};
    (void)w;
    buffer_bytes(out, header, sizeof(header));
}

void gzip_writer_append(struct gzip_writer *w, const struct gzip_segment *segment,
                        struct buffer *out)
{
    buffer_slice_append(out, segment->coded);
    w->crc = (uint32_t)crc32_combine(w->crc, segment->text_crc, segment->text_size);
    w->size += segment->text_size; /* RFC 1952: modulo 2^32 */
}

void gzip_writer_end(struct gzip_writer *w, struct buffer *out)
{
    static const unsigned char last_block[] = {3, 0}; /* final, fixed codes, end of block */
    uint32_t trailer[] = {htole32(w->crc), htole32(w->size)};
    buffer_bytes(out, last_block, sizeof(last_block));
    buffer_bytes(out, trailer, sizeof(trailer));
}
