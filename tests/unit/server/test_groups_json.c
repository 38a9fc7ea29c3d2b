#include "groups_json.h"

#include "stored.h"

static void check_json(const char *want)
{
    size_t pieces;
    struct groups_json *g = groups_json_new(stored_server.store);
    struct buffer got = stored_stream(groups_json_produce, g, &pieces);
    ck_assert_str_eq(got.p, want);
    buffer_free(&got);
    groups_json_free(g);
}

#define FAMILY(name, type, help, label, value)                                                     \
    "\"" name "\":{\"time_stamp\":\"2026-11-22T10:51:50.5Z\",\"type\":\"" type                     \
    "\",\"help\":\"" help "\",\"metrics\":[{\"labels\":{" label                                    \
    "\"instance\":\"\",\"job\":\"j\"},"                                                            \
    "\"value\":\"" value "\"}]}"
#define PUSH_TIMES                                                                                 \
    FAMILY("push_failure_time_seconds", "GAUGE",                                                   \
           "Last Unix time when changing this group in the Pushgateway failed.", "", "0")          \
    "," FAMILY("push_time_seconds", "GAUGE",                                                       \
               "Last Unix time when changing this group in the Pushgateway succeeded.", "",        \
               "1.7953447105e+09")

START_TEST(an_empty_store)
{
    check_json("{\"status\":\"success\",\"data\":[]}");
}
END_TEST

START_TEST(members_are_sorted_by_name)
{
    stored_push("j", "z", METRIC_GAUGE, NULL, NULL, 1);
    stored_push("j", "a", METRIC_COUNTER, "b", "c\"", 2.5e6);
    check_json("{\"status\":\"success\",\"data\":[{" FAMILY(
        "a", "COUNTER", "Help \\u003cof\\u003e it.", "\"b\":\"c\\\"\",",
        "2.5e+06") ",\"labels\":{\"job\":\"j\"},\"last_push_successful\":true," PUSH_TIMES
                   "," FAMILY("z", "GAUGE", "Help \\u003cof\\u003e it.", "", "1") "}]}");
}
END_TEST

START_TEST(a_family_may_take_the_place_of_a_fixed_member)
{
    stored_push("j", "labels", METRIC_UNTYPED, NULL, NULL, 1);
    check_json("{\"status\":\"success\",\"data\":[{" FAMILY(
        "labels", "UNTYPED", "Help \\u003cof\\u003e it.", "",
        "1") ",\"last_push_successful\":true," PUSH_TIMES "}]}");
}
END_TEST

START_TEST(a_refused_push_shows)
{
    struct arena a = {0};
    struct error e;
    struct label key = {SLICE_LITERAL("job"), SLICE_LITERAL("j")};
    struct metric m = {.payload = metric_value_write_number(1, METRIC_GAUGE, &a),
                       .has_timestamp = true};
    struct family f = {
        .name = SLICE_LITERAL("m"), .type = METRIC_GAUGE, .metrics = &m, .n_metrics = 1};
    struct family_list list = {&f, 1};
    size_t pieces;

    store_push(stored_server.store, (struct group_key){&key, 1}, &list, STORE_MERGE, STORED_AT_NS,
               &a, &e);
    arena_free(&a);
    struct groups_json *g = groups_json_new(stored_server.store);
    struct buffer got = stored_stream(groups_json_produce, g, &pieces);
    ck_assert_ptr_nonnull(strstr(got.p, "\"last_push_successful\":false"));
    buffer_free(&got);
    groups_json_free(g);
}
END_TEST

/* Commas and brackets must be right across pieces, and what is pushed meanwhile must not show. */
START_TEST(many_groups_come_in_pieces)
{
    enum { GROUPS = 2000 };
    char job[16];
    struct buffer all = {0}, piece = {0};
    enum stream_status status = STREAM_MORE;
    size_t pieces = 0, groups = 0;

    for (int i = 0; i < GROUPS; i++) {
        snprintf(job, sizeof(job), "job%d", i);
        stored_push(job, "m", METRIC_GAUGE, NULL, NULL, i);
    }
    struct groups_json *g = groups_json_new(stored_server.store);
    while (status == STREAM_MORE) {
        buffer_clear(&piece);
        status = groups_json_produce(g, &piece);
        ck_assert_int_ne(status, STREAM_FAILED);
        ck_assert_uint_lt(piece.len, 2 * STREAM_PIECE);
        buffer_slice_append(&all, buffer_slice(&piece));
        snprintf(job, sizeof(job), "later%zu", pieces++);
        stored_push(job, "m", METRIC_GAUGE, NULL, NULL, 1);
    }
    groups_json_free(g);
    buffer_byte(&all, '\0');
    ck_assert_uint_gt(pieces, 10);
    ck_assert_ptr_null(strstr(all.p, "later"));
    for (const char *at = all.p; (at = strstr(at, "\"last_push_successful\"")); at++)
        groups++;
    ck_assert_uint_eq(groups, GROUPS);
    ck_assert_ptr_null(strstr(all.p, "}{"));
    ck_assert_ptr_null(strstr(all.p, ",,"));
    buffer_free(&piece);
    buffer_free(&all);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("groups_json");
    TCase *tc = tcase_create("all");
    tcase_set_timeout(tc, 60); /* slow machines, sanitizers */
    tcase_add_checked_fixture(tc, stored_open, stored_close);
    tcase_add_test(tc, an_empty_store);
    tcase_add_test(tc, members_are_sorted_by_name);
    tcase_add_test(tc, a_family_may_take_the_place_of_a_fixed_member);
    tcase_add_test(tc, a_refused_push_shows);
    tcase_add_test(tc, many_groups_come_in_pieces);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
