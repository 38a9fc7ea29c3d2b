#include "metric_value.h"
#include "metric_wire.h"
#include "suite.h"
#include "text_writer.h"

#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { LABELS_MAX = 4 };

static struct arena arena;
static struct buffer out;

static void setup(void)
{
    out = (struct buffer){0};
    arena = (struct arena){0};
}

static void teardown(void)
{
    buffer_free(&out);
    arena_free(&arena);
}

static size_t count_labels(const struct label *labels)
{
    size_t n = 0;
    while (n < LABELS_MAX && labels[n].name.p)
        n++;
    return n;
}

/* One metric as the store keeps it. */
static struct slice stored(const struct label *labels, struct slice payload)
{
    size_t n = count_labels(labels);
    size_t size = metric_wire_size(labels, n, payload);
    char *bytes = arena_alloc(&arena, size);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_ptr_eq(metric_wire_put(bytes, labels, n, payload), bytes + size);
    return (struct slice){bytes, size};
}

static void check_output(const char *want)
{
    ck_assert(!out.failed);
    buffer_byte(&out, '\0');
    ck_assert_str_eq(out.p, want);
    ck_assert_uint_eq(out.len, strlen(want) + 1);
}

#define UTF8_NAME SLICE_LITERAL("my.metric")

static const struct {
    struct slice name;
    bool has_help;
    struct slice help;
    enum metric_type type;
    enum escaping escaping;
    const char *want;
} heads[] = {
    {SLICE_LITERAL("m"), false, {NULL, 0}, METRIC_COUNTER, ESCAPING_NONE, "# TYPE m counter\n"},
    {SLICE_LITERAL("m"),
     true,
     {NULL, 0},
     METRIC_GAUGE,
     ESCAPING_NONE,
     "# HELP m \n# TYPE m gauge\n"},
    {SLICE_LITERAL("m"), true, SLICE_LITERAL("A \"quoted\" \\ back\nslash, and more."),
     METRIC_SUMMARY, ESCAPING_UNDERSCORES,
     "# HELP m A \"quoted\" \\\\ back\\nslash, and more.\n# TYPE m summary\n"},
    {SLICE_LITERAL("m"), false, {NULL, 0}, METRIC_UNTYPED, ESCAPING_NONE, "# TYPE m untyped\n"},
    {SLICE_LITERAL("m"), false, {NULL, 0}, METRIC_HISTOGRAM, ESCAPING_NONE, "# TYPE m histogram\n"},
    {SLICE_LITERAL("m"),
     false,
     {NULL, 0},
     METRIC_GAUGE_HISTOGRAM,
     ESCAPING_NONE,
     "# TYPE m histogram\n"},
    {SLICE_LITERAL("a_b"), false, {NULL, 0}, METRIC_GAUGE, ESCAPING_DOTS, "# TYPE a_b gauge\n"},
    {UTF8_NAME, true, SLICE_LITERAL("h"), METRIC_GAUGE, ESCAPING_NONE,
     "# HELP \"my.metric\" h\n# TYPE \"my.metric\" gauge\n"},
    {UTF8_NAME, true, SLICE_LITERAL("h"), METRIC_GAUGE, ESCAPING_UNDERSCORES,
     "# HELP my_metric h\n# TYPE my_metric gauge\n"},
    {UTF8_NAME, false, {NULL, 0}, METRIC_GAUGE, ESCAPING_DOTS, "# TYPE my_dot_metric gauge\n"},
    {UTF8_NAME, false, {NULL, 0}, METRIC_GAUGE, ESCAPING_VALUES, "# TYPE U__my_2e_metric gauge\n"},
    {SLICE_LITERAL("a\"b\\c\nd"),
     false,
     {NULL, 0},
     METRIC_GAUGE,
     ESCAPING_NONE,
     "# TYPE \"a\\\"b\\\\c\\nd\" gauge\n"},
};

START_TEST(writes_heads)
{
    text_writer_family(&out, heads[_i].name, heads[_i].has_help, heads[_i].help, heads[_i].type,
                       heads[_i].escaping);
    check_output(heads[_i].want);
}
END_TEST

#define JOB                                                                                        \
    {                                                                                              \
        SLICE_LITERAL("job"), SLICE_LITERAL("a")                                                   \
    }
#define UTF8_LABEL                                                                                 \
    {                                                                                              \
        SLICE_LITERAL("a.b"), SLICE_LITERAL("c")                                                   \
    }

static const struct {
    struct slice name;
    struct label labels[LABELS_MAX];
    enum escaping escaping;
    double value;
    const char *want;
} samples[] = {
    {SLICE_LITERAL("m"), {{{0}, {0}}}, ESCAPING_NONE, 1, "m 1\n"},
    {SLICE_LITERAL("m"), {JOB}, ESCAPING_NONE, 0, "m{job=\"a\"} 0\n"},
    {SLICE_LITERAL("m"), {JOB}, ESCAPING_NONE, -0.0, "m{job=\"a\"} 0\n"},
    {SLICE_LITERAL("m"), {JOB}, ESCAPING_NONE, NAN, "m{job=\"a\"} NaN\n"},
    {SLICE_LITERAL("m"), {JOB}, ESCAPING_NONE, -INFINITY, "m{job=\"a\"} -Inf\n"},
    {SLICE_LITERAL("m"), {JOB}, ESCAPING_NONE, 1.5e9, "m{job=\"a\"} 1.5e+09\n"},
    {SLICE_LITERAL("m"),
     {{SLICE_LITERAL("instance"), SLICE_LITERAL("")}, JOB},
     ESCAPING_UNDERSCORES,
     0.1,
     "m{instance=\"\",job=\"a\"} 0.1\n"},
    {SLICE_LITERAL("m"),
     {{SLICE_LITERAL("a"), SLICE_LITERAL("a \"quoted\" value, a \\ and a\nnew line")},
      {SLICE_LITERAL("b"), SLICE_LITERAL("\"\"\"\"\"\"\"\"\\\\\\\\\\\\\\\\\n\n\n\n\n\n\n\n")}},
     ESCAPING_NONE,
     1,
     "m{a=\"a \\\"quoted\\\" value, a \\\\ and a\\nnew line\","
     "b=\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\"
     "\\n\\n\\n\\n\\n\\n\\n\\n\"} 1\n"},
    {SLICE_LITERAL("m"),
     {{SLICE_LITERAL("a"), SLICE_LITERAL("\t\r\xc3\xa9 stays")}},
     ESCAPING_NONE,
     1,
     "m{a=\"\t\r\xc3\xa9 stays\"} 1\n"},
    {SLICE_LITERAL("a:b"),
     {{SLICE_LITERAL("c:d"), SLICE_LITERAL("e")}},
     ESCAPING_DOTS,
     1,
     "a:b{c__d=\"e\"} 1\n"},
    {SLICE_LITERAL("a:b"),
     {{SLICE_LITERAL("c:d"), SLICE_LITERAL("e")}},
     ESCAPING_NONE,
     1,
     "a:b{\"c:d\"=\"e\"} 1\n"},
    {UTF8_NAME, {{{0}, {0}}}, ESCAPING_NONE, 1, "{\"my.metric\"} 1\n"},
    {UTF8_NAME, {UTF8_LABEL, JOB}, ESCAPING_NONE, 1, "{\"my.metric\",\"a.b\"=\"c\",job=\"a\"} 1\n"},
    {UTF8_NAME, {UTF8_LABEL, JOB}, ESCAPING_UNDERSCORES, 1, "my_metric{a_b=\"c\",job=\"a\"} 1\n"},
    {UTF8_NAME, {UTF8_LABEL, JOB}, ESCAPING_DOTS, 1, "my_dot_metric{a_dot_b=\"c\",job=\"a\"} 1\n"},
    {UTF8_NAME,
     {UTF8_LABEL, JOB},
     ESCAPING_VALUES,
     1,
     "U__my_2e_metric{U__a_2e_b=\"c\",job=\"a\"} 1\n"},
    {SLICE_LITERAL("m"), {JOB, UTF8_LABEL}, ESCAPING_NONE, 1, "m{job=\"a\",\"a.b\"=\"c\"} 1\n"},
    {SLICE_LITERAL("m"),
     {{SLICE_LITERAL("\n\"\\"), SLICE_LITERAL("\n\"\\")}},
     ESCAPING_NONE,
     1,
     "m{\"\\n\\\"\\\\\"=\"\\n\\\"\\\\\"} 1\n"},
};

START_TEST(writes_samples)
{
    static const enum metric_type types[] = {METRIC_COUNTER, METRIC_GAUGE, METRIC_UNTYPED};
    for (size_t i = 0; i < COUNT(types); i++) {
        struct slice payload = metric_value_write_number(samples[_i].value, types[i], &arena);
        buffer_clear(&out);
        text_writer_metrics(&out, samples[_i].name, types[i], stored(samples[_i].labels, payload),
                            samples[_i].escaping, &arena);
        check_output(samples[_i].want);
    }
}
END_TEST

/* A counter as protobuf may bring it: a Counter without a value, or with more than the value. */
static const struct {
    struct slice payload;
    const char *want;
} counters[] = {
    {SLICE_LITERAL("\x1a\x00"), "m{job=\"a\"} 0\n"},
    {SLICE_LITERAL("\x1a\x09\x09\0\0\0\0\0\0\xf8\x3f"), "m{job=\"a\"} 1.5\n"},
    {SLICE_LITERAL("\x1a\x0b\x09\0\0\0\0\0\0\xf8\x3f\x12\0"), "m{job=\"a\"} 1.5\n"},
    {SLICE_LITERAL("\x1a\x0b\x1a\0\x09\0\0\0\0\0\0\xf8\x3f"), "m{job=\"a\"} 1.5\n"},
};

START_TEST(writes_encoded_counters)
{
    static const struct label labels[LABELS_MAX] = {JOB};
    text_writer_metrics(&out, SLICE_LITERAL("m"), METRIC_COUNTER,
                        stored(labels, counters[_i].payload), ESCAPING_NONE, &arena);
    check_output(counters[_i].want);
}
END_TEST

START_TEST(writes_several_metrics)
{
    static const struct label labels[LABELS_MAX] = {JOB};
    static const struct label utf8_labels[LABELS_MAX] = {UTF8_LABEL};
    struct buffer metrics = {0};
    struct slice one = metric_value_write_number(1, METRIC_GAUGE, &arena);
    buffer_slice_append(&metrics, stored(labels, one));
    buffer_slice_append(&metrics, stored(utf8_labels, one));
    buffer_slice_append(&metrics, stored(labels, one));
    text_writer_metrics(&out, SLICE_LITERAL("m"), METRIC_GAUGE, buffer_slice(&metrics),
                        ESCAPING_UNDERSCORES, &arena);
    buffer_free(&metrics);
    check_output("m{job=\"a\"} 1\nm{a_b=\"c\"} 1\nm{job=\"a\"} 1\n");
}
END_TEST

START_TEST(writes_a_summary)
{
    static const struct label labels[LABELS_MAX] = {UTF8_LABEL};
    static const struct label no_labels[LABELS_MAX];
    Io__Prometheus__Client__Quantile half = IO__PROMETHEUS__CLIENT__QUANTILE__INIT;
    Io__Prometheus__Client__Quantile most = IO__PROMETHEUS__CLIENT__QUANTILE__INIT;
    Io__Prometheus__Client__Quantile *quantiles[] = {&half, &most};
    Io__Prometheus__Client__Summary s = IO__PROMETHEUS__CLIENT__SUMMARY__INIT;

    half.has_quantile = half.has_value = true;
    half.quantile = 0.5;
    half.value = NAN;
    most.has_quantile = most.has_value = true;
    most.quantile = 0.99;
    most.value = 1e-7;
    s.n_quantile = COUNT(quantiles);
    s.quantile = quantiles;
    s.has_sample_sum = s.has_sample_count = true;
    s.sample_sum = 12.5;
    s.sample_count = UINT64_MAX;
    struct slice payload = metric_value_write_summary(&s, &arena);
    text_writer_metrics(&out, SLICE_LITERAL("s"), METRIC_SUMMARY, stored(labels, payload),
                        ESCAPING_NONE, &arena);
    text_writer_metrics(&out, UTF8_NAME, METRIC_SUMMARY, stored(no_labels, payload), ESCAPING_NONE,
                        &arena);
    check_output("s{\"a.b\"=\"c\",quantile=\"0.5\"} NaN\n"
                 "s{\"a.b\"=\"c\",quantile=\"0.99\"} 1e-07\n"
                 "s_sum{\"a.b\"=\"c\"} 12.5\n"
                 "s_count{\"a.b\"=\"c\"} 1.8446744073709552e+19\n"
                 "{\"my.metric\",quantile=\"0.5\"} NaN\n"
                 "{\"my.metric\",quantile=\"0.99\"} 1e-07\n"
                 "{\"my.metric_sum\"} 12.5\n"
                 "{\"my.metric_count\"} 1.8446744073709552e+19\n");
}
END_TEST

static void set_bucket(Io__Prometheus__Client__Bucket *b, double bound, uint64_t count,
                       double float_count)
{
    io__prometheus__client__bucket__init(b);
    b->has_upper_bound = true;
    b->upper_bound = bound;
    b->has_cumulative_count = count != 0;
    b->cumulative_count = count;
    b->has_cumulative_count_float = float_count != 0;
    b->cumulative_count_float = float_count;
}

static const struct {
    double bounds[2];
    uint64_t counts[2];
    double float_counts[2];
    size_t n_buckets;
    uint64_t count;
    double float_count;
    const char *want;
} histograms[] = {
    {{1, INFINITY},
     {3, 4},
     {0, 0},
     2,
     4,
     0,
     "h_bucket{job=\"a\",le=\"1\"} 3\nh_bucket{job=\"a\",le=\"+Inf\"} 4\n"
     "h_sum{job=\"a\"} 2.5\nh_count{job=\"a\"} 4\n"},
    /* +Inf is added if missing, at the end. */
    {{5, 0.5},
     {3, 4},
     {0, 0},
     2,
     4,
     0,
     "h_bucket{job=\"a\",le=\"5\"} 3\nh_bucket{job=\"a\",le=\"0.5\"} 4\n"
     "h_bucket{job=\"a\",le=\"+Inf\"} 4\nh_sum{job=\"a\"} 2.5\nh_count{job=\"a\"} 4\n"},
    /* A native histogram has no buckets here. */
    {{0, 0},
     {0, 0},
     {0, 0},
     0,
     7,
     0,
     "h_bucket{job=\"a\",le=\"+Inf\"} 7\nh_sum{job=\"a\"} 2.5\nh_count{job=\"a\"} 7\n"},
    {{1, 2},
     {0, 9},
     {0.5, 1.5},
     2,
     3,
     2.25,
     "h_bucket{job=\"a\",le=\"1\"} 0.5\nh_bucket{job=\"a\",le=\"2\"} 1.5\n"
     "h_bucket{job=\"a\",le=\"+Inf\"} 2.25\nh_sum{job=\"a\"} 2.5\nh_count{job=\"a\"} 2.25\n"},
    {{-0.0, -INFINITY},
     {1, 2},
     {0, 0},
     2,
     2,
     0,
     "h_bucket{job=\"a\",le=\"0\"} 1\nh_bucket{job=\"a\",le=\"-Inf\"} 2\n"
     "h_bucket{job=\"a\",le=\"+Inf\"} 2\nh_sum{job=\"a\"} 2.5\nh_count{job=\"a\"} 2\n"},
};

START_TEST(writes_histograms)
{
    static const struct label labels[LABELS_MAX] = {JOB};
    Io__Prometheus__Client__Bucket buckets[2], *pointers[] = {&buckets[0], &buckets[1]};
    Io__Prometheus__Client__Histogram h = IO__PROMETHEUS__CLIENT__HISTOGRAM__INIT;

    for (size_t i = 0; i < histograms[_i].n_buckets; i++)
        set_bucket(&buckets[i], histograms[_i].bounds[i], histograms[_i].counts[i],
                   histograms[_i].float_counts[i]);
    h.n_bucket = histograms[_i].n_buckets;
    h.bucket = pointers;
    h.has_sample_sum = true;
    h.sample_sum = 2.5;
    h.has_sample_count = true;
    h.sample_count = histograms[_i].count;
    h.has_sample_count_float = histograms[_i].float_count != 0;
    h.sample_count_float = histograms[_i].float_count;
    struct slice payload = metric_value_write_histogram(&h, &arena);
    text_writer_metrics(&out, SLICE_LITERAL("h"), METRIC_HISTOGRAM, stored(labels, payload),
                        ESCAPING_UNDERSCORES, &arena);
    check_output(histograms[_i].want);

    buffer_clear(&out);
    text_writer_metrics(&out, SLICE_LITERAL("h"), METRIC_GAUGE_HISTOGRAM, stored(labels, payload),
                        ESCAPING_UNDERSCORES, &arena);
    check_output(histograms[_i].want);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text_writer");
    TCase *tc = tcase_create("text_writer");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, writes_heads, 0, COUNT(heads));
    tcase_add_loop_test(tc, writes_samples, 0, COUNT(samples));
    tcase_add_loop_test(tc, writes_encoded_counters, 0, COUNT(counters));
    tcase_add_test(tc, writes_several_metrics);
    tcase_add_test(tc, writes_a_summary);
    tcase_add_loop_test(tc, writes_histograms, 0, COUNT(histograms));
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
