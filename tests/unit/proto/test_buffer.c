#include "buffer.h"

#include "suite.h"

static struct buffer buffer;

static void teardown(void)
{
    buffer_free(&buffer);
}

START_TEST(appends)
{
    buffer_text(&buffer, "ab");
    buffer_byte(&buffer, '\0');
    buffer_slice_append(&buffer, SLICE_LITERAL("c\0d"));
    buffer_slice_append(&buffer, (struct slice){NULL, 0});
    buffer_printf(&buffer, "%d-%s", 42, "x");
    ck_assert(!buffer.failed);
    ck_assert(slice_equal(buffer_slice(&buffer), SLICE_LITERAL("ab\0c\0d42-x")));
}
END_TEST

START_TEST(grows)
{
    for (size_t i = 0; i < 100000; i++)
        buffer_byte(&buffer, (char)(i % 251));
    ck_assert_uint_eq(buffer.len, 100000);
    for (size_t i = 0; i < 100000; i++)
        ck_assert_int_eq(buffer.p[i], (char)(i % 251));
}
END_TEST

START_TEST(long_printf)
{
    char text[3000];
    memset(text, 'y', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    buffer_text(&buffer, "x");
    buffer_printf(&buffer, "%s", text);
    ck_assert_uint_eq(buffer.len, sizeof(text));
    ck_assert_int_eq(buffer.p[sizeof(text) - 1], 'y');
}
END_TEST

START_TEST(reserve_holds)
{
    char *to = buffer_reserve(&buffer, 5000);
    ck_assert_ptr_nonnull(to);
    memset(to, 'z', 5000);
    ck_assert_uint_eq(buffer.len, 0);
    buffer.len = 5000;
    ck_assert_ptr_eq(buffer_reserve(&buffer, 0), buffer.p + 5000);
}
END_TEST

START_TEST(failure_sticks)
{
    buffer_text(&buffer, "ab");
    ck_assert_ptr_null(buffer_reserve(&buffer, SIZE_MAX));
    ck_assert(buffer.failed);
    ck_assert_ptr_null(buffer_reserve(&buffer, 1));
    buffer_text(&buffer, "cd");
    buffer_printf(&buffer, "ef");
    ck_assert(buffer.failed);
    buffer_clear(&buffer);
    buffer_text(&buffer, "gh");
    ck_assert(!buffer.failed);
    ck_assert(slice_equal(buffer_slice(&buffer), SLICE_LITERAL("gh")));
}
END_TEST

START_TEST(impossible_size)
{
    ck_assert_ptr_null(buffer_reserve(&buffer, SIZE_MAX / 2));
    ck_assert(buffer.failed);
}
END_TEST

START_TEST(free_leaves_an_empty_one)
{
    buffer_text(&buffer, "ab");
    buffer_free(&buffer);
    ck_assert_ptr_null(buffer.p);
    ck_assert_uint_eq(buffer.len, 0);
    buffer_text(&buffer, "c");
    ck_assert(slice_equal(buffer_slice(&buffer), SLICE_LITERAL("c")));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("buffer");
    TCase *tc = tcase_create("buffer");
    tcase_add_checked_fixture(tc, NULL, teardown);
    tcase_add_test(tc, appends);
    tcase_add_test(tc, grows);
    tcase_add_test(tc, long_printf);
    tcase_add_test(tc, reserve_holds);
    tcase_add_test(tc, failure_sticks);
    tcase_add_test(tc, impossible_size);
    tcase_add_test(tc, free_leaves_an_empty_one);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
