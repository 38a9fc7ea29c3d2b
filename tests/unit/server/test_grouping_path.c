#include "grouping_path.h"

#include "grouping_key.h"
#include "suite.h"
#include "target.h"

#include <stdlib.h>

static const struct {
    struct label labels[3];
    size_t n;
    const char *path;
} cases[] = {
    {{{SLICE_LITERAL("job"), SLICE_LITERAL("a")}}, 1, "job/a"},
    {{{SLICE_LITERAL("instance"), SLICE_LITERAL("db1")},
      {SLICE_LITERAL("job"), SLICE_LITERAL("backup")},
      {SLICE_LITERAL("zone"), SLICE_LITERAL("x.y-z_~")}},
     3,
     "job/backup/instance/db1/zone/x.y-z_~"},
    {{{SLICE_LITERAL("job"), SLICE_LITERAL("a b+c%d?&#\"<é")}},
     1,
     "job/a%20b%2Bc%25d%3F%26%23%22%3C%C3%A9"},
    {{{SLICE_LITERAL("instance"), SLICE_LITERAL("")}, {SLICE_LITERAL("job"), SLICE_LITERAL("a/b")}},
     2,
     "job@base64/YS9i/instance@base64/="},
    {{{SLICE_LITERAL("job"), SLICE_LITERAL("..")}, {SLICE_LITERAL("l"), SLICE_LITERAL(".")}},
     2,
     "job@base64/Li4/l@base64/Lg"},
    {{{SLICE_LITERAL("job"), SLICE_LITERAL("\n")}, {SLICE_LITERAL("l"), SLICE_LITERAL("///")}},
     2,
     "job@base64/Cg/l@base64/Ly8v"},
    {{{SLICE_LITERAL("a.b"), SLICE_LITERAL("@base64")}, {SLICE_LITERAL("job"), SLICE_LITERAL("j")}},
     2,
     "job/j/U__a_2e_b/%40base64"},
    {{{SLICE_LITERAL("job"), SLICE_LITERAL("/\xc3\xbf\xc2\xbe")}}, 1, "job@base64/L8O_wr4"},
};

START_TEST(keys_come_back_from_paths)
{
    struct buffer path = {0};
    struct arena a = {0};
    struct group_key key = {cases[_i].labels, cases[_i].n}, back;
    struct error e;
    char decoded[256];

    grouping_path_write(&path, key);
    buffer_byte(&path, '\0');
    ck_assert_str_eq(path.p, cases[_i].path);
    long length = target_decode((struct slice){path.p, path.len - 1}, decoded);
    ck_assert_int_ge(length, 0);
    ck_assert_msg(grouping_key_parse((struct slice){decoded, (size_t)length}, true, &a, &back, &e),
                  "%s", e.message);
    ck_assert_uint_eq(back.n_labels, key.n_labels);
    for (size_t i = 0; i < key.n_labels; i++) {
        ck_assert(slice_equal(back.labels[i].name, key.labels[i].name));
        ck_assert(slice_equal(back.labels[i].value, key.labels[i].value));
    }
    buffer_free(&path);
    arena_free(&a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("grouping_path");
    TCase *tc = tcase_create("all");
    tcase_add_loop_test(tc, keys_come_back_from_paths, 0, sizeof(cases) / sizeof(cases[0]));
    suite_add_tcase(s, tc);
    return suite_run(s);
}
