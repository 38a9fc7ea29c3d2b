/* Saving and loading the persistence file while each allocation in turn fails. */
#include "failing_malloc.h"

#include "snapshot.h"

#include "dump.h"
#include "require.h"
#include "steps.h"
#include "suite.h"

#include <unistd.h>

enum { GROUPS = 120 };

static char folder[] = "/tmp/pgw-snapshot-XXXXXX";
static char path[64], temporary[80];
static struct buffer wanted, newer, got; /* dumps */

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/metrics", folder);
    snprintf(temporary, sizeof(temporary), "%s.tmp", path);
}

static void teardown(void)
{
    unlink(path);
    ck_assert_int_eq(rmdir(folder), 0);
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
    buffer_free(&wanted);
    buffer_free(&newer);
    buffer_free(&got);
}

/* Some groups are large: their records do not fit into the memory that is kept. */
static struct store *filled_store(const char *job)
{
    static char body[200000];
    struct store *s = steps_store(false);
    char key[64];

    memset(body, 'x', sizeof(body) - 1);
    memcpy(body, "big gauge ?", strlen("big gauge ?"));
    for (int i = 0; i < GROUPS; i++) {
        snprintf(key, sizeof(key), "instance=%d,job=%s", i, job);
        steps_push(s, PUT, key, i % 100 == 50 ? body : "m gauge l=1; h histogram ?Help", i + 1,
                   STORE_APPLIED);
    }
    return s;
}

static void dump(struct store *s, struct buffer *out)
{
    buffer_clear(out);
    dump_store_groups(s, out);
    dump_store_families(s, out);
    REQUIRE(!out->failed);
}

static bool same_as(const struct buffer *other)
{
    return slice_equal(buffer_slice(&got), buffer_slice(other));
}

static enum snapshot_outcome load(struct store *s, struct error *e)
{
    struct snapshot_report report;
    return snapshot_load(s, path, &report, e);
}

/* What the file holds, to `got`. */
static void read_file(void)
{
    struct error e;
    struct store *s = steps_store(false);
    REQUIRE(load(s, &e) == SNAPSHOT_LOADED);
    dump(s, &got);
    store_free(s);
}

/* Syncing the folder takes memory when the new file is in place already. */
START_TEST(a_save_without_memory_leaves_a_whole_file)
{
    struct error e = {0};
    struct store *old = filled_store("old"), *s = filled_store("new");
    REQUIRE(snapshot_save(old, path, journal_beginning, &e));
    dump(old, &wanted);
    dump(s, &newer);
    read_file();
    size_t pieces = live_pieces;
    for (long n = 1;; n++) {
        fail_allocation(n);
        bool ok = snapshot_save(s, path, journal_beginning, &e), failed = allocation_failed();
        REQUIRE(live_pieces == pieces);
        REQUIRE(access(temporary, F_OK) != 0);
        REQUIRE(failed || ok);
        if (ok) {
            REQUIRE(n > 5);
            break;
        }
        REQUIRE(e.code == ERROR_NO_MEMORY);
        read_file();
        REQUIRE(same_as(&wanted) || same_as(&newer));
    }
    read_file();
    REQUIRE(same_as(&newer));
    store_free(old);
    store_free(s);
}
END_TEST

START_TEST(a_load_without_memory_is_no_damage)
{
    struct error e = {0};
    struct store *s = filled_store("a");
    REQUIRE(snapshot_save(s, path, journal_beginning, &e));
    dump(s, &wanted);
    dump(s, &got);
    store_free(s);
    size_t pieces = live_pieces;
    for (long n = 1;; n += n < 100 ? 1 : 17) {
        s = steps_store(false);
        fail_allocation(n);
        enum snapshot_outcome outcome = load(s, &e);
        bool failed = allocation_failed();
        if (outcome == SNAPSHOT_FAILED) {
            REQUIRE(failed);
            REQUIRE(e.code == ERROR_NO_MEMORY);
        } else {
            REQUIRE(outcome == SNAPSHOT_LOADED);
            dump(s, &got);
            REQUIRE(same_as(&wanted));
        }
        store_free(s);
        REQUIRE(live_pieces == pieces);
        if (!failed) {
            REQUIRE(n > GROUPS);
            return;
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("snapshot_memory");
    TCase *tc = tcase_create("snapshot_memory");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, a_save_without_memory_leaves_a_whole_file);
    tcase_add_test(tc, a_load_without_memory_is_no_damage);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
