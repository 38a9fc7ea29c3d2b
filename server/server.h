/* What one running process consists of. main() makes the parts in order and hands the whole to the
 * handlers; each part is described in its own header. */
#ifndef SERVER_H
#define SERVER_H

#include "arena.h"
#include "buffer.h"
#include "notify.h"

#include <stdint.h>

struct access;
struct committer;
struct event_base;
struct housekeeping;
struct listener;
struct options;
struct persister;
struct signals;
struct store;
struct streams;
struct telemetry;

struct server {
    const struct options *options;
    struct event_base *base;
    struct access *access;     /* the web configuration; NULL: none */
    struct listener *listener; /* sockets, evhttp, connections */
    struct store *store;
    struct telemetry *telemetry; /* own metrics */
    struct persister *persister; /* NULL: memory only */
    struct committer *committer; /* NULL: changes are answered at once */
    struct housekeeping *housekeeping;
    struct signals *signals;
    struct arena arena;      /* of the request being handled; reset after each */
    struct streams *streams; /* replies on their way */
    struct notify notify;    /* the service manager */
    int64_t start_time_ns;
};

/* Begins the graceful stop: no new connections, requests in flight end, the last flush, exit of the
 * loop. Calling it again changes nothing. */
void server_stop(struct server *s);

/* To be called after the store was changed. */
void server_store_changed(struct server *s);

#endif
