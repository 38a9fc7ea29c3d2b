/* Which names a label may have, and which two cannot stand beside each other. */
#include "label_names.h"
#include "suite.h"

START_TEST(good_names)
{
    static const char *const good[] = {"a", "_a", "a__", "1", "a.b", "a:b", "\xc3\xa9", "le"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        ck_assert_msg(label_names_is_good(slice_of(good[i])), "%s", good[i]);
    ck_assert(!label_names_is_good(SLICE_LITERAL("")));
    ck_assert(!label_names_is_good(SLICE_LITERAL("__a")));
    ck_assert(!label_names_is_good(SLICE_LITERAL("a\0")));
    ck_assert(!label_names_is_good(SLICE_LITERAL("a\xff")));
}
END_TEST

/* "__name__" is what a scraper has the metric's own name in. */
START_TEST(names_of_the_metric)
{
    static const char *const bad[] = {
        "-_name__",
        "..name..",
        "\xc3\xa9_name_\xc3\xa9",
        "_.name\xf0\x9f\x98\x80_", /* by underscores */
        "-name_",
        "_name-",
        "\xc3\xa9name\xf0\x9f\x98\x80", /* by dots */
    };
    static const char *const good[] = {"_name_", "name", ".name.", "-names-", "..name.", "a-name"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(!label_names_is_good(slice_of(bad[i])), "%s", bad[i]);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        ck_assert_msg(label_names_is_good(slice_of(good[i])), "%s", good[i]);
}
END_TEST

static const struct {
    const char *names[3]; /* sorted */
    uint32_t first, second;
} cases[] = {
    {{"a", "b", "c"}, 0, 0},           {{"a.b", "b", "c"}, 0, 0},
    {{"a.b", "a.c", "a_d"}, 0, 0},     {{"a.b", "a_b", "c"}, 0, 1},
    {{"a-b", "a.b", "c"}, 0, 1},       {{"a", "b:", "b_"}, 1, 2},
    {{" ", "a", "\xc3\xa9"}, 0, 2},    {{"a.b", "a_dot_b", "c"}, 0, 1}, /* by dots */
    {{"U__a_2e_b", "a", "a.b"}, 0, 2},                                  /* by values */
};

START_TEST(alike)
{
    struct arena a = {0};
    struct label labels[3] = {{{0}, {0}}};
    uint32_t first, second;
    for (size_t i = 0; i < 3; i++)
        labels[i].name = slice_of(cases[_i].names[i]);
    ck_assert(label_names_find_alike(labels, 3, &a, &first, &second));
    ck_assert_uint_eq(first < second ? first : second, cases[_i].first);
    ck_assert_uint_eq(first < second ? second : first, cases[_i].second);
    ck_assert(label_names_find_alike(labels, 0, &a, &first, &second));
    ck_assert_uint_eq(first, second);
    arena_free(&a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("label_names");
    TCase *tc = tcase_create("label_names");
    tcase_add_test(tc, good_names);
    tcase_add_test(tc, names_of_the_metric);
    tcase_add_loop_test(tc, alike, 0, sizeof(cases) / sizeof(cases[0]));
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
