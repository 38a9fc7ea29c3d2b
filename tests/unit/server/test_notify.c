/* A service manager is a datagram socket: here one of our own. */
#include "notify.h"

#include "suite.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int manager = -1;
static char name[100]; /* as NOTIFY_SOCKET spells it */

static void listen_at(const char *spelled)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t n = strlen(spelled);

    snprintf(name, sizeof(name), "%s", spelled);
    memcpy(at.sun_path, spelled, n);
    if (spelled[0] == '@')
        at.sun_path[0] = '\0';
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    ck_assert_int_ge(manager, 0);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    ck_assert_int_eq(bind(manager, (const struct sockaddr *)&at, length), 0);
    setenv("NOTIFY_SOCKET", name, 1);
}

static void close_manager(void)
{
    if (manager >= 0)
        close(manager);
    manager = -1;
    if (name[0] == '/')
        unlink(name);
    name[0] = '\0';
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

/* The next datagram, "" if there is none. */
static const char *told(void)
{
    static char text[100];
    ssize_t n = recv(manager, text, sizeof(text) - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void listen_somewhere(char first)
{
    char spelled[100];
    snprintf(spelled, sizeof(spelled), "%ctmp/pushgateway-notify-%ld", first, (long)getpid());
    listen_at(spelled);
}

START_TEST(tells_the_socket)
{
    struct notify n;

    listen_somewhere(_i ? '@' : '/');
    notify_open(&n);
    ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
    notify_send(&n, "READY=1");
    notify_send(&n, "STOPPING=1");
    ck_assert_str_eq(told(), "READY=1");
    ck_assert_str_eq(told(), "STOPPING=1");
    notify_alive(&n);
    ck_assert_str_eq(told(), "");
    notify_close(&n);
}
END_TEST

START_TEST(gives_signs_of_life_when_asked)
{
    static const struct {
        const char *usec;
        bool other_process;
        int64_t ns;
    } rows[] = {{"30000000", false, 30000000000},
                {"30000000", true, 0},
                {"0", false, 0},
                {"-1", false, 0},
                {"soon", false, 0},
                {"99999999999999999999", false, 0},
                {"9223372036854775807", false, 0}};
    struct notify n;
    char pid[20];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        listen_somewhere('@');
        snprintf(pid, sizeof(pid), "%ld", (long)getpid() + rows[i].other_process);
        setenv("WATCHDOG_USEC", rows[i].usec, 1);
        setenv("WATCHDOG_PID", pid, 1);
        notify_open(&n);
        ck_assert_int_eq(n.watchdog_ns, rows[i].ns);
        ck_assert_ptr_null(getenv("WATCHDOG_USEC"));
        ck_assert_ptr_null(getenv("WATCHDOG_PID"));
        notify_alive(&n);
        ck_assert_str_eq(told(), rows[i].ns ? "WATCHDOG=1" : "");
        notify_close(&n);
        close_manager();
    }
}
END_TEST

START_TEST(does_nothing_where_nobody_listens)
{
    static const char *const names[] = {
        NULL, "", "/", "@", "relative", "/nowhere/at/all", "@nobody-listens-here"};
    struct notify n;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i])
            setenv("NOTIFY_SOCKET", names[i], 1);
        notify_open(&n);
        ck_assert_int_eq(n.fd, -1);
        notify_send(&n, "READY=1");
        notify_close(&n);
    }
    char long_name[200];
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[0] = '/';
    long_name[sizeof(long_name) - 1] = '\0';
    setenv("NOTIFY_SOCKET", long_name, 1);
    notify_open(&n);
    ck_assert_int_eq(n.fd, -1);
}
END_TEST

START_TEST(outlives_a_manager_that_goes_away)
{
    struct notify n;

    listen_somewhere('@');
    notify_open(&n);
    close(manager);
    manager = -1;
    notify_send(&n, "READY=1");
    notify_close(&n);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("notify");
    TCase *tc = tcase_create("notify");
    tcase_add_checked_fixture(tc, NULL, close_manager);
    tcase_add_loop_test(tc, tells_the_socket, 0, 2);
    tcase_add_test(tc, gives_signs_of_life_when_asked);
    tcase_add_test(tc, does_nothing_where_nobody_listens);
    tcase_add_test(tc, outlives_a_manager_that_goes_away);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
