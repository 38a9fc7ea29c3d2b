#include "text_type.h"

#include "suite.h"

static const struct {
    const char *text;
    enum metric_type type;
} known[] = {
    {"counter", METRIC_COUNTER},
    {"COUNTER", METRIC_COUNTER},
    {"gAuGe", METRIC_GAUGE},
    {"summary", METRIC_SUMMARY},
    {"untyped", METRIC_UNTYPED},
    {"histogram", METRIC_HISTOGRAM},
    {"gauge_histogram", METRIC_GAUGE_HISTOGRAM},
    {"gaugehistogram", METRIC_GAUGE_HISTOGRAM},
    {"h\xc4\xb1"
     "\xc5\xbftogram",
     METRIC_HISTOGRAM}, /* a dotless i, a long s */
    {"\xc5\xbfummary", METRIC_SUMMARY},
};

START_TEST(is_found_in_any_case)
{
    enum metric_type type;
    ck_assert_msg(text_type_find(slice_of(known[_i].text), &type), "%s", known[_i].text);
    ck_assert_int_eq(type, known[_i].type);
}
END_TEST

static const struct slice unknown[] = {
    SLICE_LITERAL(""),
    SLICE_LITERAL("count"),
    SLICE_LITERAL("counters"),
    SLICE_LITERAL("counter "),
    SLICE_LITERAL("counter\0"),
    SLICE_LITERAL("h\xc4stogram"),
    SLICE_LITERAL("h\xc4\xb0stogram"), /* an I with a dot is its own capital */
    SLICE_LITERAL("\xc4"),
    SLICE_LITERAL("gauge histogram"),
};

START_TEST(is_not_found)
{
    enum metric_type type;
    ck_assert(!text_type_find(unknown[_i], &type));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text_type");
    TCase *tc = tcase_create("text_type");
    tcase_add_loop_test(tc, is_found_in_any_case, 0, sizeof(known) / sizeof(*known));
    tcase_add_loop_test(tc, is_not_found, 0, sizeof(unknown) / sizeof(*unknown));
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
