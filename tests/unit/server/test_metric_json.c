#include "metric_json.h"
#include "metric_value.h"
#include "suite.h"

#include <math.h>

static struct slice encode(struct slice payload, struct arena *a)
{
    const struct label labels[] = {{SLICE_LITERAL("a\""), SLICE_LITERAL("<")},
                                   {SLICE_LITERAL("job"), SLICE_LITERAL("j")}};
    size_t size = metric_wire_size(labels, 2, payload);
    char *to = arena_alloc(a, size);
    ck_assert_ptr_nonnull(payload.p);
    ck_assert_ptr_nonnull(to);
    metric_wire_put(to, labels, 2, payload);
    return (struct slice){to, size};
}

#define LABELS "\"labels\":{\"a\\\"\":\"\\u003c\",\"job\":\"j\"}"

static void check(enum metric_type type, struct slice payload, struct arena *a, const char *want)
{
    struct buffer out = {0};
    struct json_writer w = {.out = &out};
    struct metric_wire metric;
    struct slice encoded = encode(payload, a);

    ck_assert(metric_wire_next(&encoded, &metric));
    ck_assert(metric_json_write(&w, type, &metric, a));
    buffer_byte(&out, '\0');
    ck_assert(!out.failed);
    ck_assert_str_eq(out.p, want);
    buffer_free(&out);
    arena_free(a);
}

static const struct {
    enum metric_type type;
    double number;
    const char *want;
} number_cases[] = {
    {METRIC_COUNTER, 1e6, "{" LABELS ",\"value\":\"1e+06\"}"},
    {METRIC_GAUGE, -0.0, "{" LABELS ",\"value\":\"-0\"}"},
    {METRIC_UNTYPED, INFINITY, "{" LABELS ",\"value\":\"+Inf\"}"},
};

START_TEST(numbers)
{
    struct arena a = {0};
    enum metric_type type = number_cases[_i].type;
    check(type, metric_value_write_number(number_cases[_i].number, type, &a), &a,
          number_cases[_i].want);
}
END_TEST

START_TEST(a_summary_sorts_its_quantiles_and_keeps_the_last_of_equal_ones)
{
    struct arena a = {0};
    Io__Prometheus__Client__Summary s = IO__PROMETHEUS__CLIENT__SUMMARY__INIT;
    static const double ranks[] = {0.5, 0.1, 0.5}, values[] = {1, NAN, 2};
    Io__Prometheus__Client__Quantile quantiles[3], *pointers[3];
    for (int i = 0; i < 3; i++) {
        io__prometheus__client__quantile__init(&quantiles[i]);
        quantiles[i].has_quantile = quantiles[i].has_value = true;
        quantiles[i].quantile = ranks[i];
        quantiles[i].value = values[i];
        pointers[i] = &quantiles[i];
    }
    s.quantile = pointers;
    s.n_quantile = 3;
    s.has_sample_count = s.has_sample_sum = true;
    s.sample_count = UINT64_MAX;
    s.sample_sum = 12.25;
    check(METRIC_SUMMARY, metric_value_write_summary(&s, &a), &a,
          "{\"count\":\"18446744073709551615\"," LABELS
          ",\"quantiles\":{\"0.1\":\"NaN\",\"0.5\":\"2\"},\"sum\":\"12.25\"}");
}
END_TEST

START_TEST(an_empty_summary)
{
    struct arena a = {0};
    Io__Prometheus__Client__Summary s = IO__PROMETHEUS__CLIENT__SUMMARY__INIT;
    check(METRIC_SUMMARY, metric_value_write_summary(&s, &a), &a,
          "{\"count\":\"0\"," LABELS ",\"quantiles\":{},\"sum\":\"0\"}");
}
END_TEST

static void fill_bucket(Io__Prometheus__Client__Bucket *b, double bound, uint64_t count,
                        double count_float)
{
    io__prometheus__client__bucket__init(b);
    b->has_upper_bound = b->has_cumulative_count = true;
    b->upper_bound = bound;
    b->cumulative_count = count;
    b->has_cumulative_count_float = count_float != 0;
    b->cumulative_count_float = count_float;
}

START_TEST(classic_buckets_are_sorted_as_text)
{
    struct arena a = {0};
    Io__Prometheus__Client__Histogram h = IO__PROMETHEUS__CLIENT__HISTOGRAM__INIT;
    Io__Prometheus__Client__Bucket buckets[3], *pointers[3];
    fill_bucket(&buckets[0], 5, 2, 0);
    fill_bucket(&buckets[1], 10, 3, 2.5);
    fill_bucket(&buckets[2], INFINITY, 4, 0);
    for (int i = 0; i < 3; i++)
        pointers[i] = &buckets[i];
    h.bucket = pointers;
    h.n_bucket = 3;
    h.has_sample_count_float = h.has_sample_sum = true;
    h.sample_count_float = 4.5;
    h.sample_sum = 3;
    check(METRIC_HISTOGRAM, metric_value_write_histogram(&h, &a), &a,
          "{\"buckets\":{\"+Inf\":\"4\",\"10\":\"2.5\",\"5\":\"2\"},\"count\":\"4.5\"," LABELS
          ",\"sum\":\"3\"}");
}
END_TEST

START_TEST(native_buckets_are_arrays)
{
    struct arena a = {0};
    Io__Prometheus__Client__Histogram h = IO__PROMETHEUS__CLIENT__HISTOGRAM__INIT;
    Io__Prometheus__Client__BucketSpan span = IO__PROMETHEUS__CLIENT__BUCKET_SPAN__INIT;
    Io__Prometheus__Client__BucketSpan *spans[] = {&span};
    int64_t deltas[] = {2, -1};
    span.has_offset = span.has_length = true;
    span.length = 2;
    h.has_schema = h.has_zero_threshold = h.has_zero_count = h.has_sample_count = true;
    h.zero_threshold = 0.001;
    h.zero_count = 7;
    h.sample_count = 10;
    h.positive_span = spans;
    h.n_positive_span = 1;
    h.positive_delta = deltas;
    h.n_positive_delta = 2;
    check(METRIC_HISTOGRAM, metric_value_write_histogram(&h, &a), &a,
          "{\"buckets\":[[3,\"-0.001\",\"0.001\",\"7\"],[0,\"0.5\",\"1\",\"2\"],"
          "[0,\"1\",\"2\",\"1\"]],\"count\":\"10\"," LABELS ",\"sum\":\"0\"}");
}
END_TEST

/* A store without checks takes a metric whose value is of another type. */
static const struct {
    enum metric_type type;
    const char *want;
} mismatch_cases[] = {
    {METRIC_COUNTER, "{" LABELS ",\"value\":\"0\"}"},
    {METRIC_SUMMARY, "{\"count\":\"0\"," LABELS ",\"quantiles\":{},\"sum\":\"0\"}"},
    {METRIC_HISTOGRAM, "{\"buckets\":{},\"count\":\"0\"," LABELS ",\"sum\":\"0\"}"},
    {METRIC_GAUGE_HISTOGRAM, "{" LABELS ",\"value\":\"0\"}"},
};

START_TEST(a_missing_value_is_zero)
{
    struct arena a = {0};
    check(mismatch_cases[_i].type, metric_value_write_number(5, METRIC_UNTYPED, &a), &a,
          mismatch_cases[_i].want);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("metric_json");
    TCase *tc = tcase_create("all");
    tcase_add_loop_test(tc, numbers, 0, sizeof(number_cases) / sizeof(number_cases[0]));
    tcase_add_test(tc, a_summary_sorts_its_quantiles_and_keeps_the_last_of_equal_ones);
    tcase_add_test(tc, an_empty_summary);
    tcase_add_test(tc, classic_buckets_are_sorted_as_text);
    tcase_add_test(tc, native_buckets_are_arrays);
    tcase_add_loop_test(tc, a_missing_value_is_zero, 0,
                        sizeof(mismatch_cases) / sizeof(mismatch_cases[0]));
    suite_add_tcase(s, tc);
    return suite_run(s);
}
