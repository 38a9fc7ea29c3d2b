/* With the real checker, at bcrypt's least cost: verdicts are waited for in the loop. */
#include "basic_auth.h"
#include "password_checker.h"
#include "suite.h"
#include "web_config.h"

#include <event2/event.h>
#include <stdio.h>

/* of "pw" */
#define HASH_PW "$2b$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW"

#define GOOD    "Basic YTpwdw=="     /* a:pw */
#define WRONG   "Basic YTpweA=="     /* a:px */
#define UNKNOWN "Basic eno6cHc="     /* zz:pw */
#define NUL     "Basic YTpwdwBwdw==" /* a:pw, NUL, pw */

static struct event_base *base;
static struct password_checker *checker;
static struct basic_auth *auth;
static struct web_config_user users[2];

/* A request: what it got, and whether it had to wait. */
struct asker {
    struct auth_waiter waiter; /* first */
    enum admission admission;
    bool waited;
};

static void set_up(void)
{
    base = event_base_new();
    checker = password_checker_new(base);
    ck_assert_ptr_nonnull(checker);
    auth = basic_auth_new(checker);
    ck_assert_ptr_nonnull(auth);
    users[0] = (struct web_config_user){SLICE_LITERAL("a"), HASH_PW};
    users[1] = (struct web_config_user){SLICE_LITERAL("b"), HASH_PW};
    ck_assert(basic_auth_set_users(auth, users, 2));
}

static void tear_down(void)
{
    basic_auth_free(auth);
    password_checker_free(checker);
    event_base_free(base);
    libevent_global_shutdown();
}

static void on_decided(struct auth_waiter *waiter, enum admission admission)
{
    ((struct asker *)(void *)waiter)->admission = admission;
}

static void ask(struct asker *asker, const char *header)
{
    *asker = (struct asker){.waiter.decided = on_decided};
    asker->admission = basic_auth_ask(auth, slice_of(header), -1, &asker->waiter);
    asker->waited = asker->admission == ADMISSION_WAITING;
}

static enum admission wait_for(struct asker *asker)
{
    while (asker->admission == ADMISSION_WAITING)
        event_base_loop(base, EVLOOP_ONCE);
    return asker->admission;
}

static enum admission outcome(const char *header, bool waits)
{
    struct asker asker;
    ask(&asker, header);
    enum admission admission = wait_for(&asker);
    ck_assert_msg(asker.waited == waits, "%s", header);
    return admission;
}

START_TEST(no_users)
{
    ck_assert(basic_auth_set_users(auth, NULL, 0));
    ck_assert_int_eq(outcome("", false), ADMISSION_GRANTED);
    ck_assert_int_eq(outcome(WRONG, false), ADMISSION_GRANTED);
}
END_TEST

START_TEST(nothing_to_check)
{
    ck_assert_int_eq(outcome("", false), ADMISSION_UNAUTHORIZED);
    ck_assert_int_eq(outcome("Bearer x", false), ADMISSION_UNAUTHORIZED);
}
END_TEST

START_TEST(verdicts_are_remembered)
{
    ck_assert_int_eq(outcome(GOOD, true), ADMISSION_GRANTED);
    ck_assert_int_eq(outcome(GOOD, false), ADMISSION_GRANTED);
    ck_assert_int_eq(outcome(WRONG, true), ADMISSION_UNAUTHORIZED);
    ck_assert_int_eq(outcome(WRONG, false), ADMISSION_UNAUTHORIZED);
    ck_assert_int_eq(outcome(GOOD, false), ADMISSION_GRANTED);
}
END_TEST

/* Though the password is that of the user against whose hash it is checked. */
START_TEST(unknown_users_are_checked_too)
{
    ck_assert_int_eq(outcome(UNKNOWN, true), ADMISSION_UNAUTHORIZED);
    ck_assert_int_eq(outcome(UNKNOWN, false), ADMISSION_UNAUTHORIZED);
}
END_TEST

START_TEST(a_nul_ends_no_password)
{
    ck_assert_int_eq(outcome(NUL, true), ADMISSION_UNAUTHORIZED);
}
END_TEST

START_TEST(one_check_for_all_who_say_the_same)
{
    struct asker askers[40];
    for (size_t i = 0; i < 40; i++)
        ask(&askers[i], GOOD);
    for (size_t i = 0; i < 40; i++) {
        ck_assert(askers[i].waited);
        ck_assert_int_eq(wait_for(&askers[i]), ADMISSION_GRANTED);
    }
}
END_TEST

/* "a:0" to "a:9" and on: different wrong passwords. */
static const char *guess(unsigned n)
{
    static char header[32];
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";
    snprintf(header, sizeof(header), "Basic YTp%c", letters[n % 32]);
    return header;
}

START_TEST(a_client_may_not_flood)
{
    enum { ASKERS = 30, ONE_RUNS_AND_WAIT = 17 };
    struct asker askers[ASKERS];
    for (unsigned i = 0; i < ASKERS; i++)
        ask(&askers[i], guess(i));
    for (unsigned i = 0; i < ASKERS; i++)
        ck_assert_int_eq(wait_for(&askers[i]),
                         i < ONE_RUNS_AND_WAIT ? ADMISSION_UNAUTHORIZED : ADMISSION_TOO_MANY);
}
END_TEST

START_TEST(who_goes_away_is_not_told)
{
    struct asker askers[3];
    ask(&askers[0], guess(0));
    ask(&askers[1], guess(1));
    ask(&askers[2], guess(2));
    basic_auth_cancel(auth, &askers[0].waiter);
    basic_auth_cancel(auth, &askers[1].waiter);
    basic_auth_cancel(auth, &askers[1].waiter);
    ck_assert_int_eq(wait_for(&askers[2]), ADMISSION_UNAUTHORIZED);
    ck_assert_int_eq(askers[0].admission, ADMISSION_WAITING);
    ck_assert_int_eq(outcome(guess(0), false), ADMISSION_UNAUTHORIZED);
    ck_assert_int_eq(outcome(guess(1), true), ADMISSION_UNAUTHORIZED);
}
END_TEST

START_TEST(other_users_come)
{
    static struct web_config_user others[] = {{SLICE_LITERAL("a"), HASH_PW},
                                              {SLICE_LITERAL("zz"), HASH_PW}};
    ck_assert_int_eq(outcome(GOOD, true), ADMISSION_GRANTED);
    ck_assert_int_eq(outcome(UNKNOWN, true), ADMISSION_UNAUTHORIZED);
    ck_assert(basic_auth_set_users(auth, others, 2));
    ck_assert_int_eq(outcome(GOOD, false), ADMISSION_GRANTED);
    ck_assert_int_eq(outcome(UNKNOWN, true), ADMISSION_GRANTED);
    ck_assert(basic_auth_set_users(auth, others + 1, 1));
    ck_assert_int_eq(outcome(GOOD, true), ADMISSION_UNAUTHORIZED);
}
END_TEST

/* A changed hash: what was verified does not count. */
START_TEST(another_password)
{
    static struct web_config_user changed[] = {
        {SLICE_LITERAL("a"), "$2b$04$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}};
    ck_assert_int_eq(outcome(GOOD, true), ADMISSION_GRANTED);
    ck_assert(basic_auth_set_users(auth, changed, 1));
    ck_assert_int_eq(outcome(GOOD, true), ADMISSION_UNAUTHORIZED);
}
END_TEST

/* The verdict that comes is about the old hash. */
START_TEST(users_change_during_a_check)
{
    static struct web_config_user changed[] = {
        {SLICE_LITERAL("a"), "$2b$04$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}};
    struct asker askers[2];
    ask(&askers[0], GOOD);
    ask(&askers[1], WRONG);
    ck_assert(basic_auth_set_users(auth, changed, 1));
    ck_assert_int_eq(wait_for(&askers[0]), ADMISSION_UNAUTHORIZED);
    ck_assert_int_eq(wait_for(&askers[1]), ADMISSION_UNAUTHORIZED);
}
END_TEST

START_TEST(users_go_during_a_check)
{
    struct asker askers[2];
    ask(&askers[0], WRONG);
    ask(&askers[1], UNKNOWN);
    ck_assert(basic_auth_set_users(auth, NULL, 0));
    ck_assert_int_eq(wait_for(&askers[0]), ADMISSION_GRANTED);
    ck_assert_int_eq(wait_for(&askers[1]), ADMISSION_GRANTED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("basic_auth");
    TCase *tcase = tcase_create("basic_auth");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, no_users);
    tcase_add_test(tcase, nothing_to_check);
    tcase_add_test(tcase, verdicts_are_remembered);
    tcase_add_test(tcase, unknown_users_are_checked_too);
    tcase_add_test(tcase, a_nul_ends_no_password);
    tcase_add_test(tcase, one_check_for_all_who_say_the_same);
    tcase_add_test(tcase, a_client_may_not_flood);
    tcase_add_test(tcase, who_goes_away_is_not_told);
    tcase_add_test(tcase, other_users_come);
    tcase_add_test(tcase, another_password);
    tcase_add_test(tcase, users_change_during_a_check);
    tcase_add_test(tcase, users_go_during_a_check);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
