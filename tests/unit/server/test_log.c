#include "log.h"
#include "suite.h"

#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int pipe_end; /* where stderr goes to in a test */

/* Each test runs in a process of its own, so that stderr is ours. */
static void redirect(void)
{
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    close(ends[1]);
    ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    pipe_end = ends[0];
}

/* What was written since the last call. */
static const char *written(void)
{
    static char text[1 << 20];
    size_t n = 0;
    ssize_t got;

    while ((got = read(pipe_end, text + n, sizeof(text) - n - 1)) > 0)
        n += (size_t)got;
    text[n] = '\0';
    return text;
}

/* What follows the time, which is checked by its form. */
static const char *behind_time(const char *line, const char *before, const char *after)
{
    size_t n = strlen(before);
    const char *form = "dddd-dd-ddTdd:dd:dd.dddZ";

    ck_assert_msg(strncmp(line, before, n) == 0, "%s", line);
    line += n;
    for (; *form; form++, line++)
        ck_assert_msg(*form == 'd' ? *line >= '0' && *line <= '9' : *line == *form, "%s", line);
    ck_assert_msg(strncmp(line, after, strlen(after)) == 0, "%s", line);
    return line + strlen(after);
}

START_TEST(writes_logfmt)
{
    char want[256];

    log_write(LOG_INFO, "Listening on", "address", "127.0.0.1:1", "err", "a \"b\"", NULL);
    snprintf(want, sizeof(want),
             "level=info caller=test_log.c:%d msg=\"Listening on\" address=127.0.0.1:1 "
             "err=\"a \\\"b\\\"\"\n",
             __LINE__ - 4);
    ck_assert_str_eq(behind_time(written(), "ts=", " "), want);
}
END_TEST

START_TEST(writes_json)
{
    char want[256];

    log_setup(LOG_INFO, LOG_JSON);
    log_write(LOG_WARN, "Listening on", "address", "127.0.0.1:1", "err", "a \"b\"", NULL);
    snprintf(want, sizeof(want),
             "\"level\":\"warn\",\"caller\":\"test_log.c:%d\",\"msg\":\"Listening on\","
             "\"address\":\"127.0.0.1:1\",\"err\":\"a \\\"b\\\"\"}\n",
             __LINE__ - 4);
    ck_assert_str_eq(behind_time(written(), "{\"ts\":\"", "\","), want);
}
END_TEST

START_TEST(names_the_function_at_debug)
{
    log_setup(LOG_DEBUG, LOG_LOGFMT);
    log_write(LOG_DEBUG, "x", NULL);
    ck_assert_ptr_nonnull(strstr(written(), " caller=test_log.c(names_the_function_at_debug"));
}
END_TEST

START_TEST(keeps_to_the_level)
{
    log_setup(LOG_WARN, LOG_LOGFMT);
    log_write(LOG_INFO, "x", NULL);
    log_write(LOG_DEBUG, "x", NULL);
    ck_assert_str_eq(written(), "");
    log_write(LOG_WARN, "x", NULL);
    ck_assert_str_ne(written(), "");
}
END_TEST

static const struct {
    const char *value, *logfmt, *json;
} quoting[] = {
    {"", "\"\"", "\"\""},
    {"a", "a", "\"a\""},
    {"a b", "\"a b\"", "\"a b\""},
    {"a=b", "\"a=b\"", "\"a=b\""},
    {"a\\b", "a\\b", "\"a\\\\b\""},
    {"a\\ b", "\"a\\\\ b\"", "\"a\\\\ b\""},
    {"<&>{}", "<&>{}", "\"<&>{}\""},
    {"a\n\r\tb", "\"a\\n\\r\\tb\"", "\"a\\n\\r\\tb\""},
    {"\a\b\v\f\x1b\x7f", "\"\\a\\b\\v\\f\\x1b\\x7f\"",
     "\"\\u0007\\u0008\\u000b\\u000c\\u001b\x7f\""},
    {"\xc3\xa9", "\xc3\xa9", "\"\xc3\xa9\""},
    {"\xff", "\"\\xff\"", "\"\\ufffd\""},
    {"\xe2\x80\xa8", "\"\\u2028\"", "\"\\u2028\""},
    {"\xc2\xa0", "\"\\u00a0\"", "\"\xc2\xa0\""},
    {NULL, "\"\"", "\"\""},
};

START_TEST(quotes)
{
    char want[128];

    log_write(LOG_INFO, "m", "k", quoting[_i].value, NULL);
    snprintf(want, sizeof(want), " k=%s\n", quoting[_i].logfmt);
    ck_assert_str_eq(strstr(written(), " k="), want);

    log_setup(LOG_INFO, LOG_JSON);
    log_write(LOG_INFO, "m", "k", quoting[_i].value, NULL);
    snprintf(want, sizeof(want), ",\"k\":%s}\n", quoting[_i].json);
    ck_assert_str_eq(strstr(written(), ",\"k\":"), want);
}
END_TEST

START_TEST(cuts_long_lines)
{
    static const char fills[] = {'x', ' ', '\n', '\x01', '\xff'};
    static char value[3 * LOG_LINE_MAX];

    log_setup(LOG_INFO, _i % 2 ? LOG_JSON : LOG_LOGFMT);
    memset(value, fills[_i / 2], sizeof(value) - 1);
    for (size_t n = LOG_LINE_MAX / 8; n < sizeof(value); n += 61) {
        value[n] = '\0';
        log_write(LOG_INFO, "m", "k", value, "more", value, "last", "z", NULL);
        const char *line = written();
        size_t length = strlen(line);
        ck_assert_uint_le(length, LOG_LINE_MAX);
        ck_assert(line[length - 1] == '\n' && strchr(line, '\n') == line + length - 1);
        if (_i % 2) {
            json_t *parsed = json_loads(line, 0, NULL);
            ck_assert_msg(json_is_object(parsed), "not JSON: %s", line);
            json_decref(parsed);
        }
        value[n] = fills[_i / 2];
    }
}
END_TEST

START_TEST(does_not_wait_for_a_full_pipe)
{
    struct timespec begin, end;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int i = 0; i < 20000; i++)
        log_write(LOG_INFO, "too much", "number", "of lines", NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    ck_assert_int_le(end.tv_sec - begin.tv_sec, 5);

    ck_assert_ptr_nonnull(strstr(written(), "too much"));
    log_write(LOG_INFO, "again", NULL);
    const char *text = written();
    ck_assert_ptr_nonnull(strstr(text, "level=warn caller=log.c msg=\"log messages were dropped"));
    ck_assert_ptr_nonnull(strstr(text, " msg=again\n"));
    log_write(LOG_INFO, "again", NULL);
    ck_assert_ptr_null(strstr(written(), "dropped"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log");
    TCase *tc = tcase_create("log");

    tcase_add_checked_fixture(tc, redirect, NULL);
    tcase_add_test(tc, writes_logfmt);
    tcase_add_test(tc, writes_json);
    tcase_add_test(tc, names_the_function_at_debug);
    tcase_add_test(tc, keeps_to_the_level);
    tcase_add_loop_test(tc, quotes, 0, sizeof(quoting) / sizeof(*quoting));
    tcase_add_loop_test(tc, cuts_long_lines, 0, 10);
    tcase_add_test(tc, does_not_wait_for_a_full_pipe);
    suite_add_tcase(suite, tc);
    /* The logger is the process's: each test has a process of its own, whatever CK_FORK says. */
    return suite_run_as(suite, CK_FORK);
}
