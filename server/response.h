/* The only place that answers. Each request is answered exactly once, by one of these or by
 * stream_reply(). All set Date and Content-Length, and count the request in the telemetry. */
#ifndef RESPONSE_H
#define RESPONSE_H

#include "request.h"

/* With request.until set a reply is made now and leaves later (held_reply.h); the handler sees no
 * difference. Streams are not held. */

/* Adds a header to the reply to come. */
void response_header(struct request *r, const char *name, const char *value);

/* No body, no Content-Type: what a push or a delete gets. */
void response_empty(struct request *r, int status);

/* A body of a given type. */
void response_body(struct request *r, int status, const char *content_type, struct slice body);

/* As Go's http.Error: text/plain, nosniff, the message and a newline. */
void response_error(struct request *r, int status, const char *message);

/* Answers for *e: 400, 413, 429 or 503 by its code. */
void response_failure(struct request *r, const struct error *e);

/* Sends the replies of a list as they were made. */
struct held_replies;
void response_send_held(struct held_replies *list);

/* Sends 503 with this message instead of each of them. */
void response_fail_held(struct held_replies *list, const char *message);

/* The raw answer to a request of which nothing was made; the connection is closed. */
struct refusal;
void response_refusal(struct request *r, const struct refusal *refusal);

/* For stream.c: what comes before a reply's first byte and is the same for all. */
void response_begin(struct request *r, int status, const char *content_type);
const char *response_phrase(int status);

/* And what comes after evhttp has written the head: it must not see the "close" of a connection
 * that lingers, or it would close before the client has read. */
struct evhttp_request;
void response_head_queued(struct evhttp_request *http, const struct connection *c);

#endif
