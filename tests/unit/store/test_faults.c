#include "faults.h"
#include "suite.h"

#include "metric_value.h"

static void check_text(const struct faults *f, const char *wanted)
{
    struct buffer out = {0};
    faults_write(f, &out);
    buffer_byte(&out, '\0');
    ck_assert_str_eq(out.p, wanted);
    buffer_free(&out);
}

START_TEST(none_says_nothing)
{
    struct faults f = {0};
    check_text(&f, "");
    faults_free(&f);
}
END_TEST

START_TEST(one_is_a_sentence)
{
    struct faults f = {0};
    faults_add(&f, "%s is %d", "it", 3);
    ck_assert_uint_eq(f.count, 1);
    check_text(&f, "it is 3");
    faults_free(&f);
}
END_TEST

START_TEST(several_are_a_list)
{
    struct faults f = {0};
    faults_add(&f, "one");
    faults_add(&f, "two\nlines");
    faults_add(&f, "three");
    check_text(&f, "3 error(s) occurred:\n* one\n* two\nlines\n* three\n");
    faults_free(&f);
}
END_TEST

START_TEST(a_metric_is_shown_in_prototext)
{
    struct faults f = {0};
    char payload[METRIC_VALUE_NUMBER_SIZE];
    struct label labels[] = {{SLICE_LITERAL("a"), SLICE_LITERAL("x\"y\n")},
                             {SLICE_LITERAL("b"), SLICE_LITERAL("\xff")}};
    size_t size = metric_value_put_number(payload, -1.5, METRIC_COUNTER);
    faults_add_metric(&f, SLICE_LITERAL("m\"\xff"), labels, 2, (struct slice){payload, size},
                      "is %s", "bad");
    check_text(&f, "collected metric \"m\\\"\\xff\" { label:{name:\"a\" value:\"x\\\"y\\n\"} "
                   "label:{name:\"b\" value:\"\\xff\"} counter:{value:-1.5}} is bad");
    faults_free(&f);
}
END_TEST

/* A push may have a million of them. */
START_TEST(counts_all_and_tells_the_first)
{
    struct faults f = {0};
    for (int i = 0; i < 100000; i++)
        faults_add(&f, "this one has number %d", i);
    struct buffer out = {0};
    faults_write(&f, &out);
    ck_assert(slice_has_prefix(buffer_slice(&out),
                               SLICE_LITERAL("100000 error(s) occurred:\n* this one has number 0\n"
                                             "* this one has number 1\n")));
    ck_assert_uint_gt(out.len, ERROR_MESSAGE_MAX);
    ck_assert_uint_lt(out.len, 2 * ERROR_MESSAGE_MAX);
    buffer_free(&out);
    faults_free(&f);
}
END_TEST

START_TEST(silent_ones_are_counted)
{
    struct faults f = {.silent = true};
    faults_add(&f, "one");
    faults_add_metric(&f, SLICE_LITERAL("m"), NULL, 0, SLICE_LITERAL(""), "two");
    ck_assert_uint_eq(f.count, 2);
    ck_assert_ptr_null(f.sentences.p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("faults");
    TCase *tc = tcase_create("faults");

    tcase_add_test(tc, none_says_nothing);
    tcase_add_test(tc, one_is_a_sentence);
    tcase_add_test(tc, several_are_a_list);
    tcase_add_test(tc, a_metric_is_shown_in_prototext);
    tcase_add_test(tc, counts_all_and_tells_the_first);
    tcase_add_test(tc, silent_ones_are_counted);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
