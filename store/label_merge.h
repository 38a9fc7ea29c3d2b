/* Puts the labels of a group into the labels of its metrics.
 *
 * Metrics of a push mostly have the same label names in the same order. How the labels of one
 * were sorted, and whether their names are good, is remembered as a shape and serves all that
 * follow with the same names. */
#ifndef LABEL_MERGE_H
#define LABEL_MERGE_H

#include "group_index.h"

/* Embedded in its owner; starts as all zeroes. Lives as long as the arena. */
struct label_shape {
    const struct label *own; /* the labels it was learnt from, as pushed */
    size_t n_own;
    uint32_t *sources; /* of each final label: index in own, or n_own + index in the key */
    size_t n_labels;
    bool good_names; /* all valid, none twice, none alike, no `quantile`, no `le` */
    bool legacy_names;
    uint32_t alike[2]; /* two final labels that are (label_names.h); the same if there are none */
};

/* Final labels of a metric, sorted by name, in the arena; the group's win. A name that the metric
 * has twice stays twice, to be found. *shape is learnt anew if the names differ from its own. False
 * when memory is out. */
bool label_merge(const struct prepared_key *key, const struct metric *metric,
                 struct label_shape *shape, struct arena *a, struct label **labels);

#endif
