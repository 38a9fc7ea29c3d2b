#include "arena_index.h"

#define XXH_INLINE_ALL
#include <sys/random.h>
#include <xxhash.h>

enum { FIRST_CAPACITY = 32 };

uint64_t arena_index_hash(struct slice key)
{
    static uint64_t seed;
    static bool seeded;
    if (!seeded) {
        /* Early in boot there may be no randomness yet: collisions could then be aimed at, no more.
         */
        (void)!getrandom(&seed, sizeof(seed), GRND_NONBLOCK);
        seeded = true;
    }
    return XXH3_64bits_withSeed(key.p, key.len, seed);
}

static void put(struct arena_index *x, uint64_t hash, void *item)
{
    size_t i = hash & (x->capacity - 1);
    while (x->slots[i].item)
        i = (i + 1) & (x->capacity - 1);
    x->slots[i] = (struct arena_index_slot){hash, item};
}

bool arena_index_add(struct arena_index *x, uint64_t hash, void *item, struct arena *a)
{
    if (x->used >= x->capacity / 2) {
        struct arena_index grown = {.capacity = x->capacity ? x->capacity * 2 : FIRST_CAPACITY};
        grown.slots = arena_zalloc(a, grown.capacity * sizeof(*grown.slots));
        if (!grown.slots)
            return false;
        for (size_t i = 0; i < x->capacity; i++) {
            if (x->slots[i].item)
                put(&grown, x->slots[i].hash, x->slots[i].item);
        }
        grown.used = x->used;
        *x = grown;
    }
    put(x, hash, item);
    x->used++;
    return true;
}
