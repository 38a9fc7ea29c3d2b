/* The guard on a connection: stands where bytes come in and lets evhttp see one whole, well-formed
 * request at a time, and nothing behind it until the reply is out; see README.md for why.
 *
 * Bytes that must wait are held back in buffers of the connection's. The way of a request through
 * its phases (connection.h) is decided here, and by evhttp_feed.h as far as the reply. */
#ifndef GUARD_H
#define GUARD_H

#include "access.h"

#include <stdbool.h>

struct connection;

/* Puts a guard on c->bev. False: memory is out. */
bool guard_attach(struct connection *c);

/* Takes it away again, with all that it holds. */
void guard_detach(struct connection *c);

/* Nothing is being received or answered. */
bool guard_is_idle(const struct connection *c);

/* It has been found out whether the request may go on: ends CONNECTION_ASKING. */
void guard_decided(struct connection *c, enum admission admission);

/* The reply is out: all is as before the request, but for what has come behind it. */
void guard_forget_request(struct connection *c);

/* Begins with the next request, with what has come of it. */
void guard_next_request(struct connection *c);

#endif
