/* Chunks in a list, newest first; pieces are cut from the newest. */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#ifdef __has_feature /* clang; gcc says it in a macro */
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

enum {
    CHUNK_MIN = 64 << 10, /* also what arena_reset() keeps */
    CHUNK_MAX = 4 << 20,
    ALIGNMENT = 8,
};

struct arena_chunk {
    struct arena_chunk *older;
    size_t size; /* of data */
    alignas(ALIGNMENT) char data[];
};

/* With its chunk's head a piece stays below what malloc can ever give. */
static const size_t PIECE_MAX = PTRDIFF_MAX - sizeof(struct arena_chunk) - ALIGNMENT;

static size_t round_up(size_t size)
{
    return (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

static void use_chunk(struct arena *a, struct arena_chunk *chunk)
{
    a->newest = chunk;
    a->next = chunk->data;
    a->end = chunk->data + chunk->size;
    /* What has not been handed out must not be touched; sanitizer builds check it. */
    ASAN_POISON_MEMORY_REGION(chunk->data, chunk->size);
}

static bool add_chunk(struct arena *a, size_t at_least)
{
    /* Chunks double, so that a large request takes few of them. */
    size_t size = a->newest ? a->newest->size * 2 : CHUNK_MIN;
    if (size > CHUNK_MAX)
        size = CHUNK_MAX;
    if (size < at_least)
        size = at_least;
    struct arena_chunk *chunk = malloc(sizeof(*chunk) + size);
    if (!chunk)
        return false;
    chunk->older = a->newest;
    chunk->size = size;
    use_chunk(a, chunk);
    return true;
}

void *arena_alloc(struct arena *a, size_t size)
{
    if (size > PIECE_MAX)
        return NULL;
    size_t rounded = round_up(size);
    if ((size_t)(a->end - a->next) < rounded || !a->newest) {
        if (!add_chunk(a, rounded))
            return NULL;
    }
    void *piece = a->next;
    a->next += rounded;
    ASAN_UNPOISON_MEMORY_REGION(piece, size);
    return piece;
}

void *arena_zalloc(struct arena *a, size_t size)
{
    void *piece = arena_alloc(a, size);
    if (piece)
        memset(piece, 0, size);
    return piece;
}

void *arena_grow(struct arena *a, void *old, size_t old_size, size_t new_size)
{
    if (old && new_size >= old_size && new_size <= PIECE_MAX) {
        char *old_end = (char *)old + round_up(old_size);
        size_t extra = round_up(new_size) - round_up(old_size);
        if (old_end == a->next && (size_t)(a->end - a->next) >= extra) {
            a->next += extra;
            ASAN_UNPOISON_MEMORY_REGION(old, new_size);
            return old;
        }
    }
    void *piece = arena_alloc(a, new_size);
    if (piece && old && old_size > 0)
        memcpy(piece, old, old_size < new_size ? old_size : new_size);
    return piece;
}

struct slice arena_copy(struct arena *a, struct slice s)
{
    char *copy = arena_alloc(a, s.len);
    if (!copy)
        return (struct slice){NULL, 0};
    if (s.len > 0)
        memcpy(copy, s.p, s.len);
    return (struct slice){copy, s.len};
}

static void free_chunk(struct arena_chunk *chunk)
{
    ASAN_UNPOISON_MEMORY_REGION(chunk->data, chunk->size);
    free(chunk);
}

void arena_reset(struct arena *a)
{
    struct arena_chunk *chunk = a->newest;
    if (!chunk)
        return;
    while (chunk->older) {
        struct arena_chunk *older = chunk->older;
        free_chunk(chunk);
        chunk = older;
    }
    if (chunk->size > CHUNK_MIN) {
        free_chunk(chunk);
        *a = (struct arena){0};
        return;
    }
    use_chunk(a, chunk);
}

void arena_free(struct arena *a)
{
    for (struct arena_chunk *chunk = a->newest; chunk;) {
        struct arena_chunk *older = chunk->older;
        free_chunk(chunk);
        chunk = older;
    }
    *a = (struct arena){0};
}
