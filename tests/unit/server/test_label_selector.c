#include "label_selector.h"

#include "suite.h"

#include <stdio.h>
#include <stdlib.h>

/* A selector as text: metric{name=value;name!=value;}, or the error. */
static void show(const char *text, char *to, size_t size)
{
    struct arena a = {0};
    struct label_selector s;
    struct error e;
    int at = 0;

    if (!label_selector_parse(slice_of(text), &a, &s, &e)) {
        snprintf(to, size, "%s", e.message);
    } else {
        at = snprintf(to, size, "%.*s{", SLICE_ARGS(s.metric));
        for (size_t i = 0; i < s.n_matchers; i++)
            at +=
                snprintf(to + at, size - (size_t)at, "%.*s%s%.*s;", SLICE_ARGS(s.matchers[i].name),
                         s.matchers[i].differs ? "!=" : "=", SLICE_ARGS(s.matchers[i].value));
        snprintf(to + at, size - (size_t)at, "}");
    }
    arena_free(&a);
}

static const struct {
    const char *text, *want;
} cases[] = {
    {"up", "up{}"},
    {"up{}", "up{}"},
    {" up { } ", "up{}"},
    {"{job=\"a\"}", "{job=a;}"},
    {"job=\"a\"", "{job=a;}"},
    {" job = \"a\" , instance != 'b' , ", "{job=a;instance!=b;}"},
    {"up:x{job=\"a\",instance!=`b\\n`,}", "up:x{job=a;instance!=b\\n;}"},
    {"{a=\"q\\\"\\\\\\'x\"}", "{a=q\"\\'x;}"},
    {"{a=\"}, b\"}", "{a=}, b;}"},
    {"{\"a.b\"=\"c\"}", "{a.b=c;}"},
    {"{\"my.metric\",a=\"b\"}", "my.metric{a=b;}"},
    {"{__name__=\"up\"}", "up{}"},
    {"{a=\"\"}", "{a=;}"},
    {"", "selector \"\": it is empty: a metric name or a matcher should be at character 1"},
    {"{}", "selector \"{}\": it is empty: a metric name or a matcher should be at character 3"},
    {"{a=\"b\"", "selector \"{a=\"b\"\": a comma or the end should be at character 7"},
    {"{a=\"b}", "selector \"{a=\"b}\": the string has no end at character 7"},
    {"{a=b}", "selector \"{a=b}\": a quoted string should be at character 4"},
    {"{a=~\"b\"}", "selector \"{a=~\"b\"}\": = or != should be at character 4"},
    {"{a!~\"b\"}", "selector \"{a!~\"b\"}\": = or != should be at character 4"},
    {"{a}", "selector \"{a}\": = or != should be at character 3"},
    {"{=\"a\"}", "selector \"{=\"a\"}\": the name of a label should be at character 2"},
    {"{a=\"\\x\"}", "selector \"{a=\"\\x\"}\": there is no such escape at character 6"},
    {"{a=\"b\"} x", "selector \"{a=\"b\"} x\": nothing more should be at character 9"},
    {"up{__name__=\"x\"}", "selector \"up{__name__=\"x\"}\": a second metric name at character 16"},
    {"{__name__!=\"x\"}", "selector \"{__name__!=\"x\"}\": __name__ can only be compared by =, "
                          "which should be at character 15"},
    {"{a=\"", "selector \"{a=\"\": the string has no end at character 5"},
    {"{a=\"\\", "selector \"{a=\"\\\": there is no such escape at character 6"},
};

START_TEST(selectors_are_read)
{
    char got[4096];
    show(cases[_i].text, got, sizeof(got));
    ck_assert_str_eq(got, cases[_i].want);
}
END_TEST

static const struct {
    const char *selector;
    bool fits;
} fits[] = {
    {"job=\"a\"", true},
    {"job=\"b\"", false},
    {"job!=\"b\"", true},
    {"job=\"a\",x=\"y\"", true},
    {"job=\"a\",x!=\"y\"", false},
    {"absent=\"\"", true},
    {"absent!=\"\"", false},
    {"x!=\"\"", true},
    {"metric", true},
};

START_TEST(keys_fit)
{
    struct arena a = {0};
    struct label labels[] = {{SLICE_LITERAL("job"), SLICE_LITERAL("a")},
                             {SLICE_LITERAL("x"), SLICE_LITERAL("y")}};
    struct label_selector s;
    struct error e;
    ck_assert(label_selector_parse(slice_of(fits[_i].selector), &a, &s, &e));
    ck_assert(label_selector_fits(&s, (struct group_key){labels, 2}) == fits[_i].fits);
    arena_free(&a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("label_selector");
    TCase *tc = tcase_create("all");
    tcase_add_loop_test(tc, selectors_are_read, 0, sizeof(cases) / sizeof(cases[0]));
    tcase_add_loop_test(tc, keys_fit, 0, sizeof(fits) / sizeof(fits[0]));
    suite_add_tcase(s, tc);
    return suite_run(s);
}
