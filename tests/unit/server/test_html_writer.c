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
    const char *text;
} cases[] = {
    {{"", 0}, ""},
    {{"plain-1._~", 10}, "plain-1._~"},
    {{"<a href=\"x\" b='y'>&amp;", 23}, "&lt;a href=&#34;x&#34; b=&#39;y&#39;&gt;&amp;amp;"},
    {{"\xc3\xbc/\xf0\x9f\x98\x80", 7}, "\xc3\xbc/\xf0\x9f\x98\x80"},
    {{"\xff\0\xc3", 3}, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
};

START_TEST(nothing_of_a_text_is_taken_for_html)
{
    struct buffer out = {0};
    html_writer_text(&out, cases[_i].in);
    check_written(&out, cases[_i].text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("html_writer");
    TCase *tc = tcase_create("all");
    tcase_add_loop_test(tc, nothing_of_a_text_is_taken_for_html, 0,
                        sizeof(cases) / sizeof(cases[0]));
    suite_add_tcase(s, tc);
    return suite_run(s);
}
