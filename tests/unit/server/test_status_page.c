#include "status_page.h"

#include "stored.h"

static struct buffer page_for(const char *query)
{
    size_t pieces;
    struct request r = {.server = &stored_server, .raw_query = slice_of(query)};
    struct status_page *page = status_page_new(&r);
    struct buffer got = stored_stream(status_page_produce, page, &pieces);
    status_page_free(page);
    ck_assert_ptr_nonnull(strstr(got.p, "<!DOCTYPE html>"));
    ck_assert_str_eq(got.p + got.len - 8, "</html>\n");
    return got;
}

static size_t count(const struct buffer *page, const char *what)
{
    size_t n = 0;
    for (const char *at = page->p; (at = strstr(at, what)); at++)
        n++;
    return n;
}

START_TEST(what_was_pushed_is_escaped)
{
    stored_push("<script>", "m", METRIC_GAUGE, "l", "\"><img src=x>", 1e6);
    struct buffer page = page_for("q=%3Cscript%3E");
    ck_assert_uint_eq(count(&page, "class=\"group\""), 1);
    ck_assert_uint_eq(count(&page, "<script"), 0);
    ck_assert_uint_eq(count(&page, "<img"), 0);
    ck_assert_ptr_nonnull(strstr(page.p, "&lt;script&gt;"));
    ck_assert_ptr_nonnull(strstr(page.p, "Help &lt;of&gt; it."));
    ck_assert_ptr_nonnull(strstr(page.p, "<td>1e+06</td>"));
    buffer_free(&page);
}
END_TEST

static const struct {
    const char *query;
    size_t groups;
} search_cases[] = {
    {"", 3},        {"q=", 3},          {"q=alpha", 1},     {"q=lpha", 1},
    {"q=jo", 3},    {"q=m_two", 1},     {"q=m_", 3},        {"x=alpha", 3},
    {"q=Alpha", 0}, {"q=push_time", 3}, {"q=one%2Btwo", 1},
};

START_TEST(groups_are_found_by_label_and_family)
{
    stored_push("alpha", "m_one", METRIC_GAUGE, NULL, NULL, 1);
    stored_push("beta", "m_one", METRIC_GAUGE, NULL, NULL, 1);
    stored_push("one+two", "m_two", METRIC_GAUGE, NULL, NULL, 1);
    struct buffer page = page_for(search_cases[_i].query);
    ck_assert_uint_eq(count(&page, "class=\"group\""), search_cases[_i].groups);
    ck_assert_uint_eq(count(&page, "No group to show"), search_cases[_i].groups == 0);
    ck_assert_ptr_nonnull(strstr(page.p, "<p>3 groups stored.</p>"));
    buffer_free(&page);
}
END_TEST

/* A group found by one of its families' names must show its own labels. */
START_TEST(labels_of_a_found_group_are_its_own)
{
    stored_push("alpha", "m_one", METRIC_GAUGE, NULL, NULL, 1);
    struct buffer page = page_for("q=push_time");
    ck_assert_ptr_nonnull(strstr(page.p, "<summary><span class=\"label\">job=\"alpha\"</span> "));
    buffer_free(&page);
}
END_TEST

START_TEST(a_full_page_says_so)
{
    char job[16];
    for (int i = 0; i < 2500; i++) {
        snprintf(job, sizeof(job), "job%d", i);
        stored_push(job, "m", METRIC_GAUGE, NULL, NULL, i);
    }
    struct buffer page = page_for("");
    ck_assert_uint_eq(count(&page, "class=\"group\""), 100);
    ck_assert_uint_eq(count(&page, "The first 100 are shown"), 1);
    buffer_free(&page);
    page = page_for("q=job2499");
    ck_assert_uint_eq(count(&page, "class=\"group\""), 1);
    ck_assert_uint_eq(count(&page, "are shown"), 0);
    buffer_free(&page);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("status_page");
    TCase *tc = tcase_create("all");
    tcase_set_timeout(tc, 60); /* slow machines, sanitizers */
    tcase_add_checked_fixture(tc, stored_open, stored_close);
    tcase_add_test(tc, what_was_pushed_is_escaped);
    tcase_add_loop_test(tc, groups_are_found_by_label_and_family, 0,
                        sizeof(search_cases) / sizeof(search_cases[0]));
    tcase_add_test(tc, labels_of_a_found_group_are_its_own);
    tcase_add_test(tc, a_full_page_says_so);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
