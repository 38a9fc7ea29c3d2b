#include "event_memory.h"

#include <event2/event.h>

#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCKS = 64,
    FOR_ACCEPTING = 32, /* of the small blocks, the last ones */
    FOR_TWO = 24,       /* what two connections take: who asks is already taking one on */
};

/* Blocks of one size. Pages of the reserve that were never needed take no memory. */
struct reserve {
    size_t block_size;
    char *memory;
    uint64_t taken; /* a bit for each block */
};

/* libevent's objects and headers; what it reads and writes at a time, with its own head. */
static _Alignas(max_align_t) char small_memory[BLOCKS << 10], large_memory[BLOCKS << 13];
static struct reserve reserves[] = {{1 << 10, small_memory, 0}, {1 << 13, large_memory, 0}};
enum { RESERVES = sizeof(reserves) / sizeof(reserves[0]) };

static const uint64_t kept_for_accepting = UINT64_MAX << (BLOCKS - FOR_ACCEPTING);
static bool accepting_now;

/* The reserve that a piece is of; NULL: it is malloc's. */
static struct reserve *reserve_of(const void *piece)
{
    for (size_t i = 0; i < RESERVES; i++) {
        uintptr_t offset = (uintptr_t)piece - (uintptr_t)reserves[i].memory;
        if (offset < BLOCKS * reserves[i].block_size)
            return &reserves[i];
    }
    return NULL;
}

static void *take_block(size_t size)
{
    for (size_t i = 0; i < RESERVES; i++) {
        struct reserve *r = &reserves[i];
        uint64_t not_free = r->taken | (i == 0 && !accepting_now ? kept_for_accepting : 0);
        if (size > r->block_size || not_free == UINT64_MAX)
            continue;
        int block = __builtin_ctzll(~not_free);
        r->taken |= UINT64_C(1) << block;
        return r->memory + (size_t)block * r->block_size;
    }
    return NULL;
}

static void *take(size_t size)
{
    void *piece = malloc(size);
    if (!piece)
        piece = take_block(size);
    return piece;
}

static void give(void *piece)
{
    struct reserve *r = reserve_of(piece);
    if (r)
        r->taken &= ~(UINT64_C(1) << ((size_t)((char *)piece - r->memory) / r->block_size));
    else
        free(piece);
}

static void *resize(void *piece, size_t size)
{
    struct reserve *r = reserve_of(piece);
    if (r && size <= r->block_size)
        return piece;
    void *other = r ? take(size) : realloc(piece, size);
    if (other && !r)
        return other;
    if (!other)
        other = take_block(size);
    if (!other)
        return NULL;
    if (piece) {
        size_t old_size = r ? r->block_size : malloc_usable_size(piece);
        memcpy(other, piece, old_size < size ? old_size : size);
        give(piece);
    }
    return other;
}

bool event_memory_can_accept(void)
{
    return __builtin_popcountll(~reserves[0].taken & kept_for_accepting) >= FOR_TWO;
}

void event_memory_accepting(bool accepting)
{
    accepting_now = accepting;
}

void event_memory_setup(void)
{
    event_set_mem_functions(take, resize, give);
}
