#include "exposition.h"

#include "stored.h"
#include "wire.h"

static struct buffer exposition(enum exposition_format format, enum escaping escaping,
                                const char *query, size_t *pieces)
{
    struct exposition_choice choice = {format, escaping};
    struct exposition *x = exposition_new(&stored_server, choice, CODING_IDENTITY, slice_of(query));
    struct buffer got = stored_stream(exposition_produce, x, pieces);
    exposition_free(x);
    return got;
}

/* Takes a delimited body apart: how many families and metrics it holds, -1 if lengths do not add
 * up. */
static int count_delimited(struct slice body, size_t *metrics)
{
    int families = 0;
    struct slice family, content;
    uint64_t tag, value;

    for (*metrics = 0; body.len > 0; families++) {
        if (!wire_take_bytes(&body, &family))
            return -1;
        while (family.len > 0) {
            if (!wire_take_varint(&family, &tag))
                return -1;
            if ((tag & 7) == WIRE_VARINT ? !wire_take_varint(&family, &value)
                                         : !wire_take_bytes(&family, &content))
                return -1;
            *metrics += tag == wire_tag(4, WIRE_BYTES);
        }
    }
    return families;
}

START_TEST(families_are_sorted_own_among_pushed)
{
    static const char *const want[] = {"# TYPE a_first ", "# TYPE process_open_fds ",
                                       "# TYPE push_time_seconds ", "# TYPE pushgateway_groups ",
                                       "# TYPE z_last "};
    size_t pieces;
    stored_push("j", "z_last", METRIC_GAUGE, NULL, NULL, 1);
    stored_push("j", "a_first", METRIC_GAUGE, NULL, NULL, 1);
    struct buffer got = exposition(FORMAT_TEXT, ESCAPING_NONE, "", &pieces);
    const char *at = got.p;
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        at = strstr(at, want[i]);
        ck_assert_msg(at != NULL, "%s is not where it should be", want[i]);
        ck_assert_ptr_null(strstr(at + 1, want[i]));
    }
    buffer_free(&got);
}
END_TEST

START_TEST(own_and_pushed_metrics_are_one_family)
{
    size_t pieces, metrics;
    stored_push("j", "pushgateway_groups", METRIC_GAUGE, NULL, NULL, 7);
    struct buffer got =
        exposition(FORMAT_TEXT, ESCAPING_NONE, "name[]=pushgateway_groups", &pieces);
    ck_assert_str_eq(got.p, "# HELP pushgateway_groups Number of groups stored.\n"
                            "# TYPE pushgateway_groups gauge\n"
                            "pushgateway_groups 1\n"
                            "pushgateway_groups{instance=\"\",job=\"j\"} 7\n");
    buffer_free(&got);
    got = exposition(FORMAT_DELIMITED, ESCAPING_NONE, "name[]=pushgateway_groups", &pieces);
    ck_assert_int_eq(count_delimited(buffer_slice(&got), &metrics), 1);
    ck_assert_uint_eq(metrics, 2);
    buffer_free(&got);
}
END_TEST

static const struct {
    const char *query;
    int families;
} filter_cases[] = {
    {"name[]=m", 1},
    {"name[]=m&name[]=push_time_seconds&name[]=process_open_fds", 3},
    {"name[]=none", 0},
};

START_TEST(only_what_is_asked_for)
{
    size_t pieces, metrics;
    stored_push("j", "m", METRIC_GAUGE, NULL, NULL, 1);
    struct buffer got =
        exposition(FORMAT_DELIMITED, ESCAPING_NONE, filter_cases[_i].query, &pieces);
    ck_assert_int_eq(count_delimited(buffer_slice(&got), &metrics), filter_cases[_i].families);
    ck_assert_int_eq((int)metrics, filter_cases[_i].families);
    buffer_free(&got);
}
END_TEST

/* The length before a family must be that of what follows, also where names are written otherwise
 * than they are stored. */
START_TEST(lengths_are_right_under_every_escaping)
{
    char job[16];
    size_t pieces, metrics;
    for (int i = 0; i < 300; i++) {
        snprintf(job, sizeof(job), "job%d", i);
        stored_push(job, "m.x", METRIC_GAUGE, i % 3 ? "l.\xc3\xbc" : "l", "v", i);
    }
    struct buffer got = exposition(FORMAT_DELIMITED, (enum escaping)_i,
                                   "name[]=m.x&name[]=push_time_seconds", &pieces);
    ck_assert_int_eq(count_delimited(buffer_slice(&got), &metrics), 2);
    ck_assert_uint_eq(metrics, 600);
    buffer_free(&got);
}
END_TEST

/* One picture: what is pushed between two pieces shows in none. */
static void check_picture(enum exposition_format format)
{
    enum { GROUPS = 4000 };
    char job[16];
    struct buffer all = {0}, piece = {0};
    enum stream_status status = STREAM_MORE;
    size_t pieces = 0, metrics = 0, lines = 0;

    for (int i = 0; i < GROUPS; i++) {
        snprintf(job, sizeof(job), "job%d", i);
        stored_push(job, "m", METRIC_GAUGE, i == 7 ? "l.x" : "l", "v", 1);
    }
    struct exposition_choice choice = {format, ESCAPING_UNDERSCORES};
    struct exposition *x = exposition_new(&stored_server, choice, CODING_IDENTITY,
                                          SLICE_LITERAL("name[]=m&name[]=push_time_seconds"));
    while (status == STREAM_MORE) {
        buffer_clear(&piece);
        status = exposition_produce(x, &piece);
        ck_assert_int_ne(status, STREAM_FAILED);
        ck_assert_uint_lt(piece.len, 2 * STREAM_PIECE);
        buffer_slice_append(&all, buffer_slice(&piece));
        snprintf(job, sizeof(job), "job%zu", pieces * 500 % GROUPS);
        stored_push(job, "m", METRIC_GAUGE, "l", "later", 2);
        snprintf(job, sizeof(job), "later%zu", pieces++);
        stored_push(job, "m", METRIC_GAUGE, NULL, NULL, 3);
        while (store_reclaim(stored_server.store))
            ;
    }
    exposition_free(x);
    ck_assert_uint_gt(pieces, 3);
    if (format == FORMAT_DELIMITED) {
        ck_assert_int_eq(count_delimited(buffer_slice(&all), &metrics), 2);
        ck_assert_uint_eq(metrics, 2 * GROUPS);
    }
    buffer_byte(&all, '\0');
    ck_assert_ptr_null(memmem(all.p, all.len, "later", 5));
    for (const char *at = all.p; format == FORMAT_TEXT && (at = strstr(at, "\nm{")); at++)
        lines++;
    ck_assert(format != FORMAT_TEXT || lines == GROUPS);
    buffer_free(&piece);
    buffer_free(&all);
}

START_TEST(a_scrape_is_one_picture)
{
    check_picture(_i == 0 ? FORMAT_TEXT : FORMAT_DELIMITED);
}
END_TEST

/* A single group may be larger than a piece: it takes several. */
START_TEST(a_large_group_comes_in_pieces)
{
    enum { METRICS = 20000 };
    struct arena a = {0};
    struct error e;
    struct label key = {SLICE_LITERAL("job"), SLICE_LITERAL("j")};
    struct metric *metrics = arena_zalloc(&a, METRICS * sizeof(*metrics));
    struct slice payload = metric_value_write_number(1.5, METRIC_GAUGE, &a);
    for (int i = 0; i < METRICS; i++) {
        char *digits = arena_alloc(&a, 8);
        struct label *label = arena_alloc(&a, sizeof(*label));
        snprintf(digits, 8, "%d", i);
        *label =
            (struct label){_i == 0 ? SLICE_LITERAL("i") : SLICE_LITERAL("i.i"), slice_of(digits)};
        metrics[i] = (struct metric){.labels = label, .n_labels = 1, .payload = payload};
    }
    struct family f = {
        .name = SLICE_LITERAL("m"), .type = METRIC_GAUGE, .metrics = metrics, .n_metrics = METRICS};
    struct family_list list = {&f, 1};
    ck_assert_int_eq(store_push(stored_server.store, (struct group_key){&key, 1}, &list,
                                STORE_REPLACE, STORED_AT_NS, &a, &e),
                     STORE_APPLIED);
    arena_free(&a);

    size_t pieces, shown;
    struct buffer got = exposition(FORMAT_TEXT, ESCAPING_VALUES, "name[]=m", &pieces);
    ck_assert_uint_gt(pieces, 5);
    buffer_free(&got);
    got = exposition(FORMAT_DELIMITED, ESCAPING_VALUES, "name[]=m", &pieces);
    ck_assert_uint_gt(pieces, 5);
    ck_assert_int_eq(count_delimited(buffer_slice(&got), &shown), 1);
    ck_assert_uint_eq(shown, METRICS);
    buffer_free(&got);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("exposition");
    TCase *tc = tcase_create("all");
    tcase_set_timeout(tc, 60); /* slow machines, sanitizers */
    tcase_add_checked_fixture(tc, stored_open, stored_close);
    tcase_add_test(tc, families_are_sorted_own_among_pushed);
    tcase_add_test(tc, own_and_pushed_metrics_are_one_family);
    tcase_add_loop_test(tc, only_what_is_asked_for, 0,
                        sizeof(filter_cases) / sizeof(filter_cases[0]));
    tcase_add_loop_test(tc, lengths_are_right_under_every_escaping, ESCAPING_NONE,
                        ESCAPING_VALUES + 1);
    tcase_add_loop_test(tc, a_scrape_is_one_picture, 0, 2);
    tcase_add_loop_test(tc, a_large_group_comes_in_pieces, 0, 2);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
