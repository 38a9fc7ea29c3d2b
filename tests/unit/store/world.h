/* A store and its naive twin, and random pushes and deletions that hit both. The universe is small
 * and its names are chosen to get in each other's way. */
#ifndef WORLD_H
#define WORLD_H

#include "dice.h"
#include "model.h"
#include "store.h"

struct world {
    struct store *store;
    struct model model;
    struct dice dice;
    struct arena arena;
    int64_t now;
    size_t applied, refused, untouched; /* pushes by outcome, to see that the test is not idle */
    size_t limited;                     /* refused for a limit */
};

/* What is given to store_view_keep() must be a struct buffer, allocated like what it holds. */
void world_open(struct world *w, uint64_t seed, bool unchecked);
void world_open_limited(struct world *w, uint64_t seed, bool unchecked, struct store_limits limits);
void world_close(struct world *w);

/* One random push, deletion or wipe on both; fails the test when they do not agree on what became
 * of it. */
void world_step(struct world *w);

/* Fails the test unless the store shows what the model does. */
void world_compare(struct world *w);

/* Fails the test, printing both, unless got is wanted (or begins it, if `so_far`). */
void world_compare_text(const char *what, const struct buffer *got, const struct buffer *wanted,
                        bool so_far);

/* The parts of a step, for tests that do more with them. */
struct world_push {
    struct model_label key[4];
    int n_key;
    struct model_family families[MODEL_FAMILIES];
    int n_families;
    bool replace;
};
void world_roll_push(struct world *w, struct world_push *push);
/* Builds the same for the store, in the world's arena. */
struct group_key world_key(struct world *w, const struct model_label *labels, int n);
struct family_list world_families(struct world *w, const struct world_push *push);

#endif
