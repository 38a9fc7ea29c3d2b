#include "duration.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *text;
    int64_t ns;
    const char *printed;
} good[] = {
    {"0", 0, "0s"},
    {"+0", 0, "0s"},
    {"-0", 0, "0s"},
    {"1ns", 1, "1ns"},
    {"1us", 1000, "1\xc2\xb5s"},
    {"1\xc2\xb5s", 1000, "1\xc2\xb5s"},
    {"1.5\xce\xbcs", 1500, "1.5\xc2\xb5s"},
    {"500ms", 500000000, "500ms"},
    {"1.0625ms", 1062500, "1.0625ms"},
    {"1.5s", 1500000000, "1.5s"},
    {".5s", 500000000, "500ms"},
    {"5.s", 5000000000, "5s"},
    {"-5m", -300000000000, "-5m0s"},
    {"5m", 300000000000, "5m0s"},
    {"1.5h", 5400000000000, "1h30m0s"},
    {"1h30m10.5s", 5410500000000, "1h30m10.5s"},
    {"0.100000000000000000000h", 360000000000, "6m0s"},
    {"0.0000000001s", 0, "0s"},
    {"1h1h", 7200000000000, "2h0m0s"},
    {"2562047h47m16.854775807s", INT64_MAX, "2562047h47m16.854775807s"},
    {"-9223372036854775808ns", INT64_MIN, "-2562047h47m16.854775808s"},
};

START_TEST(reads_and_prints)
{
    struct error e = {0};
    char printed[DURATION_TEXT_MAX];
    int64_t ns = 42;

    ck_assert_msg(duration_parse(good[_i].text, &ns, &e), "%s: %s", good[_i].text, e.message);
    ck_assert_msg(ns == good[_i].ns, "%s: %jd", good[_i].text, (intmax_t)ns);
    duration_format(ns, printed);
    ck_assert_str_eq(printed, good[_i].printed);
}
END_TEST

static const struct {
    const char *text, *message;
} bad[] = {
    {"", "time: invalid duration \"\""},
    {"5", "time: missing unit in duration \"5\""},
    {"abc", "time: invalid duration \"abc\""},
    {"1d", "time: unknown unit \"d\" in duration \"1d\""},
    {"1.", "time: missing unit in duration \"1.\""},
    {".", "time: invalid duration \".\""},
    {"-", "time: invalid duration \"-\""},
    {"-.s", "time: invalid duration \"-.s\""},
    {"1 h", "time: unknown unit \" h\" in duration \"1 h\""},
    {"1hh", "time: unknown unit \"hh\" in duration \"1hh\""},
    {"1h-1m", "time: unknown unit \"h-\" in duration \"1h-1m\""},
    {"1.1.1s", "time: missing unit in duration \"1.1.1s\""},
    {"1e3s", "time: unknown unit \"e\" in duration \"1e3s\""},
    {"9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\""},
    {"2562047h47m16.854775808s", "time: invalid duration \"2562047h47m16.854775808s\""},
    {"3000000h", "time: invalid duration \"3000000h\""},
    {"99999999999999999999s", "time: invalid duration \"99999999999999999999s\""},
    {"1\n", "time: unknown unit \"\\x0a\" in duration \"1\\x0a\""},
    {"\xc3\xa9", "time: invalid duration \"\\xc3\\xa9\""},
};

START_TEST(refuses)
{
    struct error e = {0};
    int64_t ns;

    ck_assert(!duration_parse(bad[_i].text, &ns, &e));
    ck_assert_str_eq(e.message, bad[_i].message);
}
END_TEST

START_TEST(cuts_what_it_quotes)
{
    struct error e = {0};
    char text[4000];
    int64_t ns;

    memset(text, 0xff, sizeof(text));
    text[sizeof(text) - 1] = '\0';
    ck_assert(!duration_parse(text, &ns, &e));
    ck_assert_uint_lt(strlen(e.message), 400);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("duration");
    TCase *tc = tcase_create("duration");

    tcase_add_loop_test(tc, reads_and_prints, 0, sizeof(good) / sizeof(*good));
    tcase_add_loop_test(tc, refuses, 0, sizeof(bad) / sizeof(*bad));
    tcase_add_test(tc, cuts_what_it_quotes);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
