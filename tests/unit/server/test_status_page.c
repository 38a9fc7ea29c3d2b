#include "status_page.h"

#include "stored.h"

/* What a browser without scripts is shown: between the first pair of <noscript>. */
static struct buffer page_for(const char *query)
{
    size_t pieces;
    struct request r = {.server = &stored_server, .raw_query = slice_of(query)};
    struct status_page *page = status_page_new(&r);
    ck_assert_ptr_nonnull(page);
    struct buffer got = stored_stream(status_page_produce, page, &pieces);
    status_page_free(page);
    ck_assert_ptr_nonnull(strstr(got.p, "<!DOCTYPE html>"));
    ck_assert_str_eq(got.p + got.len - 8, "</html>\n");
    ck_assert_ptr_null(strstr(got.p, "{{"));
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
    stored_push("</noscript><script>", "m", METRIC_GAUGE, "l", "v", 1e6);
    struct buffer page = page_for("q=%3Cscript%3E");
    ck_assert_uint_eq(count(&page, "href=\"api/v1/groups/"), 1);
    ck_assert_uint_eq(count(&page, "<script>"), 0);
    ck_assert_uint_eq(count(&page, "</noscript>"), 2);
    ck_assert_ptr_nonnull(strstr(page.p,
                                 "<a href=\"api/v1/groups/job@base64/PC9ub3NjcmlwdD48c2NyaXB0Pg\">"
                                 "<code>job=\"&lt;/noscript&gt;&lt;script&gt;\"</code>"));
    ck_assert_ptr_nonnull(strstr(page.p, "value=\"&lt;script&gt;\""));
    ck_assert_ptr_nonnull(strstr(page.p, "2026-11-22T10:51:50Z"));
    buffer_free(&page);
}
END_TEST

static const struct {
    const char *query;
    size_t groups;
} search_cases[] = {
    {"", 3},
    {"q=", 3},
    {"q=alpha", 1},
    {"q=lpha", 1},
    {"q=jo", 3},
    {"q=m_two", 1},
    {"q=m_", 3},
    {"x=alpha", 3},
    {"q=Alpha", 1},
    {"q=push_time", 3},
    {"failed=1", 0},
    {"q=one%2Btwo", 1},
    {"metric=m_one", 2},
    {"sort=newest", 3},
};

START_TEST(groups_are_found_by_label_and_family)
{
    stored_push("alpha", "m_one", METRIC_GAUGE, NULL, NULL, 1);
    stored_push("beta", "m_one", METRIC_GAUGE, NULL, NULL, 1);
    stored_push("one+two", "m_two", METRIC_GAUGE, NULL, NULL, 1);
    struct buffer page = page_for(search_cases[_i].query);
    ck_assert_uint_eq(count(&page, "href=\"api/v1/groups/"), search_cases[_i].groups);
    ck_assert_ptr_nonnull(strstr(page.p, " of 3 groups."));
    buffer_free(&page);
}
END_TEST

START_TEST(a_wrong_query_is_told)
{
    struct buffer page = page_for("sort=x");
    ck_assert_ptr_nonnull(strstr(page.p, "<p>sort is key, oldest or newest</p>"));
    buffer_free(&page);
}
END_TEST

START_TEST(pages_lead_to_each_other)
{
    char job[16];
    for (int i = 0; i < 250; i++) {
        snprintf(job, sizeof(job), "job %d", i);
        stored_push(job, "m", METRIC_GAUGE, NULL, NULL, i);
    }
    struct buffer page = page_for("x=%26&after=job/job%2520100&q=job");
    ck_assert_uint_eq(count(&page, "href=\"api/v1/groups/"), 100);
    ck_assert_ptr_nonnull(
        strstr(page.p, "<a href=\"?x=%26&amp;q=job&amp;after=job/job%2520191\">Next page</a>"));
    buffer_free(&page);
    page = page_for("after=job/job%2520191");
    ck_assert_ptr_null(strstr(page.p, "after=job/job%2520191"));
    buffer_free(&page);
    page = page_for("sort=oldest&after=1795344710500000000:job/job%25201");
    ck_assert_ptr_nonnull(
        strstr(page.p, "?sort=oldest&amp;after=1795344710500000000:job/job%2520101\""));
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
    tcase_add_test(tc, a_wrong_query_is_told);
    tcase_add_test(tc, pages_lead_to_each_other);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
