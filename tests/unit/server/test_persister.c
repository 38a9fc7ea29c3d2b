/* What becomes of the persistence file at the start, and what is told of it. */
#include "persister.h"

#include "log.h"
#include "own_metrics.h"
#include "stored.h"

#include <event2/event.h>

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

static char folder[] = "/tmp/pgw-persister-XXXXXX";
static char path[64];

static void setup(void)
{
    stored_open();
    log_setup(LOG_ERROR + 1, LOG_LOGFMT);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/metrics", folder);
    stored_options.persistence_file = path;
    stored_server.base = event_base_new();
    ck_assert_ptr_nonnull(stored_server.base);
}

/* How many files of the folder begin like this. */
static int count_files(const char *prefix)
{
    DIR *d = opendir(folder);
    int count = 0;
    ck_assert_ptr_nonnull(d);
    for (struct dirent *entry; (entry = readdir(d));)
        count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    closedir(d);
    return count;
}

static void remove_files(void)
{
    char name[512];
    DIR *d = opendir(folder);
    for (struct dirent *entry; (entry = readdir(d));) {
        snprintf(name, sizeof(name), "%s/%s", folder, entry->d_name);
        unlink(name);
    }
    closedir(d);
}

static void teardown(void)
{
    persister_free(stored_server.persister);
    event_base_free(stored_server.base);
    stored_close();
    remove_files();
    rmdir(folder);
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
    libevent_global_shutdown();
}

static void write_text(const char *text)
{
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

static bool start(struct error *e)
{
    *e = (struct error){0};
    return persister_new(&stored_server, &stored_server.persister, e);
}

static void restart(struct error *e)
{
    persister_free(stored_server.persister);
    store_wipe(stored_server.store);
    ck_assert_msg(start(e), "%s", e->message);
}

static double own_number(const char *name)
{
    struct arena a = {0};
    struct family_list list;
    struct metric_value value = {.number = -1};
    struct error e;

    ck_assert(own_metrics_collect(&stored_server, &a, &list));
    for (size_t i = 0; i < list.count; i++) {
        if (slice_equal(list.families[i].name, slice_of(name)))
            ck_assert(metric_value_read(list.families[i].metrics[0].payload, list.families[i].type,
                                        &a, &value, &e));
    }
    arena_free(&a);
    return value.number;
}

START_TEST(a_whole_file_is_loaded)
{
    struct error e;
    ck_assert(start(&e));
    stored_push("a", "m", METRIC_GAUGE, NULL, NULL, 1);
    ck_assert(persister_finish(stored_server.persister));
    ck_assert_int_eq(count_files("metrics"), 1);
    restart(&e);
    ck_assert_uint_eq(store_statistics(stored_server.store).groups, 1);
    ck_assert_double_eq(own_number("pushgateway_persistence_file_damaged"), 0);
}
END_TEST

START_TEST(damaged_files_are_set_aside_one_beside_the_other)
{
    struct error e;
    for (int i = 1; i <= 4; i++) {
        write_text("damaged");
        i == 1 ? ck_assert(start(&e)) : restart(&e);
        ck_assert_int_eq(count_files("metrics.damaged-"), i);
        restart(&e); /* before a save has replaced it: it is found again, and not kept twice */
        ck_assert_int_eq(count_files("metrics.damaged-"), i);
        ck_assert_int_eq(unlink(path), 0);
    }
    ck_assert_double_eq(own_number("pushgateway_persistence_file_damaged"), 1);
}
END_TEST

START_TEST(what_was_salvaged_is_saved_again)
{
    struct error e;
    ck_assert(start(&e));
    stored_push("a", "m", METRIC_GAUGE, NULL, NULL, 1);
    ck_assert(persister_finish(stored_server.persister));
    FILE *f = fopen(path, "a");
    fputs("behind", f);
    fclose(f);
    restart(&e);
    ck_assert_int_eq(access(path, F_OK), 0);
    ck_assert(persister_finish(stored_server.persister));
    restart(&e);
    ck_assert_uint_eq(store_statistics(stored_server.store).groups, 1);
    ck_assert_int_eq(count_files("metrics.damaged-"), 1);
}
END_TEST

START_TEST(a_damaged_file_is_left_alone_when_told_so)
{
    struct error e;
    stored_options.persistence_on_error = DAMAGE_FAIL;
    write_text("damaged");
    ck_assert(!start(&e));
    ck_assert_ptr_nonnull(strstr(e.message, path));
    ck_assert_ptr_nonnull(strstr(e.message, "is damaged"));
    ck_assert_int_eq(count_files("metrics"), 1);
    ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(no_folder_no_start)
{
    struct error e;
    char missing[80];
    snprintf(missing, sizeof(missing), "%s/none/metrics", folder);
    stored_options.persistence_file = missing;
    ck_assert(!start(&e));
    ck_assert_ptr_nonnull(strstr(e.message, missing));
    ck_assert_ptr_nonnull(strstr(e.message, "No such file or directory"));
}
END_TEST

START_TEST(other_children_are_not_its_own)
{
    struct error e;
    persister_child_ended(NULL, 1, 0);
    ck_assert(start(&e));
    persister_child_ended(stored_server.persister, 1, 0);
    ck_assert_double_eq(own_number("pushgateway_persistence_failures_total"), 0);
}
END_TEST

START_TEST(a_last_save_that_fails_is_told)
{
    struct error e;
    ck_assert(start(&e));
    stored_push("a", "m", METRIC_GAUGE, NULL, NULL, 1);
    remove_files();
    ck_assert_int_eq(rmdir(folder), 0);
    ck_assert(!persister_finish(stored_server.persister));
    ck_assert_double_eq(own_number("pushgateway_persistence_failures_total"), 1);
    ck_assert_double_eq(own_number("pushgateway_persistence_last_success_timestamp_seconds"), 0);
    ck_assert_ptr_nonnull(mkdtemp(memcpy(folder, "/tmp/pgw-persister-XXXXXX", sizeof(folder))));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("persister");
    TCase *tc = tcase_create("persister");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_whole_file_is_loaded);
    tcase_add_test(tc, damaged_files_are_set_aside_one_beside_the_other);
    tcase_add_test(tc, what_was_salvaged_is_saved_again);
    tcase_add_test(tc, a_damaged_file_is_left_alone_when_told_so);
    tcase_add_test(tc, no_folder_no_start);
    tcase_add_test(tc, other_children_are_not_its_own);
    tcase_add_test(tc, a_last_save_that_fails_is_told);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
