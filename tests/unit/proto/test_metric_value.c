#include "metric_value.h"

#include "suite.h"
#include "wire.h"

#include <math.h>

static struct arena arena;

static void setup(void)
{
    arena = (struct arena){0};
}

static void teardown(void)
{
    arena_free(&arena);
}

#define ONE   "\x09\0\0\0\0\0\0\xf0\x3f" /* field 1, 1.0 */
#define TWO   "\x09\0\0\0\0\0\0\0\x40"
#define BYTES SLICE_LITERAL

static const struct {
    const char *what;
    struct slice payload;
    enum metric_type type;
    bool ok;
    double want;
} number_cases[] = {
    {"gauge", BYTES("\x12\x09" ONE), METRIC_GAUGE, true, 1},
    {"counter", BYTES("\x1a\x09" TWO), METRIC_COUNTER, true, 2},
    {"untyped", BYTES("\x2a\x09" TWO), METRIC_UNTYPED, true, 2},
    {"without its number", BYTES("\x12\0"), METRIC_GAUGE, true, 0},
    {"last number counts", BYTES("\x12\x12" ONE TWO), METRIC_GAUGE, true, 2},
    {"messages merge", BYTES("\x12\x09" ONE "\x12\x09" TWO), METRIC_GAUGE, true, 2},
    {"an empty message keeps the number", BYTES("\x12\x09" ONE "\x12\0"), METRIC_GAUGE, true, 1},
    {"another type's value too", BYTES("\x1a\x09" TWO "\x12\x09" ONE), METRIC_GAUGE, true, 1},
    {"timestamp", BYTES("\x30\x05\x12\x09" ONE), METRIC_GAUGE, true, 1},
    {"unknown fields", BYTES("\xa2\x06\x01x\x12\x0b\x10\x07" ONE), METRIC_GAUGE, true, 1},
    {"unknown group", BYTES("\xa3\x06\x08\x01\xa4\x06\x12\x09" ONE), METRIC_GAUGE, true, 1},
    {"number of another wire type", BYTES("\x12\x0b" ONE "\x08\x07"), METRIC_GAUGE, true, 1},
    {"long form of a tag", BYTES("\x92\0\x09" ONE), METRIC_GAUGE, true, 1},
    {"nothing", BYTES(""), METRIC_GAUGE, false, 0},
    {"only another type's value", BYTES("\x1a\x09" TWO), METRIC_GAUGE, false, 0},
    {"value of another wire type", BYTES("\x10\x01"), METRIC_GAUGE, false, 0},
    {"cut in the number", BYTES("\x12\x08\x09\0\0\0\0\0\0\xf0"), METRIC_GAUGE, false, 0},
    {"cut in the message", BYTES("\x12\x09\x09\0\0\0\0\0\0\xf0"), METRIC_GAUGE, false, 0},
    {"cut in the tag", BYTES("\x12\0\x92"), METRIC_GAUGE, false, 0},
    {"summary that is a gauge", BYTES("\x12\x09" ONE), METRIC_SUMMARY, false, 0},
    {"malformed summary", BYTES("\x22\x02\x08\x80"), METRIC_SUMMARY, false, 0},
    {"malformed quantile", BYTES("\x22\x03\x1a\x01\x09"), METRIC_SUMMARY, false, 0},
    {"malformed histogram", BYTES("\x3a\x02\x08\x80"), METRIC_HISTOGRAM, false, 0},
};

START_TEST(number)
{
    struct metric_value value;
    struct error e = {0};
    const char *what = number_cases[_i].what;

    bool ok =
        metric_value_read(number_cases[_i].payload, number_cases[_i].type, &arena, &value, &e);
    ck_assert_msg(ok == number_cases[_i].ok, "%s: %s", what, e.message);
    if (ok) {
        ck_assert_msg(value.number == number_cases[_i].want, "%s: %g", what, value.number);
        ck_assert_msg(!value.summary && !value.histogram, "%s", what);
    } else {
        ck_assert_int_eq(e.code, ERROR_INVALID);
        ck_assert_msg(e.message[0] != '\0', "%s", what);
    }
}
END_TEST

START_TEST(written_numbers_read_back)
{
    static const double numbers[] = {0, -0.0, 1.5, -1e300, 4.9e-324, INFINITY, -INFINITY, NAN};
    static const enum metric_type types[] = {METRIC_COUNTER, METRIC_GAUGE, METRIC_UNTYPED};
    struct error e;

    for (size_t t = 0; t < 3; t++) {
        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
            struct metric_value value;
            struct slice payload = metric_value_write_number(numbers[i], types[t], &arena);
            ck_assert_ptr_nonnull(payload.p);
            ck_assert(metric_value_read(payload, types[t], &arena, &value, &e));
            ck_assert_uint_eq(wire_fixed64(value.number), wire_fixed64(numbers[i]));
        }
    }
}
END_TEST

START_TEST(written_summary_reads_back)
{
    Io__Prometheus__Client__Quantile half = IO__PROMETHEUS__CLIENT__QUANTILE__INIT;
    Io__Prometheus__Client__Quantile *quantiles[] = {&half};
    Io__Prometheus__Client__Summary summary = IO__PROMETHEUS__CLIENT__SUMMARY__INIT;
    struct metric_value value;
    struct error e;

    half.has_quantile = half.has_value = true;
    half.quantile = 0.5;
    half.value = -3;
    summary.has_sample_count = true;
    summary.sample_count = UINT64_MAX;
    summary.n_quantile = 1;
    summary.quantile = quantiles;
    struct slice payload = metric_value_write_summary(&summary, &arena);
    ck_assert_ptr_nonnull(payload.p);
    ck_assert(metric_value_read(payload, METRIC_SUMMARY, &arena, &value, &e));
    ck_assert_ptr_nonnull(value.summary);
    ck_assert_ptr_null(value.histogram);
    ck_assert(value.summary->has_sample_count && !value.summary->has_sample_sum);
    ck_assert_uint_eq(value.summary->sample_count, UINT64_MAX);
    ck_assert_uint_eq(value.summary->n_quantile, 1);
    ck_assert(value.summary->quantile[0]->quantile == 0.5);
    ck_assert(value.summary->quantile[0]->value == -3);
}
END_TEST

START_TEST(written_histogram_reads_back)
{
    Io__Prometheus__Client__Bucket bucket = IO__PROMETHEUS__CLIENT__BUCKET__INIT;
    Io__Prometheus__Client__Bucket *buckets[] = {&bucket};
    Io__Prometheus__Client__Histogram histogram = IO__PROMETHEUS__CLIENT__HISTOGRAM__INIT;
    int64_t deltas[] = {INT64_MIN, -1, INT64_MAX};
    struct metric_value value;
    struct error e;

    bucket.has_upper_bound = bucket.has_cumulative_count = true;
    bucket.upper_bound = INFINITY;
    bucket.cumulative_count = 7;
    histogram.n_bucket = 1;
    histogram.bucket = buckets;
    histogram.has_schema = true;
    histogram.schema = -4;
    histogram.n_positive_delta = 3;
    histogram.positive_delta = deltas;
    struct slice payload = metric_value_write_histogram(&histogram, &arena);
    ck_assert_ptr_nonnull(payload.p);
    for (enum metric_type type = METRIC_HISTOGRAM; type <= METRIC_GAUGE_HISTOGRAM; type++) {
        ck_assert(metric_value_read(payload, type, &arena, &value, &e));
        ck_assert_ptr_nonnull(value.histogram);
        ck_assert_ptr_null(value.summary);
        ck_assert_int_eq(value.histogram->schema, -4);
        ck_assert_uint_eq(value.histogram->n_positive_delta, 3);
        ck_assert(memcmp(value.histogram->positive_delta, deltas, sizeof(deltas)) == 0);
        ck_assert(isinf(value.histogram->bucket[0]->upper_bound));
        ck_assert_uint_eq(value.histogram->bucket[0]->cumulative_count, 7);
    }
}
END_TEST

START_TEST(summary_in_pieces_is_merged)
{
    /* count 5, a quantile; count 6, an empty piece, another quantile. */
    struct slice payload = BYTES("\x22\x04\x08\x05\x1a\0\x22\0\x22\x04\x08\x06\x1a\0");
    struct metric_value value;
    struct error e;

    ck_assert(metric_value_read(payload, METRIC_SUMMARY, &arena, &value, &e));
    ck_assert_uint_eq(value.summary->sample_count, 6);
    ck_assert_uint_eq(value.summary->n_quantile, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metric_value");
    TCase *tc = tcase_create("metric_value");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, number, 0, sizeof(number_cases) / sizeof(number_cases[0]));
    tcase_add_test(tc, written_numbers_read_back);
    tcase_add_test(tc, written_summary_reads_back);
    tcase_add_test(tc, written_histogram_reads_back);
    tcase_add_test(tc, summary_in_pieces_is_merged);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
