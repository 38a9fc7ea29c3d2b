/* One HTTP request as the handlers see it, with its body read and its path decoded.
 *
 * Lives from its last byte until its reply is queued; a streamed reply (stream.h) outlives it.
 * Everything it points to is borrowed or in the server's arena. */
#ifndef REQUEST_H
#define REQUEST_H

#include "error.h"
#include "server.h"
#include "slice.h"

#include <stdint.h>

struct connection;
struct held_replies;
struct evhttp_request;

enum method {
    METHOD_GET = 1 << 0,
    METHOD_HEAD = 1 << 1,
    METHOD_POST = 1 << 2,
    METHOD_PUT = 1 << 3,
    METHOD_DELETE = 1 << 4,
    METHOD_OPTIONS = 1 << 5,
    METHOD_OTHER = 1 << 6, /* PATCH, TRACE, or a made-up one */
};

struct request {
    struct evhttp_request *http;
    struct connection *connection;
    struct server *server;
    enum method method;
    struct slice method_name; /* as sent */
    struct slice path;        /* percent-decoded, below the route prefix, starts with '/' */
    struct slice raw_query;   /* what follows '?', encoded; empty if none */
    struct slice target;      /* as sent, for logs and sizes */
    struct slice body;  /* as sent: Content-Encoding not undone (request_body.h); contiguous */
    bool body_failed;   /* the body could not be had: `error` says why */
    bool takes_headers; /* the reply gets the configured ones: it is no refusal of the guard's */
    const char *metrics_handler; /* label `handler` of the route; NULL: the reply is not counted */
    struct held_replies *until;  /* where the reply has to wait (held_reply.h); NULL: nowhere */
    void (*answered)(const struct request *r); /* called when the reply is queued; may be NULL */
    int64_t now_ns;      /* wall clock when the request was complete, nanoseconds since 1970 */
    uint64_t started_ns; /* monotonic clock at the same moment, for durations */
    const char *client;  /* "address:port", for logs */
    struct error error;  /* for handlers that need one */
};

/* The first header of that name, in any case; in the arena. NULL if absent (or memory is out). */
const char *request_header(const struct request *r, const char *name);

/* All headers of that name joined by ", "; in the arena. NULL if absent (or memory is out). */
const char *request_header_joined(const struct request *r, const char *name);

/* Size of the request as the original counts it for pushgateway_http_push_size_bytes: request line,
 * headers and body, without what separates them. */
size_t request_size(const struct request *r);

#endif
