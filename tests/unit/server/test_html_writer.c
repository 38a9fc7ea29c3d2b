#include "html_writer.h"
#include "suite.h"

static void check_written(struct buffer *out, const char *want)
{
    buffer_byte(out, '\0');
    ck_assert(!out->failed);
    ck_assert_str_eq(out->p, want);
    buffer_free(out);
}

static const struct {
    struct slice in;
    const char *text, *query_value;
} cases[] = {
    {{"", 0}, "", ""},
    {{"plain-1._~", 10}, "plain-1._~", "plain-1._~"},
    {{"<a href=\"x\" b='y'>&amp;", 23},
     "&lt;a href=&#34;x&#34; b=&#39;y&#39;&gt;&amp;amp;",
     "%3Ca%20href%3D%22x%22%20b%3D%27y%27%3E%26amp%3B"},
    {{"\xc3\xbc/\xf0\x9f\x98\x80", 7}, "\xc3\xbc/\xf0\x9f\x98\x80", "%C3%BC%2F%F0%9F%98%80"},
    {{"\xff\0\xc3", 3}, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "%FF%00%C3"},
};

START_TEST(nothing_of_a_text_is_taken_for_html)
{
    struct buffer out = {0};
    html_writer_text(&out, cases[_i].in);
    check_written(&out, cases[_i].text);
}
END_TEST

START_TEST(nothing_of_a_value_is_taken_for_a_url)
{
    struct buffer out = {0};
    html_writer_query_value(&out, cases[_i].in);
    check_written(&out, cases[_i].query_value);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("html_writer");
    TCase *tc = tcase_create("all");
    int n = sizeof(cases) / sizeof(cases[0]);
    tcase_add_loop_test(tc, nothing_of_a_text_is_taken_for_html, 0, n);
    tcase_add_loop_test(tc, nothing_of_a_value_is_taken_for_a_url, 0, n);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
