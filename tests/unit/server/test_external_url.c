#include "external_url.h"
#include "suite.h"

static const struct {
    const char *url, *path;
} good[] = {
    {"", ""},
    {"http://foo", ""},
    {"http://foo:80/a%20b/?x=%zz#y", "/a b/"},
    {"http://u:p@h/x", "/x"},
    {"http://[::1]:9091/x", "/x"},
    {"http://h:/x", "/x"},
    {"http://h/a b", "/a b"},
    {"//h/x", "/x"},
    {"///x", "///x"},
    {"x/y:z", "x/y:z"},
    {"mailto:someone", ""},
    {"file:///x", "/x"},
    {"a b", "a b"},
    {"*", "*"},
};

START_TEST(finds_the_path)
{
    struct arena a = {0};
    struct error e = {0};
    const char *path = NULL;

    ck_assert_msg(external_url_path(good[_i].url, &a, &path, &e), "%s", e.message);
    ck_assert_str_eq(path, good[_i].path);
    arena_free(&a);
}
END_TEST

static const struct {
    const char *url, *message;
} bad[] = {
    {":bad", "parse \":bad\": missing protocol scheme"},
    {"http://a/%zz", "parse \"http://a/%zz\": invalid URL escape \"%zz\""},
    {"http://a/%4", "parse \"http://a/%4\": invalid URL escape \"%4\""},
    {"http://a/#%4", "parse \"http://a/#%4\": invalid URL escape \"%4\""},
    {"http://a b/", "parse \"http://a b/\": invalid character \" \" in host name"},
    {"http://[::1", "parse \"http://[::1\": missing ']' in host"},
    {"http://h:port/", "parse \"http://h:port/\": invalid port \":port\" after host"},
    {"http://[::1]x", "parse \"http://[::1]x\": invalid port \"x\" after host"},
    {"http://u x@h", "parse \"http://u x@h\": net/url: invalid userinfo"},
    {"a\nb", "parse \"a\\nb\": net/url: invalid control character in URL"},
    {"1a:b", "parse \"1a:b\": first path segment in URL cannot contain colon"},
};

START_TEST(refuses)
{
    struct arena a = {0};
    struct error e = {0};
    const char *path;

    ck_assert_msg(!external_url_path(bad[_i].url, &a, &path, &e), "%s", bad[_i].url);
    ck_assert_str_eq(e.message, bad[_i].message);
    arena_free(&a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("external_url");
    TCase *tc = tcase_create("external_url");

    tcase_add_loop_test(tc, finds_the_path, 0, sizeof(good) / sizeof(*good));
    tcase_add_loop_test(tc, refuses, 0, sizeof(bad) / sizeof(*bad));
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
