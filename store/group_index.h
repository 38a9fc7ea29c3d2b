/* Groups by key, and what each holds.
 *
 *   group -> picture (times, blocks by family name) -> block (the metrics of one family)
 *             `- older picture -> ...               as long as a view may show it
 *
 * Pictures and blocks are never edited: a push makes new ones and takes over the blocks it leaves
 * alone. Thus a view needs no copy, and what it sees is whole. */
#ifndef GROUP_INDEX_H
#define GROUP_INDEX_H

#include "family_index.h"
#include "store.h"

/* The metrics that one group has in one family. Most of the store's memory is small blocks: they
 * begin where the head ends, in what would be its padding. */
struct block {
    struct description *description; /* counted; leads to the family */
    int64_t time_ns;                 /* when it was pushed */
    uint32_t n_metrics;
    uint32_t size;             /* bytes of metrics */
    uint32_t faults : 28;      /* of an unchecked store: what a scrape would fail at */
    uint32_t legacy_names : 1; /* see struct store_block */
    uint32_t has_native : 1, has_classic : 1;
    uint32_t same_series : 1; /* has the very series of the block it replaced */
    char metrics[]; /* as metric_wire.h, in the order of block_builder.h; then its landmarks */
};

struct group;

struct picture {
    struct group *group;
    uint64_t since; /* the version that made it */
    struct picture *older, *newer;
    struct picture *next_retired;
    struct picture *pushed_before, *pushed_after; /* age_order.h */
    int64_t push_time_ns, push_failure_time_ns;   /* 0: never */
    uint32_t n_blocks;
    uint32_t n_metrics;     /* of all blocks */
    struct block *blocks[]; /* sorted by family name */
};

enum { PICTURE_PREFETCH_MAX = 16 };

/* A key ready for use: see group_key_prepare(). */
struct prepared_key {
    struct label
        *labels; /* what every metric of the group carries: the key's and instance; sorted */
    size_t n_labels;
    struct slice encoded; /* value of job, then name and value of the others, each ended by 0xff */
    bool adds_instance;   /* instance="" is not of the key */
    uint32_t hash;
};

struct group {
    struct picture *current;
    uint64_t deleted_at; /* version; VERSION_NONE: lives */
    int64_t created_ns;
    uint32_t id, hash;
    uint32_t key_len;
    bool adds_instance;
    char key[]; /* prepared_key.encoded: groups are ordered by its parts, job first */
};

struct group_index {
    struct hash_index by_key; /* the living */
    struct id_table table;
    struct ordered_set order;
    uint64_t *changed; /* by id: the version that changed the group last */
    uint32_t changed_capacity;
    void (*forget)(void *made); /* see struct ordered_set_order */
    uint64_t seed;
    /* The largest number of labels and length of an encoded key so far. */
    size_t labels_max, key_max;
};

static inline struct group *group_index_get(const struct group_index *index, uint32_t id)
{
    return id_table_get(&index->table, id);
}

static inline struct family_entry *block_family(const struct block *b)
{
    return b->description->family;
}

static inline struct slice block_name(const struct block *b)
{
    return family_entry_name(block_family(b));
}

static inline struct slice block_metrics(const struct block *b)
{
    return (struct slice){b->metrics, b->size};
}

/* Completes and encodes a key in the arena. Fails when a value is not UTF-8 or memory is out. */
bool group_key_prepare(const struct group_index *index, struct group_key key, struct arena *a,
                       struct prepared_key *out, struct error *e);

/* Writes the labels of a group's key, sorted by name, to an array of index->labels_max; returns how
 * many. `complete`: with an added instance. They borrow from the group. */
size_t group_labels(const struct group *g, bool complete, struct label *out);

struct ordered_set_order group_index_order(const struct group_index *index);

/* The living group of a key; NULL if none. Finds {job="a",instance=""} for {job="a"} too: the two
 * would have the same series. The caller compares adds_instance. */
struct group *group_index_find(const struct group_index *index, const struct prepared_key *key);

/* The same, of exactly this key. */
struct group *group_index_find_exact(const struct group_index *index,
                                     const struct prepared_key *key);

/* Whether another living group differs from this one in nothing but an instance="" that only one of
 * the two keys names. Only an unchecked store comes to that. */
bool group_index_has_twin(const struct group_index *index, const struct group *g);

/* Encodes as much of a key as its job: such a key stands before all groups of the job and behind
 * those of the jobs before. False when memory is out. */
bool group_key_encode_job(struct slice job, struct arena *a, struct slice *encoded);

/* The place in a set of groups where one of this encoded key and id stands or would stand: behind
 * it. GROUP_ID_LAST: behind all of that key. */
#define GROUP_ID_LAST UINT32_MAX
struct ordered_set_cursor group_index_seek(const struct group_index *index,
                                           const struct ordered_set *set, struct slice encoded,
                                           uint32_t id);

static inline struct slice group_encoded_key(const struct group *g)
{
    return (struct slice){g->key, g->key_len};
}

/* NULL: memory is out. */
struct group *group_new(struct group_index *index, const struct prepared_key *key);

/* Room for one group more; false when memory is out. */
bool group_index_reserve(struct group_index *index, struct ordered_set_pool *pool);
/* Cannot fail after group_index_reserve(). */
void group_index_birth(struct group_index *index, struct ordered_set_pool *pool, struct group *g);
/* Takes it out of the keys; it stays in the order until group_index_bury(). */
void group_index_death(struct group_index *index, struct group *g, uint64_t version);
/* Takes it out of the order and frees it. */
void group_index_bury(struct group_index *index, struct group *g);

/* What a group was at a version; NULL if it was not. */
const struct picture *group_at(const struct group *g, uint64_t version);

/* Has the processor fetch the blocks: in a large store they are cold, and searching would wait for
 * one after the other. */
static inline void picture_prefetch(const struct picture *p)
{
    for (uint32_t i = 0; i < p->n_blocks && i < PICTURE_PREFETCH_MAX; i++)
        __builtin_prefetch(p->blocks[i]);
}

/* The block of a family name in a picture, or NULL. */
struct block *picture_find(const struct picture *p, struct slice name);

/* Index of the first block whose name is not before `name`. */
uint32_t picture_place(const struct picture *p, struct slice name);

void block_free(struct block *b); /* releases its description; NULL is fine */

#endif
