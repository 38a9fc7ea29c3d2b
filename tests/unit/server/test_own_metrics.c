#include "own_metrics.h"

#include "stored.h"
#include "telemetry.h"

#include <time.h>

static struct arena arena;

static void open_all(void)
{
    stored_open();
}

static void close_all(void)
{
    arena_free(&arena);
    stored_close();
}

static struct family_list collect(void)
{
    struct family_list list;
    ck_assert(own_metrics_collect(&stored_server, &arena, &list));
    return list;
}

static const struct family *find(struct family_list list, const char *name)
{
    for (size_t i = 0; i < list.count; i++) {
        if (slice_equal(list.families[i].name, slice_of(name)))
            return &list.families[i];
    }
    return NULL;
}

static double number_of(const struct family *f, size_t i)
{
    struct metric_value value;
    struct error e;
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_lt(i, f->n_metrics);
    ck_assert(metric_value_read(f->metrics[i].payload, f->type, &arena, &value, &e));
    return value.number;
}

START_TEST(families_are_sorted_and_whole)
{
    struct family_list list = collect();
    ck_assert_uint_gt(list.count, 10);
    for (size_t i = 0; i < list.count; i++) {
        const struct family *f = &list.families[i];
        ck_assert(i == 0 || slice_compare(list.families[i - 1].name, f->name) < 0);
        ck_assert_uint_gt(f->n_metrics, 0);
        ck_assert(f->has_help && f->help.len > 0);
        ck_assert(slice_has_suffix(f->name, SLICE_LITERAL("_total")) ==
                  (f->type == METRIC_COUNTER));
        for (size_t m = 0; m < f->n_metrics; m++) {
            for (size_t l = 1; l < f->metrics[m].n_labels; l++)
                ck_assert(slice_compare(f->metrics[m].labels[l - 1].name,
                                        f->metrics[m].labels[l].name) < 0);
        }
    }
}
END_TEST

START_TEST(requests_are_counted_by_code_handler_method)
{
    telemetry_count_request(stored_server.telemetry, "push", "put", 200);
    telemetry_count_request(stored_server.telemetry, "push", "put", 200);
    telemetry_count_request(stored_server.telemetry, "push", "put", 400);
    telemetry_count_request(stored_server.telemetry, "delete", "unknown", 202);
    const struct family *f = find(collect(), "pushgateway_http_requests_total");
    static const struct {
        const char *code, *handler, *method;
        double count;
    } want[] = {
        {"200", "push", "put", 2}, {"202", "delete", "unknown", 1}, {"400", "push", "put", 1}};
    ck_assert_uint_eq(f->n_metrics, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct label *labels = f->metrics[i].labels;
        ck_assert_uint_eq(f->metrics[i].n_labels, 3);
        ck_assert(slice_equal(labels[0].value, slice_of(want[i].code)));
        ck_assert(slice_equal(labels[1].value, slice_of(want[i].handler)));
        ck_assert(slice_equal(labels[2].value, slice_of(want[i].method)));
        ck_assert_double_eq(number_of(f, i), want[i].count);
    }
}
END_TEST

START_TEST(pushes_are_summarised_by_method)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    ck_assert_ptr_null(find(collect(), "pushgateway_http_push_size_bytes"));
    telemetry_observe_push(stored_server.telemetry, "put", now_ns, 0.5, 74);
    telemetry_observe_push(stored_server.telemetry, "put", now_ns, 1.5, 80);
    telemetry_observe_push(stored_server.telemetry, "get", now_ns, 1.5, 80);
    const struct family *f = find(collect(), "pushgateway_http_push_size_bytes");
    struct metric_value value;
    struct error e;
    ck_assert_uint_eq(f->n_metrics, 1);
    ck_assert(slice_equal(f->metrics[0].labels[0].value, SLICE_LITERAL("put")));
    ck_assert(metric_value_read(f->metrics[0].payload, f->type, &arena, &value, &e));
    ck_assert_uint_eq(value.summary->sample_count, 2);
    ck_assert_double_eq(value.summary->sample_sum, 154);
    ck_assert_uint_eq(value.summary->n_quantile, 3);
    ck_assert_double_eq(value.summary->quantile[0]->quantile, 0.1);
    ck_assert_double_eq(value.summary->quantile[0]->value, 74);
    ck_assert_double_eq(value.summary->quantile[2]->value, 80);
}
END_TEST

START_TEST(what_is_stored_is_shown)
{
    stored_push("a", "m", METRIC_GAUGE, "l", "v", 1);
    struct family_list list = collect();
    ck_assert_double_eq(number_of(find(list, "pushgateway_groups"), 0), 1);
    ck_assert(number_of(find(list, "pushgateway_series"), 0) >= 1);
    ck_assert(number_of(find(list, "pushgateway_metric_families"), 0) >= 1);
    ck_assert_ptr_null(find(list, "pushgateway_persistence_failures_total"));
}
END_TEST

START_TEST(refusals_are_counted_by_reason)
{
    telemetry_count_rejection(stored_server.telemetry, REJECTED_LIMIT);
    telemetry_count_rejection(stored_server.telemetry, REJECTED_LIMIT);
    const struct family *f = find(collect(), "pushgateway_rejected_pushes_total");
    ck_assert_uint_eq(f->n_metrics, REJECTIONS);
    for (size_t i = 0; i < REJECTIONS; i++) {
        ck_assert_double_eq(number_of(f, i), i == REJECTED_LIMIT ? 2 : 0);
        ck_assert(slice_equal(f->metrics[i].labels[0].name, SLICE_LITERAL("reason")));
        ck_assert(slice_equal(f->metrics[i].labels[0].value, slice_of(telemetry_rejections[i])));
    }
}
END_TEST

START_TEST(own_types_hold_for_pushes)
{
    struct arena a = {0};
    struct error e;
    struct label key = {SLICE_LITERAL("job"), SLICE_LITERAL("j")};
    struct metric m = {.payload = metric_value_write_number(1, METRIC_COUNTER, &a)};
    struct family f = {.name = SLICE_LITERAL("pushgateway_http_push_size_bytes"),
                       .type = METRIC_COUNTER,
                       .metrics = &m,
                       .n_metrics = 1};
    struct family_list list = {&f, 1};
    ck_assert_int_eq(store_push(stored_server.store, (struct group_key){&key, 1}, &list,
                                STORE_MERGE, STORED_AT_NS, &a, &e),
                     STORE_REFUSED);
    arena_free(&a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("own_metrics");
    TCase *tc = tcase_create("all");
    tcase_add_checked_fixture(tc, open_all, close_all);
    tcase_add_test(tc, families_are_sorted_and_whole);
    tcase_add_test(tc, requests_are_counted_by_code_handler_method);
    tcase_add_test(tc, pushes_are_summarised_by_method);
    tcase_add_test(tc, what_is_stored_is_shown);
    tcase_add_test(tc, refusals_are_counted_by_reason);
    tcase_add_test(tc, own_types_hold_for_pushes);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
