#include "grouping_key.h"

#include "buffer.h"
#include "suite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { LABELS_MAX = 4 };

static struct arena arena;
static struct error error;
static struct group_key key;

static void setup(void)
{
    arena = (struct arena){0};
    error = (struct error){0};
    key = (struct group_key){0};
}

static void teardown(void)
{
    arena_free(&arena);
}

#define LABEL(name, value)                                                                         \
    {                                                                                              \
        SLICE_LITERAL(name), SLICE_LITERAL(value)                                                  \
    }

static const struct {
    struct slice path;
    bool utf8_names;
    struct label want[LABELS_MAX];
} good[] = {
    {SLICE_LITERAL("job/a"), false, {LABEL("job", "a")}},
    {SLICE_LITERAL("job/a/"), false, {LABEL("job", "a")}},
    {SLICE_LITERAL("job/a/x/"), false, {LABEL("job", "a"), LABEL("x", "")}},
    {SLICE_LITERAL("job/a/z/1/b/2"), false, {LABEL("b", "2"), LABEL("job", "a"), LABEL("z", "1")}},
    {SLICE_LITERAL("job/a/x/1/x/2/x/3"), false, {LABEL("job", "a"), LABEL("x", "3")}},
    {SLICE_LITERAL("job/a/job/b"), false, {LABEL("job", "a")}},
    {SLICE_LITERAL("job/a b\0\xff/x/ "), false, {LABEL("job", "a b\0\xff"), LABEL("x", " ")}},
    {SLICE_LITERAL("job/a@base64"), false, {LABEL("job", "a@base64")}},
    {SLICE_LITERAL("job@base64/YWI"), false, {LABEL("job", "ab")}},
    {SLICE_LITERAL("job@base64/YWI="), false, {LABEL("job", "ab")}},
    {SLICE_LITERAL("job@base64/YWJj===="), false, {LABEL("job", "abc")}},
    {SLICE_LITERAL("job@base64/YR"), false, {LABEL("job", "a")}},
    {SLICE_LITERAL("job@base64/YW\r\nJj\n"), false, {LABEL("job", "abc")}},
    {SLICE_LITERAL("job@base64/_-8"), false, {LABEL("job", "\xff\xef")}},
    {SLICE_LITERAL("job@base64/L3Zhci90bXA=/x@base64/Zg"),
     false,
     {LABEL("job", "/var/tmp"), LABEL("x", "f")}},
    {SLICE_LITERAL("job/a/x@base64/="), false, {LABEL("job", "a"), LABEL("x", "")}},
    {SLICE_LITERAL("job/a/x@base64/"), false, {LABEL("job", "a"), LABEL("x", "")}},
    {SLICE_LITERAL("job/a/x/1/x@base64/Mg/_/3"),
     false,
     {LABEL("_", "3"), LABEL("job", "a"), LABEL("x", "2")}},
    {SLICE_LITERAL("job/a/U__x_2e_y/1"), false, {LABEL("U__x_2e_y", "1"), LABEL("job", "a")}},
    {SLICE_LITERAL("job/a/U__x_2e_y/1"), true, {LABEL("job", "a"), LABEL("x.y", "1")}},
    {SLICE_LITERAL("job/a/U__x_2e_y@base64/MQ/x.y/2"),
     true,
     {LABEL("job", "a"), LABEL("x.y", "2")}},
    {SLICE_LITERAL("job/a/U__x__y/1"), true, {LABEL("job", "a"), LABEL("x_y", "1")}},
    {SLICE_LITERAL("job/a/U____x/1"), true, {LABEL("_x", "1"), LABEL("job", "a")}},
    {SLICE_LITERAL("job/a/U__x_zz_y/1"), true, {LABEL("U__x_zz_y", "1"), LABEL("job", "a")}},
    {SLICE_LITERAL("job/a/U__job/b"), true, {LABEL("job", "a")}},
    {SLICE_LITERAL("job/a/\xc3\xa9/1/b c/2"),
     true,
     {LABEL("b c", "2"), LABEL("job", "a"), LABEL("\xc3\xa9", "1")}},
};

START_TEST(reads)
{
    bool ok = grouping_key_parse(good[_i].path, good[_i].utf8_names, &arena, &key, &error);
    ck_assert_msg(ok, "%s: %s", good[_i].path.p, error.message);
    size_t n = 0;
    for (; n < LABELS_MAX && good[_i].want[n].name.p; n++) {
        ck_assert_uint_lt(n, key.n_labels);
        ck_assert_msg(slice_equal(key.labels[n].name, good[_i].want[n].name), "%s: name %zu",
                      good[_i].path.p, n);
        ck_assert_msg(slice_equal(key.labels[n].value, good[_i].want[n].value), "%s: value %zu",
                      good[_i].path.p, n);
    }
    ck_assert_uint_eq(key.n_labels, n);
}
END_TEST

#define BASE64 "invalid base64 encoding "

static const struct {
    struct slice path;
    bool utf8_names;
    const char *message;
} bad[] = {
    {SLICE_LITERAL("job@base64/="), false, "job name is required"},
    {SLICE_LITERAL("job@base64/"), false, "job name is required"},
    {SLICE_LITERAL("job/"), false, "job name is required"},
    {SLICE_LITERAL("job"), false, "job name is required"},
    {SLICE_LITERAL("job/a/b"), false, "odd number of components in label string \"/b\""},
    {SLICE_LITERAL("job/a/b/c/d"), false, "odd number of components in label string \"/b/c/d\""},
    {SLICE_LITERAL("job/a/b/c/"), false, "odd number of components in label string \"/b/c/\""},
    {SLICE_LITERAL("job/a/b@base64"), false,
     "odd number of components in label string \"/b@base64\""},
    {SLICE_LITERAL("job/a/b c/d"), false, "improper label name \"b c\""},
    {SLICE_LITERAL("job/a/a:b/d"), false, "improper label name \"a:b\""},
    {SLICE_LITERAL("job/a/\"b\"/c"), false, "improper label name \"\\\"b\\\"\""},
    {SLICE_LITERAL("job/a/1/b"), false, "improper label name \"1\""},
    {SLICE_LITERAL("job/a/__name__/b"), false, "improper label name \"__name__\""},
    {SLICE_LITERAL("job/a/__x@base64/*"), false, "improper label name \"__x\""},
    {SLICE_LITERAL("job/a/@base64/MQ"), false, "improper label name \"\""},
    {SLICE_LITERAL("job/a/b@base64@base64/MQ"), false, "improper label name \"b@base64\""},
    {SLICE_LITERAL("job/a/\xc3\xa9/1"), false, "improper label name \"\xc3\xa9\""},
    {SLICE_LITERAL("job/a/x\0/1"), false, "improper label name \"x\\x00\""},
    {SLICE_LITERAL("job/a/\xff/1"), true, "improper label name \"\\xff\""},
    {SLICE_LITERAL("job/a/__x/1"), true, "improper label name \"__x\""},
    {SLICE_LITERAL("job/a/U__/1"), true, "improper label name \"U__\""},
    {SLICE_LITERAL("job/a/U______x/1"), true, "improper label name \"U______x\""},
    {SLICE_LITERAL("job@base64/Y"), false,
     BASE64 "in job name \"\": illegal base64 data at input byte 0"},
    {SLICE_LITERAL("job@base64/YWJjZ"), false,
     BASE64 "in job name \"abc\": illegal base64 data at input byte 4"},
    {SLICE_LITERAL("job@base64/YWJjZ\n"), false,
     BASE64 "in job name \"abc\": illegal base64 data at input byte 5"},
    {SLICE_LITERAL("job@base64/YQ=Y"), false,
     BASE64 "in job name \"\": illegal base64 data at input byte 2"},
    {SLICE_LITERAL("job@base64/YWI$"), false,
     BASE64 "in job name \"\": illegal base64 data at input byte 3"},
    {SLICE_LITERAL("job@base64/YWI+"), false,
     BASE64 "in job name \"\": illegal base64 data at input byte 3"},
    {SLICE_LITERAL("job@base64/*/odd"), false,
     BASE64 "in job name \"\": illegal base64 data at input byte 0"},
    {SLICE_LITERAL("job/a/b@base64/*"), false,
     BASE64 "for label b=\"*\": illegal base64 data at input byte 0"},
    {SLICE_LITERAL("job/a/b@base64/YWJjZGVmZ"), false,
     BASE64 "for label b=\"YWJjZGVmZ\": illegal base64 data at input byte 8"},
    {SLICE_LITERAL("job/a/U__x_2e_y@base64/*"), true,
     BASE64 "for label U__x_2e_y=\"*\": illegal base64 data at input byte 0"},
    /* The first wrong thing is told: labels before an empty job, an odd number before a bad name.
     */
    {SLICE_LITERAL("job@base64/=/b"), false, "odd number of components in label string \"/b\""},
    {SLICE_LITERAL("job@base64/=/1/2"), false, "improper label name \"1\""},
    {SLICE_LITERAL("job/a/1/b/c"), false, "odd number of components in label string \"/1/b/c\""},
    {SLICE_LITERAL("job/a/b@base64/*/1/c"), false,
     BASE64 "for label b=\"*\": illegal base64 data at input byte 0"},
};

START_TEST(refuses)
{
    bool ok = grouping_key_parse(bad[_i].path, bad[_i].utf8_names, &arena, &key, &error);
    ck_assert_msg(!ok, "%s", bad[_i].message);
    ck_assert_int_eq(error.code, ERROR_INVALID);
    ck_assert_str_eq(error.message, bad[_i].message);
}
END_TEST

START_TEST(reads_many_labels)
{
    enum { LABELS = 2000 };
    struct buffer path = {0};
    buffer_text(&path, "job/a");
    for (int i = 0; i < 2 * LABELS; i++)
        buffer_printf(&path, "/l%d/%d", i % LABELS, i);
    bool ok = grouping_key_parse(buffer_slice(&path), false, &arena, &key, &error);
    ck_assert_msg(ok, "%s", error.message);
    ck_assert_uint_eq(key.n_labels, LABELS + 1);
    for (size_t i = 1; i < key.n_labels; i++)
        ck_assert_int_lt(slice_compare(key.labels[i - 1].name, key.labels[i].name), 0);
    buffer_free(&path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("grouping_key");
    TCase *tc = tcase_create("grouping_key");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, reads, 0, COUNT(good));
    tcase_add_loop_test(tc, refuses, 0, COUNT(bad));
    tcase_add_test(tc, reads_many_labels);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
