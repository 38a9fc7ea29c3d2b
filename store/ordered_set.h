/* A set of 32-bit ids kept in the order of what they stand for: a B+ tree.
 *
 * The caller's comparison gives the order; ids that are in the set must stand for something that
 * does not change its place. Insertion takes its nodes from a pool that is filled beforehand, so
 * that it cannot fail in the middle of a change. */
#ifndef ORDERED_SET_H
#define ORDERED_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ordered_set_node;

/* Spare nodes. Embedded in its owner; starts as all zeroes. */
struct ordered_set_pool {
    struct ordered_set_node *spare;
    size_t count;
};

/* Embedded in its owner; starts as all zeroes. */
struct ordered_set {
    struct ordered_set_node *root; /* NULL: empty */
    uint32_t count;
    uint16_t height; /* levels of inner nodes above the leaves */
    uint32_t edits;  /* changes with every change: cursors before it are stale */
};

struct ordered_set_order {
    /* <0, 0, >0; 0 only for the same id. */
    int (*compare)(const void *context, uint32_t a, uint32_t b);
    const void *context;
    void (*forget)(void *made); /* frees what is kept with a leaf; NULL if nothing ever is */
};

/* What somebody has made of the ids of one leaf: kept there until ids come to it or leave it. The
 * version is the keeper's, to tell whether it still holds. */
struct ordered_set_kept {
    void *made; /* NULL: nothing */
    uint64_t version;
};
enum { ORDERED_SET_KEPT = 2 }; /* places a leaf has for it */

/* Makes sure that the pool holds `nodes`; false when memory is out. */
bool ordered_set_pool_reserve(struct ordered_set_pool *pool, size_t nodes);
/* Gives back all but a few. */
void ordered_set_pool_trim(struct ordered_set_pool *pool);
void ordered_set_pool_free(struct ordered_set_pool *pool);

/* How many nodes one insertion may take. */
static inline size_t ordered_set_nodes_needed(const struct ordered_set *set)
{
    return (size_t)set->height + 2;
}

/* Returns false if the id was there already. */
bool ordered_set_insert(struct ordered_set *set, struct ordered_set_pool *pool,
                        struct ordered_set_order order, uint32_t id);

/* Returns false if the id was not there. */
bool ordered_set_remove(struct ordered_set *set, struct ordered_set_order order, uint32_t id);

/* A place between two ids. Stale, and not to be used, once the set has changed. */
struct ordered_set_cursor {
    struct ordered_set_node *leaf; /* NULL: at the end */
    const uint32_t *ids;           /* of that leaf */
    uint16_t at;
    uint32_t edits;
};

struct ordered_set_cursor ordered_set_first(const struct ordered_set *set);

/* The place behind an id, which need not be in the set. */
struct ordered_set_cursor ordered_set_after(const struct ordered_set *set,
                                            struct ordered_set_order order, uint32_t id);

/* Takes the id behind the cursor; false at the end. */
bool ordered_set_next(struct ordered_set_cursor *cursor, uint32_t *id);

/* The ids of the leaf that the cursor is about to enter, and what is kept with it; false when the
 * cursor stands in the middle of one, or at the end. */
struct ordered_set_leaf {
    const uint32_t *ids;
    uint16_t n;
    struct ordered_set_kept *kept; /* ORDERED_SET_KEPT places */
};
bool ordered_set_enter(struct ordered_set_cursor *cursor, struct ordered_set_leaf *out);

/* Whether the id just taken is of this leaf. */
static inline bool ordered_set_is_in(const struct ordered_set_cursor *cursor,
                                     const struct ordered_set_leaf *leaf)
{
    return cursor->ids == leaf->ids;
}

/* Frees the nodes of a set, and what is kept with them, without regard to the ids. */
void ordered_set_clear(struct ordered_set *set, void (*forget)(void *made));

/* The same in parts: frees at most *nodes, from which it takes what it did. Returns whether there
 * is more; the set is good for nothing else by then. */
bool ordered_set_clear_some(struct ordered_set *set, void (*forget)(void *made), size_t *nodes);

#endif
