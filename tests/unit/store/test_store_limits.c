/* What a limit refuses and what it lets pass, one row a step. The two times of a group are among
 * its series. */
#include "dump.h"
#include "notation.h"
#include "steps.h"
#include "suite.h"

enum { STEPS_MAX = 9 };

static const struct scenario {
    const char *name;
    struct store_limits limits;
    struct step steps[STEPS_MAX];
} scenarios[] = {
    {"groups",
     {.groups = 2},
     {{PUT, "job=a", "m gauge", STORE_APPLIED, NULL},
      {PUT, "job=b", "m gauge", STORE_APPLIED, NULL},
      {PUT, "job=c", "m gauge", STORE_UNTOUCHED,
       "limit of 2 groups exceeded: there are 2, with this push there would be 3"},
      {POST, "job=c", "", STORE_UNTOUCHED,
       "limit of 2 groups exceeded: there are 2, with this push there would be 3"},
      {PUT, "job=a", "m gauge; n gauge; n gauge l=1", STORE_APPLIED, NULL},
      {DELETE, "job=b", NULL, STORE_APPLIED, NULL},
      {PUT, "job=c", "m gauge", STORE_APPLIED, NULL},
      {WIPE, NULL, NULL, STORE_APPLIED, NULL},
      {PUT, "job=d", "m gauge", STORE_APPLIED, NULL}}},
    {"series",
     {.series = 5},
     {{PUT, "job=a", "m gauge; m gauge l=1; n gauge", STORE_APPLIED, NULL},
      {PUT, "job=a", "m gauge; m gauge l=2; m gauge l=3; n gauge", STORE_REFUSED,
       "limit of 5 series exceeded: there are 5, with this push there would be 6"},
      {POST, "job=a", "o gauge", STORE_REFUSED,
       "limit of 5 series exceeded: there are 5, with this push there would be 6"},
      {PUT, "job=b", "", STORE_UNTOUCHED,
       "limit of 5 series exceeded: there are 5, with this push there would be 7"},
      {PUT, "job=a", "m gauge l=2; m gauge l=3; o gauge", STORE_APPLIED, NULL},
      {POST, "job=a", "m gauge; m gauge l=3", STORE_APPLIED, NULL},
      {POST, "job=a", "m gauge l=7", STORE_APPLIED, NULL},
      {POST, "job=a", "n gauge; n gauge l=1", STORE_REFUSED,
       "limit of 5 series exceeded: there are 4, with this push there would be 6"},
      {POST, "job=a", "n gauge", STORE_APPLIED, NULL}}},
    {"series of a group",
     {.series_per_group = 4},
     {{PUT, "job=a", "m gauge; m gauge l=1; n gauge", STORE_UNTOUCHED,
       "limit of 4 series per group exceeded: the group has 0, with this push it would have 5"},
      {PUT, "job=a", "m gauge; m gauge l=1", STORE_APPLIED, NULL},
      {PUT, "job=b", "m gauge; m gauge l=1", STORE_APPLIED, NULL},
      {POST, "job=b", "n histogram", STORE_REFUSED,
       "limit of 4 series per group exceeded: the group has 4, with this push it would have 5"},
      {POST, "job=b", "m gauge; m gauge l=2", STORE_APPLIED, NULL},
      {POST, "job=b", "push_time_seconds gauge", STORE_APPLIED, NULL},
      {PUT, "job=b", "n histogram; o summary", STORE_APPLIED, NULL}}},
    {"a fault is told before a limit",
     {.groups = 1, .series = 3},
     {{PUT, "job=a", "m gauge", STORE_APPLIED, NULL},
      {PUT, "job=a", "n gauge; n gauge", STORE_REFUSED, PMII METRIC("n", JOB_A, GAUGE) BEFORE},
      {PUT, "job=b", "n gauge; n gauge", STORE_UNTOUCHED, PMII METRIC("n", JOB_B, GAUGE) BEFORE},
      {PUT, "job=b", "m gauge @", STORE_UNTOUCHED, PMII "pushed metrics must not have timestamps"},
      {DELETE, "job=a", NULL, STORE_APPLIED, NULL},
      {PUT, "job=b", "m gauge @", STORE_REFUSED, PMII "pushed metrics must not have timestamps"}}},
    {"no room for a group that only holds a failure",
     {.series = 4},
     {{PUT, "job=a", "m gauge", STORE_APPLIED, NULL},
      {PUT, "job=b", "m gauge @", STORE_UNTOUCHED,
       PMII "pushed metrics must not have timestamps"}}},
};

START_TEST(rules)
{
    const struct scenario *scenario = &scenarios[_i];
    struct store *s = steps_limited_store(scenario->limits);
    for (int i = 0; i < STEPS_MAX && scenario->steps[i].kind != NO_STEP; i++) {
        const struct step *step = &scenario->steps[i];
        struct error e;
        enum store_outcome outcome = steps_act(s, step, i + 1, &e);
        ck_assert_msg(outcome == step->outcome &&
                          strcmp(e.message, step->message ? step->message : "") == 0,
                      "%s, step %d: outcome %d: %s", scenario->name, i, (int)outcome, e.message);
        bool limited = step->message && strncmp(step->message, "limit ", 6) == 0;
        ck_assert((e.code == ERROR_LIMIT) == limited);
    }
    store_free(s);
}
END_TEST

START_TEST(failures_show_on_groups_that_are_there)
{
    struct store *s = steps_limited_store((struct store_limits){.groups = 1, .series = 4});
    steps_push(s, PUT, "job=a", "m gauge; n gauge", 10, STORE_APPLIED);
    steps_push(s, POST, "job=a", "o gauge", 20, STORE_REFUSED);
    steps_push(s, PUT, "job=b", "o gauge", 30, STORE_UNTOUCHED);
    steps_push(s, PUT, "job=b", "o gauge @", 40, STORE_UNTOUCHED);
    steps_check(s, steps_dump_times, "group {job=a;} born 10 ok 10 failed 20, 4 families\n");
    ck_assert_uint_eq(store_statistics(s).series, 4);
    store_free(s);
}
END_TEST

/* A file may hold more than the limits of today. */
START_TEST(restoring_is_never_refused)
{
    struct store *s =
        steps_limited_store((struct store_limits){.groups = 1, .series = 5, .series_per_group = 4});
    static const int64_t times[] = {5, 7, 9};
    static const char *const keys[] = {"job=a", "job=b"};
    struct arena a = {0};
    struct error e = {0};
    for (size_t i = 0; i < 2; i++) {
        struct store_saved_group saved = {
            .key = notation_key(keys[i], &a),
            .families = notation_body("m gauge; m gauge l=1; n gauge; o gauge", &a),
            .times_ns = times};
        ck_assert_msg(store_restore(s, &saved, &a, &e), "%s", e.message);
    }
    ck_assert_uint_eq(store_statistics(s).series, 12);
    /* What only updates or takes away is welcome. */
    steps_push(s, POST, "job=a", "m gauge; m gauge l=2", 1, STORE_APPLIED);
    steps_push(s, POST, "job=a", "p gauge", 1, STORE_REFUSED);
    steps_push(s, PUT, "job=a", "m gauge; n gauge; o gauge", 1, STORE_APPLIED);
    steps_push(s, PUT, "job=a", "m gauge; n gauge; o gauge; p gauge", 1, STORE_REFUSED);
    steps_push(s, PUT, "job=c", "", 1, STORE_UNTOUCHED);
    ck_assert_uint_eq(store_statistics(s).series, 11);
    arena_free(&a);
    store_free(s);
}
END_TEST

/* Where nothing is checked, limits still are. */
START_TEST(limits_hold_for_an_unchecked_store)
{
    struct store *s =
        store_new((struct store_options){.unchecked = true, .limits = {.series = 5, .groups = 1}});
    steps_push(s, PUT, "job=a", "m gauge; m gauge; m gauge", 1, STORE_APPLIED);
    ck_assert_uint_eq(store_statistics(s).series, 5);
    steps_push(s, POST, "job=a", "n gauge", 1, STORE_REFUSED);
    steps_push(s, PUT, "job=b", "n gauge @", 1, STORE_UNTOUCHED);
    steps_push(s, PUT, "job=a", "m gauge; m gauge; n gauge", 1, STORE_APPLIED);
    store_free(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_limits");
    TCase *tc = tcase_create("store_limits");

    tcase_add_loop_test(tc, rules, 0, (int)(sizeof(scenarios) / sizeof(*scenarios)));
    tcase_add_test(tc, failures_show_on_groups_that_are_there);
    tcase_add_test(tc, restoring_is_never_refused);
    tcase_add_test(tc, limits_hold_for_an_unchecked_store);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
