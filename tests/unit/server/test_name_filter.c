#include "name_filter.h"
#include "suite.h"

static const struct {
    const char *query, *name;
    bool passes;
} cases[] = {
    {"", "up", true},
    {"x=y&name=down", "up", true},
    {"name[]=up", "up", true},
    {"name[]=up", "upp", false},
    {"name[]=up", "u", false},
    {"name%5B%5D=up", "up", true},
    {"name%5b%5d=up&x", "down", false},
    {"name[]=b&name[]=c&name[]=a", "a", true},
    {"name[]=b&name[]=c&name[]=a", "b", true},
    {"name[]=b&name[]=c&name[]=a", "c", true},
    {"name[]=b&name[]=c&name[]=a", "d", false},
    {"name[]=a+b%2Fc%zz", "a b/c%zz", true},
    {"name[]", "up", false},
    {"name[]=", "", true},
    {"&&name[]=up&", "up", true},
    {"name[]=a=b", "a=b", true},
    {"name[]=up%2", "up%2", true},
};

START_TEST(families_pass_by_name)
{
    struct arena a = {0};
    struct name_filter f;
    ck_assert(name_filter_parse(&f, slice_of(cases[_i].query), &a));
    ck_assert_int_eq(name_filter_passes(&f, slice_of(cases[_i].name)), cases[_i].passes);
    arena_free(&a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("name_filter");
    TCase *tc = tcase_create("all");
    tcase_add_loop_test(tc, families_pass_by_name, 0, sizeof(cases) / sizeof(cases[0]));
    suite_add_tcase(s, tc);
    return suite_run(s);
}
