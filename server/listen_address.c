#include "listen_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/util.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BACKLOG = 4096,        /* the kernel cuts it to net.core.somaxconn */
    UNSENT_MAX = 64 << 10, /* bytes that the kernel takes beyond what it can send */
};

static bool fail(struct error *e, const char *address, const char *why)
{
    return error_set(e, ERROR_IO, "listen tcp %s: %s", address, why);
}

/* Splits at the last ':'; the brackets of an IPv6 address go. */
static bool split(const char *address, char *host, size_t host_size, const char **port,
                  struct error *e)
{
    const char *colon = strrchr(address, ':');
    if (!colon || strchr(colon, ']'))
        return fail(e, address, "missing port in address");
    size_t n = (size_t)(colon - address);
    const char *from = address;
    if (n >= 2 && from[0] == '[' && from[n - 1] == ']') {
        from++;
        n -= 2;
    } else if (memchr(from, ':', n)) {
        return fail(e, address, "too many colons in address");
    }
    if (n >= host_size)
        return fail(e, address, "no such host");
    memcpy(host, from, n);
    host[n] = '\0';
    *port = colon[1] ? colon + 1 : "0";
    return true;
}

/* A number that is no port would be taken modulo 65536; names are in /etc/services. */
static bool may_be_port(const char *port)
{
    char *end = NULL;
    unsigned long number = strtoul(port, &end, 10);
    return *end != '\0' || number <= UINT16_MAX;
}

/* Connections inherit it. */
static void tune(int fd)
{
    int on = 1, unsent = UNSENT_MAX;
    /* A reply is written in one piece: there is nothing to wait for. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    /* The kernel would take megabytes of a reply for each client that does not read. */
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
}

static int listen_on(const struct addrinfo *where)
{
    int fd = socket(where->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1, off = 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (where->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    tune(fd);
    if (bind(fd, where->ai_addr, where->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int listen_address_open(const char *address, struct error *e)
{
    char host[256] = "";
    const char *port = "";
    if (!split(address, host, sizeof(host), &port, e))
        return -1;
    if (!may_be_port(port)) {
        fail(e, address, "invalid port");
        return -1;
    }

    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    int status = getaddrinfo(host[0] ? host : NULL, port, &hints, &found);
    if (status != 0) {
        fail(e, address, gai_strerror(status));
        return -1;
    }
    /* All addresses: the IPv6 socket takes IPv4 too; where there is no IPv6, IPv4 alone. A name:
     * its first address, IPv4 before IPv6. */
    int first = host[0] ? AF_INET : AF_INET6, fd = -1;
    errno = EADDRNOTAVAIL;
    for (int pass = 0; pass < 2 && fd < 0 && errno != EADDRINUSE; pass++)
        for (struct addrinfo *a = found; a && fd < 0 && errno != EADDRINUSE; a = a->ai_next)
            if ((a->ai_family == first) == (pass == 0))
                fd = listen_on(a);
    int error = errno;
    freeaddrinfo(found);
    if (fd < 0)
        fail(e, address, strerror(error));
    return fd;
}

size_t listen_address_inherited(void)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    if (!pid || !fds || strtol(pid, NULL, 10) != (long)getpid())
        return 0;
    long n = strtol(fds, NULL, 10);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    for (int fd = LISTEN_ADDRESS_FIRST_INHERITED; fd < LISTEN_ADDRESS_FIRST_INHERITED + n; fd++) {
        evutil_make_socket_closeonexec(fd);
        evutil_make_socket_nonblocking(fd);
        tune(fd);
    }
    return n > 0 ? (size_t)n : 0;
}

void listen_address_format(const struct sockaddr *address, char *to, size_t size)
{
    char host[INET6_ADDRSTRLEN];
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
        snprintf(to, size, "%s:%u", host, (unsigned)ntohs(in->sin_port));
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)address;
        bool mapped = IN6_IS_ADDR_V4MAPPED(&in->sin6_addr);
        if (mapped)
            inet_ntop(AF_INET, &in->sin6_addr.s6_addr[12], host, sizeof(host));
        else
            inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof(host));
        snprintf(to, size, mapped ? "%s:%u" : "[%s]:%u", host, (unsigned)ntohs(in->sin6_port));
    } else {
        snprintf(to, size, "@");
    }
}
