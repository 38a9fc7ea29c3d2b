/* Which group has which series: what makes "was collected before" one look-up.
 *
 * The identity of a series is its family and the bytes of its labels as they are encoded in a
 * block. The index holds a hash of it and the group's id; a hit is verified in the group's block.
 */
#ifndef SERIES_INDEX_H
#define SERIES_INDEX_H

#include "group_index.h"

struct series_index {
    struct hash_index owners; /* hash of identity -> id of the living group */
    uint64_t seed;
};

/* Cannot fail after hash_index_reserve() on owners. */
void series_index_add(struct series_index *index, const struct family_entry *family,
                      struct slice labels, uint32_t group);

void series_index_remove(struct series_index *index, const struct family_entry *family,
                         struct slice labels, uint32_t group);

/* How many groups but `except` (an id, or UINT32_MAX) have this series in this family. */
size_t series_index_count(const struct series_index *index, const struct group_index *groups,
                          const struct family_entry *family, struct slice labels, uint32_t except);

#endif
