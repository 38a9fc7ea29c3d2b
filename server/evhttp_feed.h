/* What evhttp is given to read in place of what the client sent.
 *
 * A head is the least that makes it read the body, treat the connection and frame the reply as the
 * client asked; all else is in connection.request. Each call but evhttp_feed_continue() leads to
 * the reply (CONNECTION_ANSWERING). When memory is out, evhttp_feed_end() happens instead.
 *
 * The bytes are seen by the guard's callback too: connection.busy makes it look away. */
#ifndef EVHTTP_FEED_H
#define EVHTTP_FEED_H

#include "error.h"

#include <stddef.h>

struct connection;
struct evbuffer;
struct refusal;

/* --- A request ----------------------------------------------------------------------------------
 */

/* The whole request lies in `input`, where evhttp reads: its head of `n` bytes is replaced, the
 * body stays where it is. */
void evhttp_feed_in_place(struct connection *c, struct evbuffer *input, size_t n);

/* One that has no body. */
void evhttp_feed_bodyless(struct connection *c);

/* The head alone, so that evhttp asks for the body with 100 Continue. */
void evhttp_feed_continue(struct connection *c);

/* The body, of the length that the head says, is whole in connection.held. */
void evhttp_feed_body(struct connection *c);

/* A chunked body is whole in connection.body. evhttp gets it as one of known length, or as a single
 * chunk when it has the head already. */
void evhttp_feed_decoded_body(struct connection *c);

/* --- In place of one ----------------------------------------------------------------------------
 *
 * What else has come is thrown away, and the connection lingers. */

/* A dummy: evhttp sees nothing of the request; `refusal` is the reply. */
void evhttp_feed_refusal(struct connection *c, const struct refusal *refusal);

/* The request without its body: nobody wants it, or it cannot be had. */
void evhttp_feed_without_body(struct connection *c);

/* The same; the handler that asks for the body gets this error. `message` must be a literal. */
void evhttp_feed_failed_body(struct connection *c, enum error_code code, const char *message);

/* Memory is out: ends the connection the way a client would, so that evhttp cleans up. */
void evhttp_feed_end(struct connection *c);

#endif
