#include "go_time.h"
#include "suite.h"

#define SECONDS_1970 "\x00\x00\x00\x0e\x77\x91\xf7\x00"

static const struct {
    struct slice encoded;
    int64_t ns;
} times[] = {
    {SLICE_LITERAL("\x01" SECONDS_1970 "\x00\x00\x00\x00\xff\xff"), 0},
    {SLICE_LITERAL("\x01" SECONDS_1970 "\x00\x00\x00\x01\xff\xff"), 1},
    {SLICE_LITERAL("\x01" SECONDS_1970 "\x3b\x9a\xc9\xff\x00\x3c"), 999999999},
    {SLICE_LITERAL("\x01\x00\x00\x00\x0e\xe2\x9a\x4b\x1f\x23\xab\x2f\xe5\x00\x00"),
     INT64_C(1795707935598421477)},
    {SLICE_LITERAL("\x02\x00\x00\x00\x0e\xe2\x9a\x4b\x1f\x23\xab\x2f\xe5\x00\x3c\x01"),
     INT64_C(1795707935598421477)},
    {SLICE_LITERAL("\x01\x00\x00\x00\x10\x9d\x53\x74\x03\x3b\x9a\xc9\xff\xff\xff"),
     INT64_C(9223372035999999999)},
    /* What nanoseconds since 1970 do not reach: the zero time, 1969, the years after 2262. */
    {SLICE_LITERAL("\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff"), 0},
    {SLICE_LITERAL("\x01\x00\x00\x00\x0e\x77\x91\xf6\xff\x00\x00\x00\x00\xff\xff"), 0},
    {SLICE_LITERAL("\x01\x00\x00\x00\x10\x9d\x53\x74\x04\x00\x00\x00\x00\xff\xff"), 0},
    {SLICE_LITERAL("\x01\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff"), 0},
};

START_TEST(times_are_read)
{
    int64_t ns = -1;
    ck_assert(go_time_read(times[_i].encoded, &ns));
    ck_assert_int_eq(ns, times[_i].ns);
}
END_TEST

static const struct slice no_times[] = {
    SLICE_LITERAL(""),
    SLICE_LITERAL("\x01" SECONDS_1970 "\x00\x00\x00\x00\xff"),
    SLICE_LITERAL("\x01" SECONDS_1970 "\x00\x00\x00\x00\xff\xff\x00"),
    SLICE_LITERAL("\x02" SECONDS_1970 "\x00\x00\x00\x00\xff\xff"),
    SLICE_LITERAL("\x00" SECONDS_1970 "\x00\x00\x00\x00\xff\xff"),
    SLICE_LITERAL("\x03" SECONDS_1970 "\x00\x00\x00\x00\xff\xff\x00"),
    SLICE_LITERAL("\xff" SECONDS_1970 "\x00\x00\x00\x00\xff\xff\x00"),
    SLICE_LITERAL("\x01" SECONDS_1970 "\x3b\x9a\xca\x00\xff\xff"), /* a whole second more */
};

START_TEST(what_is_no_time_is_refused)
{
    int64_t ns;
    ck_assert(!go_time_read(no_times[_i], &ns));
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(*(array)))

int main(void)
{
    Suite *suite = suite_create("go_time");
    TCase *tc = tcase_create("go_time");

    tcase_add_loop_test(tc, times_are_read, 0, COUNT(times));
    tcase_add_loop_test(tc, what_is_no_time_is_refused, 0, COUNT(no_times));
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
