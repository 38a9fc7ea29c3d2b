#include "dice.h"
#include "hash_index.h"
#include "require.h"
#include "suite.h"

enum { ENTRIES_MAX = 3000, FOUND_MAX = ENTRIES_MAX };

/* The naive twin. */
static struct hash_index_slot entries[ENTRIES_MAX];
static size_t n_entries;

struct found {
    uint32_t ids[FOUND_MAX];
    size_t n;
};

static bool collect(void *context, uint32_t id)
{
    struct found *found = context;
    found->ids[found->n++] = id;
    return false;
}

static int compare_ids(const void *a, const void *b)
{
    uint32_t ia = *(const uint32_t *)a, ib = *(const uint32_t *)b;
    return (ia > ib) - (ia < ib);
}

static void check_hash(const struct hash_index *index, uint32_t hash, uint64_t seed)
{
    static struct found found, wanted;
    found.n = wanted.n = 0;
    hash_index_find(index, hash, collect, &found);
    for (size_t i = 0; i < n_entries; i++)
        if (entries[i].hash == hash)
            wanted.ids[wanted.n++] = entries[i].id;
    if (found.n != wanted.n)
        ck_abort_msg("hash %x: %zu entries instead of %zu; seed %lu", hash, found.n, wanted.n,
                     (unsigned long)seed);
    qsort(found.ids, found.n, sizeof(uint32_t), compare_ids);
    qsort(wanted.ids, wanted.n, sizeof(uint32_t), compare_ids);
    for (size_t i = 0; i < found.n; i++)
        if (found.ids[i] != wanted.ids[i])
            ck_abort_msg("seed %lu", (unsigned long)seed);
}

static void insert(struct hash_index *index, uint32_t hash, uint32_t id)
{
    REQUIRE(hash_index_reserve(index, 1));
    hash_index_insert(index, hash, id);
    entries[n_entries++] = (struct hash_index_slot){hash, id};
}

static void remove_at(struct hash_index *index, size_t i)
{
    hash_index_remove(index, entries[i].hash, entries[i].id);
    entries[i] = entries[--n_entries];
    hash_index_trim(index);
}

/* Few hashes, hashes that share their low bits, and any hash. */
static uint32_t roll_hash(struct dice *d)
{
    switch (dice_below(d, 8)) {
    case 0:
        return dice_below(d, 40);
    case 1:
        return dice_below(d, 4000) << 20 | 0xffff;
    default:
        return (uint32_t)dice_bits(d);
    }
}

START_TEST(agrees_with_naive)
{
    uint64_t seed = dice_seed(1) + (uint64_t)_i;
    struct dice d = {seed};
    struct hash_index index = {0};
    /* Up, down to nothing, up again, some way down. */
    static const size_t turns[] = {ENTRIES_MAX, 0, ENTRIES_MAX / 3, 10};

    n_entries = 0;
    for (size_t t = 0; t < sizeof(turns) / sizeof(*turns); t++) {
        uint32_t chance = n_entries < turns[t] ? 65 : 35;
        while (n_entries != turns[t]) {
            if (n_entries == 0 || (n_entries < ENTRIES_MAX && dice_percent(&d, chance)))
                insert(&index, roll_hash(&d), dice_below(&d, HASH_INDEX_ID_MAX));
            else
                remove_at(&index, dice_below(&d, (uint32_t)n_entries));
            REQUIRE(hash_index_count(&index) == n_entries);
            if (dice_percent(&d, 3))
                check_hash(&index, roll_hash(&d), seed);
            if (n_entries > 0 && dice_percent(&d, 3))
                check_hash(&index, entries[dice_below(&d, (uint32_t)n_entries)].hash, seed);
        }
        for (size_t i = 0; i < n_entries; i += 7)
            check_hash(&index, entries[i].hash, seed);
    }
    hash_index_free(&index);
}
END_TEST

START_TEST(same_hash_and_id_twice)
{
    struct hash_index index = {0};
    n_entries = 0;
    insert(&index, 5, 7);
    insert(&index, 5, 7);
    check_hash(&index, 5, 0);
    remove_at(&index, 0);
    check_hash(&index, 5, 0);
    remove_at(&index, 0);
    check_hash(&index, 5, 0);
    hash_index_free(&index);
}
END_TEST

/* A PUT takes away what the group had and then puts in what has been reserved. */
START_TEST(reserved_room_outlives_removals)
{
    struct hash_index index = {0};
    uint32_t id = 0;
    for (; id < 300; id++) {
        ck_assert(hash_index_reserve(&index, 1));
        hash_index_insert(&index, id * 77, id);
    }
    ck_assert(hash_index_reserve(&index, 1000));
    for (id = 0; id < 300; id++)
        hash_index_remove(&index, id * 77, id);
    size_t slots = index.now.mask + 1;
    for (id = 0; id < 1000; id++)
        hash_index_insert(&index, id, id);
    ck_assert_uint_eq(index.now.mask + 1, slots);
    ck_assert_uint_eq(hash_index_count(&index), 1000);
    hash_index_free(&index);
}
END_TEST

START_TEST(shrinks_after_many_removals)
{
    struct hash_index index = {0};
    n_entries = 0;
    for (uint32_t id = 0; id < ENTRIES_MAX; id++)
        insert(&index, id * 2654435761u, id);
    while (n_entries > 3)
        remove_at(&index, n_entries - 1);
    while (hash_index_tidy(&index, 64))
        ;
    ck_assert_ptr_null(index.before.slots);
    ck_assert_uint_le(index.now.mask + 1, 256);
    for (size_t i = 0; i < n_entries; i++)
        check_hash(&index, entries[i].hash, 0);
    hash_index_free(&index);
}
END_TEST

static bool is_seven(void *context, uint32_t id)
{
    (void)context;
    return id == 7;
}

START_TEST(find_stops_and_tells)
{
    struct hash_index index = {0};
    ck_assert(!hash_index_find(&index, 1, is_seven, NULL));
    n_entries = 0;
    insert(&index, 1, 6);
    ck_assert(!hash_index_find(&index, 1, is_seven, NULL));
    insert(&index, 1, 7);
    ck_assert(hash_index_find(&index, 1, is_seven, NULL));
    ck_assert(!hash_index_find(&index, 2, is_seven, NULL));
    hash_index_free(&index);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hash_index");
    TCase *tc = tcase_create("hash_index");

    tcase_set_timeout(tc, 60);

    tcase_add_loop_test(tc, agrees_with_naive, 0, 8);
    tcase_add_test(tc, same_hash_and_id_twice);
    tcase_add_test(tc, reserved_room_outlives_removals);
    tcase_add_test(tc, shrinks_after_many_removals);
    tcase_add_test(tc, find_stops_and_tells);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
