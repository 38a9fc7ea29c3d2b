/* A scrape while each allocation in turn fails: it is whole or it fails, and the store and later
 * scrapes are as before. */
#include "failing_malloc.h"

#include "exposition.h"
#include "store/require.h"
#include "stored.h"

enum { GROUPS = 70 };

static const struct variant {
    enum exposition_format format;
    enum escaping escaping;
    enum coding coding;
} variants[] = {
    {FORMAT_TEXT, ESCAPING_NONE, CODING_IDENTITY},
    {FORMAT_TEXT, ESCAPING_VALUES, CODING_IDENTITY},
    {FORMAT_DELIMITED, ESCAPING_NONE, CODING_IDENTITY},
    {FORMAT_TEXT, ESCAPING_NONE, CODING_GZIP},
};

/* Own metrics change from one to the next. */
static const struct slice query = SLICE_LITERAL("name[]=m&name[]=push_time_seconds");

static void push_groups(void)
{
    char job[16];
    for (int i = 0; i < GROUPS; i++) {
        snprintf(job, sizeof(job), "j%d", i);
        stored_push(job, "m", METRIC_GAUGE, "l", "v", i);
    }
}

/* Into `out`, which arrives empty. Whether it came to its end. */
static bool scrape(const struct variant *v, struct buffer *out)
{
    struct exposition_choice choice = {v->format, v->escaping};
    struct exposition *x = exposition_new(&stored_server, choice, v->coding, query);
    struct buffer piece = {0};
    enum stream_status status = x ? STREAM_MORE : STREAM_FAILED;

    while (status == STREAM_MORE) {
        buffer_clear(&piece);
        status = exposition_produce(x, &piece);
        if (piece.failed)
            status = STREAM_FAILED;
        else
            buffer_slice_append(out, buffer_slice(&piece));
    }
    if (x)
        exposition_free(x);
    buffer_free(&piece);
    return status == STREAM_DONE && !out->failed;
}

static void check_same(const struct variant *v, const struct buffer *got,
                       const struct buffer *wanted)
{
    /* What is compressed anew need not come out the same. */
    REQUIRE(v->coding != CODING_IDENTITY || slice_equal(buffer_slice(got), buffer_slice(wanted)));
    REQUIRE(got->len > 100);
}

/* Scrapes until it goes through, failing a later allocation each time. */
static void scrape_against_all_odds(const struct variant *v, const struct buffer *wanted)
{
    for (long n = 1;; n++) {
        struct buffer got = {0};
        uint64_t version = store_version(stored_server.store);
        fail_allocation(n);
        bool ok = scrape(v, &got), failed = allocation_failed();
        REQUIRE(failed || ok);
        if (ok)
            check_same(v, &got, wanted);
        buffer_free(&got);
        REQUIRE(store_version(stored_server.store) == version);
        REQUIRE(scrape(v, &got));
        check_same(v, &got, wanted);
        buffer_free(&got);
        if (!failed) {
            REQUIRE(n > 10);
            return;
        }
        push_groups(); /* the same again: what was kept is made anew */
    }
}

START_TEST(a_scrape_without_memory)
{
    const struct variant *v = &variants[_i];
    struct buffer wanted = {0};
    size_t pieces = 0;

    for (int turn = 0; turn < 3; turn++) {
        stored_open();
        push_groups();
        buffer_clear(&wanted);
        REQUIRE(scrape(v, &wanted));
        scrape_against_all_odds(v, &wanted);
        stored_close();
        if (turn == 1)
            pieces = live_pieces;
        REQUIRE(turn < 2 || live_pieces == pieces);
    }
    buffer_free(&wanted);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exposition_memory");
    TCase *tc = tcase_create("exposition_memory");

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, a_scrape_without_memory, 0, sizeof(variants) / sizeof(*variants));
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
