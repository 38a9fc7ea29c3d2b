#include "group_index.h"

#include "label_names.h"
#include "names.h"

#define XXH_INLINE_ALL
#include <stdlib.h>
#include <xxhash.h>

/* Ends the parts of an encoded key: a byte that UTF-8 never holds. */
#define KEY_PART_END '\xff'

static const struct slice job_name = SLICE_LITERAL("job");
static const struct slice instance_name = SLICE_LITERAL("instance");

/* The key's labels and, in its place, instance="" if the key has none. */
static bool complete_labels(struct group_key key, struct arena *a, struct prepared_key *out)
{
    out->labels = arena_alloc(a, (key.n_labels + 1) * sizeof(struct label));
    if (!out->labels)
        return false;
    out->n_labels = 0;
    out->adds_instance = true;
    size_t i = 0;
    while (i < key.n_labels && slice_compare(key.labels[i].name, instance_name) < 0)
        out->labels[out->n_labels++] = key.labels[i++];
    if (i < key.n_labels && slice_equal(key.labels[i].name, instance_name))
        out->adds_instance = false;
    else
        out->labels[out->n_labels++] = (struct label){instance_name, SLICE_LITERAL("")};
    while (i < key.n_labels)
        out->labels[out->n_labels++] = key.labels[i++];
    return true;
}

static char *put_part(char *to, struct slice part)
{
    if (part.len > 0)
        memcpy(to, part.p, part.len);
    to[part.len] = KEY_PART_END;
    return to + part.len + 1;
}

static bool encode(struct prepared_key *key, struct arena *a)
{
    size_t size = 0;
    struct slice job = SLICE_LITERAL("");
    for (size_t i = 0; i < key->n_labels; i++) {
        size += key->labels[i].name.len + key->labels[i].value.len + 2;
        if (slice_equal(key->labels[i].name, job_name))
            job = key->labels[i].value;
    }
    char *encoded = arena_alloc(a, size), *to = encoded;
    if (!encoded)
        return false;
    to = put_part(to, job);
    for (size_t i = 0; i < key->n_labels; i++) {
        if (slice_equal(key->labels[i].name, job_name))
            continue;
        to = put_part(to, key->labels[i].name);
        to = put_part(to, key->labels[i].value);
    }
    key->encoded = (struct slice){encoded, (size_t)(to - encoded)};
    return true;
}

/* A request's key always is one; that of a file may be anything. */
static bool is_key(struct group_key key)
{
    bool has_job = false;
    for (size_t i = 0; i < key.n_labels; i++) {
        has_job = has_job || slice_equal(key.labels[i].name, job_name);
        if (i > 0 && slice_compare(key.labels[i - 1].name, key.labels[i].name) >= 0)
            return false;
    }
    return has_job;
}

/* Every metric of the group has these labels, so they must be fit for any scrape. */
static bool check_labels(const struct label *labels, size_t n, struct arena *a, struct error *e)
{
    bool legacy = true;
    uint32_t first = 0, second = 0;
    for (size_t i = 0; i < n; i++) {
        if (!label_names_is_good(labels[i].name))
            return error_set(e, ERROR_INVALID, "improper grouping label \"%.*s\"",
                             SLICE_ARGS(labels[i].name));
        if (!names_is_utf8(labels[i].value))
            return error_set(e, ERROR_INVALID,
                             "grouping label \"%.*s\" has a value that is not utf8",
                             SLICE_ARGS(labels[i].name));
        legacy = legacy && names_is_legacy_label(labels[i].name);
    }
    if (!legacy && !label_names_find_alike(labels, n, a, &first, &second))
        return error_no_memory(e);
    if (first != second)
        return error_set(e, ERROR_INVALID,
                         "grouping labels \"%.*s\" and \"%.*s\" look the same when escaped",
                         SLICE_ARGS(labels[first].name), SLICE_ARGS(labels[second].name));
    return true;
}

bool group_key_prepare(const struct group_index *index, struct group_key key, struct arena *a,
                       struct prepared_key *out, struct error *e)
{
    if (!is_key(key))
        return error_set(e, ERROR_INVALID,
                         "a grouping key without a job, or with labels out of order or doubled");
    if (!complete_labels(key, a, out) || !encode(out, a))
        return error_no_memory(e);
    if (!check_labels(out->labels, out->n_labels, a, e))
        return false;
    out->hash = (uint32_t)XXH3_64bits_withSeed(out->encoded.p, out->encoded.len, index->seed);
    return true;
}

static struct slice take_part(struct slice *encoded)
{
    /* cppcheck-suppress invalidFunctionArg ; it goes on behind the last part, whose end is found */
    const char *end = memchr(encoded->p, KEY_PART_END, encoded->len);
    struct slice part = {encoded->p, (size_t)(end - encoded->p)};
    encoded->p += part.len + 1;
    encoded->len -= part.len + 1;
    return part;
}

size_t group_labels(const struct group *g, bool complete, struct label *out)
{
    struct slice rest = group_encoded_key(g), job = take_part(&rest);
    bool job_put = false;
    size_t n = 0;

    while (rest.len > 0) {
        struct label label;
        label.name = take_part(&rest);
        label.value = take_part(&rest);
        if (!complete && g->adds_instance && slice_equal(label.name, instance_name))
            continue;
        if (!job_put && slice_compare(label.name, job_name) > 0) {
            out[n++] = (struct label){job_name, job};
            job_put = true;
        }
        out[n++] = label;
    }
    if (!job_put)
        out[n++] = (struct label){job_name, job};
    return n;
}

/* The end of a part comes before all that may go on: job "a" before job "ab". */
static int compare_keys(struct slice a, struct slice b)
{
    size_t common = a.len < b.len ? a.len : b.len, i = 0;
    while (i < common && a.p[i] == b.p[i])
        i++;
    if (i == common)
        return (a.len > b.len) - (a.len < b.len);
    unsigned char next_a = (unsigned char)(a.p[i] - KEY_PART_END);
    unsigned char next_b = (unsigned char)(b.p[i] - KEY_PART_END);
    return next_a < next_b ? -1 : 1;
}

static int compare_groups(const void *context, uint32_t a, uint32_t b)
{
    const struct group_index *index = context;
    if (a == b)
        return 0;
    int order = compare_keys(group_encoded_key(group_index_get(index, a)),
                             group_encoded_key(group_index_get(index, b)));
    if (order != 0)
        return order;
    return a > b ? 1 : -1; /* a dead one and its successor */
}

struct ordered_set_order group_index_order(const struct group_index *index)
{
    return (struct ordered_set_order){compare_groups, index, index->forget};
}

bool group_key_encode_job(struct slice job, struct arena *a, struct slice *encoded)
{
    char *to = arena_alloc(a, job.len + 1);
    if (!to)
        return false;
    *encoded = (struct slice){to, (size_t)(put_part(to, job) - to)};
    return true;
}

/* A group that need not be, for which SOUGHT stands during a search: no table holds as many. */
struct sought_group {
    const struct group_index *index;
    struct slice encoded;
    uint32_t id;
};
#define SOUGHT UINT32_MAX

static int compare_with_sought(const void *context, uint32_t a, uint32_t b)
{
    const struct sought_group *sought = context;
    struct slice key_a = sought->encoded, key_b = sought->encoded;
    if (a != SOUGHT)
        key_a = group_encoded_key(group_index_get(sought->index, a));
    if (b != SOUGHT)
        key_b = group_encoded_key(group_index_get(sought->index, b));
    int order = compare_keys(key_a, key_b);
    if (order != 0)
        return order;
    a = a == SOUGHT ? sought->id : a;
    b = b == SOUGHT ? sought->id : b;
    return (a > b) - (a < b);
}

struct ordered_set_cursor group_index_seek(const struct group_index *index,
                                           const struct ordered_set *set, struct slice encoded,
                                           uint32_t id)
{
    struct sought_group sought = {index, encoded, id};
    return ordered_set_after(
        set, (struct ordered_set_order){.compare = compare_with_sought, .context = &sought},
        SOUGHT);
}

struct search {
    const struct group_index *index;
    const struct prepared_key *key;
    bool exact;
    struct group *found;
};

static bool is_searched(void *context, uint32_t id)
{
    struct search *search = context;
    struct group *g = group_index_get(search->index, id);
    __builtin_prefetch(g->current); /* it is the one, nearly always */
    if (!slice_equal(group_encoded_key(g), search->key->encoded) ||
        (search->exact && g->adds_instance != search->key->adds_instance))
        return false;
    search->found = g;
    return true;
}

static struct group *find(const struct group_index *index, const struct prepared_key *key,
                          bool exact)
{
    struct search search = {.index = index, .key = key, .exact = exact};
    hash_index_find(&index->by_key, key->hash, is_searched, &search);
    return search.found;
}

struct group *group_index_find(const struct group_index *index, const struct prepared_key *key)
{
    return find(index, key, false);
}

struct group *group_index_find_exact(const struct group_index *index,
                                     const struct prepared_key *key)
{
    return find(index, key, true);
}

struct twin_search {
    const struct group_index *index;
    const struct group *group;
};

static bool is_twin(void *context, uint32_t id)
{
    const struct twin_search *search = context;
    const struct group *g = group_index_get(search->index, id);
    return g != search->group &&
           slice_equal(group_encoded_key(g), group_encoded_key(search->group));
}

bool group_index_has_twin(const struct group_index *index, const struct group *g)
{
    struct twin_search search = {index, g};
    return hash_index_find(&index->by_key, g->hash, is_twin, &search);
}

struct group *group_new(struct group_index *index, const struct prepared_key *key)
{
    struct group *g = calloc(1, sizeof(*g) + key->encoded.len);
    if (!g)
        return NULL;
    g->deleted_at = VERSION_NONE;
    g->hash = key->hash;
    g->key_len = (uint32_t)key->encoded.len;
    g->adds_instance = key->adds_instance;
    memcpy(g->key, key->encoded.p, key->encoded.len);
    if (index->labels_max < key->n_labels)
        index->labels_max = key->n_labels;
    if (index->key_max < key->encoded.len)
        index->key_max = key->encoded.len;
    return g;
}

static bool reserve_changed(struct group_index *index)
{
    uint32_t capacity = index->table.capacity;
    if (index->changed_capacity == capacity)
        return true;
    uint64_t *grown = realloc(index->changed, capacity * sizeof(*grown));
    if (!grown)
        return false;
    index->changed = grown;
    index->changed_capacity = capacity;
    return true;
}

bool group_index_reserve(struct group_index *index, struct ordered_set_pool *pool)
{
    return id_table_reserve(&index->table, 1) && reserve_changed(index) &&
           hash_index_reserve(&index->by_key, 1) &&
           ordered_set_pool_reserve(pool, pool->count + ordered_set_nodes_needed(&index->order));
}

void group_index_birth(struct group_index *index, struct ordered_set_pool *pool, struct group *g)
{
    g->id = id_table_add(&index->table, g);
    hash_index_insert(&index->by_key, g->hash, g->id);
    ordered_set_insert(&index->order, pool, group_index_order(index), g->id);
}

void group_index_death(struct group_index *index, struct group *g, uint64_t version)
{
    g->deleted_at = version;
    hash_index_remove(&index->by_key, g->hash, g->id);
}

void group_index_bury(struct group_index *index, struct group *g)
{
    ordered_set_remove(&index->order, group_index_order(index), g->id);
    id_table_release(&index->table, g->id);
    if (index->table.capacity == 0) { /* it held the last one, and has let go */
        free(index->changed);
        index->changed = NULL;
        index->changed_capacity = 0;
    }
    free(g);
}

const struct picture *group_at(const struct group *g, uint64_t version)
{
    if (g->deleted_at <= version)
        return NULL;
    const struct picture *p = g->current;
    while (p && p->since > version)
        p = p->older;
    return p;
}

uint32_t picture_place(const struct picture *p, struct slice name)
{
    uint32_t low = 0, high = p->n_blocks;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (slice_compare(block_name(p->blocks[middle]), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct block *picture_find(const struct picture *p, struct slice name)
{
    uint32_t at = picture_place(p, name);
    if (at < p->n_blocks && slice_equal(block_name(p->blocks[at]), name))
        return p->blocks[at];
    return NULL;
}

void block_free(struct block *b)
{
    if (!b)
        return;
    if (b->description)
        description_release(b->description);
    free(b);
}
