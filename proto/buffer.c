#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 256 };

char *buffer_reserve(struct buffer *b, size_t more)
{
    if (b->failed)
        return NULL;
    if (b->capacity - b->len >= more && b->p)
        return b->p + b->len;
    size_t capacity = b->capacity ? b->capacity : FIRST_CAPACITY;
    while (capacity - b->len < more) {
        if (capacity > SIZE_MAX / 4) {
            b->failed = true;
            return NULL;
        }
        capacity *= 2;
    }
    char *grown = realloc(b->p, capacity);
    if (!grown) {
        b->failed = true;
        return NULL;
    }
    b->p = grown;
    b->capacity = capacity;
    return b->p + b->len;
}

void buffer_free(struct buffer *b)
{
    free(b->p);
    *b = (struct buffer){0};
}

void buffer_vprintf(struct buffer *b, const char *format, va_list args)
{
    va_list again;

    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *to = n < 0 ? NULL : buffer_reserve(b, (size_t)n + 1);
    if (to) {
        vsnprintf(to, (size_t)n + 1, format, again);
        b->len += (size_t)n;
    } else {
        b->failed = true;
    }
    va_end(again);
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    buffer_vprintf(b, format, args);
    va_end(args);
}
