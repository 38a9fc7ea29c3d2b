/* Finds items of a request by the hash of what they are known by. Open addressing in an arena:
 * nothing is ever removed, and all of it goes with the arena.
 *
 * An index says only "look at this item": the caller compares, so that nothing hangs on a hash
 * alone. It is embedded in its owner and starts as all zeroes. */
#ifndef ARENA_INDEX_H
#define ARENA_INDEX_H

#include "arena.h"

#include <stdint.h>

struct arena_index_slot {
    uint64_t hash;
    void *item; /* NULL: free */
};

struct arena_index {
    struct arena_index_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t used;
};

/* Hashes with a seed that differs from process to process, so that no client can aim at collisions.
 */
uint64_t arena_index_hash(struct slice key);

/* Steps through the items of a hash: *step starts at 0. NULL: there are no more. */
static inline void *arena_index_next(const struct arena_index *x, uint64_t hash, size_t *step)
{
    while (*step < x->capacity) {
        const struct arena_index_slot *slot = &x->slots[(hash + (*step)++) & (x->capacity - 1)];
        if (!slot->item)
            return NULL;
        if (slot->hash == hash)
            return slot->item;
    }
    return NULL;
}

/* False when memory is out. */
bool arena_index_add(struct arena_index *x, uint64_t hash, void *item, struct arena *a);

#endif
