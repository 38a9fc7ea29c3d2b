/* The file that the journal is written to, also when the disk fails. */
#include "journal_segment.h"

#include "suite.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static char folder[64], name[80];
static struct journal_segment segment;

static void open_all(void)
{
    struct error e;
    strcpy(folder, "/tmp/test_journal_segment_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(name, sizeof(name), "%s/segment", folder);
    segment = (struct journal_segment){.fd = -1, .folder = open(folder, O_RDONLY | O_DIRECTORY)};
    ck_assert(segment.folder >= 0);
    ck_assert(journal_segment_open(&segment, name, 1, &e));
    signal(SIGXFSZ, SIG_IGN);
}

static void close_all(void)
{
    journal_segment_close(&segment);
    close(segment.folder);
    ck_assert(unlink(name) == 0 && rmdir(folder) == 0);
}

static void append(const char *text)
{
    struct error e = {0};
    ck_assert_msg(journal_segment_append(&segment, slice_of(text), &e), "%s", e.message);
}

static void check_content(const char *wanted)
{
    char got[64] = "";
    FILE *file = fopen(name, "r");
    ck_assert_ptr_nonnull(file);
    got[fread(got, 1, sizeof(got) - 1, file)] = '\0';
    fclose(file);
    ck_assert_str_eq(got, wanted);
}

static void limit_size(rlim_t most)
{
    struct rlimit limit;
    ck_assert(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
    ck_assert(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

START_TEST(appends)
{
    append("one ");
    append("");
    append("two");
    check_content("one two");
    ck_assert_int_eq(segment.size, 7);
}
END_TEST

/* As much as fits is written, and taken away again. */
START_TEST(cuts_back_what_failed)
{
    struct error e;
    append("kept ");
    limit_size(8);
    ck_assert(!journal_segment_append(&segment, SLICE_LITERAL("too long"), &e));
    ck_assert_int_eq(e.code, ERROR_IO);
    ck_assert_str_eq(e.message, "write: File too large");
    check_content("kept too");
    ck_assert(!journal_segment_append(&segment, SLICE_LITERAL("too long"), &e));
    limit_size(RLIM_INFINITY);
    append("on");
    check_content("kept on");
}
END_TEST

START_TEST(drops_what_an_earlier_try_left)
{
    struct error e;
    append("left");
    journal_segment_close(&segment);
    ck_assert(journal_segment_open(&segment, name, 2, &e));
    append("new");
    check_content("new");
    ck_assert_uint_eq(segment.number, 2);
}
END_TEST

START_TEST(is_locked)
{
    struct journal_segment other = {.fd = -1};
    struct error e;
    append("mine");
    ck_assert(journal_segment_is_in_use(name));
    ck_assert(!journal_segment_open(&other, name, 1, &e));
    ck_assert_ptr_nonnull(strstr(e.message, "another process writes it"));
    check_content("mine");
    journal_segment_close(&segment);
    ck_assert(!journal_segment_is_in_use(name));
    ck_assert(!journal_segment_is_in_use("/nowhere"));
}
END_TEST

START_TEST(cannot_be_created)
{
    struct error e;
    ck_assert(!journal_segment_open(&segment, "/nowhere/segment", 2, &e));
    ck_assert_str_eq(e.message, "create /nowhere/segment: No such file or directory");
    ck_assert_uint_eq(segment.number, 1); /* the former is still there to be written */
    append("on");
    check_content("on");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal_segment");
    TCase *tc = tcase_create("journal_segment");

    tcase_add_checked_fixture(tc, open_all, close_all);
    tcase_add_test(tc, appends);
    tcase_add_test(tc, cuts_back_what_failed);
    tcase_add_test(tc, drops_what_an_earlier_try_left);
    tcase_add_test(tc, is_locked);
    tcase_add_test(tc, cannot_be_created);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
