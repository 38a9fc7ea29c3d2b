#include "family_index.h"

#define XXH_INLINE_ALL
#include <stdlib.h>
#include <xxhash.h>

static int compare_entries(const void *context, uint32_t a, uint32_t b)
{
    const struct family_index *index = context;
    const struct family_entry *fa = family_index_get(index, a), *fb = family_index_get(index, b);

    int order = slice_compare(family_entry_name(fa), family_entry_name(fb));
    if (order != 0)
        return order;
    return (a > b) - (a < b); /* a dead one and its successor */
}

struct ordered_set_order family_index_order(const struct family_index *index)
{
    return (struct ordered_set_order){compare_entries, index, NULL};
}

static uint32_t hash_of(const struct family_index *index, struct slice name)
{
    return (uint32_t)XXH3_64bits_withSeed(name.p, name.len, index->seed);
}

struct search {
    const struct family_index *index;
    struct slice name;
    int type; /* -1: any */
    struct family_entry *found;
};

static bool is_searched(void *context, uint32_t id)
{
    struct search *search = context;
    struct family_entry *f = family_index_get(search->index, id);
    if (!slice_equal(family_entry_name(f), search->name) ||
        (search->type >= 0 && search->type != f->type))
        return false;
    search->found = f;
    return true;
}

static struct family_entry *find(const struct family_index *index, struct slice name, int type)
{
    struct search search = {.index = index, .name = name, .type = type};
    hash_index_find(&index->by_name, hash_of(index, name), is_searched, &search);
    return search.found;
}

struct family_entry *family_index_find(const struct family_index *index, struct slice name)
{
    return find(index, name, -1);
}

struct family_entry *family_index_find_typed(const struct family_index *index, struct slice name,
                                             enum metric_type type)
{
    return find(index, name, (int)type);
}

struct family_entry *family_entry_new(const struct family_index *index, struct slice name,
                                      enum metric_type type, enum family_kind kind)
{
    struct family_entry *f = calloc(1, sizeof(*f) + name.len);
    if (!f)
        return NULL;
    f->hash = hash_of(index, name);
    f->kind = (uint8_t)kind;
    f->type = (uint8_t)type;
    f->until = VERSION_NONE;
    f->name_len = (uint32_t)name.len;
    memcpy(f->name, name.p, name.len);
    return f;
}

void family_entry_free(const struct family_index *index, struct family_entry *f)
{
    if (!f)
        return;
    for (uint32_t i = 0; i < f->n_descriptions; i++)
        free(f->descriptions[i]);
    free(f->descriptions);
    ordered_set_clear(&f->groups, index->forget);
    free(f);
}

bool family_index_reserve(struct family_index *index, struct ordered_set_pool *pool, uint32_t more)
{
    return id_table_reserve(&index->table, more) && hash_index_reserve(&index->by_name, more) &&
           ordered_set_pool_reserve(pool,
                                    pool->count + more * ordered_set_nodes_needed(&index->order));
}

void family_index_birth(struct family_index *index, struct ordered_set_pool *pool,
                        struct family_entry *f, uint64_t version)
{
    f->since = version;
    f->id = id_table_add(&index->table, f);
    hash_index_insert(&index->by_name, f->hash, f->id);
    ordered_set_insert(&index->order, pool, family_index_order(index), f->id);
}

void family_index_death(struct family_index *index, struct family_entry *f, uint64_t version)
{
    f->until = version;
    hash_index_remove(&index->by_name, f->hash, f->id);
}

void family_index_bury(struct family_index *index, struct family_entry *f)
{
    ordered_set_remove(&index->order, family_index_order(index), f->id);
    id_table_release(&index->table, f->id);
    family_entry_free(index, f);
}

void family_index_free(struct family_index *index)
{
    for (uint32_t id = 0; id < index->table.used; id++)
        family_entry_free(index, family_index_get(index, id));
    ordered_set_clear(&index->order, NULL);
    id_table_free(&index->table);
    hash_index_free(&index->by_name);
}

static int compare_texts(const struct description *d, bool has_help, struct slice help,
                         struct slice unit)
{
    if (d->has_help != has_help)
        return d->has_help ? -1 : 1;
    int order = slice_compare(description_help(d), help);
    return order != 0 ? order : slice_compare(description_unit(d), unit);
}

bool description_is(const struct description *d, bool has_help, struct slice help,
                    struct slice unit)
{
    return compare_texts(d, has_help, help, unit) == 0;
}

/* Where the first description of these texts stands or would stand. */
static uint32_t place_of(const struct family_entry *f, bool has_help, struct slice help,
                         struct slice unit)
{
    uint32_t low = 0, high = f->n_descriptions;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_texts(f->descriptions[middle], has_help, help, unit) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct description *description_new(struct family_entry *f, bool has_help, struct slice help,
                                           struct slice unit)
{
    struct description *d = malloc(sizeof(*d) + help.len + unit.len);
    if (!d)
        return NULL;
    d->family = f;
    d->since = 0;
    d->until = VERSION_NONE;
    d->references = 1;
    d->live = 0;
    d->help_len = (uint32_t)help.len;
    d->unit_len = (uint32_t)unit.len;
    d->has_help = has_help;
    if (help.len > 0)
        memcpy(d->text, help.p, help.len);
    if (unit.len > 0)
        memcpy(d->text + help.len, unit.p, unit.len);
    return d;
}

static bool grow_descriptions(struct family_entry *f)
{
    if (f->n_descriptions < f->descriptions_capacity)
        return true;
    uint32_t capacity = f->descriptions_capacity ? f->descriptions_capacity * 2 : 1;
    struct description **grown = realloc(f->descriptions, capacity * sizeof(struct description *));
    if (!grown)
        return false;
    f->descriptions = grown;
    f->descriptions_capacity = capacity;
    return true;
}

struct description *family_entry_describe(struct family_entry *f, bool has_help, struct slice help,
                                          struct slice unit)
{
    uint32_t at = place_of(f, has_help, help, unit);
    for (uint32_t i = at; i < f->n_descriptions; i++) {
        struct description *d = f->descriptions[i];
        if (!description_is(d, has_help, help, unit))
            break;
        if (d->until == VERSION_NONE) {
            d->references++;
            return d;
        }
    }
    struct description *d = grow_descriptions(f) ? description_new(f, has_help, help, unit) : NULL;
    if (!d)
        return NULL;
    memmove(&f->descriptions[at + 1], &f->descriptions[at],
            (f->n_descriptions - at) * sizeof(struct description *));
    f->descriptions[at] = d;
    f->n_descriptions++;
    return d;
}

void description_release(struct description *d)
{
    if (--d->references > 0)
        return;
    struct family_entry *f = d->family;
    uint32_t at = place_of(f, d->has_help, description_help(d), description_unit(d));
    while (f->descriptions[at] != d)
        at++;
    f->n_descriptions--;
    memmove(&f->descriptions[at], &f->descriptions[at + 1],
            (f->n_descriptions - at) * sizeof(struct description *));
    free(d);
}

void description_join(struct description *d, uint64_t version)
{
    if (d->since == 0)
        d->since = version;
    d->live++;
}

void description_leave(struct description *d, uint64_t version)
{
    if (--d->live == 0)
        d->until = version;
}

const struct description *family_entry_shown(const struct family_entry *f, uint64_t version)
{
    for (uint32_t i = 0; i < f->n_descriptions; i++) {
        const struct description *d = f->descriptions[i];
        if (d->since != 0 && d->since <= version && version < d->until)
            return d;
    }
    return NULL;
}
