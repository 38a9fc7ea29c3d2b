/* A gzip member put together from segments that were compressed by themselves, so that a segment
 * can be kept and used again in another member.
 *
 * A segment is raw deflate data that ends on a byte, refers to nothing before it and is not the
 * last block; segments stand one after another, an empty last block ends them. Sources: RFC 1951
 * section 3.2, RFC 1952. */
#ifndef GZIP_WRITER_H
#define GZIP_WRITER_H

#include "buffer.h"

struct gzip_writer;

/* NULL: memory is out. */
struct gzip_writer *gzip_writer_new(void);
void gzip_writer_free(struct gzip_writer *w); /* NULL is fine */

struct gzip_segment {
    struct slice coded; /* valid until the next call, if gzip_writer_compress() made it */
    uint32_t text_size, text_crc;
};

/* Compresses a text of less than 4 GiB. .coded.p is NULL when memory is out. */
struct gzip_segment gzip_writer_compress(struct gzip_writer *w, struct slice text);

/* Gives back the memory that compressing takes, until it is needed again. */
void gzip_writer_rest(struct gzip_writer *w);

void gzip_writer_begin(struct gzip_writer *w, struct buffer *out);
void gzip_writer_append(struct gzip_writer *w, const struct gzip_segment *segment,
                        struct buffer *out);
void gzip_writer_end(struct gzip_writer *w, struct buffer *out);

#endif
