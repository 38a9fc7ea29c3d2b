#include "id_table.h"
#include "suite.h"

static uint32_t add(struct id_table *t, void *item)
{
    ck_assert(id_table_reserve(t, 1));
    return id_table_add(t, item);
}

START_TEST(ids_are_dense_and_used_again)
{
    struct id_table t = {0};
    int things[100];
    for (uint32_t i = 0; i < 100; i++)
        ck_assert_uint_eq(add(&t, &things[i]), i);
    for (uint32_t i = 0; i < 100; i++)
        ck_assert_ptr_eq(id_table_get(&t, i), &things[i]);

    id_table_release(&t, 40);
    id_table_release(&t, 3);
    ck_assert_ptr_null(id_table_get(&t, 40));
    uint32_t first = add(&t, &things[0]), second = add(&t, &things[1]);
    ck_assert(first != second && (first == 3 || first == 40) && (second == 3 || second == 40));
    ck_assert_uint_eq(add(&t, &things[2]), 100);
    id_table_free(&t);
    ck_assert_uint_eq(t.used, 0);
}
END_TEST

START_TEST(room_counts_released_ids)
{
    struct id_table t = {0};
    int thing;
    ck_assert(id_table_reserve(&t, 20));
    uint32_t capacity = t.capacity;
    ck_assert_uint_ge(capacity, 20);
    add(&t, &thing); /* stays, so that the table does */
    for (int turn = 0; turn < 1000; turn++) {
        for (uint32_t i = 1; i < capacity; i++)
            add(&t, &thing);
        for (uint32_t i = 1; i < capacity; i++)
            id_table_release(&t, i);
    }
    ck_assert_uint_eq(t.capacity, capacity);
    ck_assert_uint_eq(t.used, capacity);
    id_table_release(&t, 0);
    ck_assert_uint_eq(t.capacity, 0);
    id_table_free(&t);
}
END_TEST

START_TEST(refuses_more_than_ids_can_count)
{
    struct id_table t = {0};
    ck_assert(!id_table_reserve(&t, UINT32_MAX));
    ck_assert(id_table_reserve(&t, 1));
    id_table_free(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("id_table");
    TCase *tc = tcase_create("id_table");

    tcase_add_test(tc, ids_are_dense_and_used_again);
    tcase_add_test(tc, room_counts_released_ids);
    tcase_add_test(tc, refuses_more_than_ids_can_count);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
