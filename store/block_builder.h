/* Makes the block of a pushed family: the group's labels put into each metric, labels and metrics
 * sorted, each metric checked by itself. Checks against other groups are push_check.h's. */
#ifndef BLOCK_BUILDER_H
#define BLOCK_BUILDER_H

#include "faults.h"
#include "group_index.h"
#include "label_merge.h"

/* Metrics are ordered by number of labels, then label values, as the original's, then label names;
 * the order is total, so that equal series are neighbours.
 *
 * Faults are added to `faults`; the block then counts them. NULL: memory is out, or the family
 * would be too large to be shown (ERROR_TOO_LARGE), as *e tells. The block has no description yet.
 * One shape serves all families of a push. */
struct block *block_build(const struct prepared_key *key, const struct family *family,
                          int64_t time_ns, struct label_shape *shape, struct arena *scratch,
                          struct faults *faults, struct error *e);

/* Whether a block has a series of these encoded labels, in the logarithm of its size. */
bool block_has(const struct block *b, struct slice labels);

/* Compares encoded labels in that order. */
int block_compare_labels(struct slice a, struct slice b);

#endif
