#include "suite.h"
#include "timestamp.h"

#include <time.h>

static const struct {
    const char *zone;
    int64_t ns;
    const char *nano, *seconds;
} cases[] = {
    {"UTC", 0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
    {"UTC", 1795344710842782834, "2026-11-22T10:51:50.842782834Z", "2026-11-22T10:51:50Z"},
    {"UTC", 1795344710813208980, "2026-11-22T10:51:50.81320898Z", "2026-11-22T10:51:50Z"},
    {"UTC", 1795344710000000001, "2026-11-22T10:51:50.000000001Z", "2026-11-22T10:51:50Z"},
    {"UTC", -1, "1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59Z"},
    {"CET-1", 1795344710500000000, "2026-11-22T11:51:50.5+01:00", "2026-11-22T11:51:50+01:00"},
    {"NST3:30", 1795344710500000000, "2026-11-22T07:21:50.5-03:30", "2026-11-22T07:21:50-03:30"},
};

START_TEST(times_are_shown_in_the_local_zone)
{
    char text[TIMESTAMP_TEXT_MAX];
    setenv("TZ", cases[_i].zone, 1);
    tzset();
    timestamp_format_nano(cases[_i].ns, text);
    ck_assert_str_eq(text, cases[_i].nano);
    timestamp_format(cases[_i].ns, text);
    ck_assert_str_eq(text, cases[_i].seconds);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("timestamp");
    TCase *tc = tcase_create("all");
    tcase_add_loop_test(tc, times_are_shown_in_the_local_zone, 0, sizeof(cases) / sizeof(cases[0]));
    suite_add_tcase(s, tc);
    return suite_run(s);
}
