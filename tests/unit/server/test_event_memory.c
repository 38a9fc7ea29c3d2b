/* libevent's memory when malloc has none. Linked with --wrap for malloc and realloc; check
 * allocates, too, hence REQUIRE and no_memory = false at each end. */
#include "event_memory.h"

#include "store/require.h"
#include "suite.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdbool.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *p, size_t size);

static bool no_memory;

void *__wrap_malloc(size_t size)
{
    return no_memory ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return no_memory ? NULL : __real_realloc(p, size);
}

static void setup(void)
{
    no_memory = false;
    event_memory_setup();
}

static void teardown(void)
{
    libevent_global_shutdown();
}

enum { MANY = 1000 };
static struct evbuffer *buffers[MANY];

static int take_buffers(void)
{
    int n = 0;
    while (n < MANY && (buffers[n] = evbuffer_new()))
        n++;
    return n;
}

static void free_buffers(int n)
{
    while (n > 0)
        evbuffer_free(buffers[--n]);
}

START_TEST(the_reserve_has_something_and_gets_it_back)
{
    no_memory = true;
    int n = take_buffers();
    REQUIRE(n > 32);
    REQUIRE(n < MANY);
    free_buffers(n);
    REQUIRE(take_buffers() == n);
    free_buffers(n);
    no_memory = false;
}
END_TEST

START_TEST(a_part_is_for_accepting)
{
    no_memory = true;
    REQUIRE(event_memory_can_accept());
    int n = take_buffers();
    REQUIRE(event_memory_can_accept());
    event_memory_accepting(true);
    REQUIRE((buffers[n] = evbuffer_new()) != NULL);
    int more = 1;
    while ((buffers[n + more] = evbuffer_new()))
        more++;
    event_memory_accepting(false);
    REQUIRE(more >= 24);
    REQUIRE(!event_memory_can_accept());
    free_buffers(n + more);
    REQUIRE(event_memory_can_accept());
    no_memory = false;
}
END_TEST

/* Bytes go from malloc's memory to the reserve's and back. */
START_TEST(buffers_hold_what_they_are_given)
{
    char piece[1000], got[1000];
    struct evbuffer *b = evbuffer_new();
    for (int i = 0; i < 100; i++) {
        no_memory = i % 2;
        memset(piece, i, sizeof(piece));
        REQUIRE(evbuffer_add(b, piece, sizeof(piece)) == 0);
    }
    for (int i = 0; i < 100; i++) {
        memset(piece, i, sizeof(piece));
        REQUIRE(evbuffer_remove(b, got, sizeof(got)) == sizeof(got));
        REQUIRE(memcmp(got, piece, sizeof(got)) == 0);
    }
    evbuffer_free(b);
    no_memory = false;
}
END_TEST

static void count(evutil_socket_t fd, short what, void *counter)
{
    (void)fd;
    (void)what;
    ++*(int *)counter;
}

/* A base keeps its timers in one array, which grows out of the reserve and into it. */
START_TEST(what_grows_moves_between_malloc_and_the_reserve)
{
    static const struct timeval now = {0};
    static struct event *events[MANY];
    int fired = 0;
    struct event_base *base = event_base_new();
    for (int i = 0; i < MANY; i++) {
        no_memory = false;
        events[i] = evtimer_new(base, count, &fired);
        no_memory = i / 20 % 2;
        REQUIRE(evtimer_add(events[i], &now) == 0);
    }
    no_memory = true;
    event_base_dispatch(base);
    REQUIRE(fired == MANY);
    for (int i = 0; i < MANY; i++)
        event_free(events[i]);
    event_base_free(base);
    no_memory = false;
}
END_TEST

START_TEST(a_large_piece_is_not_to_be_had)
{
    static char piece[100000];
    no_memory = true;
    struct evbuffer *b = evbuffer_new();
    REQUIRE(evbuffer_add(b, piece, sizeof(piece)) == -1);
    REQUIRE(evbuffer_get_length(b) == 0);
    evbuffer_free(b);
    no_memory = false;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("event_memory");
    TCase *tc = tcase_create("event_memory");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, the_reserve_has_something_and_gets_it_back);
    tcase_add_test(tc, a_part_is_for_accepting);
    tcase_add_test(tc, buffers_hold_what_they_are_given);
    tcase_add_test(tc, what_grows_moves_between_malloc_and_the_reserve);
    tcase_add_test(tc, a_large_piece_is_not_to_be_had);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
