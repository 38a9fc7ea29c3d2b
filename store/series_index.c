#include "series_index.h"

#include "block_builder.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static uint32_t hash_of(const struct series_index *index, const struct family_entry *family,
                        struct slice labels)
{
    return (uint32_t)XXH3_64bits_withSeed(labels.p, labels.len, index->seed + family->hash);
}

void series_index_add(struct series_index *index, const struct family_entry *family,
                      struct slice labels, uint32_t group)
{
    hash_index_insert(&index->owners, hash_of(index, family, labels), group);
}

void series_index_remove(struct series_index *index, const struct family_entry *family,
                         struct slice labels, uint32_t group)
{
    hash_index_remove(&index->owners, hash_of(index, family, labels), group);
}

struct search {
    const struct group_index *groups;
    const struct family_entry *family;
    struct slice labels;
    uint32_t except;
    size_t found;
};

static bool count_owner(void *context, uint32_t id)
{
    struct search *search = context;
    if (id == search->except)
        return false;
    const struct picture *p = group_index_get(search->groups, id)->current;
    const struct block *b = picture_find(p, family_entry_name(search->family));
    if (b && block_family(b) == search->family && block_has(b, search->labels))
        search->found++;
    return false; /* go on: there may be more */
}

size_t series_index_count(const struct series_index *index, const struct group_index *groups,
                          const struct family_entry *family, struct slice labels, uint32_t except)
{
    struct search search = {.groups = groups, .family = family, .labels = labels, .except = except};
    hash_index_find(&index->owners, hash_of(index, family, labels), count_owner, &search);
    return search.found;
}
