#include "go_quote.h"
#include "suite.h"

static const struct {
    struct slice text;
    const char *quoted;
} cases[] = {
    {SLICE_LITERAL(""), "\"\""},
    {SLICE_LITERAL("plain ~"), "\"plain ~\""},
    {SLICE_LITERAL("a\"b\\c"), "\"a\\\"b\\\\c\""},
    {SLICE_LITERAL("\a\b\t\n\v\f\r"), "\"\\a\\b\\t\\n\\v\\f\\r\""},
    {SLICE_LITERAL("x\0y\x1f\x7f"), "\"x\\x00y\\x1f\\x7f\""},
    {SLICE_LITERAL("\xff\xc3"), "\"\\xff\\xc3\""},
    {SLICE_LITERAL("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
     "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
    {SLICE_LITERAL("\xc2\xa0\xe2\x80\x8b\xef\xbb\xbf"), "\"\\u00a0\\u200b\\ufeff\""},
    {SLICE_LITERAL("\xf3\xa0\x80\x81"), "\"\\U000e0001\""},
    {SLICE_LITERAL("\xed\xa0\x80"), "\"\\xed\\xa0\\x80\""},
    {SLICE_LITERAL("\xc0\x80"), "\"\\xc0\\x80\""},
    {SLICE_LITERAL("\xf4\x90\x80\x80"), "\"\\xf4\\x90\\x80\\x80\""},
    {SLICE_LITERAL("\xef\xbf\xbd"), "\"\xef\xbf\xbd\""},
};

START_TEST(quotes)
{
    struct buffer out = {0};

    go_quote(&out, cases[_i].text);
    buffer_byte(&out, '\0');
    ck_assert(!out.failed);
    ck_assert_str_eq(out.p, cases[_i].quoted);
    buffer_free(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("go_quote");
    TCase *tc = tcase_create("go_quote");

    tcase_add_loop_test(tc, quotes, 0, sizeof(cases) / sizeof(*cases));
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
