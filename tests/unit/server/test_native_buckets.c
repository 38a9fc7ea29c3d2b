#include "native_buckets.h"
#include "suite.h"

#include <float.h>
#include <math.h>

enum { SPANS = 2, COUNTS = 8, BUCKETS = 16 };

struct side_case {
    struct {
        int32_t offset;
        uint32_t length;
    } spans[SPANS];
    size_t n_spans;
    int64_t deltas[COUNTS];
    double counts[COUNTS];
    size_t n_counts;
};

/* What the published server shows for these, bit by bit. */
static const struct {
    const char *name;
    int32_t schema;
    bool is_float;
    double zero_threshold, zero_count;
    struct side_case negative, positive;
    struct {
        enum native_boundaries boundaries;
        double lower, upper, count;
    } want[BUCKETS];
    size_t n_want;
} cases[] = {
    {"both sides",
     0,
     false,
     0.001,
     2,
     {{{1, 2}}, 1, {3, 0}, {0}, 2},
     {{{0, 3}, {2, 1}}, 2, {1, 1, -1, 2}, {0}, 4},
     {{1, -4, -2, 3},
      {1, -2, -1, 3},
      {3, -0.001, 0.001, 2},
      {0, 0.5, 1, 1},
      {0, 1, 2, 2},
      {0, 2, 4, 1},
      {0, 16, 32, 3}},
     7},
    {"float counts; empty buckets are left out",
     3,
     true,
     0,
     2.5,
     {{{1, 2}}, 1, {0}, {3, 0.5}, 2},
     {{{-5, 3}, {2, 1}}, 2, {0}, {1.5, 0, 2.25, 1e6}, 4},
     {{1, -1.189207115002721, -1.0905077326652577, 0.5},
      {1, -1.0905077326652577, -1, 3},
      {3, -0.0, 0, 2.5},
      {0, 0.5946035575013605, 0.6484197773255048, 1.5},
      {0, 0.7071067811865475, 0.7711054127039704, 2.25},
      {0, 0.9170040432046711, 1, 1e6}},
     6},
    {"the coarsest, at both ends of what a double holds",
     -4,
     false,
     0.001,
     0,
     {{{-70, 4}}, 1, {1, 1, 1, 1}, {0}, 4},
     {{{62, 5}}, 1, {1, 1, 1, 1, 1}, {0}, 5},
     {{1, -2e-323, -0.0, 4},
      {2, -0.0, -0.0, 3},
      {2, -0.0, -0.0, 2},
      {2, -0.0, -0.0, 1},
      {0, 6.386688990511104e+293, 4.185580496821357e+298, 1},
      {0, 4.185580496821357e+298, 2.7430620343968443e+303, 2},
      {0, 2.7430620343968443e+303, DBL_MAX, 3},
      {0, DBL_MAX, INFINITY, 4},
      {0, INFINITY, INFINITY, 5}},
     9},
    {"the finest",
     8,
     false,
     0.001,
     0,
     {{{0, 0}}, 0, {0}, {0}, 0},
     {{{262142, 4}}, 1, {1, 0, 0, 0}, {0}, 4},
     {{0, 1.7831499455763332e+308, 1.787984555534544e+308, 1},
      {0, 1.787984555534544e+308, 1.7928322734501122e+308, 1},
      {0, 1.7928322734501122e+308, DBL_MAX, 1},
      {0, DBL_MAX, INFINITY, 1}},
     4},
    {"roots are the model's, not exp2()'s",
     4,
     false,
     0.001,
     0,
     {{{0, 0}}, 0, {0}, {0}, 0},
     {{{13, 3}}, 1, {1, 0, 0}, {0}, 3},
     {{0, 1.6817928305074288, 1.756252160373299, 1},
      {0, 1.756252160373299, 1.8340080864093422, 1},
      {0, 1.8340080864093422, 1.915206561397147, 1}},
     3},
    {"custom bounds, which the message cannot hold",
     -53,
     false,
     0.001,
     0,
     {{{0, 0}}, 0, {0}, {0}, 0},
     {{{0, 3}}, 1, {1, 1, 1}, {0}, 3},
     {{0, 0, 1, 1}, {0, 1, INFINITY, 2}, {0, INFINITY, INFINITY, 3}},
     3},
    {"a count below zero wraps",
     1,
     false,
     0.001,
     0,
     {{{0, 0}}, 0, {0}, {0}, 0},
     {{{0, 3}}, 1, {1, -3, 5}, {0}, 3},
     {{0, 0.7071067811865475, 1, 1},
      {0, 1, 1.414213562373095, 18446744073709551614.0},
      {0, 1.414213562373095, 2, 3}},
     3},
    {"spans longer than the counts",
     0,
     false,
     0.001,
     0,
     {{{0, 0}}, 0, {0}, {0}, 0},
     {{{0, UINT32_MAX}, {5, 5}}, 2, {1}, {0}, 1},
     {{0, 0.5, 1, 1}},
     1},
};

static void fill_side(const struct side_case *side, Io__Prometheus__Client__BucketSpan *spans,
                      Io__Prometheus__Client__BucketSpan **pointers)
{
    for (size_t i = 0; i < side->n_spans; i++) {
        io__prometheus__client__bucket_span__init(&spans[i]);
        spans[i].offset = side->spans[i].offset;
        spans[i].length = side->spans[i].length;
        pointers[i] = &spans[i];
    }
}

START_TEST(buckets_are_those_of_the_model)
{
    Io__Prometheus__Client__Histogram h = IO__PROMETHEUS__CLIENT__HISTOGRAM__INIT;
    Io__Prometheus__Client__BucketSpan spans[2][SPANS], *pointers[2][SPANS];
    struct side_case negative = cases[_i].negative, positive = cases[_i].positive;
    struct native_buckets got;
    struct arena a = {0};

    fill_side(&negative, spans[0], pointers[0]);
    fill_side(&positive, spans[1], pointers[1]);
    h.negative_span = pointers[0];
    h.n_negative_span = negative.n_spans;
    h.positive_span = pointers[1];
    h.n_positive_span = positive.n_spans;
    h.schema = cases[_i].schema;
    h.zero_threshold = cases[_i].zero_threshold;
    if (cases[_i].is_float) {
        h.sample_count_float = 1;
        h.zero_count_float = cases[_i].zero_count;
        h.negative_count = negative.counts;
        h.n_negative_count = negative.n_counts;
        h.positive_count = positive.counts;
        h.n_positive_count = positive.n_counts;
    } else {
        h.zero_count = (uint64_t)cases[_i].zero_count;
        h.negative_delta = negative.deltas;
        h.n_negative_delta = negative.n_counts;
        h.positive_delta = positive.deltas;
        h.n_positive_delta = positive.n_counts;
    }

    ck_assert(native_buckets_exist(&h));
    ck_assert(native_buckets_read(&h, &a, &got));
    ck_assert_int_eq(got.is_float, cases[_i].is_float);
    ck_assert_msg(got.count == cases[_i].n_want, "%s: %zu buckets", cases[_i].name, got.count);
    for (size_t i = 0; i < got.count; i++) {
        const struct native_bucket *b = &got.buckets[i];
        double count = got.is_float ? b->count_float : (double)b->count;
        ck_assert_msg(b->boundaries == cases[_i].want[i].boundaries &&
                          b->lower == cases[_i].want[i].lower &&
                          signbit(b->lower) == signbit(cases[_i].want[i].lower) &&
                          b->upper == cases[_i].want[i].upper &&
                          signbit(b->upper) == signbit(cases[_i].want[i].upper) &&
                          count == cases[_i].want[i].count,
                      "%s, bucket %zu: %d %.17g %.17g %.17g", cases[_i].name, i, b->boundaries,
                      b->lower, b->upper, count);
    }
    arena_free(&a);
}
END_TEST

START_TEST(a_classic_histogram_is_none)
{
    Io__Prometheus__Client__Histogram h = IO__PROMETHEUS__CLIENT__HISTOGRAM__INIT;
    h.zero_count = 3;
    ck_assert(!native_buckets_exist(&h));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("native_buckets");
    TCase *tc = tcase_create("all");
    tcase_add_loop_test(tc, buckets_are_those_of_the_model, 0, sizeof(cases) / sizeof(cases[0]));
    tcase_add_test(tc, a_classic_histogram_is_none);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
