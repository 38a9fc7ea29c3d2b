/* Names that a histogram, of either kind, or summary takes for its parts: `_count`, `_sum` and
 * `_bucket` behind its own. Two families collide when one has the name of a part of the other.
 * Source: client_golang's registry, which the original checks with; there gauge histograms collide
 * with nothing, and a scrape of one beside a family of its parts does not parse. */
#ifndef COLLISION_H
#define COLLISION_H

#include "family.h"

/* A family that another must not stand beside. */
struct collision {
    struct slice name;
    unsigned types;        /* of 1 << enum metric_type: those of `name` that collide */
    bool is_part_of_other; /* the asking family is named like a part of `name`; else the reverse */
};

enum { COLLISIONS_MAX = 4, COLLISION_SUFFIX_MAX = 7 };

/* Gives the i-th collision that a family can have, i below COLLISIONS_MAX; false if it has none
 * there. `room` holds the made-up name: the family's length and COLLISION_SUFFIX_MAX. */
bool collision_get(struct slice name, enum metric_type type, unsigned i, char *room,
                   struct collision *out);

#endif
