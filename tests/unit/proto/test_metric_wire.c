#include "metric_wire.h"

#include "encode.h"
#include "metrics.pb-c.h"
#include "suite.h"

static struct slice put(const struct label *labels, size_t n, struct slice payload)
{
    size_t size = metric_wire_size(labels, n, payload);
    char *bytes = encode_alloc(size);
    ck_assert_ptr_eq(metric_wire_put(bytes, labels, n, payload), bytes + size);
    return (struct slice){bytes, size};
}

static const struct label labels[] = {
    {TEXT("a"), TEXT("1")},
    {TEXT("instance"), TEXT("")},
    {TEXT("long"), TEXT("0123456789012345678901234567890123456789012345678901234567890123456789"
                        "0123456789012345678901234567890123456789012345678901234567890123456789")},
    {TEXT("z"), TEXT("nul\0inside")},
};
enum { N_LABELS = 4 };
static const struct slice gauge = TEXT("\x12\x09\x09\0\0\0\0\0\0\xf0\x3f");

START_TEST(is_field_4_of_a_family)
{
    struct slice wire = put(labels, N_LABELS, gauge);
    Io__Prometheus__Client__MetricFamily *family =
        io__prometheus__client__metric_family__unpack(NULL, wire.len, (const uint8_t *)wire.p);

    ck_assert_ptr_nonnull(family);
    ck_assert_uint_eq(family->n_metric, 1);
    const Io__Prometheus__Client__Metric *metric = family->metric[0];
    ck_assert_uint_eq(metric->n_label, N_LABELS);
    for (size_t i = 0; i < N_LABELS; i++) {
        const Io__Prometheus__Client__LabelPair *label = metric->label[i];
        ck_assert(
            slice_equal((struct slice){(char *)label->name.data, label->name.len}, labels[i].name));
        ck_assert(slice_equal((struct slice){(char *)label->value.data, label->value.len},
                              labels[i].value));
    }
    ck_assert_ptr_nonnull(metric->gauge);
    ck_assert(metric->gauge->value == 1);
    io__prometheus__client__metric_family__free_unpacked(family, NULL);
}
END_TEST

START_TEST(takes_apart_what_it_put)
{
    struct slice timestamp = TEXT("\x30\x05");
    struct slice metrics =
        MESSAGE(put(labels, N_LABELS, gauge), put(NULL, 0, timestamp), put(labels, 1, TEXT("")));
    struct metric_wire metric;
    struct label label;

    ck_assert(metric_wire_next(&metrics, &metric));
    ck_assert(slice_equal(metric.payload, gauge));
    for (size_t i = 0; i < N_LABELS; i++) {
        ck_assert(metric_wire_next_label(&metric.labels, &label));
        ck_assert(slice_equal(label.name, labels[i].name));
        ck_assert(slice_equal(label.value, labels[i].value));
    }
    ck_assert(!metric_wire_next_label(&metric.labels, &label));

    ck_assert(metric_wire_next(&metrics, &metric));
    ck_assert_uint_eq(metric.labels.len, 0);
    ck_assert(slice_equal(metric.payload, timestamp));

    ck_assert(metric_wire_next(&metrics, &metric));
    ck_assert(metric_wire_next_label(&metric.labels, &label));
    ck_assert_uint_eq(metric.payload.len, 0);

    ck_assert(!metric_wire_next(&metrics, &metric));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metric_wire");
    TCase *tc = tcase_create("metric_wire");
    tcase_add_checked_fixture(tc, NULL, encode_free);
    tcase_add_test(tc, is_field_4_of_a_family);
    tcase_add_test(tc, takes_apart_what_it_put);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
