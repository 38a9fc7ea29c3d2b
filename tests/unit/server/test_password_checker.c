#include "password_checker.h"
#include "suite.h"

#include <dirent.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct event_base *base;
static struct password_checker *checker;
static int verdict;

static void on_verdict(void *context, enum password_verdict v)
{
    (void)context;
    verdict = (int)v;
}

static void set_up(void)
{
    base = event_base_new();
    checker = password_checker_new(base);
    ck_assert_ptr_nonnull(checker);
    password_checker_listen(checker, on_verdict, NULL);
}

static void tear_down(void)
{
    password_checker_free(checker);
    event_base_free(base);
    libevent_global_shutdown();
}

static int check(const char *hash, const char *password)
{
    verdict = -1;
    if (!password_checker_begin(checker, hash, slice_of(password)))
        return -2;
    while (verdict < 0)
        event_base_loop(base, EVLOOP_ONCE);
    return verdict;
}

/* Hashes by other implementations: those of the published test vectors, and Python's. */
static const struct {
    const char *hash, *password;
    bool right;
} cases[] = {
    {"$2b$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW", "pw", true},
    {"$2b$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW", "pW", false},
    {"$2b$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW", "", false},
    {"$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U", true},
    {"$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*", true},
    {"$2b$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U", true},
    {"$2b$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", "", true},
    /* 72 bytes count, and no more */
    {"$2b$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
     "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
     "0123456789chars after 72 are ignored",
     true},
    {"$2b$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
     "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", true},
    {"$2b$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
     "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345678", false},
    /* bits of the salt's last letter that do not count */
    {"$2b$04$abcdefghijklmnopqrstuvyvPXIbu7xe6/CED2DzX8z6Si09MlzlW", "pw", true},
    {"$2b$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", "\xa3", true},
};

START_TEST(verdicts)
{
    ck_assert_int_eq(check(cases[_i].hash, cases[_i].password),
                     cases[_i].right ? PASSWORD_RIGHT : PASSWORD_WRONG);
}
END_TEST

/* The only child of this process. */
static pid_t child(void)
{
    char path[64];
    long pid = 0;
    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%ld", &pid), 1);
    fclose(file);
    return (pid_t)pid;
}

START_TEST(a_dead_process_is_replaced)
{
    verdict = -1;
    pid_t first = child();
    kill(first, SIGSTOP);
    ck_assert(password_checker_begin(checker, cases[0].hash, slice_of("pw")));
    kill(first, SIGKILL);
    while (verdict < 0)
        event_base_loop(base, EVLOOP_ONCE);
    ck_assert_int_eq(verdict, PASSWORD_UNCHECKED);
    ck_assert_int_eq(check(cases[0].hash, "pw"), PASSWORD_RIGHT);
    ck_assert_int_ne(child(), first);
}
END_TEST

START_TEST(signals_are_for_the_server)
{
    ck_assert_int_eq(check(cases[0].hash, "pw"), PASSWORD_RIGHT); /* it runs, and ignores them */
    pid_t first = child();
    kill(first, SIGTERM);
    kill(first, SIGINT);
    kill(first, SIGHUP);
    ck_assert_int_eq(check(cases[0].hash, "pw"), PASSWORD_RIGHT);
    ck_assert_int_eq(child(), first);
}
END_TEST

/* Its socket is number 3; very high ones are valgrind's. */
START_TEST(it_holds_no_files)
{
    char path[64];
    ck_assert_int_eq(check(cases[0].hash, "pw"), PASSWORD_RIGHT);
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)child());
    DIR *dir = opendir(path);
    ck_assert_ptr_nonnull(dir);
    const struct dirent *entry;
    bool leaked = false;
    while ((entry = readdir(dir)) != NULL)
        leaked = leaked || (atoi(entry->d_name) > 3 && atoi(entry->d_name) < 1000);
    closedir(dir);
    ck_assert(!leaked);
}
END_TEST

/* A cost of 31 takes days. */
START_TEST(the_end_waits_for_no_check)
{
    ck_assert(password_checker_begin(
        checker, "$2b$31$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW", slice_of("pw")));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("password_checker");
    TCase *tcase = tcase_create("password_checker");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, verdicts, 0, sizeof(cases) / sizeof(*cases));
    tcase_add_test(tcase, a_dead_process_is_replaced);
    tcase_add_test(tcase, signals_are_for_the_server);
    tcase_add_test(tcase, it_holds_no_files);
    tcase_add_test(tcase, the_end_waits_for_no_check);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
