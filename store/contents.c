#include "contents.h"

#include "block_builder.h"
#include "collision.h"
#include "metric_wire.h"
#include "view.h"

#include <stdlib.h>

enum {
    FREED_PER_STEP = 256,
    TIDIED_PER_STEP = 4096, /* slots of an index */
};

struct contents *contents_new(uint64_t seed, bool unchecked, void (*forget)(void *made))
{
    struct contents *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->groups.seed = c->families.seed = c->series.seed = seed;
    c->groups.forget = c->families.forget = forget;
    c->unchecked = unchecked;
    c->version = 1;
    return c;
}

bool contents_add_fixed_family(struct contents *c, struct slice name, struct slice help,
                               enum metric_type type, enum family_kind kind)
{
    struct family_entry *f = family_entry_new(&c->families, name, type, kind);
    if (!f || !family_index_reserve(&c->families, &c->pool, 1)) {
        family_entry_free(&c->families, f);
        return false;
    }
    f->own_help = help;
    family_index_birth(&c->families, &c->pool, f, c->version);
    return true;
}

bool picture_pair_next(struct picture_pair *pair, struct block **was, struct block **is)
{
    bool more_old = pair->old && pair->i < pair->old->n_blocks;
    bool more_fresh = pair->fresh && pair->k < pair->fresh->n_blocks;
    if (!more_old && !more_fresh)
        return false;
    *was = more_old ? pair->old->blocks[pair->i] : NULL;
    *is = more_fresh ? pair->fresh->blocks[pair->k] : NULL;
    int order = !more_fresh ? -1 : !more_old ? 1 : 0;
    if (order == 0 && *was != *is && block_family(*was) != block_family(*is))
        order = slice_compare(block_name(*was), block_name(*is));
    if (order < 0)
        *is = NULL;
    else
        pair->k++;
    if (order > 0)
        *was = NULL;
    else
        pair->i++;
    return true;
}

static bool same_family(const struct block *was, const struct block *is)
{
    return was && is && block_family(was) == block_family(is);
}

/* --- Faults of an unchecked store ----------------------------------------------------------------
 */

/* What is wrong with a family that lives beside the others, itself not counted. */
static size_t family_faults(const struct contents *c, const struct family_entry *f)
{
    struct slice name = family_entry_name(f);
    size_t faults = family_index_find(&c->families, name) ? 1 : 0; /* of another type */
    for (unsigned i = 0; i < COLLISIONS_MAX; i++) {
        struct collision collision;
        if (!collision_get(name, f->type, i, c->room, &collision))
            continue;
        for (unsigned type = 0; type < METRIC_TYPES; type++)
            if (collision.types & 1u << type &&
                family_index_find_typed(&c->families, collision.name, type))
                faults++;
    }
    return faults;
}

static bool reserve_room(struct contents *c, struct slice name)
{
    size_t size = name.len + COLLISION_SUFFIX_MAX;
    if (!c->unchecked || size <= c->room_size)
        return true;
    char *grown = realloc(c->room, size);
    if (!grown)
        return false;
    c->room = grown;
    c->room_size = size;
    return true;
}

static size_t series_faults(const struct contents *c, const struct family_entry *f,
                            struct slice labels, const struct group *g)
{
    return c->unchecked ? series_index_count(&c->series, &c->groups, f, labels, g->id) : 0;
}

/* Twins have the same push_time_seconds and push_failure_time_seconds. */
static size_t twin_faults(const struct contents *c, const struct group *g)
{
    return c->unchecked && group_index_has_twin(&c->groups, g) ? 2 : 0;
}

/* --- A change ------------------------------------------------------------------------------------
 */

static void add_series(struct contents *c, const struct group *g, const struct family_entry *f,
                       struct slice labels)
{
    c->faults += series_faults(c, f, labels, g);
    series_index_add(&c->series, f, labels, g->id);
    c->living_series++;
}

static void remove_series(struct contents *c, const struct group *g, const struct family_entry *f,
                          struct slice labels)
{
    series_index_remove(&c->series, f, labels, g->id);
    c->faults -= series_faults(c, f, labels, g);
    c->living_series--;
}

/* Walks two blocks of one family, both in order, and indexes what differs. Either may be NULL. */
static void replace_series(struct contents *c, const struct group *g, const struct family_entry *f,
                           const struct block *was, const struct block *is)
{
    struct slice rest_was = was ? block_metrics(was) : SLICE_LITERAL("");
    struct slice rest_is = is ? block_metrics(is) : SLICE_LITERAL("");
    struct metric_wire m_was, m_is;

    if (is && is->same_series)
        return;
    bool more_was = metric_wire_next(&rest_was, &m_was),
         more_is = metric_wire_next(&rest_is, &m_is);
    while (more_was || more_is) {
        int order = !more_is ? -1 : !more_was ? 1 : block_compare_labels(m_was.labels, m_is.labels);
        if (order < 0)
            remove_series(c, g, f, m_was.labels);
        if (order > 0)
            add_series(c, g, f, m_is.labels);
        if (order <= 0)
            more_was = metric_wire_next(&rest_was, &m_was);
        if (order >= 0)
            more_is = metric_wire_next(&rest_is, &m_is);
    }
}

static void join(struct contents *c, const struct group *g, struct family_entry *f)
{
    if (f->since == 0) {
        c->faults += c->unchecked ? family_faults(c, f) : 0;
        family_index_birth(&c->families, &c->pool, f, c->version);
    }
    if (f->live++ == 0)
        c->families.living++;
    ordered_set_insert(&f->groups, &c->pool, group_index_order(&c->groups), g->id);
}

/* The group stays among the family's until its old picture is freed. */
static void leave(struct contents *c, struct family_entry *f)
{
    if (--f->live > 0)
        return;
    c->families.living--;
    if (f->kind == FAMILY_PUSHED) {
        family_index_death(&c->families, f, c->version);
        c->faults -= c->unchecked ? family_faults(c, f) : 0;
    }
}

static size_t block_bytes(const struct block *b)
{
    return b ? offsetof(struct block, metrics) + b->size : 0;
}

static size_t picture_bytes(const struct picture *p)
{
    return sizeof(*p) + p->n_blocks * sizeof(struct block *);
}

static void replace_block(struct contents *c, const struct group *g, const struct block *was,
                          const struct block *is)
{
    if (is)
        description_join(is->description, c->version);
    if (same_family(was, is)) {
        replace_series(c, g, block_family(is), was, is);
    } else {
        if (was) {
            replace_series(c, g, block_family(was), was, NULL);
            leave(c, block_family(was));
        }
        if (is) {
            join(c, g, block_family(is));
            replace_series(c, g, block_family(is), NULL, is);
        }
    }
    if (was)
        description_leave(was->description, c->version);
    c->living_bytes += block_bytes(is) - block_bytes(was);
    c->retired_bytes += block_bytes(was);
    c->faults += is ? is->faults : 0;
    c->faults -= was ? was->faults : 0;
}

static uint64_t ended_at(const struct picture *p)
{
    return p->newer ? p->newer->since : p->group->deleted_at;
}

static bool is_held_back(const struct contents *c, const struct picture *p)
{
    return c->views_first && ended_at(p) > view_version(c->views_first);
}

/* When too much is held back, the oldest view is what holds it. */
static void lose_views(struct contents *c)
{
    if (c->held_back_max == 0 || c->retired_bytes <= c->held_back_max ||
        c->retired_bytes <= c->living_bytes)
        return;
    while (is_held_back(c, c->retired_first))
        view_lose(c->views_first);
}

static void retire(struct contents *c, struct picture *p)
{
    p->next_retired = NULL;
    if (c->retired_last)
        c->retired_last->next_retired = p;
    else
        c->retired_first = p;
    c->retired_last = p;
    c->retired_bytes += picture_bytes(p);
    lose_views(c);
    /* Two for one: a queue that views left behind goes away even if nobody reclaims. */
    contents_reclaim(c, 2);
}

bool contents_reserve(struct contents *c, const struct picture *old, const struct picture *fresh)
{
    struct picture_pair pair = {.old = old, .fresh = fresh};
    struct block *was, *is;
    size_t nodes = 0, series = 0;
    uint32_t births = 0;

    while (picture_pair_next(&pair, &was, &is)) {
        if (!is || is == was || is->same_series)
            continue;
        series += is->n_metrics;
        if (same_family(was, is))
            continue;
        nodes += ordered_set_nodes_needed(&block_family(is)->groups);
        births += block_family(is)->since == 0;
        if (!reserve_room(c, block_name(is)))
            return false;
    }
    return hash_index_reserve(&c->series.owners, series) &&
           ordered_set_pool_reserve(&c->pool, nodes) &&
           (births == 0 || family_index_reserve(&c->families, &c->pool, births)) &&
           (old || group_index_reserve(&c->groups, &c->pool));
}

static void trim(struct contents *c)
{
    hash_index_trim(&c->series.owners);
    hash_index_trim(&c->families.by_name);
    hash_index_trim(&c->groups.by_key);
    ordered_set_pool_trim(&c->pool);
}

static bool has_failed(const struct picture *p)
{
    return p->push_failure_time_ns >= p->push_time_ns;
}

void contents_replace(struct contents *c, struct group *g, struct picture *fresh)
{
    struct picture *old = g->current;
    struct picture_pair pair = {.old = old, .fresh = fresh};
    struct block *was, *is;

    c->version++;
    if (!old) {
        c->faults += twin_faults(c, g);
        group_index_birth(&c->groups, &c->pool, g);
        c->living_groups++;
    }
    fresh->group = g;
    fresh->since = c->version;
    fresh->older = old;
    fresh->newer = NULL;
    while (picture_pair_next(&pair, &was, &is))
        if (was != is)
            replace_block(c, g, was, is);
    g->current = fresh;
    c->groups.changed[g->id] = c->version;
    age_order_add(&c->ages, old, fresh);
    c->failed_groups += has_failed(fresh);
    c->failed_groups -= old && has_failed(old);
    trim(c);
    if (old) {
        old->newer = fresh;
        retire(c, old);
    }
}

void contents_remove(struct contents *c, struct group *g)
{
    struct picture_pair pair = {.old = g->current};
    struct block *was, *is;

    c->version++;
    while (picture_pair_next(&pair, &was, &is))
        replace_block(c, g, was, NULL);
    group_index_death(&c->groups, g, c->version);
    c->groups.changed[g->id] = c->version;
    c->faults -= twin_faults(c, g);
    c->living_groups--;
    c->failed_groups -= has_failed(g->current);
    trim(c);
    retire(c, g->current);
}

/* --- Freeing -------------------------------------------------------------------------------------
 */

static bool any_newer_has(const struct picture *p, const struct family_entry *f)
{
    for (p = p->newer; p && p->since < f->until; p = p->newer) {
        const struct block *b = picture_find(p, family_entry_name(f));
        if (b && block_family(b) == f)
            return true;
    }
    return false;
}

static void leave_for_good(struct contents *c, struct family_entry *f, const struct group *g)
{
    ordered_set_remove(&f->groups, group_index_order(&c->groups), g->id);
    if (f->groups.count == 0 && f->until != VERSION_NONE)
        family_index_bury(&c->families, f);
}

static void free_retired(struct contents *c, struct picture *p)
{
    struct picture_pair pair = {.old = p, .fresh = p->newer};
    struct group *g = p->group;
    struct block *was, *is;

    while (picture_pair_next(&pair, &was, &is)) {
        if (!was || was == is)
            continue;
        struct family_entry *f = block_family(was);
        bool stays = same_family(was, is) || any_newer_has(p, f);
        c->retired_bytes -= block_bytes(was);
        block_free(was);
        if (!stays)
            leave_for_good(c, f, g);
    }
    if (!p->newer)
        group_index_bury(&c->groups, g);
    c->retired_bytes -= picture_bytes(p);
    age_order_remove(&c->ages, p);
    free(p);
}

bool contents_reclaim(struct contents *c, size_t pictures)
{
    for (; c->retired_first && !is_held_back(c, c->retired_first); pictures--) {
        if (pictures == 0)
            return true;
        struct picture *p = c->retired_first;
        c->retired_first = p->next_retired;
        if (!c->retired_first)
            c->retired_last = NULL;
        free_retired(c, p);
    }
    return false;
}

bool contents_tidy(struct contents *c)
{
    trim(c);
    bool more = hash_index_tidy(&c->series.owners, TIDIED_PER_STEP);
    more = hash_index_tidy(&c->families.by_name, TIDIED_PER_STEP) || more;
    return hash_index_tidy(&c->groups.by_key, TIDIED_PER_STEP) || more;
}

static void free_group(struct group *g)
{
    struct picture *p = g->current;
    for (uint32_t i = 0; i < p->n_blocks; i++)
        free(p->blocks[i]); /* descriptions go with their families */
    free(p);
    free(g);
}

static void free_groups(struct contents *c, size_t *left)
{
    for (; *left > 0 && c->groups_freed < c->groups.table.used; --*left) {
        struct group *g = group_index_get(&c->groups, c->groups_freed++);
        if (g)
            free_group(g);
    }
}

/* A family may have as many groups as there are. */
static void free_families(struct contents *c, size_t *left)
{
    while (*left > 0 && c->families_freed < c->families.table.used) {
        --*left;
        struct family_entry *f = family_index_get(&c->families, c->families_freed);
        if (f && ordered_set_clear_some(&f->groups, c->families.forget, left))
            return;
        family_entry_free(&c->families, f);
        c->families.table.items[c->families_freed++] = NULL;
    }
}

bool contents_free_some(struct contents *c)
{
    size_t left = FREED_PER_STEP;

    if (contents_reclaim(c, FREED_PER_STEP))
        return true;
    free_groups(c, &left);
    free_families(c, &left);
    if (left == 0 || ordered_set_clear_some(&c->groups.order, c->groups.forget, &left))
        return true;
    free(c->groups.changed);
    id_table_free(&c->groups.table);
    hash_index_free(&c->groups.by_key);
    family_index_free(&c->families);
    hash_index_free(&c->series.owners);
    ordered_set_pool_free(&c->pool);
    free(c->room);
    free(c);
    return false;
}
