/* The rules of a push, one row a step; messages are those of the original. */
#include "dump.h"
#include "notation.h"
#include "steps.h"
#include "suite.h"

enum { STEPS_MAX = 7 };

static const struct scenario {
    const char *name;
    struct step steps[STEPS_MAX];
} scenarios[] = {
    {"a metric twice in one push",
     {{PUT, "job=a", "m gauge; m gauge", STORE_REFUSED, PMII METRIC("m", JOB_A, GAUGE) BEFORE},
      {PUT, "job=a", "m gauge l=1; m gauge l=1,job=x", STORE_REFUSED,
       PMII METRIC("m", JOB_A LABEL("l", "1"), GAUGE) BEFORE},
      {PUT, "job=a", "m gauge; m gauge instance=", STORE_REFUSED,
       PMII METRIC("m", JOB_A, GAUGE) BEFORE},
      {PUT, "job=a", "m gauge; m gauge l=", STORE_APPLIED, NULL}}},
    {"a metric of another group",
     {{PUT, "job=a", "m gauge instance=x", STORE_APPLIED, NULL},
      {PUT, "instance=x,job=a", "m gauge", STORE_REFUSED,
       PMII METRIC("m", LABEL("instance", "x") LABEL("job", "a"), GAUGE) BEFORE},
      {PUT, "instance=x,job=a", "n gauge", STORE_APPLIED, NULL},
      {POST, "instance=x,job=a", "m gauge l=1", STORE_APPLIED, NULL},
      {PUT, "job=a", "m gauge instance=y", STORE_APPLIED, NULL},
      {PUT, "instance=x,job=a", "m gauge", STORE_APPLIED, NULL},
      {POST, "job=a", "m gauge instance=x", STORE_REFUSED,
       PMII METRIC("m", LABEL("instance", "x") LABEL("job", "a"), GAUGE) BEFORE}}},
    {"a metric of another group comes free",
     {{PUT, "job=a", "m gauge l=1", STORE_APPLIED, NULL},
      {PUT, "job=a,l=1", "m gauge", STORE_REFUSED,
       PMII METRIC("m", JOB_A LABEL("l", "1"), GAUGE) BEFORE},
      {DELETE, "job=a", NULL, STORE_APPLIED, NULL},
      {PUT, "job=a,l=1", "m gauge", STORE_APPLIED, NULL},
      {PUT, "job=a", "m gauge l=1", STORE_REFUSED,
       PMII METRIC("m", JOB_A LABEL("l", "1"), GAUGE) BEFORE},
      {WIPE, NULL, NULL, STORE_APPLIED, NULL},
      {PUT, "job=a", "m gauge l=1", STORE_APPLIED, NULL}}},
    {"pushed twice and stored elsewhere",
     {{PUT, "job=a,l=1", "m gauge", STORE_APPLIED, NULL},
      {PUT, "job=a", "m gauge l=1; m gauge l=1", STORE_REFUSED,
       PMII "2 error(s) occurred:\n* " METRIC("m", JOB_A LABEL("l", "1"), GAUGE) BEFORE
       "\n* " METRIC("m", JOB_A LABEL("l", "1"), GAUGE) BEFORE "\n"}}},
    {"another type than in another group",
     {{PUT, "job=a", "m counter", STORE_APPLIED, NULL},
      {PUT, "job=b", "m gauge", STORE_REFUSED, PMII METRIC("m", JOB_B, GAUGE) "is not a COUNTER"},
      {PUT, "job=b", "m gauge; m gauge l=1", STORE_REFUSED,
       PMII "2 error(s) occurred:\n* " METRIC("m", JOB_B, GAUGE) "is not a COUNTER\n* " METRIC(
           "m", JOB_B LABEL("l", "1"), GAUGE) "is not a COUNTER\n"},
      {PUT, "job=b", "m counter", STORE_APPLIED, NULL},
      {PUT, "job=a", "m gauge", STORE_REFUSED, PMII METRIC("m", JOB_A, GAUGE) "is not a COUNTER"},
      {DELETE, "job=b", NULL, STORE_APPLIED, NULL},
      {PUT, "job=a", "m gauge", STORE_APPLIED, NULL}}},
    {"another type than oneself pushed before",
     {{PUT, "job=a", "m counter; n counter", STORE_APPLIED, NULL},
      {POST, "job=a", "m gauge", STORE_APPLIED, NULL},
      {PUT, "job=a", "n gauge", STORE_APPLIED, NULL},
      {PUT, "job=b", "m summary; n gauge", STORE_APPLIED, NULL}}},
    {"each metric is blamed once, for the first thing",
     {{PUT, "job=a", "m counter", STORE_APPLIED, NULL},
      {PUT, "job=b", "m gauge __x=1; m gauge __x=1", STORE_REFUSED,
       PMII "2 error(s) occurred:\n* " METRIC(
           "m", LABEL("__x", "1") JOB_B,
           GAUGE) "is not a COUNTER\n* " METRIC("m", LABEL("__x", "1") JOB_B,
                                                GAUGE) "is not a COUNTER\n"},
      {PUT, "job=b", "own gauge __x=1", STORE_REFUSED,
       PMII "gathered metric family own has type GAUGE but should have SUMMARY"},
      {PUT, "job=b", "own_sum gauge __x=1", STORE_REFUSED,
       PMII "collected metric named \"own_sum\" collides with previously collected summary named "
            "\"own\""},
      {PUT, "job=b", "n gauge __x=\xff,a=\xff", STORE_REFUSED,
       PMII METRIC("n", LABEL("__x", "\\xff") LABEL("a", "\\xff") JOB_B,
                   GAUGE) "has a label with an invalid name: __x"}}},
    {"own families",
     {{PUT, "job=a", "own summary", STORE_APPLIED, NULL},
      {PUT, "job=b", "own counter; own counter l=1", STORE_REFUSED,
       PMII "gathered metric family own has type COUNTER but should have SUMMARY"},
      {PUT, "job=b", "own_count gauge", STORE_REFUSED,
       PMII "collected metric named \"own_count\" collides with previously collected summary named "
            "\"own\""},
      {PUT, "job=b", "own_bucket gauge", STORE_APPLIED, NULL},
      {DELETE, "job=a", NULL, STORE_APPLIED, NULL},
      {PUT, "job=a", "own gauge", STORE_REFUSED,
       PMII "gathered metric family own has type GAUGE but should have SUMMARY"},
      {PUT, "job=a", "lonely histogram", STORE_REFUSED,
       PMII "collected histogram or summary named \"lonely\" collides with previously collected "
            "metric named \"lonely_sum\""}}},
    {"own families after a wipe",
     {{PUT, "job=a", "own summary", STORE_APPLIED, NULL},
      {WIPE, NULL, NULL, STORE_APPLIED, NULL},
      {PUT, "job=a", "own gauge", STORE_REFUSED,
       PMII "gathered metric family own has type GAUGE but should have SUMMARY"}}},
    {"a part beside a histogram",
     {{PUT, "job=a", "h histogram", STORE_APPLIED, NULL},
      {PUT, "job=b", "h_count gauge", STORE_REFUSED,
       PMII "collected metric named \"h_count\" collides with previously collected histogram named "
            "\"h\""},
      {PUT, "job=b", "h_sum gauge", STORE_REFUSED,
       PMII "collected metric named \"h_sum\" collides with previously collected histogram named "
            "\"h\""},
      {POST, "job=a", "h_bucket gauge", STORE_REFUSED,
       PMII
       "collected metric named \"h_bucket\" collides with previously collected histogram named "
       "\"h\""},
      {PUT, "job=b", "h_x gauge; _count gauge", STORE_APPLIED, NULL},
      {PUT, "job=a", "h_count gauge", STORE_APPLIED, NULL}}},
    {"a histogram beside a part",
     {{PUT, "job=a", "h_count gauge", STORE_APPLIED, NULL},
      {PUT, "job=b", "h histogram", STORE_REFUSED,
       PMII "collected histogram or summary named \"h\" collides with previously collected metric "
            "named \"h_count\""},
      {PUT, "job=b", "h gauge", STORE_APPLIED, NULL},
      {PUT, "job=b", "h summary", STORE_REFUSED,
       PMII "collected histogram or summary named \"h\" collides with previously collected metric "
            "named \"h_count\""},
      {PUT, "job=b", "h gaugehistogram", STORE_REFUSED,
       PMII "collected histogram or summary named \"h\" collides with previously collected metric "
            "named \"h_count\""},
      {PUT, "job=a", "h_bucket gauge", STORE_APPLIED, NULL},
      {PUT, "job=b", "h histogram", STORE_REFUSED,
       PMII "collected histogram named \"h\" collides with previously collected metric named "
            "\"h_bucket\""}}},
    {"a summary has no buckets",
     {{PUT, "job=a", "s summary", STORE_APPLIED, NULL},
      {PUT, "job=b", "s_bucket gauge", STORE_APPLIED, NULL},
      {PUT, "job=b", "s_sum gauge", STORE_REFUSED,
       PMII "collected metric named \"s_sum\" collides with previously collected summary named "
            "\"s\""},
      {PUT, "job=c", "s_sum histogram", STORE_REFUSED,
       PMII "collected metric named \"s_sum\" collides with previously collected summary named "
            "\"s\""}}},
    {"owner and parts in one push",
     {{PUT, "job=a", "h_sum gauge; h histogram", STORE_REFUSED,
       PMII "collected metric named \"h_sum\" collides with previously collected histogram named "
            "\"h\""},
      {PUT, "job=a", "h histogram; h_count gauge; h_sum gauge", STORE_REFUSED,
       PMII "2 error(s) occurred:\n* collected metric named \"h_count\" collides with previously "
            "collected histogram named \"h\"\n* collected metric named \"h_sum\" collides with "
            "previously collected histogram named \"h\"\n"},
      {PUT, "job=b", "h_count gauge", STORE_APPLIED, NULL},
      {PUT, "job=a", "h histogram; h_sum gauge", STORE_REFUSED,
       PMII "collected histogram or summary named \"h\" collides with previously collected metric "
            "named \"h_count\""},
      {PUT, "job=a", "h histogram; h_count gauge l=1", STORE_REFUSED,
       PMII "collected histogram or summary named \"h\" collides with previously collected metric "
            "named \"h_count\""},
      {PUT, "job=b", "h histogram; h_bucket histogram", STORE_REFUSED,
       PMII
       "collected metric named \"h_bucket\" collides with previously collected histogram named "
       "\"h\""}}},
    {"what collides goes with the same push",
     {{PUT, "job=a", "h histogram; m gauge", STORE_APPLIED, NULL},
      {POST, "job=a", "h_count gauge", STORE_REFUSED,
       PMII "collected metric named \"h_count\" collides with previously collected histogram named "
            "\"h\""},
      {PUT, "job=a", "h_count gauge", STORE_APPLIED, NULL},
      {PUT, "job=a", "h histogram", STORE_APPLIED, NULL},
      {POST, "job=a", "h gauge; h_count gauge", STORE_APPLIED, NULL},
      {POST, "job=a", "h histogram; h_count gauge", STORE_REFUSED,
       PMII "collected histogram or summary named \"h\" collides with previously collected metric "
            "named \"h_count\""},
      {PUT, "job=a", "h histogram", STORE_APPLIED, NULL}}},
    {"gauge histograms collide as histograms do",
     {{PUT, "job=a", "g gaugehistogram", STORE_APPLIED, NULL},
      {PUT, "job=b", "g_bucket gauge", STORE_REFUSED,
       PMII "collected metric named \"g_bucket\" collides with previously collected gaugehistogram "
            "named \"g\""},
      {PUT, "job=a", "g gauge; g_bucket gauge", STORE_APPLIED, NULL}}},
    {"labels that text adds",
     {{PUT, "job=a", "h histogram le=1", STORE_REFUSED,
       PMII METRIC("h", JOB_A LABEL("le", "1"),
                   "histogram:{sample_count:1}") "must not have an explicit \"le\" label"},
      {PUT, "job=a,le=1", "g gauge; s summary", STORE_APPLIED, NULL},
      {POST, "job=a,le=1", "h gaugehistogram", STORE_REFUSED,
       PMII METRIC("h", JOB_A LABEL("le", "1"),
                   "histogram:{sample_count:1}") "must not have an explicit \"le\" label"}}},
    {"what is no grouping key",
     {{PUT, "a=1", "m gauge", STORE_UNTOUCHED,
       "a grouping key without a job, or with labels out of order or doubled"},
      {PUT, "job=a,a=1", "m gauge", STORE_UNTOUCHED,
       "a grouping key without a job, or with labels out of order or doubled"},
      {PUT, "job=a,job=b", "m gauge", STORE_UNTOUCHED,
       "a grouping key without a job, or with labels out of order or doubled"}}},
    {"labels that look alike",
     {{PUT, "job=a", "m gauge a.b=1,c=2", STORE_APPLIED, NULL},
      {PUT, "job=a", "m gauge a.b=1,a_b=2", STORE_REFUSED,
       PMII METRIC("m", LABEL("a.b", "1") LABEL("a_b", "2") JOB_A,
                   GAUGE) "has labels whose names look the same when escaped: a.b and a_b"},
      {PUT, "job=a", "m gauge a.b=1,U__a_2e_b=2", STORE_REFUSED,
       PMII METRIC("m", LABEL("U__a_2e_b", "2") LABEL("a.b", "1") JOB_A,
                   GAUGE) "has labels whose "
                          "names look the same when escaped: U__a_2e_b and a.b"},
      {PUT, "job=a", "m gauge a.b=1,a_b=2,le=3", STORE_REFUSED,
       PMII METRIC("m", LABEL("a.b", "1") LABEL("a_b", "2") JOB_A LABEL("le", "3"),
                   GAUGE) "has labels whose names look the same when escaped: a.b and a_b"},
      {PUT, "a.b=1,job=a", "m gauge", STORE_APPLIED, NULL},
      {PUT, "a.b=1,job=a", "m gauge a-b=1", STORE_REFUSED,
       PMII METRIC("m", LABEL("a-b", "1") LABEL("a.b", "1") JOB_A,
                   GAUGE) "has labels whose names look the same when escaped: a-b and a.b"},
      {PUT, "a.b=1,a_b=1,job=a", "m gauge", STORE_UNTOUCHED,
       "grouping labels \"a.b\" and \"a_b\" look the same when escaped"}}},
    {"labels",
     {{PUT, "job=a", "m gauge __x=1", STORE_REFUSED,
       PMII METRIC("m", LABEL("__x", "1") JOB_A, GAUGE) "has a label with an invalid name: __x"},
      {PUT, "job=a", "m gauge b=1,b=2", STORE_REFUSED,
       PMII METRIC("m", LABEL("b", "1") LABEL("b", "2") JOB_A,
                   GAUGE) "has two or more labels with the same name: b"},
      {PUT, "job=a", "m gauge =1", STORE_REFUSED,
       PMII METRIC("m", LABEL("", "1") JOB_A, GAUGE) "has two or more labels with the same name: "},
      {PUT, "job=a", "m gauge b=\xff\x01", STORE_REFUSED,
       PMII METRIC("m", LABEL("b", "\\xff\\x01") JOB_A,
                   GAUGE) "has a label named \"b\" whose value is not utf8: \"\\xff\\x01\""},
      {PUT, "job=a", "m gauge b\xff=1", STORE_REFUSED,
       PMII METRIC("m", LABEL("b\\xff", "1") JOB_A,
                   GAUGE) "has a label with an invalid name: b\xff"},
      {PUT, "job=a", "s summary quantile=1", STORE_REFUSED,
       PMII METRIC("s", JOB_A LABEL("quantile", "1"),
                   "summary:{sample_count:1}") "must not have an explicit \"quantile\" label"},
      {PUT, "job=a", "m gauge quantile=1,le=1; h histogram a-b=2,\xc3\xa9=3", STORE_APPLIED,
       NULL}}},
    {"labels that the key overrides",
     {{PUT, "job=a", "m gauge job=1,job=2", STORE_REFUSED,
       PMII METRIC("m", LABEL("instance", "") LABEL("job", "a") LABEL("job", "a"),
                   GAUGE) "has two or more labels with the same name: job"},
      {PUT, "job=a", "m gauge instance=1,instance=2", STORE_REFUSED,
       PMII METRIC("m", LABEL("instance", "1") LABEL("instance", "2") LABEL("job", "a"),
                   GAUGE) "has two or more labels with the same name: instance"},
      {PUT, "job=a", "m gauge job=\xff", STORE_APPLIED, NULL}}},
    {"timestamps",
     {{PUT, "job=a", "m gauge; n gauge @", STORE_REFUSED,
       PMII "pushed metrics must not have timestamps"},
      {PUT, "job=a", "push_time_seconds gauge @", STORE_REFUSED,
       PMII "pushed metrics must not have timestamps"}}},
    {"several errors",
     {{PUT, "job=a", "b gauge; b gauge; a gauge; a gauge", STORE_REFUSED,
       PMII "2 error(s) occurred:\n* " METRIC("a", JOB_A, GAUGE) BEFORE
       "\n* " METRIC("b", JOB_A, GAUGE) BEFORE "\n"}}},
    {"an instance in the key, empty or none",
     {{PUT, "job=a", "m gauge", STORE_APPLIED, NULL},
      {PUT, "instance=,job=a", "n gauge", STORE_UNTOUCHED,
       PMII METRIC("push_time_seconds", JOB_A, "gauge:{value:1e-09}") BEFORE},
      {DELETE, "instance=,job=a", NULL, STORE_UNTOUCHED, NULL},
      {DELETE, "job=a", NULL, STORE_APPLIED, NULL},
      {PUT, "instance=,job=a", "n gauge", STORE_APPLIED, NULL},
      {PUT, "job=a", "", STORE_UNTOUCHED,
       PMII METRIC("push_time_seconds", JOB_A, "gauge:{value:1e-09}") BEFORE},
      {PUT, "instance=x,job=a", "n gauge", STORE_APPLIED, NULL}}},
    {"a key that is not UTF-8",
     {{PUT, "job=\xff", "m gauge", STORE_UNTOUCHED,
       "grouping label \"job\" has a value that is not utf8"},
      {POST, "job=a,x=\xc0\x80", "", STORE_UNTOUCHED,
       "grouping label \"x\" has a value that is not utf8"},
      {DELETE, "job=\xff", NULL, STORE_UNTOUCHED, NULL}}},
};

START_TEST(rules)
{
    const struct scenario *scenario = &scenarios[_i];
    struct store *s = steps_store(false);
    struct error e;

    for (int i = 0; i < STEPS_MAX && scenario->steps[i].kind != NO_STEP; i++) {
        const struct step *step = &scenario->steps[i];
        enum store_outcome outcome = steps_act(s, step, 1, &e);
        ck_assert_msg(outcome == step->outcome, "%s, step %d: outcome %d: %s", scenario->name, i,
                      (int)outcome, e.message);
        ck_assert_msg(strcmp(e.message, step->message ? step->message : "") == 0,
                      "%s, step %d:\n%s\ninstead of\n%s", scenario->name, i, e.message,
                      step->message ? step->message : "");
        ck_assert_int_eq(e.code, step->message ? ERROR_INVALID : ERROR_NONE);
    }
    ck_assert_ptr_null(store_inconsistency(s));
    store_free(s);
}
END_TEST

/* --- Times ---------------------------------------------------------------------------------------
 */

START_TEST(times_of_a_group)
{
    struct store *s = steps_store(false);
    steps_check(s, steps_dump_times, "");
    steps_push(s, PUT, "job=a", "m gauge @", 10, STORE_REFUSED);
    steps_check(s, steps_dump_times, "group {job=a;} born 10 ok 0 failed 10, 2 families\n");
    steps_push(s, POST, "job=a", "m gauge", 20, STORE_APPLIED);
    steps_check(s, steps_dump_times, "group {job=a;} born 10 ok 20 failed 10, 3 families\n");
    steps_push(s, PUT, "job=a", "n gauge; n gauge", 30, STORE_REFUSED);
    steps_check(s, steps_dump_times, "group {job=a;} born 10 ok 20 failed 30, 3 families\n");
    steps_push(s, POST, "job=a", "", 40, STORE_APPLIED);
    steps_check(s, steps_dump_times, "group {job=a;} born 10 ok 40 failed 30, 3 families\n");
    steps_push(s, PUT, "job=a", "", 50, STORE_APPLIED);
    steps_check(s, steps_dump_times, "group {job=a;} born 10 ok 50 failed 30, 2 families\n");
    steps_push(s, PUT, "job=b", "", 60, STORE_APPLIED);
    steps_push(s, DELETE, "job=a", NULL, 0, STORE_APPLIED);
    steps_push(s, POST, "job=a", "m gauge -", 70, STORE_APPLIED);
    steps_check(s, steps_dump_times,
                "group {job=a;} born 70 ok 70 failed 0, 2 families\n"
                "group {job=b;} born 60 ok 60 failed 0, 2 families\n");
    store_free(s);
}
END_TEST

START_TEST(families_keep_their_times)
{
    struct store *s = steps_store(false);
    struct store_group group;
    struct store_group_family family;
    steps_push(s, PUT, "job=a", "m gauge; z gauge", 10, STORE_APPLIED);
    steps_push(s, POST, "job=a", "z gauge; n gauge", 20, STORE_APPLIED);
    steps_push(s, POST, "job=a", "n gauge @", 30, STORE_REFUSED);
    static const struct {
        const char *name;
        int64_t time;
    } wanted[] = {{"m", 10},
                  {"n", 20},
                  {"push_failure_time_seconds", 30},
                  {"push_time_seconds", 20},
                  {"z", 20}};
    struct store_view *v = store_view_open(s);
    ck_assert(store_view_next_group(v, &group));
    ck_assert_uint_eq(group.n_families, 5);
    for (size_t i = 0; i < 5; i++) {
        store_view_group_family(v, i, &family);
        ck_assert(slice_equal(family.family.name, slice_of(wanted[i].name)));
        ck_assert_int_eq(family.time_ns, wanted[i].time);
    }
    store_view_close(v);
    store_free(s);
}
END_TEST

/* --- What is shown -------------------------------------------------------------------------------
 */

#define PUSH_TIMES(blocks_failure, blocks_success)                                                 \
    "family push_failure_time_seconds gauge help(1)=Last Unix time when changing this group in "   \
    "the Pushgateway failed. unit=\n" blocks_failure                                               \
    "family push_time_seconds gauge help(1)=Last Unix time when changing this group in the "       \
    "Pushgateway succeeded. unit=\n" blocks_success
#define ZERO   "1209090000000000000000"
#define ONE    "120909000000000000f03f"
#define SECOND 1000000000

START_TEST(order_of_labels_metrics_groups)
{
    struct store *s = steps_store(false);
    steps_push(s, PUT, "job=b", "m gauge", SECOND, STORE_APPLIED);
    steps_push(s, PUT, "job=ab", "m gauge z=1,b=2; m gauge b=1; m gauge a=3; m gauge; m gauge Z=0",
               SECOND, STORE_APPLIED);
    steps_push(s, PUT, "job=a,zone=1", "m gauge", SECOND, STORE_APPLIED);
    steps_push(s, PUT, "instance=x,job=a", "m gauge", SECOND, STORE_APPLIED);
    steps_push(s, PUT, "a=1,job=a", "m gauge instance=i", SECOND, STORE_APPLIED);
#define IN_ALL(value)                                                                              \
    " block of 1\n{a=1;instance=;job=a;} " value "\n"                                              \
    " block of 1\n{instance=;job=a;zone=1;} " value "\n"                                           \
    " block of 1\n{instance=x;job=a;} " value "\n"                                                 \
    " block of 1\n{instance=;job=ab;} " value "\n"                                                 \
    " block of 1\n{instance=;job=b;} " value "\n"
    steps_check(s, dump_store_families,
                "family m gauge help(0)= unit=\n"
                " block of 1\n{a=1;instance=i;job=a;} " ONE "\n"
                " block of 1\n{instance=;job=a;zone=1;} " ONE "\n"
                " block of 1\n{instance=x;job=a;} " ONE "\n"
                " block of 5\n{instance=;job=ab;} " ONE "\n{Z=0;instance=;job=ab;} " ONE
                "\n{b=1;instance=;job=ab;} " ONE "\n{a=3;instance=;job=ab;} " ONE
                "\n{b=2;instance=;job=ab;z=1;} " ONE "\n"
                " block of 1\n{instance=;job=b;} " ONE "\n" PUSH_TIMES(IN_ALL(ZERO), IN_ALL(ONE)));
    store_free(s);
}
END_TEST

START_TEST(pushed_push_times_are_overridden)
{
    struct store *s = steps_store(false);
    steps_push(s, PUT, "job=a",
               "push_time_seconds counter; push_failure_time_seconds histogram ?mine; "
               "push_failure_time_seconds histogram",
               SECOND, STORE_APPLIED);
    steps_check(s, dump_store_families,
                PUSH_TIMES(" block of 1\n{instance=;job=a;} " ZERO "\n",
                           " block of 1\n{instance=;job=a;} " ONE "\n"));
    ck_assert_uint_eq(store_statistics(s).series, 2);
    ck_assert_uint_eq(store_statistics(s).families, 2);
    store_free(s);
}
END_TEST

static struct slice shown_help(struct store_view *v)
{
    struct store_family family;
    ck_assert(store_view_next_family(v, &family));
    return family.help;
}

START_TEST(help_is_one_of_those_sent)
{
    static const struct {
        const char *a, *b, *shown;
    } cases[] = {
        {"m gauge ?A", "m gauge ?B", "A"},   {"m gauge ?B", "m gauge ?A", "A"},
        {"m gauge", "m gauge ?B", "B"},      {"m gauge ?A", "m gauge", "A"},
        {"own summary ?A", "", "Own help."}, {"m gauge ?", "m gauge ?A", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct store *s = steps_store(false);
        steps_push(s, PUT, "job=a", cases[i].a, 1, STORE_APPLIED);
        steps_push(s, PUT, "job=b", cases[i].b, 1, STORE_APPLIED);
        struct store_view *v = store_view_open(s);
        ck_assert_msg(slice_equal(shown_help(v), slice_of(cases[i].shown)), "case %zu", i);
        store_view_close(v);
        steps_push(s, PUT, "job=b", "m gauge", 1, STORE_APPLIED);
        store_free(s);
    }
}
END_TEST

/* --- The rest ------------------------------------------------------------------------------------
 */

START_TEST(version_changes_with_every_change)
{
    struct store *s = steps_store(false);
    uint64_t before = store_version(s);
#define CHANGED(yes)                                                                               \
    do {                                                                                           \
        ck_assert((store_version(s) != before) == (yes));                                          \
        before = store_version(s);                                                                 \
    } while (0)
    steps_push(s, PUT, "job=a", "m gauge", 1, STORE_APPLIED);
    CHANGED(true);
    steps_push(s, PUT, "job=a", "m gauge @", 1, STORE_REFUSED);
    CHANGED(true);
    steps_push(s, PUT, "job=\xff", "m gauge", 1, STORE_UNTOUCHED);
    CHANGED(false);
    steps_push(s, DELETE, "job=b", NULL, 1, STORE_UNTOUCHED);
    CHANGED(false);
    steps_push(s, DELETE, "job=a", NULL, 1, STORE_APPLIED);
    CHANGED(true);
    ck_assert(store_wipe(s));
    CHANGED(true);
    ck_assert(store_wipe(s));
    CHANGED(true);
    store_free(s);
}
END_TEST

START_TEST(restores_what_was_saved)
{
    struct store *s = steps_store(false);
    struct arena a = {0};
    struct error e = {0};
    static const int64_t times[] = {5, 7};
    struct store_saved_group saved = {.key = notation_key("job=a", &a),
                                      .created_ns = 1,
                                      .push_time_ns = 2,
                                      .push_failure_time_ns = 3,
                                      .families = notation_body("n gauge; m gauge", &a),
                                      .times_ns = times};
    struct store_group group;
    struct store_group_family family;

    ck_assert(store_restore(s, &saved, &a, &e));
    struct store_view *v = store_view_open(s);
    ck_assert(store_view_next_group(v, &group));
    ck_assert(group.created_ns == 1 && group.push_time_ns == 2 && group.push_failure_time_ns == 3);
    store_view_group_family(v, 0, &family);
    ck_assert(slice_equal(family.family.name, SLICE_LITERAL("m")) && family.time_ns == 7);
    store_view_group_family(v, 1, &family);
    ck_assert(slice_equal(family.family.name, SLICE_LITERAL("n")) && family.time_ns == 5);
    store_view_close(v);

    uint64_t version = store_version(s);
    saved.key = notation_key("job=b", &a);
    saved.families = notation_body("m counter; n gauge @", &a);
    ck_assert(!store_restore(s, &saved, &a, &e));
    ck_assert_int_eq(e.code, ERROR_INVALID);
    saved.families = notation_body("m counter; n gauge", &a);
    ck_assert(!store_restore(s, &saved, &a, &e));
    ck_assert_str_eq(e.message, PMII METRIC("m", JOB_B, "counter:{value:1}") "is not a GAUGE");
    saved.families = notation_body("n gauge; o gauge x=1", &a);
    saved.families.families[1].name = SLICE_LITERAL("n");
    ck_assert(!store_restore(s, &saved, &a, &e));
    ck_assert_str_eq(e.message, PMII "metric family n comes more than once");
    ck_assert_uint_eq(store_version(s), version);
    ck_assert_uint_eq(store_statistics(s).groups, 1);
    arena_free(&a);
    store_free(s);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(*(array)))

int main(void)
{
    Suite *suite = suite_create("store");
    TCase *tc = tcase_create("store");

    tcase_add_loop_test(tc, rules, 0, COUNT(scenarios));
    tcase_add_test(tc, times_of_a_group);
    tcase_add_test(tc, families_keep_their_times);
    tcase_add_test(tc, order_of_labels_metrics_groups);
    tcase_add_test(tc, pushed_push_times_are_overridden);
    tcase_add_test(tc, help_is_one_of_those_sent);
    tcase_add_test(tc, version_changes_with_every_change);
    tcase_add_test(tc, restores_what_was_saved);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
