/* Targets: splitting, decoding once, cleaning, encoding; each as the published Go server does it.
 */
#include "target.h"

#include "suite.h"

static const struct {
    const char *target, *path, *query; /* path NULL: refused */
} splits[] = {
    {"/a/b", "/a/b", ""},
    {"/a?b=c?d", "/a", "b=c?d"},
    {"/?x", "/", "x"},
    {"//metrics/job/a", "//metrics/job/a", ""},
    {"/a#b", "/a#b", ""},
    {"/a:b/c", "/a:b/c", ""},
    {"*", "*", ""},
    {"http://host", "", ""},
    {"http://host?x", "", "x"},
    {"http://host:80/-/ready", "/-/ready", ""},
    {"http://[::1]/a", "/a", ""},
    {"http://[::1]:80/a", "/a", ""},
    {"http:///a", "/a", ""},
    {"http:/a", "/a", ""},
    {"foo:bar", "", ""},
    {"http://host:x/a", NULL, NULL},
    {"abc", NULL, NULL},
    {"?x", NULL, NULL},
    {"1a:b", NULL, NULL},
    {":80/a", NULL, NULL},
};

START_TEST(test_split)
{
    struct target t;
    bool ok = target_split(slice_of(splits[_i].target), &t);
    ck_assert_int_eq(ok, splits[_i].path != NULL);
    if (!ok)
        return;
    ck_assert(slice_equal(t.path, slice_of(splits[_i].path)));
    ck_assert(slice_equal(t.query, slice_of(splits[_i].query)));
    ck_assert_int_eq(t.asterisk, strcmp(splits[_i].target, "*") == 0);
}
END_TEST

static const struct {
    const char *path, *decoded;
    long length; /* -1: refused */
} decodings[] = {
    {"/a+b", "/a+b", 4},    {"/a%20b%2Fc", "/a b/c", 6}, {"/%c3%BC", "/\xc3\xbc", 3},
    {"/a%00b", "/a\0b", 4}, {"/%2525", "/%25", 4},       {"", "", 0},
    {"/%", NULL, -1},       {"/%4", NULL, -1},           {"/%zz", NULL, -1},
    {"/%4g", NULL, -1},
};

START_TEST(test_decode)
{
    char to[64];
    long n = target_decode(slice_of(decodings[_i].path), to);
    ck_assert_int_eq(n, decodings[_i].length);
    if (n > 0)
        ck_assert_mem_eq(to, decodings[_i].decoded, (size_t)n);
}
END_TEST

static const struct {
    const char *path, *clean;
} cleanings[] = {
    {"/", "/"},
    {"/a", "/a"},
    {"/a/", "/a/"},
    {"", "/"},
    {"//", "/"},
    {"//a//b", "/a/b"},
    {"/./a", "/a"},
    {"/a/.", "/a"},
    {"/a/..", "/"},
    {"/a/../b", "/b"},
    {"/../..", "/"},
    {"/a/b/../", "/a/"},
    {"/a/./b/./", "/a/b/"},
    {"/...", "/..."},
    {"/a/..b", "/a/..b"},
    {"/a//", "/a/"},
};

START_TEST(test_clean)
{
    struct buffer to = {0};
    struct slice path = slice_of(cleanings[_i].path);
    target_clean(path, &to);
    ck_assert_msg(slice_equal(buffer_slice(&to), slice_of(cleanings[_i].clean)), "%s gives %.*s",
                  cleanings[_i].path, SLICE_ARGS(buffer_slice(&to)));
    ck_assert_int_eq(target_is_clean(path), slice_equal(path, buffer_slice(&to)));
    buffer_free(&to);
}
END_TEST

START_TEST(test_encode)
{
    struct buffer to = {0};
    target_encode(SLICE_LITERAL("/a b/\xc3\xbc?%;:@&=+$,-_.~!'()*#\n"), &to);
    ck_assert(slice_equal(buffer_slice(&to),
                          SLICE_LITERAL("/a%20b/%C3%BC%3F%25;:@&=+$,-_.~%21%27%28%29%2A%23%0A")));
    buffer_free(&to);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof(*(array))))

int main(void)
{
    Suite *suite = suite_create("target");
    TCase *tc = tcase_create("target");
    tcase_add_loop_test(tc, test_split, 0, COUNT(splits));
    tcase_add_loop_test(tc, test_decode, 0, COUNT(decodings));
    tcase_add_loop_test(tc, test_clean, 0, COUNT(cleanings));
    tcase_add_test(tc, test_encode);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
