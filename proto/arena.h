/* Memory of one request: taken piece by piece, given back all at once.
 *
 * An arena is embedded in its owner and starts as all zeroes. Sizes here are picked by clients, so
 * every call may return NULL; the caller then fails with ERROR_NO_MEMORY. */
#ifndef ARENA_H
#define ARENA_H

#include "slice.h"

#include <stddef.h>

struct arena_chunk;

struct arena {
    struct arena_chunk *newest;
    char *next, *end; /* what is free in the newest chunk */
};

/* `size` bytes, aligned to 8, uninitialised; NULL when memory is out. */
void *arena_alloc(struct arena *a, size_t size);

/* The same, zeroed. */
void *arena_zalloc(struct arena *a, size_t size);

/* A copy of the bytes of `old` with room for `new_size`; in place when `old` was the last piece
 * taken. `old` may be NULL if old_size is 0. */
void *arena_grow(struct arena *a, void *old, size_t old_size, size_t new_size);

/* Copies s into the arena; .p is NULL when memory is out. */
struct slice arena_copy(struct arena *a, struct slice s);

/* Forgets all pieces; keeps one small chunk, so that the next request allocates nothing. */
void arena_reset(struct arena *a);

/* Gives everything back. */
void arena_free(struct arena *a);

#endif
