/* The sockets we listen on, evhttp behind them, and how many connections there may be. */
#ifndef LISTENER_H
#define LISTENER_H

#include "error.h"
#include "server.h"

#include <stddef.h>
#include <stdint.h>

struct connection;
struct evhttp_request;

/* Opens the sockets that the options name, or takes those of systemd, and accepts. NULL: *e says
 * why. */
struct listener *listener_new(struct server *s, struct error *e);

/* Closes everything. NULL is fine. */
void listener_free(struct listener *l);

/* Stops accepting, closes idle connections at once and others after their reply; when none is left,
 * or after some seconds, the loop ends. */
void listener_stop(struct listener *l);

/* Connections open now, and how many there may be. */
size_t listener_connections(const struct listener *l);
size_t listener_max_connections(const struct listener *l);

/* --- For connections ----------------------------------------------------------------------------
 */

struct server *listener_server(const struct listener *l);

/* A clock good enough for timeouts: monotonic, read every second or so. */
int64_t listener_now(const struct listener *l);

bool listener_is_stopping(const struct listener *l);

/* A reply is out, while stopping. */
void listener_reply_ended(struct listener *l);

/* Bytes that a connection keeps of requests not answered yet were `before` and are `now`. */
void listener_count_buffered(struct listener *l, size_t before, size_t now);

/* Whether all connections together keep more than they may. */
bool listener_is_full(const struct listener *l);

/* evhttp closes the connection. */
void listener_forget(struct listener *l, struct connection *c);

/* The connection of a request that evhttp hands out. */
struct connection *listener_connection(const struct listener *l, struct evhttp_request *http);

#endif
