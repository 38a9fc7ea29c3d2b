/* The list in pieces. What it shows for which query is tested over HTTP,
 * tests/http/test_group_api.py.
 */
#include "group_list_json.h"

#include "stored.h"

enum { GROUPS = 20000 };

static struct group_list_json *list_for(const char *query)
{
    struct request r = {.server = &stored_server, .raw_query = slice_of(query)};
    struct error e = {0};
    struct group_list_json *list = group_list_json_new(&r, &e);
    ck_assert_msg(list, "%s", e.message);
    return list;
}

static void push_numbered(const char *what, int from, int to)
{
    char job[32];
    for (int i = from; i < to; i++) {
        snprintf(job, sizeof(job), "%s%d", what, i);
        stored_push(job, "m", METRIC_GAUGE, NULL, NULL, i);
    }
}

/* The whole list, with a push and a deletion between any two pieces. */
static struct buffer read_while_changing(struct group_list_json *list, size_t *pieces)
{
    struct buffer all = {0}, piece = {0};
    enum stream_status status = STREAM_MORE;

    for (*pieces = 0; status == STREAM_MORE; ++*pieces) {
        struct label job = {SLICE_LITERAL("job"), SLICE_LITERAL("aa")};
        struct arena a = {0};
        buffer_clear(&piece);
        status = group_list_json_produce(list, &piece);
        ck_assert_int_ne(status, STREAM_FAILED);
        ck_assert_uint_lt(piece.len, 2 * STREAM_PIECE);
        buffer_slice_append(&all, buffer_slice(&piece));
        push_numbered("later", (int)*pieces, (int)*pieces + 1);
        push_numbered("job", (int)*pieces * 7, (int)*pieces * 7 + 3);
        bool deleted;
        ck_assert(store_delete(stored_server.store, (struct group_key){&job, 1}, &a, &deleted));
        while (store_reclaim(stored_server.store))
            ;
        arena_free(&a);
    }
    group_list_json_free(list);
    buffer_free(&piece);
    buffer_byte(&all, '\0');
    ck_assert(!all.failed);
    return all;
}

#define NOTHING "\"groups\":[],\"groups_failed\":0,\"groups_total\":20000,\"matched\":0}}"

static const struct {
    const char *query, *end;
} looking[] = {
    {"q=nobody&count=1", NOTHING},
    {"q=nobody&sort=newest", NOTHING},
    {"q=nobody&sort=oldest", NOTHING},
    {"q=later", NOTHING},
    {"q=later&sort=newest", NOTHING},
    {"q=job1&limit=1&count=1", "\"groups_total\":20000,\"matched\":11111,\"next\":\"job/job1\"}}"},
    {"q=job1&limit=1&count=1&sort=oldest",
     "\"groups_total\":20000,\"matched\":11111,\"next\":\"1795344710500000000:job/job1\"}}"},
};

/* Looking at all groups takes many turns of the loop, and is one picture nevertheless. */
START_TEST(looking_for_groups_comes_in_pieces)
{
    size_t pieces;

    push_numbered("job", 0, GROUPS);
    struct buffer got = read_while_changing(list_for(looking[_i].query), &pieces);
    ck_assert_uint_gt(pieces, 20);
    ck_assert_ptr_nonnull(strstr(got.p, looking[_i].end));
    buffer_free(&got);
}
END_TEST

static const struct {
    const char *query;
    size_t groups;
} leading[] = {
    {"limit=50", 50},
    {"limit=50&sort=newest", 50},
    {"limit=50&sort=oldest&count=1", 50},
    {"limit=50&after=job/job5", 50},
    {"limit=50&metric=m", 50},
    {"limit=50&metric=rare", 1},
    {"limit=50&match[]=job%3D%22job77%22", 1},
    {"limit=50&match[]=rare", 1},
    {"limit=50&match[]=nobody&count=1", 0},
    {"failed=1&q=job", 0},
};

/* Where an index leads to the page, one piece makes it. */
START_TEST(a_page_that_an_index_leads_to_costs_what_is_on_it)
{
    size_t pieces, groups = 0;

    push_numbered("job", 0, GROUPS);
    stored_push("job3", "rare", METRIC_GAUGE, NULL, NULL, 1);
    struct buffer got = read_while_changing(list_for(leading[_i].query), &pieces);
    ck_assert_uint_eq(pieces, 1);
    for (const char *at = got.p; (at = strstr(at, "\"last_push_successful\"")); at++)
        groups++;
    ck_assert_uint_eq(groups, leading[_i].groups);
    buffer_free(&got);
}
END_TEST

START_TEST(a_list_that_is_left_is_freed)
{
    struct buffer piece = {0};

    push_numbered("job", 0, GROUPS);
    struct group_list_json *list = list_for("q=nobody&sort=newest");
    ck_assert_int_eq(group_list_json_produce(list, &piece), STREAM_MORE);
    group_list_json_free(list);
    buffer_free(&piece);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("group_list_json");
    TCase *tc = tcase_create("all");
    tcase_set_timeout(tc, 60); /* slow machines, sanitizers */
    tcase_add_checked_fixture(tc, stored_open, stored_close);
    tcase_add_loop_test(tc, looking_for_groups_comes_in_pieces, 0,
                        sizeof(looking) / sizeof(looking[0]));
    tcase_add_loop_test(tc, a_page_that_an_index_leads_to_costs_what_is_on_it, 0,
                        sizeof(leading) / sizeof(leading[0]));
    tcase_add_test(tc, a_list_that_is_left_is_freed);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
