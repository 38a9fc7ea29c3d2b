/* The sockets we listen on, evhttp behind them, and how many connections there may be. */
#ifndef LISTENER_H
#define LISTENER_H

#include "error.h"
#include "server.h"
#include "slice.h"

#include <stddef.h>
#include <stdint.h>

struct connection;
struct evhttp_request;

/* What is done with requests. */
struct listener_handlers {
    /* To be answered; what evhttp has read lies in `http`. */
    void (*received)(struct evhttp_request *http, struct connection *c);
    /* Whether the body of a request makes a difference to its answer; `target` as sent. */
    bool (*takes_body)(struct server *s, struct slice method, struct slice target);
};

/* Opens the sockets that the options name, or takes those of systemd, and accepts. NULL: *e says
 * why. */
struct listener *listener_new(struct server *s, const struct listener_handlers *handlers,
                              struct error *e);

/* Closes everything. NULL is fine. */
void listener_free(struct listener *l);

/* Stops accepting, closes idle connections at once and others after their reply; when none is left,
 * or after some seconds, the loop ends. */
void listener_stop(struct listener *l);

/* Connections open now, and how many there may be. */
size_t listener_connections(const struct listener *l);
size_t listener_max_connections(const struct listener *l);

#endif
