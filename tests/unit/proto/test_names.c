#include "names.h"
#include "suite.h"
#include "utf8.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    struct slice name;
    bool metric, label;
} legacy[] = {
    {SLICE_LITERAL("a"), true, true},          {SLICE_LITERAL("_"), true, true},
    {SLICE_LITERAL("aZ09_"), true, true},      {SLICE_LITERAL("__name__"), true, true},
    {SLICE_LITERAL("a:b"), true, false},       {SLICE_LITERAL(":"), true, false},
    {SLICE_LITERAL(""), false, false},         {SLICE_LITERAL("1a"), false, false},
    {SLICE_LITERAL("a-b"), false, false},      {SLICE_LITERAL("a.b"), false, false},
    {SLICE_LITERAL("a b"), false, false},      {SLICE_LITERAL("a\0"), false, false},
    {SLICE_LITERAL("\xc3\xa9"), false, false}, {SLICE_LITERAL("a\xc3\xa9"), false, false},
};

START_TEST(tells_legacy_names)
{
    ck_assert_int_eq(names_is_legacy_metric(legacy[_i].name), legacy[_i].metric);
    ck_assert_int_eq(names_is_legacy_label(legacy[_i].name), legacy[_i].label);
}
END_TEST

static const struct {
    struct slice text;
    bool ok;
} utf8_cases[] = {
    {SLICE_LITERAL(""), true},
    {SLICE_LITERAL("plain text, longer than eight"), true},
    {SLICE_LITERAL("\0"), true},
    {SLICE_LITERAL("\x7f"), true},
    {SLICE_LITERAL("\xc2\x80"), true},
    {SLICE_LITERAL("\xdf\xbf"), true},
    {SLICE_LITERAL("\xe0\xa0\x80"), true},
    {SLICE_LITERAL("\xed\x9f\xbf"), true},
    {SLICE_LITERAL("\xee\x80\x80"), true},
    {SLICE_LITERAL("\xef\xbf\xbf"), true},
    {SLICE_LITERAL("\xf0\x90\x80\x80"), true},
    {SLICE_LITERAL("\xf4\x8f\xbf\xbf"), true},
    {SLICE_LITERAL("seven..\xc3\xa9 and so on........\xc3\xa9"), true},
    {SLICE_LITERAL("\x80"), false},             /* continuation alone */
    {SLICE_LITERAL("\xc3"), false},             /* cut off */
    {SLICE_LITERAL("\xe2\x82"), false},         /* cut off */
    {SLICE_LITERAL("\xf0\x9f\x98"), false},     /* cut off */
    {SLICE_LITERAL("\xc0\x80"), false},         /* overlong */
    {SLICE_LITERAL("\xc1\xbf"), false},         /* overlong */
    {SLICE_LITERAL("\xe0\x9f\xbf"), false},     /* overlong */
    {SLICE_LITERAL("\xf0\x8f\xbf\xbf"), false}, /* overlong */
    {SLICE_LITERAL("\xed\xa0\x80"), false},     /* surrogate */
    {SLICE_LITERAL("\xed\xbf\xbf"), false},     /* surrogate */
    {SLICE_LITERAL("\xf4\x90\x80\x80"), false}, /* beyond U+10FFFF */
    {SLICE_LITERAL("\xf5\x80\x80\x80"), false},
    {SLICE_LITERAL("\xff"), false},
    {SLICE_LITERAL("sixteen bytes ok\xff"), false},
    {SLICE_LITERAL("\xc3\x28"), false},
};

START_TEST(tells_names)
{
    ck_assert(names_is_name(SLICE_LITERAL("a b\n\xc3\xa9")));
    ck_assert(!names_is_name(SLICE_LITERAL("")));
    ck_assert(!names_is_name(SLICE_LITERAL("a\0b")));
    ck_assert(!names_is_name(SLICE_LITERAL("a\xff")));
}
END_TEST

START_TEST(tells_utf8)
{
    ck_assert_int_eq(names_is_utf8(utf8_cases[_i].text), utf8_cases[_i].ok);
}
END_TEST

START_TEST(encodes_what_it_decodes)
{
    for (uint32_t v = 0; v <= 0x10ffff; v++) {
        if (!utf8_is_code_point(v))
            continue;
        char bytes[UTF8_MAX];
        uint32_t back = 0;
        size_t n = utf8_encode(v, bytes);
        if (utf8_decode((struct slice){bytes, n}, &back) != n || back != v)
            ck_abort_msg("U+%04X comes back as U+%04X", v, back);
    }
}
END_TEST

static const struct {
    struct slice name;
    const char *underscores, *dots, *values;
} escapes[] = {
    {SLICE_LITERAL(""), "", "", ""},
    {SLICE_LITERAL("no_change:1"), "no_change:1", "no_change:1", "no_change:1"},
    {SLICE_LITERAL("my.metric"), "my_metric", "my_dot_metric", "U__my_2e_metric"},
    {SLICE_LITERAL("a_b.c"), "a_b_c", "a__b_dot_c", "U__a__b_2e_c"},
    {SLICE_LITERAL("1a"), "_a", "__a", "U___31_a"},
    {SLICE_LITERAL("a b"), "a_b", "a__b", "U__a_20_b"},
    {SLICE_LITERAL("a\nb"), "a_b", "a__b", "U__a_a_b"},
    {SLICE_LITERAL("\xc3\xa9t\xc3\xa9"), "_t_", "__t__", "U___e9_t_e9_"},
    {SLICE_LITERAL("x\xf0\x9f\x98\x80"), "x_", "x__", "U__x_1f600_"},
    {SLICE_LITERAL("x\xff\xfe"), "x__", "x____", "U__x_fffd__fffd_"},
};

static void check_escape(struct slice name, enum escaping escaping, struct slice want)
{
    struct buffer out = {0};
    buffer_byte(&out, '>');
    names_escape(&out, name, escaping);
    ck_assert(!out.failed);
    buffer_byte(&out, '\0');
    ck_assert_uint_eq(out.len, want.len + 2);
    ck_assert_str_eq(out.p + 1, want.p);
    buffer_free(&out);
}

START_TEST(escapes_names)
{
    check_escape(escapes[_i].name, ESCAPING_NONE, escapes[_i].name);
    check_escape(escapes[_i].name, ESCAPING_UNDERSCORES, slice_of(escapes[_i].underscores));
    check_escape(escapes[_i].name, ESCAPING_DOTS, slice_of(escapes[_i].dots));
    check_escape(escapes[_i].name, ESCAPING_VALUES, slice_of(escapes[_i].values));
}
END_TEST

START_TEST(escapes_names_of_labels)
{
    static const char *const wanted[] = {"a:b", "a_b", "a__b", "U__a_3a_b"};
    for (enum escaping e = ESCAPING_NONE; e <= ESCAPING_VALUES; e++) {
        struct buffer out = {0};
        names_escape_label(&out, SLICE_LITERAL("a:b"), e);
        ck_assert(slice_equal(buffer_slice(&out), slice_of(wanted[e])));
        buffer_free(&out);
    }
}
END_TEST

static const struct {
    const char *escaped, *plain;
} unescapes[] = {
    {"", ""},
    {"plain", "plain"},
    {"U_", "U_"},
    {"U__", ""},
    {"U__my_2e_metric", "my.metric"},
    {"U__my_2E_metric", "my.metric"},
    {"U__a__b_2e_c", "a_b.c"},
    {"U____", "_"},
    {"U___e9_t_e9_", "\xc3\xa9t\xc3\xa9"},
    {"U__x_1f600_", "x\xf0\x9f\x98\x80"},
    {"U__x_0002e_", "x."},
    {"u__my_2e_metric", "u__my_2e_metric"},
    /* What does not decode stays as it is. */
    {"U__a_", "U__a_"},
    {"U__a_2e", "U__a_2e"},
    {"U__a_2g_", "U__a_2g_"},
    {"U__a_d800_", "U__a_d800_"},
    {"U__a_10ffff_", "U__a_10ffff_"},
    {"U__a_00002e_", "U__a_00002e_"},
    {"U__b_2e_a_zz_", "U__b_2e_a_zz_"},
};

START_TEST(unescapes_names)
{
    struct buffer out = {0};
    buffer_byte(&out, '>');
    names_unescape_values(&out, slice_of(unescapes[_i].escaped));
    ck_assert(!out.failed);
    buffer_byte(&out, '\0');
    ck_assert_str_eq(out.p + 1, unescapes[_i].plain);
    buffer_free(&out);
}
END_TEST

static const struct {
    enum escaping escaping;
    const char *token;
} tokens[] = {
    {ESCAPING_NONE, "allow-utf-8"},
    {ESCAPING_UNDERSCORES, "underscores"},
    {ESCAPING_DOTS, "dots"},
    {ESCAPING_VALUES, "values"},
};

START_TEST(names_the_schemes)
{
    ck_assert_str_eq(names_escaping_token(tokens[_i].escaping), tokens[_i].token);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("names");
    TCase *tc = tcase_create("names");
    tcase_add_loop_test(tc, tells_legacy_names, 0, COUNT(legacy));
    tcase_add_test(tc, tells_names);
    tcase_add_test(tc, escapes_names_of_labels);
    tcase_add_loop_test(tc, tells_utf8, 0, COUNT(utf8_cases));
    tcase_add_test(tc, encodes_what_it_decodes);
    tcase_add_loop_test(tc, escapes_names, 0, COUNT(escapes));
    tcase_add_loop_test(tc, unescapes_names, 0, COUNT(unescapes));
    tcase_add_loop_test(tc, names_the_schemes, 0, COUNT(tokens));
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
