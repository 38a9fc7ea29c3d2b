#include "notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A socket connected to the one that `name` tells; -1 if there is none. */
static int connect_to(const char *name)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t n = strlen(name);

    if ((name[0] != '/' && name[0] != '@') || n < 2 || n >= sizeof(to.sun_path))
        return -1;
    memcpy(to.sun_path, name, n);
    if (name[0] == '@')
        to.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    if (connect(fd, (const struct sockaddr *)&to, length) == 0)
        return fd;
    close(fd);
    return -1;
}

/* The variable counts for the process that it names; without a name, for this one. */
static int64_t watchdog_ns(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    char *end;

    if (!usec || (pid && strtol(pid, NULL, 10) != (long)getpid()))
        return 0;
    errno = 0;
    long long n = strtoll(usec, &end, 10);
    return errno == 0 && *end == '\0' && n > 0 && n < INT64_MAX / 1000 ? n * 1000 : 0;
}

void notify_open(struct notify *n)
{
    const char *name = getenv("NOTIFY_SOCKET");

    *n = (struct notify){.fd = name ? connect_to(name) : -1, .watchdog_ns = watchdog_ns()};
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void notify_close(struct notify *n)
{
    if (n->fd >= 0)
        close(n->fd);
    n->fd = -1;
}

void notify_send(const struct notify *n, const char *state)
{
    if (n->fd < 0)
        return;
    ssize_t ignored = send(n->fd, state, strlen(state), MSG_NOSIGNAL);
    (void)ignored;
}

void notify_alive(const struct notify *n)
{
    if (n->watchdog_ns > 0)
        notify_send(n, "WATCHDOG=1");
}
