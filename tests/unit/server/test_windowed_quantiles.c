#include "suite.h"
#include "windowed_quantiles.h"

#include <math.h>
#include <stdbool.h>

static const uint64_t MINUTE = 60ull * 1000000000ull;
static const double ranks[] = {0.1, 0.5, 0.9};

/* Observes 1..n times scale at one moment, shuffled by a stride that is prime to n. */
static void observe_row(struct windowed_quantiles *w, uint64_t now, unsigned n, double scale)
{
    for (unsigned i = 0; i < n; i++)
        windowed_quantiles_observe(w, now, (double)((uint64_t)i * 7919 % n + 1) * scale);
}

static const struct {
    unsigned n;
    double scale;
} row_cases[] = {{1, 3.25}, {2, 1}, {3, 0.001}, {10, 1}, {100, 1e-6}, {1000, 1e-7}, {10007, 1e5}};

START_TEST(quantiles_are_within_one_percent)
{
    unsigned n = row_cases[_i].n;
    double scale = row_cases[_i].scale, got[3];
    struct windowed_quantiles *w = windowed_quantiles_new(-24, 36);

    observe_row(w, MINUTE, n, scale);
    windowed_quantiles_query(w, MINUTE, ranks, 3, got);
    for (int i = 0; i < 3; i++) {
        double want = ceil(ranks[i] * n) * scale;
        ck_assert_msg(fabs(got[i] - want) <= want * 0.008, "rank %g: %g, not %g", ranks[i], got[i],
                      want);
    }
    ck_assert_uint_eq(windowed_quantiles_count(w), n);
    ck_assert_double_eq_tol(windowed_quantiles_sum(w), n * (n + 1.0) / 2 * scale,
                            n * (n + 1.0) * scale * 1e-9);
    windowed_quantiles_free(w);
}
END_TEST

START_TEST(least_and_greatest_are_exact)
{
    double got[3];
    struct windowed_quantiles *w = windowed_quantiles_new(0, 36);
    windowed_quantiles_observe(w, 0, 136);
    windowed_quantiles_observe(w, 0, 140);
    windowed_quantiles_observe(w, 0, 679);
    windowed_quantiles_query(w, 0, ranks, 3, got);
    ck_assert_double_eq(got[0], 136);
    ck_assert_double_eq_tol(got[1], 140, 1.4);
    ck_assert_double_eq(got[2], 679);
    windowed_quantiles_free(w);
}
END_TEST

START_TEST(an_empty_window_is_nan)
{
    double got[3];
    struct windowed_quantiles *w = windowed_quantiles_new(-24, 10);
    windowed_quantiles_query(w, 5 * MINUTE, ranks, 3, got);
    for (int i = 0; i < 3; i++)
        ck_assert(isnan(got[i]));
    windowed_quantiles_free(w);
}
END_TEST

/* When a value observed at minute 20 (the beginning of an age bucket) is no longer in the window.
 */
static const struct {
    uint64_t minute;
    bool there;
} age_cases[] = {{20, true},  {21, true},  {24, true},  {29, true},
                 {30, false}, {31, false}, {500, false}};

START_TEST(values_age)
{
    double got[3];
    struct windowed_quantiles *w = windowed_quantiles_new(-24, 10);
    windowed_quantiles_observe(w, 20 * MINUTE, 5);
    windowed_quantiles_query(w, age_cases[_i].minute * MINUTE, ranks, 3, got);
    ck_assert_int_eq(!isnan(got[1]), age_cases[_i].there);
    ck_assert_uint_eq(windowed_quantiles_count(w), 1);
    windowed_quantiles_free(w);
}
END_TEST

START_TEST(old_values_make_room_for_new_ones)
{
    double got[3];
    struct windowed_quantiles *w = windowed_quantiles_new(-24, 10);
    for (uint64_t minute = 0; minute < 60; minute++)
        windowed_quantiles_observe(w, minute * MINUTE, minute < 50 ? 100 : 1);
    windowed_quantiles_query(w, 59 * MINUTE, ranks, 3, got);
    ck_assert_double_eq(got[2], 1);
    ck_assert_uint_eq(windowed_quantiles_count(w), 60);
    windowed_quantiles_free(w);
}
END_TEST

static const double odd_values[] = {0, -5, 1e-300, 1e300, INFINITY, -INFINITY};

START_TEST(values_outside_the_range_are_counted)
{
    double got[3];
    struct windowed_quantiles *w = windowed_quantiles_new(-24, 10);
    for (int i = 0; i < 3; i++)
        windowed_quantiles_observe(w, 0, odd_values[_i]);
    windowed_quantiles_query(w, 0, ranks, 3, got);
    ck_assert_double_eq(got[0], odd_values[_i]);
    ck_assert_double_eq(got[1], odd_values[_i]);
    ck_assert_double_eq(got[2], odd_values[_i]);
    windowed_quantiles_free(w);
}
END_TEST

START_TEST(not_a_number_does_no_harm)
{
    double got[3];
    struct windowed_quantiles *w = windowed_quantiles_new(-24, 10);
    windowed_quantiles_observe(w, 0, NAN);
    windowed_quantiles_observe(w, 0, 2);
    windowed_quantiles_query(w, 0, ranks, 3, got);
    ck_assert_uint_eq(windowed_quantiles_count(w), 2);
    windowed_quantiles_free(w);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("windowed_quantiles");
    TCase *tc = tcase_create("all");
    tcase_set_timeout(tc, 60); /* slow machines, sanitizers */
    tcase_add_loop_test(tc, quantiles_are_within_one_percent, 0,
                        sizeof(row_cases) / sizeof(row_cases[0]));
    tcase_add_test(tc, least_and_greatest_are_exact);
    tcase_add_test(tc, an_empty_window_is_nan);
    tcase_add_loop_test(tc, values_age, 0, sizeof(age_cases) / sizeof(age_cases[0]));
    tcase_add_test(tc, old_values_make_room_for_new_ones);
    tcase_add_loop_test(tc, values_outside_the_range_are_counted, 0,
                        sizeof(odd_values) / sizeof(odd_values[0]));
    tcase_add_test(tc, not_a_number_does_no_harm);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
