/* Measures how long a push takes now, one every few milliseconds on one keep-alive connection, so
 * that the probe itself is no load:
 *
 *   probe PORT SECONDS INTERVAL_US PATH_PREFIX GROUPS BODY_FILE
 *
 * Each push is PUT PATH_PREFIX<six digits> with a random one of GROUPS numbers. Prints one line:
 * pushes, median, 99th percentile and worst, in microseconds, and when the worst began, in
 * milliseconds from the start. A time runs from the first byte sent to the whole reply. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
    BODY_MAX = 1 << 16,
    HEAD_MAX = 1024,
    REPLY_MAX = 4096,
    REPLY_WITHIN_SECONDS = 30,
};

struct plan {
    uint16_t port;
    double seconds;
    int64_t interval_ns;
    const char *path_prefix;
    unsigned groups;
    char body[BODY_MAX];
    size_t body_size;
};

struct push {
    int64_t took_ns, began_ns;
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void sleep_until(int64_t ns)
{
    struct timespec t = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        ;
}

static bool read_plan(struct plan *p, char **args)
{
    p->port = (uint16_t)strtoul(args[0], NULL, 10);
    p->seconds = strtod(args[1], NULL);
    p->interval_ns = strtoll(args[2], NULL, 10) * 1000;
    p->path_prefix = args[3];
    p->groups = (unsigned)strtoul(args[4], NULL, 10);
    if (p->port == 0 || p->seconds <= 0 || p->interval_ns <= 0 || p->groups == 0)
        return false;
    FILE *file = fopen(args[5], "rb");
    if (!file)
        return false;
    p->body_size = fread(p->body, 1, sizeof(p->body), file);
    bool whole = feof(file);
    fclose(file);
    return whole;
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval limit = {.tv_sec = REPLY_WITHIN_SECONDS};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    return fd;
}

/* The replies to good pushes have no body: they end with their head. */
static bool read_reply(int fd)
{
    char reply[REPLY_MAX + 1];
    size_t have = 0;
    while (have < REPLY_MAX) {
        ssize_t n = recv(fd, reply + have, REPLY_MAX - have, 0);
        if (n <= 0)
            break;
        have += (size_t)n;
        reply[have] = '\0';
        if (have >= 4 && strcmp(reply + have - 4, "\r\n\r\n") == 0)
            return strncmp(reply, "HTTP/1.1 200", 12) == 0;
    }
    fprintf(stderr, "no good reply: %.*s\n", (int)have, reply);
    return false;
}

static bool push_once(int fd, const struct plan *p, unsigned group)
{
    char request[HEAD_MAX + BODY_MAX];
    int head = snprintf(request, HEAD_MAX,
                        "PUT %s%06u HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Type: text/plain\r\n"
                        "Content-Length: %zu\r\n\r\n",
                        p->path_prefix, group, p->port, p->body_size);
    if (head < 0 || head >= HEAD_MAX)
        return false;
    size_t size = (size_t)head + p->body_size;
    memcpy(request + head, p->body, p->body_size);
    return send(fd, request, size, MSG_NOSIGNAL) == (ssize_t)size && read_reply(fd);
}

static int by_time(const void *a, const void *b)
{
    int64_t x = ((const struct push *)a)->took_ns, y = ((const struct push *)b)->took_ns;
    return (x > y) - (x < y);
}

static void report(struct push *pushes, size_t n, int64_t start)
{
    qsort(pushes, n, sizeof(*pushes), by_time);
    printf("pushes=%zu median_us=%.1f p99_us=%.1f worst_us=%.1f worst_at_ms=%.1f\n", n,
           (double)pushes[n / 2].took_ns / 1e3, (double)pushes[n * 99 / 100].took_ns / 1e3,
           (double)pushes[n - 1].took_ns / 1e3, (double)(pushes[n - 1].began_ns - start) / 1e6);
}

/* A push that comes late, because the one before it took long, is not made up for. */
static size_t run(int fd, const struct plan *p, struct push *pushes, size_t room, int64_t start)
{
    int64_t end = start + (int64_t)(p->seconds * 1e9);
    size_t n = 0;
    for (int64_t at = start; at < end && n < room; at += p->interval_ns) {
        if (at < now_ns())
            at = now_ns();
        sleep_until(at);
        unsigned group = (unsigned)random() % p->groups;
        pushes[n].began_ns = now_ns();
        if (!push_once(fd, p, group))
            return 0;
        pushes[n].took_ns = now_ns() - pushes[n].began_ns;
        n++;
    }
    return n;
}

int main(int argc, char **argv)
{
    static struct plan plan;
    if (argc != 7 || !read_plan(&plan, argv + 1)) {
        fprintf(stderr, "usage: probe PORT SECONDS INTERVAL_US PATH_PREFIX GROUPS BODY_FILE\n");
        return EXIT_FAILURE;
    }
    prctl(PR_SET_TIMERSLACK, 1UL);
    size_t room = (size_t)(plan.seconds * 1e9 / (double)plan.interval_ns) + 1;
    struct push *pushes = calloc(room, sizeof(*pushes)); /* touched now, not in between */
    int fd = connect_to(plan.port);
    if (!pushes || fd < 0) {
        fprintf(stderr, "cannot connect to 127.0.0.1:%u\n", plan.port);
        free(pushes);
        return EXIT_FAILURE;
    }
    int64_t start = now_ns();
    size_t n = run(fd, &plan, pushes, room, start);
    if (n > 0)
        report(pushes, n, start);
    close(fd);
    free(pushes);
    return n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
