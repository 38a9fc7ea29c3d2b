/* Tells the service manager how the process is doing, in the protocol of sd_notify(3): datagrams of
 * VARIABLE=value to the socket that NOTIFY_SOCKET names, a path or, behind a '@', an abstract name.
 *
 * Without a service manager there is no such variable, and all this does nothing. Nothing here
 * blocks or fails: a manager that does not listen is its own problem. */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct notify {
    int fd;              /* -1: nobody wants to know */
    int64_t watchdog_ns; /* how often the manager wants a sign of life, 0: never */
};

/* Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and takes them from the environment. */
void notify_open(struct notify *n);
void notify_close(struct notify *n);

/* `state` is "READY=1" or the like. */
void notify_send(const struct notify *n, const char *state);

/* A sign of life, if one is wanted. To be called more often than that. */
void notify_alive(const struct notify *n);

#endif
