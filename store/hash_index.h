/* Finds 32-bit ids by 32-bit hashes of what they stand for.
 *
 * An entry is 8 bytes and says only "look at this id": the caller compares what the id stands for,
 * so that no decision hangs on a hash alone. Several entries may share a hash, and even hash and
 * id.
 *
 * Growing and shrinking is done a few slots at every change, never all at once: no single push pays
 * for the size of the index. Only hash_index_trim() makes it smaller: room that was reserved stays
 * through the removals that come before the insertions. */
#ifndef HASH_INDEX_H
#define HASH_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_index_slot {
    uint32_t hash, id;
};

struct hash_index_table {
    struct hash_index_slot *slots;
    size_t mask; /* number of slots - 1; a power of two less one */
    size_t used; /* live entries */
};

/* Embedded in its owner; starts as all zeroes. */
struct hash_index {
    struct hash_index_table now, before; /* before: being emptied into now */
    size_t moved;                        /* slots of `before` already emptied */
};

/* Ids must be below this. */
enum { HASH_INDEX_ID_MAX = 0x7ffffffe };

/* Makes room for `more` insertions; false when memory is out. */
bool hash_index_reserve(struct hash_index *index, size_t more);

/* Cannot fail after hash_index_reserve(). */
void hash_index_insert(struct hash_index *index, uint32_t hash, uint32_t id);

/* Removes one entry of this hash and id. */
void hash_index_remove(struct hash_index *index, uint32_t hash, uint32_t id);

/* Gives back room that removals have left. Not between hash_index_reserve() and the insertions it
 * was for. */
void hash_index_trim(struct hash_index *index);

/* Carries on with a change of size, by so many slots; returns whether there is more to do. */
bool hash_index_tidy(struct hash_index *index, size_t slots);

/* Calls same(context, id) for entries of this hash until it returns true; tells whether one did. */
bool hash_index_find(const struct hash_index *index, uint32_t hash,
                     bool (*same)(void *context, uint32_t id), void *context);

static inline size_t hash_index_count(const struct hash_index *index)
{
    return index->now.used + index->before.used;
}

void hash_index_free(struct hash_index *index);

#endif
