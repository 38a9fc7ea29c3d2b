/* Bytes being written. Appending never reports: a failure sticks, and the writer asks once at the
 * end, so that no half-written output can pass for whole.
 *
 * A buffer is embedded in its owner and starts as all zeroes; buffer_free() gives its memory back.
 */
#ifndef BUFFER_H
#define BUFFER_H

#include "slice.h"

#include <stdarg.h>
#include <stdint.h>

struct buffer {
    char *p;
    size_t len, capacity;
    bool failed; /* memory ran out; len is then meaningless */
};

/* Makes sure that `more` bytes fit behind len. Returns where they go; NULL when the buffer failed.
 */
char *buffer_reserve(struct buffer *b, size_t more);

void buffer_free(struct buffer *b);

static inline void buffer_clear(struct buffer *b)
{
    b->len = 0;
    b->failed = false;
}

static inline struct slice buffer_slice(const struct buffer *b)
{
    return (struct slice){b->p, b->len};
}

static inline void buffer_bytes(struct buffer *b, const void *bytes, size_t n)
{
    char *to = buffer_reserve(b, n);
    if (to && n > 0) {
        memcpy(to, bytes, n);
        b->len += n;
    }
}

static inline void buffer_slice_append(struct buffer *b, struct slice s)
{
    buffer_bytes(b, s.p, s.len);
}

static inline void buffer_text(struct buffer *b, const char *text)
{
    buffer_bytes(b, text, strlen(text));
}

static inline void buffer_byte(struct buffer *b, char byte)
{
    buffer_bytes(b, &byte, 1);
}

void buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_vprintf(struct buffer *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

#endif
