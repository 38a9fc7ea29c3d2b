#include "gob_keep.h"
#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Stands before link(), which cannot be had to fail as it does without hard links. */
static int link_errno;
int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to)
{
    if (link_errno == 0)
        return __real_link(from, to);
    errno = link_errno;
    return -1;
}

static char folder[] = "/tmp/gob_keep_XXXXXX";
static char path[64];
static struct error error;

static void set_up(void)
{
    strcpy(folder + sizeof(folder) - 7, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/file", folder);
    link_errno = 0;
}

static const char *in_folder(const char *name)
{
    static char full[64];
    snprintf(full, sizeof(full), "%s/%s", folder, name);
    return full;
}

static void write_file(const char *name, const char *content)
{
    FILE *f = fopen(in_folder(name), "wb");
    ck_assert(f != NULL && fputs(content, f) >= 0 && fclose(f) == 0);
}

/* "" is no such file. */
static const char *content(const char *name)
{
    static char read[64];
    FILE *f = fopen(in_folder(name), "rb");
    size_t n = f ? fread(read, 1, sizeof(read) - 1, f) : 0;
    if (f)
        fclose(f);
    read[n] = '\0';
    return read;
}

static void tear_down(void)
{
    static const char *const names[] = {"file", "file.gob", "file.gob.1", "file.gob.2"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        unlink(in_folder(names[i]));
    ck_assert_int_eq(rmdir(folder), 0); /* nothing else was left there */
}

static const int ways[] = {0, EPERM, EOPNOTSUPP}; /* link; copy, as link() says no */

START_TEST(a_foreign_file_gets_a_second_name)
{
    bool kept = false;

    link_errno = ways[_i];
    write_file("file", "gob");
    ck_assert_msg(gob_keep(path, &kept, &error), "%s", error.message);
    ck_assert(kept);
    ck_assert_str_eq(content("file"), "gob");
    ck_assert_str_eq(content("file.gob"), "gob");
}
END_TEST

START_TEST(no_other_file_is_overwritten)
{
    bool kept = false;

    link_errno = ways[_i];
    write_file("file", "third");
    write_file("file.gob", "first");
    write_file("file.gob.1", "second");
    ck_assert_msg(gob_keep(path, &kept, &error), "%s", error.message);
    ck_assert(kept);
    ck_assert_str_eq(content("file.gob"), "first");
    ck_assert_str_eq(content("file.gob.1"), "second");
    ck_assert_str_eq(content("file.gob.2"), "third");
}
END_TEST

/* A crash after that, before the new file is in place. */
START_TEST(a_file_is_kept_once)
{
    bool kept = false;

    write_file("file", "gob");
    ck_assert(gob_keep(path, &kept, &error));
    ck_assert(gob_keep(path, &kept, &error));
    ck_assert(kept);
    ck_assert_str_eq(content("file.gob.1"), "");
}
END_TEST

static const char *const ours[] = {"PGWSNAP\x01", "PGWSNAP\x02 of a later version", "PGWSNAP", ""};

START_TEST(ours_is_not_kept)
{
    bool kept = true;

    write_file("file", ours[_i]);
    ck_assert(gob_keep(path, &kept, &error));
    ck_assert(!kept);
    ck_assert_str_eq(content("file.gob"), "");
}
END_TEST

START_TEST(no_file_is_nothing_to_keep)
{
    bool kept = true;
    ck_assert(gob_keep(path, &kept, &error));
    ck_assert(!kept);
}
END_TEST

START_TEST(what_fails_is_said)
{
    bool kept = true;

    write_file("file", "gob");
    link_errno = EPERM;
    char long_name[300];
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    ck_assert(!gob_keep(long_name, &kept, &error));
    ck_assert_int_eq(error.code, ERROR_IO);
    ck_assert(!gob_keep(folder, &kept, &error)); /* a folder can be opened, not read */
    ck_assert_int_eq(error.code, ERROR_IO);
    ck_assert(!kept);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(*(array)))

int main(void)
{
    Suite *suite = suite_create("gob_keep");
    TCase *tc = tcase_create("gob_keep");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, a_foreign_file_gets_a_second_name, 0, COUNT(ways));
    tcase_add_loop_test(tc, no_other_file_is_overwritten, 0, COUNT(ways));
    tcase_add_test(tc, a_file_is_kept_once);
    tcase_add_loop_test(tc, ours_is_not_kept, 0, COUNT(ours));
    tcase_add_test(tc, no_file_is_nothing_to_keep);
    tcase_add_test(tc, what_fails_is_said);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
