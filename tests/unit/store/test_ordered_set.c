#include "dice.h"
#include "ordered_set.h"
#include "require.h"
#include "suite.h"

#include <string.h>

enum { IDS = 5000 };

static uint32_t rank_of[IDS]; /* what an id stands for; all different */
static uint32_t id_of[IDS];   /* its inverse */
static bool is_member[IDS];   /* the naive twin, by rank */
static uint32_t n_members;
static struct ordered_set_pool pool;

static int compare_ranks(const void *context, uint32_t a, uint32_t b)
{
    (void)context;
    REQUIRE(a < IDS && b < IDS);
    return (rank_of[a] > rank_of[b]) - (rank_of[a] < rank_of[b]);
}

static const struct ordered_set_order order = {compare_ranks, NULL, NULL};

static void shuffle_ranks(struct dice *d)
{
    for (uint32_t i = 0; i < IDS; i++)
        id_of[i] = i;
    for (uint32_t i = IDS; i > 1; i--) {
        uint32_t k = dice_below(d, i), swapped = id_of[i - 1];
        id_of[i - 1] = id_of[k];
        id_of[k] = swapped;
    }
    for (uint32_t i = 0; i < IDS; i++)
        rank_of[id_of[i]] = i;
    memset(is_member, 0, sizeof(is_member));
    n_members = 0;
}

/* Walks from a cursor that stands before `rank`. */
static void check_walk(struct ordered_set_cursor cursor, uint32_t rank, uint32_t steps)
{
    uint32_t id;
    for (; steps > 0; steps--, rank++) {
        while (rank < IDS && !is_member[rank])
            rank++;
        if (rank == IDS) {
            REQUIRE(!ordered_set_next(&cursor, &id));
            REQUIRE(!ordered_set_next(&cursor, &id));
            return;
        }
        REQUIRE(ordered_set_next(&cursor, &id));
        REQUIRE(id == id_of[rank]);
    }
}

static void insert(struct ordered_set *set, uint32_t rank)
{
    REQUIRE(ordered_set_pool_reserve(&pool, ordered_set_nodes_needed(set)));
    uint32_t edits = set->edits;
    REQUIRE(ordered_set_insert(set, &pool, order, id_of[rank]) == !is_member[rank]);
    REQUIRE((set->edits != edits) == !is_member[rank]);
    n_members += !is_member[rank];
    is_member[rank] = true;
    REQUIRE(set->count == n_members);
}

static void take_out(struct ordered_set *set, uint32_t rank)
{
    uint32_t edits = set->edits;
    REQUIRE(ordered_set_remove(set, order, id_of[rank]) == is_member[rank]);
    REQUIRE((set->edits != edits) == is_member[rank]);
    n_members -= is_member[rank];
    is_member[rank] = false;
    REQUIRE(set->count == n_members);
}

static void finish(struct ordered_set *set)
{
    ordered_set_clear(set, NULL);
    ordered_set_pool_free(&pool);
    REQUIRE(pool.count == 0);
}

START_TEST(agrees_with_naive)
{
    uint64_t seed = dice_seed(1) + (uint64_t)_i;
    struct dice d = {seed};
    struct ordered_set set = {0};
    static const uint32_t turns[] = {IDS - 300, 0, 2000, 3, 700, 0};

    shuffle_ranks(&d);
    for (size_t t = 0; t < sizeof(turns) / sizeof(*turns); t++) {
        bool grows = n_members < turns[t];
        /* Removal in a narrow window empties leaves and whole inner nodes. */
        uint32_t window = dice_percent(&d, 50) ? IDS : 300, from = 0;
        for (unsigned step = 0; n_members != turns[t]; step++) {
            if (step % 400 == 0)
                from = dice_below(&d, IDS);
            if (step % 8000 == 7999)
                window = IDS;
            uint32_t rank = (from + dice_below(&d, window)) % IDS;
            uint32_t chance = grows ? 97 : n_members < 400 ? 0 : 4;
            if (dice_percent(&d, chance))
                insert(&set, rank);
            else
                take_out(&set, rank);
            if (step % 32 == 0) {
                uint32_t place = dice_below(&d, IDS);
                check_walk(ordered_set_after(&set, order, id_of[place]), place + 1, 100);
            }
        }
        check_walk(ordered_set_first(&set), 0, IDS + 1);
        if (n_members == 0) {
            ck_assert_ptr_null(set.root);
            REQUIRE(set.height == 0);
        }
    }
    finish(&set);
}
END_TEST

START_TEST(every_order_of_filling_and_emptying)
{
    static const char *const ways[] = {"up", "down", "outside in"};
    struct dice d = {dice_seed(7)};

    for (unsigned fill = 0; fill < 3; fill++) {
        for (unsigned empty = 0; empty < 3; empty++) {
            struct ordered_set set = {0};
            shuffle_ranks(&d);
            for (uint32_t i = 0; i < IDS; i++)
                insert(&set, fill == 0   ? i
                             : fill == 1 ? IDS - 1 - i
                             : i % 2     ? IDS - 1 - i / 2
                                         : i / 2);
            check_walk(ordered_set_first(&set), 0, IDS + 1);
            for (uint32_t i = 0; i < IDS; i++) {
                take_out(&set, empty == 0   ? i
                               : empty == 1 ? IDS - 1 - i
                               : i % 2      ? IDS - 1 - i / 2
                                            : i / 2);
                if (i % 97 == 0)
                    check_walk(ordered_set_first(&set), 0, IDS + 1);
            }
            ck_assert_msg(!set.root, "filled %s, emptied %s", ways[fill], ways[empty]);
            finish(&set);
        }
    }
}
END_TEST

static size_t nodes_after_filling(bool ascending)
{
    struct ordered_set set = {0};
    struct dice d = {1};
    size_t taken = 0;

    shuffle_ranks(&d);
    for (uint32_t i = 0; i < IDS; i++) {
        REQUIRE(ordered_set_pool_reserve(&pool, ordered_set_nodes_needed(&set)));
        size_t before = pool.count;
        insert(&set, ascending ? i : rank_of[i]);
        taken += before - pool.count;
    }
    finish(&set);
    return taken;
}

START_TEST(filling_in_order_leaves_full_leaves)
{
    size_t ascending = nodes_after_filling(true), random = nodes_after_filling(false);
    ck_assert_msg(ascending <= IDS / 50 * 10 / 8, "%zu nodes", ascending);
    ck_assert_uint_lt(ascending, random);
}
END_TEST

START_TEST(pool_gives_back_all_but_a_few)
{
    REQUIRE(ordered_set_pool_reserve(&pool, 1000));
    REQUIRE(pool.count == 1000);
    ordered_set_pool_trim(&pool);
    ck_assert_uint_le(pool.count, 24);
    ordered_set_pool_free(&pool);
}
END_TEST

START_TEST(is_cleared_in_parts)
{
    struct ordered_set set = {0};
    size_t taken = 0, left = 3;
    for (uint32_t id = 0; id < IDS; id++)
        rank_of[id] = id_of[id] = id;
    for (uint32_t rank = 0; rank < IDS; rank++) {
        REQUIRE(ordered_set_pool_reserve(&pool, ordered_set_nodes_needed(&set)));
        REQUIRE(ordered_set_insert(&set, &pool, order, rank));
    }
    while (ordered_set_clear_some(&set, NULL, &left)) {
        ck_assert_uint_eq(left, 0);
        taken += 3;
        left = 3;
    }
    taken += 3 - left;
    ck_assert_uint_ge(taken, IDS / 50 + IDS / 50 / 20); /* leaves, and nodes above them */
    REQUIRE(!set.root);
    ordered_set_pool_free(&pool);
}
END_TEST

START_TEST(empty_set)
{
    struct ordered_set set = {0};
    uint32_t id;
    struct ordered_set_cursor cursor = ordered_set_first(&set);
    REQUIRE(!ordered_set_next(&cursor, &id));
    cursor = ordered_set_after(&set, order, 3);
    REQUIRE(!ordered_set_next(&cursor, &id));
    REQUIRE(!ordered_set_remove(&set, order, 3));
    ordered_set_clear(&set, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ordered_set");
    TCase *tc = tcase_create("ordered_set");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, agrees_with_naive, 0, 6);
    tcase_add_test(tc, every_order_of_filling_and_emptying);
    tcase_add_test(tc, filling_in_order_leaves_full_leaves);
    tcase_add_test(tc, pool_gives_back_all_but_a_few);
    tcase_add_test(tc, is_cleared_in_parts);
    tcase_add_test(tc, empty_set);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
