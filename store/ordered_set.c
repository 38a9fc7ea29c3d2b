/* The tree. Leaves hold ids in order and are linked; an inner node holds its children and the first
 * id below each, which always is an id in the set, so that comparing never meets a dead one.
 *
 * A leaf that runs low is joined with a neighbour when both fit well into one; inner nodes go when
 * they are empty. A full leaf at the right end is not halved but followed by a new one, so that
 * filling a set in order leaves full leaves behind. */
#include "ordered_set.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEAF_MAX = 50, /* either kind of node takes 256 bytes */
    LEAF_LOW = 12,
    INNER_MAX = 20,
    HEIGHT_MAX = 12,
    POOL_KEPT = 24, /* enough for a new group of three families */
};

struct ordered_set_node {
    uint16_t n;
    struct ordered_set_node *next; /* of leaves; of spare nodes */
    union {
        struct {
            uint32_t ids[LEAF_MAX];
            struct ordered_set_kept kept[ORDERED_SET_KEPT];
        };
        struct {
            struct ordered_set_node *children[INNER_MAX];
            uint32_t first[INNER_MAX]; /* the first id below each child */
        };
    };
};

/* The way from the root to a leaf: the nodes, and which child (at last: which id) was taken. */
struct path {
    struct ordered_set_node *node[HEIGHT_MAX + 1];
    uint16_t at[HEIGHT_MAX + 1];
};

bool ordered_set_pool_reserve(struct ordered_set_pool *pool, size_t nodes)
{
    while (pool->count < nodes) {
        struct ordered_set_node *node = malloc(sizeof(*node));
        if (!node)
            return false;
        node->next = pool->spare;
        pool->spare = node;
        pool->count++;
    }
    return true;
}

static struct ordered_set_node *pool_take(struct ordered_set_pool *pool)
{
    struct ordered_set_node *node = pool->spare;
    pool->spare = node->next;
    pool->count--;
    *node = (struct ordered_set_node){0};
    return node;
}

static void pool_shrink(struct ordered_set_pool *pool, size_t kept)
{
    while (pool->count > kept)
        free(pool_take(pool));
}

void ordered_set_pool_trim(struct ordered_set_pool *pool)
{
    pool_shrink(pool, POOL_KEPT);
}

void ordered_set_pool_free(struct ordered_set_pool *pool)
{
    pool_shrink(pool, 0);
}

/* How many of the n ids stand at or before id. */
static uint16_t count_up_to(const uint32_t *ids, uint16_t n, struct ordered_set_order order,
                            uint32_t id)
{
    uint16_t low = 0, high = n;
    while (low < high) {
        uint16_t middle = (uint16_t)((low + high) / 2);
        if (order.compare(order.context, ids[middle], id) <= 0)
            low = (uint16_t)(middle + 1);
        else
            high = middle;
    }
    return low;
}

/* Fills *path with the way to where id stands or would stand; path->at of the leaf is the number of
 * ids at or before it. */
static void descend(const struct ordered_set *set, struct ordered_set_order order, uint32_t id,
                    struct path *path)
{
    struct ordered_set_node *node = set->root;
    for (unsigned level = 0; level < set->height; level++) {
        uint16_t before = count_up_to(node->first, node->n, order, id);
        uint16_t child = before > 0 ? (uint16_t)(before - 1) : 0;
        path->node[level] = node;
        path->at[level] = child;
        node = node->children[child];
    }
    path->node[set->height] = node;
    path->at[set->height] = count_up_to(node->ids, node->n, order, id);
}

/* If id stands behind all others, fills *path with the way there: one comparison where a set is
 * filled in order. */
static bool descend_to_end(const struct ordered_set *set, struct ordered_set_order order,
                           uint32_t id, struct path *path)
{
    struct ordered_set_node *node = set->root;
    for (unsigned level = 0; level < set->height; level++) {
        path->node[level] = node;
        path->at[level] = (uint16_t)(node->n - 1);
        node = node->children[node->n - 1];
    }
    path->node[set->height] = node;
    path->at[set->height] = node->n;
    return node->n > 0 && order.compare(order.context, node->ids[node->n - 1], id) < 0;
}

/* After the first id of the leaf changed: tells the inner nodes above. */
static void renew_first(const struct ordered_set *set, const struct path *path)
{
    uint32_t first = path->node[set->height]->ids[0];
    for (unsigned level = set->height; level-- > 0;) {
        path->node[level]->first[path->at[level]] = first;
        if (path->at[level] > 0)
            break;
    }
}

static void insert_child(struct ordered_set_node *inner, uint16_t at,
                         struct ordered_set_node *child, uint32_t first)
{
    size_t behind = (size_t)(inner->n - at);
    memmove(&inner->children[at + 1], &inner->children[at], behind * sizeof(inner->children[0]));
    memmove(&inner->first[at + 1], &inner->first[at], behind * sizeof(inner->first[0]));
    inner->children[at] = child;
    inner->first[at] = first;
    inner->n++;
}

static struct ordered_set_node *split_inner(struct ordered_set_node *inner,
                                            struct ordered_set_pool *pool)
{
    struct ordered_set_node *right = pool_take(pool);
    uint16_t kept = inner->n / 2;
    right->n = (uint16_t)(inner->n - kept);
    memcpy(right->children, inner->children + kept, right->n * sizeof(right->children[0]));
    memcpy(right->first, inner->first + kept, right->n * sizeof(right->first[0]));
    inner->n = kept;
    return right;
}

/* Hangs `fresh`, whose first id is `first`, behind the node at `level` of the path. */
static void add_sibling(struct ordered_set *set, struct ordered_set_pool *pool,
                        const struct path *path, struct ordered_set_node *fresh, uint32_t first)
{
    for (unsigned level = set->height; level-- > 0;) {
        struct ordered_set_node *inner = path->node[level];
        uint16_t at = (uint16_t)(path->at[level] + 1);
        if (inner->n < INNER_MAX) {
            insert_child(inner, at, fresh, first);
            return;
        }
        struct ordered_set_node *right = split_inner(inner, pool);
        if (at <= inner->n)
            insert_child(inner, at, fresh, first);
        else
            insert_child(right, (uint16_t)(at - inner->n), fresh, first);
        fresh = right;
        first = right->first[0];
    }
    struct ordered_set_node *left = set->root, *root = pool_take(pool);
    uint32_t left_first = set->height == 0 ? left->ids[0] : left->first[0];
    root->n = 2;
    root->children[0] = left;
    root->first[0] = left_first;
    root->children[1] = fresh;
    root->first[1] = first;
    set->root = root;
    set->height++;
}

static void forget(struct ordered_set_node *leaf, struct ordered_set_order order)
{
    for (unsigned i = 0; i < ORDERED_SET_KEPT; i++) {
        if (leaf->kept[i].made)
            order.forget(leaf->kept[i].made);
        leaf->kept[i].made = NULL;
    }
}

static void insert_id(struct ordered_set_node *leaf, uint16_t at, uint32_t id)
{
    memmove(&leaf->ids[at + 1], &leaf->ids[at], (size_t)(leaf->n - at) * sizeof(leaf->ids[0]));
    leaf->ids[at] = id;
    leaf->n++;
}

static void split_leaf_and_insert(struct ordered_set *set, struct ordered_set_pool *pool,
                                  struct path *path, uint32_t id)
{
    struct ordered_set_node *leaf = path->node[set->height], *right = pool_take(pool);
    uint16_t at = path->at[set->height];
    bool at_right_end = !leaf->next && at == leaf->n;
    uint16_t kept = at_right_end ? leaf->n : (uint16_t)(leaf->n / 2);

    right->n = (uint16_t)(leaf->n - kept);
    memcpy(right->ids, leaf->ids + kept, right->n * sizeof(right->ids[0]));
    leaf->n = kept;
    right->next = leaf->next;
    leaf->next = right;
    if (at_right_end || at > kept) {
        insert_id(right, (uint16_t)(at - kept), id);
    } else {
        insert_id(leaf, at, id);
        if (at == 0)
            renew_first(set, path);
    }
    add_sibling(set, pool, path, right, right->ids[0]);
}

bool ordered_set_insert(struct ordered_set *set, struct ordered_set_pool *pool,
                        struct ordered_set_order order, uint32_t id)
{
    struct path path;

    if (!set->root)
        set->root = pool_take(pool);
    bool at_end = descend_to_end(set, order, id, &path);
    if (!at_end)
        descend(set, order, id, &path);
    struct ordered_set_node *leaf = path.node[set->height];
    uint16_t at = path.at[set->height];
    if (!at_end && at > 0 && order.compare(order.context, leaf->ids[at - 1], id) == 0)
        return false;
    forget(leaf, order);
    if (leaf->n == LEAF_MAX) {
        split_leaf_and_insert(set, pool, &path, id);
    } else {
        insert_id(leaf, at, id);
        if (at == 0)
            renew_first(set, &path);
    }
    set->count++;
    set->edits++;
    return true;
}

/* The leaf before the one the path leads to, or NULL. */
static struct ordered_set_node *leaf_before(const struct ordered_set *set, const struct path *path)
{
    for (unsigned level = set->height; level-- > 0;) {
        if (path->at[level] == 0)
            continue;
        struct ordered_set_node *node = path->node[level]->children[path->at[level] - 1];
        for (unsigned below = level + 1; below < set->height; below++)
            node = node->children[node->n - 1];
        return node;
    }
    return NULL;
}

static void remove_child(struct ordered_set_node *inner, uint16_t at)
{
    size_t behind = (size_t)(inner->n - at - 1);
    memmove(&inner->children[at], &inner->children[at + 1], behind * sizeof(inner->children[0]));
    memmove(&inner->first[at], &inner->first[at + 1], behind * sizeof(inner->first[0]));
    inner->n--;
}

/* Takes the leaf of the path, which is empty, out of the tree, and inner nodes that become empty.
 */
static void drop_leaf(struct ordered_set *set, const struct path *path)
{
    struct ordered_set_node *leaf = path->node[set->height], *before = leaf_before(set, path);
    if (before)
        before->next = leaf->next;
    free(leaf);
    unsigned level = set->height;
    while (level-- > 0) {
        struct ordered_set_node *inner = path->node[level];
        remove_child(inner, path->at[level]);
        if (inner->n > 0)
            break;
        free(inner);
    }
    if (level == (unsigned)-1) {
        set->root = NULL;
        set->height = 0;
        return;
    }
    /* What now comes first below this node may have changed. */
    for (; level > 0 && path->at[level] == 0; level--)
        path->node[level - 1]->first[path->at[level - 1]] = path->node[level]->first[0];
}

static void lower_root(struct ordered_set *set)
{
    while (set->height > 0 && set->root->n == 1) {
        struct ordered_set_node *root = set->root;
        set->root = root->children[0];
        set->height--;
        free(root);
    }
}

/* Joins the leaf of the path with the one behind it under the same parent, if both fit well. */
static void join_with_next(struct ordered_set *set, struct ordered_set_order order,
                           const struct path *path)
{
    struct ordered_set_node *leaf = path->node[set->height];
    if (set->height == 0 || leaf->n > LEAF_LOW)
        return;
    struct ordered_set_node *parent = path->node[set->height - 1];
    uint16_t at = path->at[set->height - 1];
    if (at + 1 >= parent->n)
        return;
    struct ordered_set_node *right = parent->children[at + 1];
    if (leaf->n + right->n > LEAF_MAX - LEAF_LOW)
        return;
    forget(right, order);
    memcpy(leaf->ids + leaf->n, right->ids, right->n * sizeof(right->ids[0]));
    leaf->n = (uint16_t)(leaf->n + right->n);
    leaf->next = right->next;
    remove_child(parent, (uint16_t)(at + 1));
    free(right);
}

bool ordered_set_remove(struct ordered_set *set, struct ordered_set_order order, uint32_t id)
{
    struct path path;

    if (!set->root)
        return false;
    descend(set, order, id, &path);
    struct ordered_set_node *leaf = path.node[set->height];
    uint16_t at = path.at[set->height];
    if (at == 0 || order.compare(order.context, leaf->ids[at - 1], id) != 0)
        return false;
    at--;
    forget(leaf, order);
    memmove(&leaf->ids[at], &leaf->ids[at + 1], (size_t)(leaf->n - at - 1) * sizeof(leaf->ids[0]));
    leaf->n--;
    if (leaf->n == 0) {
        drop_leaf(set, &path);
    } else {
        if (at == 0)
            renew_first(set, &path);
        join_with_next(set, order, &path);
    }
    lower_root(set);
    set->count--;
    set->edits++;
    return true;
}

struct ordered_set_cursor ordered_set_first(const struct ordered_set *set)
{
    struct ordered_set_node *node = set->root;
    for (unsigned level = 0; level < set->height; level++)
        node = node->children[0];
    return (struct ordered_set_cursor){.leaf = node, .at = 0, .edits = set->edits};
}

struct ordered_set_cursor ordered_set_after(const struct ordered_set *set,
                                            struct ordered_set_order order, uint32_t id)
{
    struct path path;

    if (!set->root)
        return (struct ordered_set_cursor){.edits = set->edits};
    descend(set, order, id, &path);
    return (struct ordered_set_cursor){
        .leaf = path.node[set->height], .at = path.at[set->height], .edits = set->edits};
}

static void step_over_ended(struct ordered_set_cursor *cursor)
{
    while (cursor->leaf && cursor->at == cursor->leaf->n) {
        cursor->leaf = cursor->leaf->next;
        cursor->at = 0;
    }
}

bool ordered_set_next(struct ordered_set_cursor *cursor, uint32_t *id)
{
    step_over_ended(cursor);
    if (!cursor->leaf)
        return false;
    cursor->ids = cursor->leaf->ids;
    *id = cursor->ids[cursor->at++];
    return true;
}

bool ordered_set_enter(struct ordered_set_cursor *cursor, struct ordered_set_leaf *out)
{
    step_over_ended(cursor);
    if (!cursor->leaf || cursor->at != 0)
        return false;
    *out = (struct ordered_set_leaf){
        .ids = cursor->leaf->ids, .n = cursor->leaf->n, .kept = cursor->leaf->kept};
    return true;
}

/* From the end on; false when `nodes` did not suffice for all. */
static bool free_below(struct ordered_set_node *node, unsigned height,
                       struct ordered_set_order order, size_t *nodes)
{
    for (; height > 0 && node->n > 0; node->n--)
        if (!free_below(node->children[node->n - 1], height - 1, order, nodes))
            return false;
    if (*nodes == 0)
        return false;
    --*nodes;
    if (height == 0)
        forget(node, order);
    free(node);
    return true;
}

bool ordered_set_clear_some(struct ordered_set *set, void (*forget_made)(void *made), size_t *nodes)
{
    const struct ordered_set_order order = {.forget = forget_made};
    if (set->root && !free_below(set->root, set->height, order, nodes))
        return true;
    *set = (struct ordered_set){0};
    return false;
}

void ordered_set_clear(struct ordered_set *set, void (*forget_made)(void *made))
{
    size_t nodes = SIZE_MAX;
    ordered_set_clear_some(set, forget_made, &nodes);
}
