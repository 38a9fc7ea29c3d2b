#include "rate_limit.h"
#include "suite.h"

enum { SECOND = 1000000000 };

static unsigned allowed(struct rate_limit *limit, int64_t now_ns, unsigned tries)
{
    unsigned n = 0;
    while (tries-- > 0)
        n += rate_limit_allow(limit, now_ns);
    return n;
}

START_TEST(a_burst_then_one_each_interval)
{
    struct rate_limit limit;
    rate_limit_init(&limit, SECOND, 3, 0);
    ck_assert_uint_eq(allowed(&limit, 0, 10), 3);
    ck_assert_uint_eq(allowed(&limit, SECOND - 1, 10), 0);
    ck_assert_uint_eq(allowed(&limit, SECOND + 1, 10), 1);
    ck_assert_uint_eq(allowed(&limit, 3 * (int64_t)SECOND + 1, 10), 2);
}
END_TEST

START_TEST(the_bucket_overflows)
{
    struct rate_limit limit;
    rate_limit_init(&limit, SECOND, 2, 0);
    ck_assert_uint_eq(allowed(&limit, 3600 * (int64_t)SECOND, 10), 2);
    ck_assert_uint_eq(allowed(&limit, INT64_MAX, 10), 2);
}
END_TEST

START_TEST(no_limit)
{
    struct rate_limit limit;
    rate_limit_init(&limit, 0, 0, 0);
    ck_assert_uint_eq(allowed(&limit, 0, 10), 10);
    rate_limit_init(&limit, -SECOND, 0, 0);
    ck_assert_uint_eq(allowed(&limit, 0, 10), 10);
}
END_TEST

START_TEST(no_burst)
{
    struct rate_limit limit;
    rate_limit_init(&limit, 1, 0, 0);
    ck_assert_uint_eq(allowed(&limit, SECOND, 10), 0);
    rate_limit_init(&limit, 1, -5, 0);
    ck_assert_uint_eq(allowed(&limit, SECOND, 10), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rate_limit");
    TCase *tcase = tcase_create("rate_limit");
    tcase_add_test(tcase, a_burst_then_one_each_interval);
    tcase_add_test(tcase, the_bucket_overflows);
    tcase_add_test(tcase, no_limit);
    tcase_add_test(tcase, no_burst);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
