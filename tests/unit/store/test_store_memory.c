/* Allocations that fail, and memory that comes back. */
#include "failing_malloc.h"

#include "dump.h"
#include "require.h"
#include "suite.h"
#include "world.h"

/* --- Allocations that fail -----------------------------------------------------------------------
 */

static struct world w;
static struct world_push rolled;

/* One attempt; fails its n-th allocation. Tells whether there was an n-th. */
static bool try_push(long n, enum store_outcome *outcome, struct error *e)
{
    struct arena scratch = {0};
    struct group_key key = world_key(&w, rolled.key, rolled.n_key);
    struct family_list families = world_families(&w, &rolled);

    *e = (struct error){0};
    fail_in = n;
    *outcome = store_push(w.store, key, &families, rolled.replace ? STORE_REPLACE : STORE_MERGE,
                          w.now, &scratch, e);
    bool failed = fail_in == 0;
    fail_in = 0;
    arena_free(&scratch);
    arena_reset(&w.arena);
    return failed;
}

/* Pushes until it goes through, failing a later allocation each time. Returns how many failed. */
static long push_against_all_odds(void)
{
    static struct model after;
    enum store_outcome outcome;
    struct error e;

    world_roll_push(&w, &rolled);
    w.now += 1;
    after = w.model;
    enum model_outcome as_model = model_push(&after, rolled.key, rolled.n_key, rolled.families,
                                             rolled.n_families, rolled.replace, w.now);
    static const enum store_outcome as_store[] = {STORE_APPLIED, STORE_REFUSED, STORE_UNTOUCHED};
    enum store_outcome wanted = as_store[as_model];

    for (long n = 1;; n++) {
        uint64_t version = store_version(w.store);
        bool failed = try_push(n, &outcome, &e);
        if (outcome == wanted) {
            /* Either nothing failed, or only what can be done without. */
            if (outcome != STORE_UNTOUCHED)
                w.model = after;
            if (!failed || outcome != STORE_UNTOUCHED)
                return n - 1;
        }
        if (outcome != wanted && outcome != STORE_UNTOUCHED)
            ck_abort_msg("allocation %ld failed: outcome %d instead of %d", n, (int)outcome,
                         (int)wanted);
        REQUIRE(failed);
        REQUIRE(e.code == ERROR_NO_MEMORY || (e.code == ERROR_INVALID && wanted != STORE_APPLIED));
        REQUIRE(store_version(w.store) == version);
        world_compare(&w);
    }
}

static void run_pushes(uint64_t seed, bool unchecked)
{
    long failures = 0;

    fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    world_open(&w, seed, unchecked);
    world_compare(&w); /* keeps its buffers */
    world_close(&w);
    size_t pieces = live_pieces;

    world_open(&w, seed, unchecked);
    for (int i = 0; i < 150; i++) {
        world_step(&w);
        struct store_view *v = dice_percent(&w.dice, 30) ? store_view_open(w.store) : NULL;
        failures += push_against_all_odds();
        world_compare(&w);
        if (v)
            store_view_close(v);
        if (dice_percent(&w.dice, 30))
            store_reclaim(w.store);
    }
    world_close(&w);
    REQUIRE(live_pieces == pieces);
    REQUIRE(failures > 300);
}

START_TEST(a_push_without_memory_changes_nothing)
{
    run_pushes(dice_seed(60) + (uint64_t)_i, false);
}
END_TEST

START_TEST(an_unchecked_push_without_memory_changes_nothing)
{
    run_pushes(dice_seed(70) + (uint64_t)_i, true);
}
END_TEST

START_TEST(new_store_without_memory)
{
    size_t pieces = live_pieces;
    for (long n = 1;; n++) {
        fail_in = n;
        struct store *s = store_new((struct store_options){0});
        bool failed = fail_in == 0;
        fail_in = 0;
        REQUIRE(failed == !s);
        store_free(s);
        REQUIRE(live_pieces == pieces);
        if (!failed) {
            REQUIRE(n > 5);
            return;
        }
    }
}
END_TEST

START_TEST(reserving_a_family_without_memory)
{
    size_t pieces = live_pieces;
    for (long n = 1;; n++) {
        struct store *s = store_new((struct store_options){0});
        fail_in = n;
        bool ok = store_reserve_family(s, SLICE_LITERAL("x"), SLICE_LITERAL("y"), METRIC_GAUGE);
        bool failed = fail_in == 0;
        fail_in = 0;
        store_free(s);
        REQUIRE(failed == !ok);
        REQUIRE(live_pieces == pieces);
        if (!failed)
            return;
    }
}
END_TEST

/* Whatever was there before is deleted in the end, and nothing before it. */
START_TEST(deleting_without_memory)
{
    static struct world_push push;
    static struct model_label key[] = {{"job", "a"}};
    struct error e;
    bool deleted = false;

    world_open(&w, 4, false);
    struct family_list families = world_families(&w, &push);
    struct group_key group = world_key(&w, key, 1);
    REQUIRE(store_push(w.store, group, &families, STORE_MERGE, 1, &w.arena, &e) == STORE_APPLIED);
    for (long n = 1; !deleted; n++) {
        struct arena scratch = {0};
        uint64_t version = store_version(w.store);
        fail_in = n;
        bool ok = store_delete(w.store, group, &scratch, &deleted), failed = fail_in == 0;
        fail_in = 0;
        arena_free(&scratch);
        ck_assert(ok == !failed);
        ck_assert(deleted == ok);
        ck_assert((store_version(w.store) != version) == deleted);
        REQUIRE(n < 100);
    }
    world_close(&w);
}
END_TEST

START_TEST(view_and_wipe_without_memory)
{
    world_open(&w, 3, false);
    for (int i = 0; i < 300; i++)
        world_step(&w);
    for (long n = 1; n <= 3; n++) {
        fail_in = n;
        ck_assert_ptr_null(store_view_open(w.store));
        ck_assert_int_eq(fail_in, 0);
    }
    for (long n = 1;; n++) {
        uint64_t version = store_version(w.store);
        fail_in = n;
        bool wiped = store_wipe(w.store), failed = fail_in == 0;
        fail_in = 0;
        ck_assert(wiped == !failed);
        if (wiped)
            break;
        ck_assert_uint_eq(store_version(w.store), version);
        world_compare(&w);
    }
    w.model.n_groups = 0;
    world_compare(&w);
    world_close(&w);
}
END_TEST

/* --- Memory that comes back ----------------------------------------------------------------------
 */

enum { GROUPS = 3000, SLACK = 12000 };

static struct group_key numbered_key(int i)
{
    static char number[16];
    static struct model_label key[] = {{"instance", number}, {"job", "a"}};
    snprintf(number, sizeof(number), "%d", i);
    return world_key(&w, key, 2);
}

static void push_many(void)
{
    static struct world_push push = {
        .families = {{.name = "m",
                      .unit = "",
                      .help = "h",
                      .type = METRIC_GAUGE,
                      .n_metrics = 3,
                      .metrics = {{.labels = {{"l", "1"}}, .n_labels = 1},
                                  {.labels = {{"l", "2"}}, .n_labels = 1},
                                  {.n_labels = 0}}},
                     {.name = "n", .unit = "", .type = METRIC_SUMMARY, .n_metrics = 1}},
        .n_families = 2};
    struct error e;
    for (int i = 0; i < GROUPS; i++) {
        struct group_key key = numbered_key(i);
        struct family_list families = world_families(&w, &push);
        REQUIRE(store_push(w.store, key, &families, STORE_MERGE, i, &w.arena, &e) == STORE_APPLIED);
        arena_reset(&w.arena);
    }
}

static void delete_many(void)
{
    for (int i = 0; i < GROUPS; i++) {
        bool deleted;
        REQUIRE(store_delete(w.store, numbered_key(i * 7 % GROUPS), &w.arena, &deleted));
        REQUIRE(deleted);
        arena_reset(&w.arena);
    }
}

static void reclaim_all(void)
{
    int steps = 0;
    while (store_reclaim(w.store))
        steps++;
    ck_assert_int_lt(steps, 10000);
}

/* One full turn first, so that what stays for good is there. */
static size_t idle_bytes(void)
{
    world_open(&w, 1, false);
    arena_reset(&w.arena);
    ck_assert(store_wipe(w.store));
    reclaim_all();
    void *piece = arena_alloc(&w.arena, 1);
    ck_assert_ptr_nonnull(piece);
    return live_bytes;
}

START_TEST(wiping_gives_memory_back)
{
    size_t idle = idle_bytes();
    push_many();
    ck_assert_uint_gt(live_bytes, idle + GROUPS * 100);
    ck_assert(store_wipe(w.store));
    reclaim_all();
    ck_assert_uint_le(live_bytes, idle + SLACK);
    world_close(&w);
}
END_TEST

START_TEST(deleting_gives_memory_back)
{
    size_t idle = idle_bytes();
    for (int turn = 0; turn < 3; turn++) {
        push_many();
        ck_assert_uint_gt(live_bytes, idle + GROUPS * 100);
        delete_many();
        reclaim_all();
        ck_assert_msg(live_bytes <= idle + SLACK, "%zu bytes more", live_bytes - idle);
    }
    world_close(&w);
}
END_TEST

START_TEST(views_hold_memory_until_they_close)
{
    size_t idle = idle_bytes();
    push_many();
    size_t full = live_bytes;
    struct store_view *v = store_view_open(w.store);
    for (int turn = 0; turn < 3; turn++)
        push_many();
    reclaim_all();
    ck_assert_uint_gt(live_bytes, full + GROUPS * 100);
    store_view_close(v);
    reclaim_all();
    ck_assert_uint_le(live_bytes, full + SLACK);

    v = store_view_open(w.store);
    struct store_view *second = store_view_open(w.store);
    ck_assert(store_wipe(w.store));
    reclaim_all();
    ck_assert_uint_ge(live_bytes, full);
    store_view_close(v);
    reclaim_all();
    ck_assert_uint_ge(live_bytes, full);
    store_view_close(second);
    reclaim_all();
    ck_assert_uint_le(live_bytes, idle + SLACK);
    world_close(&w);
}
END_TEST

/* Without views a store that is pushed to again and again does not grow, reclaimed or not. */
START_TEST(steady_pushes_hold_steady_memory)
{
    idle_bytes();
    push_many();
    push_many();
    size_t full = live_bytes;
    for (int turn = 0; turn < 5; turn++)
        push_many();
    ck_assert_uint_le(live_bytes, full + SLACK);
    world_close(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_memory");
    TCase *tc = tcase_create("store_memory");

    tcase_set_timeout(tc, 250);
    tcase_add_loop_test(tc, a_push_without_memory_changes_nothing, 0, 4);
    tcase_add_loop_test(tc, an_unchecked_push_without_memory_changes_nothing, 0, 2);
    tcase_add_test(tc, new_store_without_memory);
    tcase_add_test(tc, reserving_a_family_without_memory);
    tcase_add_test(tc, deleting_without_memory);
    tcase_add_test(tc, view_and_wipe_without_memory);
    tcase_add_test(tc, wiping_gives_memory_back);
    tcase_add_test(tc, deleting_gives_memory_back);
    tcase_add_test(tc, views_hold_memory_until_they_close);
    tcase_add_test(tc, steady_pushes_hold_steady_memory);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
