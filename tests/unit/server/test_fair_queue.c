#include "fair_queue.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_OF_CLIENT = 3, MOST = 6 };

struct thing {
    struct fair_queue_item item; /* first */
    char name[8];
};

static struct fair_queue queue;
static struct thing things[16];
static size_t n_things;

static void set_up(void)
{
    fair_queue_init(&queue);
    n_things = 0;
}

static void tear_down(void)
{
    while (fair_queue_take(&queue))
        ;
}

static enum fair_queue_result add(unsigned char client)
{
    struct thing *thing = &things[n_things];
    snprintf(thing->name, sizeof(thing->name), "%c%zu", client, n_things);
    struct client_key key = {{client}};
    enum fair_queue_result result = fair_queue_add(&queue, &thing->item, key, MOST_OF_CLIENT, MOST);
    n_things += result == FAIR_QUEUE_ADDED;
    return result;
}

/* Names in the order in which they come out. */
static const char *drain(void)
{
    static char order[128];
    struct fair_queue_item *item;
    order[0] = '\0';
    while ((item = fair_queue_take(&queue)) != NULL) {
        strcat(order, ((struct thing *)(void *)item)->name);
        strcat(order, " ");
    }
    return order;
}

START_TEST(clients_take_turns)
{
    const char *clients = "aaabbc";
    for (; *clients; clients++)
        ck_assert_int_eq(add((unsigned char)*clients), FAIR_QUEUE_ADDED);
    ck_assert_uint_eq(queue.n, 6);
    ck_assert_str_eq(drain(), "a0 b3 c5 a1 b4 a2 ");
    ck_assert_uint_eq(queue.n, 0);
}
END_TEST

START_TEST(a_late_client_waits_one_round)
{
    add('a');
    add('a');
    add('b');
    add('b');
    fair_queue_take(&queue);
    add('c');
    ck_assert_str_eq(drain(), "b2 a1 c4 b3 ");
}
END_TEST

START_TEST(limits)
{
    for (int i = 0; i < MOST_OF_CLIENT; i++)
        ck_assert_int_eq(add('a'), FAIR_QUEUE_ADDED);
    ck_assert_int_eq(add('a'), FAIR_QUEUE_CLIENT_FULL);
    for (int i = 0; i < MOST_OF_CLIENT; i++)
        ck_assert_int_eq(add('b'), FAIR_QUEUE_ADDED);
    ck_assert_int_eq(add('c'), FAIR_QUEUE_FULL);
}
END_TEST

START_TEST(removing)
{
    add('a');
    add('b');
    add('a');
    fair_queue_remove(&queue, &things[1].item);
    fair_queue_remove(&queue, &things[0].item);
    ck_assert_str_eq(drain(), "a2 ");
    ck_assert_ptr_null(fair_queue_take(&queue));
}
END_TEST

static bool is_named(const struct fair_queue_item *item, const void *name)
{
    return strcmp(((const struct thing *)(const void *)item)->name, name) == 0;
}

START_TEST(finding)
{
    add('a');
    add('b');
    ck_assert_ptr_eq(fair_queue_find(&queue, is_named, "b1"), &things[1].item);
    ck_assert_ptr_null(fair_queue_find(&queue, is_named, "c1"));
}
END_TEST

START_TEST(no_address_is_one_client)
{
    struct client_key none = {{0}};
    struct client_key key = client_key_of(STDIN_FILENO);
    ck_assert_mem_eq(&key, &none, sizeof(key));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fair_queue");
    TCase *tcase = tcase_create("fair_queue");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, clients_take_turns);
    tcase_add_test(tcase, a_late_client_waits_one_round);
    tcase_add_test(tcase, limits);
    tcase_add_test(tcase, removing);
    tcase_add_test(tcase, finding);
    tcase_add_test(tcase, no_address_is_one_client);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
