#include "counter_table.h"
#include "suite.h"

#include <string.h>

START_TEST(counts_by_content_not_by_address)
{
    char name[] = "push";
    struct counter_table t = {0};
    counter_table_add(&t, "push", "put", 200);
    counter_table_add(&t, name, "put", 200);
    ck_assert_uint_eq(t.count, 1);
    ck_assert_uint_eq(t.slots == NULL, 0);
    struct counter only;
    counter_table_sorted(&t, &only);
    ck_assert_uint_eq(only.value, 2);
    counter_table_free(&t);
}
END_TEST

START_TEST(sorts_by_code_name_method)
{
    static const struct {
        const char *name, *method;
        int code;
    } want[] = {{"delete", "delete", 202},
                {"push", "post", 202},
                {"push", "put", 202},
                {"push", "post", 400}};
    struct counter_table t = {0};
    for (int i = 3; i >= 0; i--)
        counter_table_add(&t, want[i].name, want[i].method, want[i].code);
    struct counter got[4];
    ck_assert_uint_eq(t.count, 4);
    counter_table_sorted(&t, got);
    for (int i = 0; i < 4; i++) {
        ck_assert_str_eq(got[i].name, want[i].name);
        ck_assert_str_eq(got[i].method, want[i].method);
        ck_assert_int_eq(got[i].code, want[i].code);
    }
    counter_table_free(&t);
}
END_TEST

START_TEST(holds_many)
{
    struct counter_table t = {0};
    for (int round = 0; round < 3; round++) {
        for (int code = 0; code < 1000; code++)
            counter_table_add(&t, "push", "put", code);
    }
    ck_assert_uint_eq(t.count, 1000);
    static struct counter got[1000];
    counter_table_sorted(&t, got);
    for (int code = 0; code < 1000; code++) {
        ck_assert_int_eq(got[code].code, code);
        ck_assert_uint_eq(got[code].value, 3);
    }
    counter_table_free(&t);
}
END_TEST

START_TEST(an_empty_one_is_fine)
{
    struct counter_table t = {0};
    counter_table_sorted(&t, NULL);
    counter_table_free(&t);
    ck_assert_uint_eq(t.count, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("counter_table");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, counts_by_content_not_by_address);
    tcase_add_test(tc, sorts_by_code_name_method);
    tcase_add_test(tc, holds_many);
    tcase_add_test(tc, an_empty_one_is_fine);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
