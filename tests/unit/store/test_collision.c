#include "collision.h"
#include "suite.h"

#include <stdio.h>

enum {
    HISTOGRAMS = 1u << METRIC_HISTOGRAM | 1u << METRIC_GAUGE_HISTOGRAM,
    PARTS_OF_ANY = 1u << METRIC_SUMMARY | HISTOGRAMS,
};

static const struct {
    const char *name;
    enum metric_type type;
    struct {
        const char *name; /* NULL: no more */
        unsigned types;
        bool is_part_of_other;
    } wanted[COLLISIONS_MAX];
} cases[] = {
    {"m", METRIC_GAUGE, {{0}}},
    {"g",
     METRIC_GAUGE_HISTOGRAM,
     {{"g_count", ~0u, false}, {"g_sum", ~0u, false}, {"g_bucket", ~0u, false}}},
    {"s", METRIC_SUMMARY, {{"s_count", ~0u, false}, {"s_sum", ~0u, false}}},
    {"h",
     METRIC_HISTOGRAM,
     {{"h_count", ~0u, false}, {"h_sum", ~0u, false}, {"h_bucket", ~0u, false}}},
    {"x_count", METRIC_COUNTER, {{"x", PARTS_OF_ANY, true}}},
    {"x_sum", METRIC_COUNTER, {{"x", PARTS_OF_ANY, true}}},
    {"x_bucket", METRIC_UNTYPED, {{"x", HISTOGRAMS, true}}},
    {"x_sum_count", METRIC_GAUGE, {{"x_sum", PARTS_OF_ANY, true}}},
    {"x_sum",
     METRIC_SUMMARY,
     {{"x", PARTS_OF_ANY, true}, {"x_sum_count", ~0u, false}, {"x_sum_sum", ~0u, false}}},
    {"_count", METRIC_GAUGE, {{0}}},
    {"xcount", METRIC_GAUGE, {{0}}},
    {"x_counts", METRIC_GAUGE, {{0}}},
    {"_sum", METRIC_SUMMARY, {{"_sum_count", ~0u, false}, {"_sum_sum", ~0u, false}}},
};

START_TEST(gives_all_collisions)
{
    struct slice name = slice_of(cases[_i].name);
    char *room = malloc(name.len + COLLISION_SUFFIX_MAX);
    unsigned given = 0;

    for (unsigned i = 0; i < COLLISIONS_MAX; i++) {
        struct collision c;
        if (!collision_get(name, cases[_i].type, i, room, &c))
            continue;
        ck_assert_ptr_nonnull(cases[_i].wanted[given].name);
        ck_assert(slice_equal(c.name, slice_of(cases[_i].wanted[given].name)));
        ck_assert_uint_eq(c.types, cases[_i].wanted[given].types);
        ck_assert_int_eq(c.is_part_of_other, cases[_i].wanted[given].is_part_of_other);
        given++;
    }
    ck_assert(given == COLLISIONS_MAX || !cases[_i].wanted[given].name);
    free(room);
}
END_TEST

static bool has(struct slice name, enum metric_type type, struct slice other,
                enum metric_type other_type)
{
    char room[64];
    for (unsigned i = 0; i < COLLISIONS_MAX; i++) {
        struct collision c;
        if (collision_get(name, type, i, room, &c) && slice_equal(c.name, other) &&
            c.types & 1u << other_type)
            return true;
    }
    return false;
}

/* Whichever of two comes second finds the first. */
START_TEST(is_symmetric)
{
    static const char *const names[] = {"h", "h_count", "h_sum", "h_bucket", "h_sum_count", "x"};
    enum { NAMES = sizeof(names) / sizeof(*names) };
    unsigned found = 0;

    for (unsigned i = 0; i < NAMES * NAMES * METRIC_TYPES * METRIC_TYPES; i++) {
        struct slice a = slice_of(names[i % NAMES]), b = slice_of(names[i / NAMES % NAMES]);
        enum metric_type ta = i / (NAMES * NAMES) % METRIC_TYPES,
                         tb = i / (NAMES * NAMES * METRIC_TYPES);
        ck_assert_int_eq(has(a, ta, b, tb), has(b, tb, a, ta));
        found += has(a, ta, b, tb);
    }
    ck_assert_uint_gt(found, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("collision");
    TCase *tc = tcase_create("collision");

    tcase_add_loop_test(tc, gives_all_collisions, 0, sizeof(cases) / sizeof(*cases));
    tcase_add_test(tc, is_symmetric);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
