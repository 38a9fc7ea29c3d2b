/* A store without checks takes everything in, and knows whether it could be served. */
#include "steps.h"
#include "suite.h"

/* One cause of inconsistency comes, and goes again in one of two ways. */
static const struct {
    const char *key_a, *a, *key_b, *b, *reason;
} inconsistencies[] = {
    {"job=a", "m gauge", "job=b", "m counter",
     METRIC("m", JOB_B, "counter:{value:1}") "is not a GAUGE"},
    {"job=a", "h histogram", "job=b", "h_sum gauge",
     "collected metric named \"h_sum\" collides with previously collected histogram named \"h\""},
    {"job=a", "h_sum gauge", "job=b", "h histogram",
     "collected histogram or summary named \"h\" collides with previously collected metric named "
     "\"h_sum\""},
    {"job=a", "m gauge l=1", "job=a,l=1", "m gauge",
     METRIC("m", JOB_A LABEL("l", "1"), GAUGE) BEFORE},
    {"job=a", "m gauge", "job=b", "m gauge; m gauge", METRIC("m", JOB_B, GAUGE) BEFORE},
    {"job=a", "m gauge", "job=b", "m gauge __x=1",
     METRIC("m", LABEL("__x", "1") JOB_B, GAUGE) "has a label with an invalid name: __x"},
    {"job=a", "m gauge", "job=b", "own gauge",
     "gathered metric family own has type GAUGE but should have SUMMARY"},
    {"job=a", "", "instance=,job=a", "",
     METRIC("push_time_seconds", JOB_A, "gauge:{value:1e-09}") BEFORE},
};

START_TEST(unchecked_store_tells_while_it_is_inconsistent)
{
    for (int way = 0; way < 3; way++) {
        struct store *s = steps_store(true);
        steps_push(s, PUT, inconsistencies[_i].key_a, inconsistencies[_i].a, 1, STORE_APPLIED);
        ck_assert_ptr_null(store_inconsistency(s));
        steps_push(s, PUT, inconsistencies[_i].key_b, inconsistencies[_i].b, 1, STORE_APPLIED);
        ck_assert_ptr_nonnull(store_inconsistency(s));
        ck_assert_str_eq(store_inconsistency(s), inconsistencies[_i].reason);
        if (way == 0)
            steps_push(s, DELETE, inconsistencies[_i].key_b, NULL, 1, STORE_APPLIED);
        else if (way == 1)
            ck_assert(store_wipe(s));
        else if (*inconsistencies[_i].b)
            steps_push(s, PUT, inconsistencies[_i].key_b, "", 1, STORE_APPLIED);
        else
            steps_push(s, DELETE, inconsistencies[_i].key_a, NULL, 1, STORE_APPLIED);
        ck_assert_ptr_null(store_inconsistency(s));
        store_free(s);
    }
}
END_TEST

START_TEST(unchecked_store_refuses_timestamps_alone)
{
    struct store *s = steps_store(true);
    steps_push(s, PUT, "job=a", "m gauge @", 10, STORE_REFUSED);
    steps_check(s, steps_dump_times, "group {job=a;} born 10 ok 0 failed 10, 2 families\n");
    steps_push(s, PUT, "job=\xff", "m gauge", 10, STORE_UNTOUCHED);
    ck_assert_ptr_null(store_inconsistency(s));
    store_free(s);
}
END_TEST

/* Labels that only count once the type does not hide them. */
START_TEST(one_inconsistency_goes_another_stays)
{
    struct store *s = steps_store(true);
    steps_push(s, PUT, "job=a", "m gauge", 1, STORE_APPLIED);
    steps_push(s, PUT, "job=b", "m counter __x=1", 1, STORE_APPLIED);
    steps_push(s, DELETE, "job=a", NULL, 1, STORE_APPLIED);
    ck_assert_ptr_nonnull(store_inconsistency(s));
    steps_push(s, POST, "job=b", "m counter x=1", 1, STORE_APPLIED);
    ck_assert_ptr_null(store_inconsistency(s));
    store_free(s);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(*(array)))

int main(void)
{
    Suite *suite = suite_create("store_unchecked");
    TCase *tc = tcase_create("store_unchecked");

    tcase_add_loop_test(tc, unchecked_store_tells_while_it_is_inconsistent, 0,
                        COUNT(inconsistencies));
    tcase_add_test(tc, unchecked_store_refuses_timestamps_alone);
    tcase_add_test(tc, one_inconsistency_goes_another_stays);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
