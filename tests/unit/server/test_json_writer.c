#include "json_writer.h"
#include "suite.h"

#include <math.h>

static void check_written(struct buffer *out, const char *want)
{
    ck_assert(!out->failed);
    buffer_byte(out, '\0');
    ck_assert_str_eq(out->p, want);
    buffer_free(out);
}

#define TEXT(bytes, escaped)                                                                       \
    {                                                                                              \
        {(bytes), sizeof(bytes) - 1}, "\"" escaped "\""                                            \
    }

static const struct {
    struct slice in;
    const char *want;
} string_cases[] = {
    TEXT("", ""),
    TEXT("plain", "plain"),
    TEXT("\"\\", "\\\"\\\\"),
    TEXT("\b\f\n\r\t", "\\b\\f\\n\\r\\t"),
    TEXT("\0\x01\x0b\x1f", "\\u0000\\u0001\\u000b\\u001f"),
    TEXT("\x7f/'", "\x7f/'"),
    TEXT("<a&b>", "\\u003ca\\u0026b\\u003e"),
    TEXT("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa",
         "\xe2\x80\xa7\\u2028\\u2029\xe2\x80\xaa"),
    TEXT("\xc2\x85\xef\xbf\xbd\xf4\x8f\xbf\xbf", "\xc2\x85\xef\xbf\xbd\xf4\x8f\xbf\xbf"),
    TEXT("a\xff\xc0\x80"
         "b",
         "a\\ufffd\\ufffd\\ufffdb"),
    TEXT("\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"),            /* a surrogate */
    TEXT("\xe0\x9f\xbf", "\\ufffd\\ufffd\\ufffd"),            /* overlong */
    TEXT("\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd"), /* above U+10FFFF */
    TEXT("x\xe2\x80", "x\\ufffd\\ufffd"),                     /* cut off */
};

START_TEST(strings_are_escaped_as_go_does)
{
    struct buffer out = {0};
    struct json_writer w = {.out = &out};
    json_writer_string(&w, string_cases[_i].in);
    check_written(&out, string_cases[_i].want);
}
END_TEST

static const struct {
    double value;
    const char *want;
} float_cases[] = {
    {0, "\"0\""},           {-0.0, "\"-0\""},        {1, "\"1\""},        {999999, "\"999999\""},
    {1e6, "\"1e+06\""},     {-2.5, "\"-2.5\""},      {1e-5, "\"1e-05\""}, {NAN, "\"NaN\""},
    {INFINITY, "\"+Inf\""}, {-INFINITY, "\"-Inf\""},
};

START_TEST(floats_are_printed_as_go_does)
{
    struct buffer out = {0};
    struct json_writer w = {.out = &out};
    json_writer_quoted_float(&w, float_cases[_i].value);
    check_written(&out, float_cases[_i].want);
}
END_TEST

START_TEST(commas_stand_between_values_only)
{
    struct buffer out = {0};
    struct json_writer w = {.out = &out};
    json_writer_object(&w);
    json_writer_key(&w, SLICE_LITERAL("a"));
    json_writer_array(&w);
    json_writer_end_array(&w);
    json_writer_key(&w, SLICE_LITERAL("b"));
    json_writer_array(&w);
    json_writer_uint(&w, 1);
    json_writer_quoted_uint(&w, UINT64_MAX);
    json_writer_object(&w);
    json_writer_end_object(&w);
    json_writer_object(&w);
    json_writer_key(&w, SLICE_LITERAL("c<"));
    json_writer_bool(&w, true);
    json_writer_key(&w, SLICE_LITERAL("d"));
    json_writer_text(&w, "x");
    json_writer_end_object(&w);
    json_writer_end_array(&w);
    json_writer_key(&w, SLICE_LITERAL("e"));
    json_writer_bool(&w, false);
    json_writer_end_object(&w);
    check_written(&out, "{\"a\":[],\"b\":[1,\"18446744073709551615\",{},"
                        "{\"c\\u003c\":true,\"d\":\"x\"}],\"e\":false}");
}
END_TEST

START_TEST(the_buffer_may_change)
{
    struct buffer first = {0}, second = {0};
    struct json_writer w = {.out = &first};
    json_writer_array(&w);
    json_writer_uint(&w, 1);
    w.out = &second;
    json_writer_uint(&w, 2);
    json_writer_end_array(&w);
    check_written(&first, "[1");
    check_written(&second, ",2]");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("json_writer");
    TCase *tc = tcase_create("all");
    tcase_add_loop_test(tc, strings_are_escaped_as_go_does, 0,
                        sizeof(string_cases) / sizeof(string_cases[0]));
    tcase_add_loop_test(tc, floats_are_printed_as_go_does, 0,
                        sizeof(float_cases) / sizeof(float_cases[0]));
    tcase_add_test(tc, commas_stand_between_values_only);
    tcase_add_test(tc, the_buffer_may_change);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
