/* The store against its naive twin: random pushes, deletions and wipes, compared after each. */
#include "suite.h"
#include "world.h"

#include "require.h"

#include <stdio.h>

/* Valgrind is slow: PGW_TEST_STEPS takes fewer. */
static long steps(long usual)
{
    const char *asked = getenv("PGW_TEST_STEPS");
    return asked ? strtol(asked, NULL, 0) : usual;
}

static uint64_t announce(int loop)
{
    uint64_t seed = dice_seed(20) + (uint64_t)loop;
    /* Read by whoever looks at a failure; check shows no locals. */
    fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    return seed;
}

static struct world w;

static void run(uint64_t seed, bool unchecked, struct store_limits limits)
{
    long n = steps(6000);

    world_open_limited(&w, seed, unchecked, limits);
    for (long i = 0; i < n; i++) {
        world_step(&w);
        if (dice_percent(&w.dice, 20))
            store_reclaim(w.store);
        world_compare(&w);
    }
    while (store_reclaim(w.store))
        ;
    world_compare(&w);
    ck_assert_uint_gt(w.applied, (size_t)n / 5);
    ck_assert(unchecked || w.refused > (size_t)n / 10);
    ck_assert_uint_gt(w.untouched, 0);
}

START_TEST(checked)
{
    run(announce(_i), false, (struct store_limits){0});
    ck_assert_uint_eq(w.limited, 0);
    world_close(&w);
}
END_TEST

START_TEST(unchecked)
{
    run(announce(_i), true, (struct store_limits){0});
    world_close(&w);
}
END_TEST

/* Within what a run comes to by itself, each limit is met often. */
static const struct store_limits limits[] = {
    {.groups = 9},
    {.series = 28},
    {.series_per_group = 5},
    {.groups = 10, .series = 30, .series_per_group = 8},
};

START_TEST(limited)
{
    run(announce(_i), _i % 2, limits[_i / 2]);
    ck_assert_uint_gt(w.limited, w.applied / 20);
    world_close(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_model");
    TCase *tc = tcase_create("store_model");

    tcase_set_timeout(tc, 250);
    tcase_add_loop_test(tc, checked, 0, 6);
    tcase_add_loop_test(tc, unchecked, 0, 4);
    tcase_add_loop_test(tc, limited, 0, 2 * (int)(sizeof(limits) / sizeof(*limits)));
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
