/* Loading a file of the Go Pushgateway when memory is out. Linked with --wrap for the functions
 * below, so that every allocation of the store and of proto passes here. */
#include "require.h"
#include "snapshot.h"
#include "suite.h"

#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static long fail_in; /* the how manieth allocation from now fails; 0: none */

static bool fails(void)
{
    return fail_in > 0 && --fail_in == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : __real_realloc(p, size);
}

static const char *const files[] = {GOB_FIXTURES "/1.11.2.gob",
                                    GOB_FIXTURES "/1.11.2-unchecked.gob"};

/* Loads with the n-th allocation failing; tells whether there was an n-th. */
static bool try_load(const char *path, long n, enum snapshot_outcome *outcome, struct error *e)
{
    struct store *s = store_new((struct store_options){0});
    struct snapshot_report report;

    REQUIRE(s);
    fail_in = n;
    *outcome = snapshot_load(s, path, &report, e);
    bool failed = fail_in == 0;
    fail_in = 0;
    store_free(s);
    return failed;
}

/* A file that is whole must not be taken for damaged, or it would be set aside. */
START_TEST(a_whole_file_is_not_damaged)
{
    enum snapshot_outcome outcome;
    struct error e;
    long n = 1;

    while (try_load(files[_i], n, &outcome, &e)) {
        REQUIRE(outcome != SNAPSHOT_DAMAGED);
        REQUIRE(outcome == SNAPSHOT_LOADED || e.code == ERROR_NO_MEMORY);
        n++;
    }
    ck_assert_int_eq(outcome, SNAPSHOT_LOADED);
    ck_assert_int_gt(n, 50);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gob_memory");
    TCase *tc = tcase_create("gob_memory");

    tcase_add_loop_test(tc, a_whole_file_is_not_damaged, 0, 2);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
