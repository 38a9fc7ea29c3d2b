/* One client's connection: its state, and the way of replies out.
 *
 * What comes in is the guard's (guard.h), which gives evhttp what it may see (evhttp_feed.h). How a
 * connection is made and freed, how it ends, and what it may take its time for, are in
 * connection_life.h, connection_end.h and connection_time.h. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include "access.h"
#include "buffer.h"
#include "chunk_reader.h"
#include "error.h"
#include "request_head.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <sys/queue.h>

struct connection;
struct listener;
struct server;

/* What connections know of the listener that has accepted them. */
struct connection_owner {
    struct server *server;
    struct listener *listener;
    int64_t now_ns;  /* good enough for time-outs: monotonic, read every second or so */
    size_t buffered; /* bytes that all connections keep of requests not answered yet */
    bool stopping;   /* each reply is the last */
    /* Whether the body of a request makes a difference to its answer; `target` as sent. */
    bool (*takes_body)(struct server *s, struct slice method, struct slice target);
    void (*reply_ended)(struct listener *l);                  /* while stopping */
    void (*closed)(struct listener *l, struct connection *c); /* before it is freed */
};

enum connection_phase {
    CONNECTION_HEAD,       /* waiting for a request, or in its head */
    CONNECTION_ASKING,     /* it is being found out whether the request may go on */
    CONNECTION_BODY,       /* in a body of known length */
    CONNECTION_CHUNKS,     /* in a chunked body */
    CONNECTION_ANSWERING,  /* evhttp has the request; its reply is not out yet */
    CONNECTION_DISCARDING, /* the last reply is out: what still comes is thrown away */
};

struct connection {
    LIST_ENTRY(connection) link;
    struct connection_owner *owner;
    struct bufferevent *bev; /* evhttp's */
    struct evhttp_connection *http;
    evutil_socket_t fd;
    struct ssl_st *ssl; /* NULL: plain */

    enum connection_phase phase;
    bool busy; /* we move bytes ourselves: the guard looks away */
    /* The body came without waiting for the 100 Continue, which is still to be said. */
    bool late_continue;
    bool continued;   /* evhttp has the head already, to answer it with 100 Continue */
    bool lingers;     /* close after this reply, but not before the client has had it */
    bool ahead;       /* so much has come behind the request that nothing is read meanwhile */
    bool asked;       /* `admission` is about the request being read */
    int64_t since_ns; /* when the phase, or the request, began; the owner's clock */
    /* How the client takes its reply: bytes queued so far, counted by streams; the same and those
     * not taken yet when since_ns was set. */
    uint64_t queued, queued_before;
    size_t unsent_before; /* 0: nothing has waited for the client so far */

    struct request_head_search search;
    struct request_head request; /* of the request being read or answered; points into head */
    struct buffer head;          /* its bytes */
    struct chunk_reader chunks;
    struct evbuffer *held; /* bytes from the client behind head; NULL until there are any */
    struct evbuffer *body; /* a chunked body, decoded; NULL until there is one */
    size_t received;       /* bytes of the body so far */
    size_t buffered;       /* of all these, as the listener has counted them */

    enum admission admission;
    struct auth_waiter waiter;

    /* What the reply must be, found by the guard; and why the body is missing. */
    const struct refusal *refusal;
    enum error_code body_error;
    const char *body_error_message;

    bufferevent_data_cb evhttp_read, evhttp_write; /* while connection_end stands in for them */
    bufferevent_event_cb evhttp_event;

    void (*on_gone)(void *context); /* see connection_watch() */
    void *on_gone_context;
    char client[64]; /* "address:port" */
};

/* Throws away what has come behind the request. */
void connection_drop_held(struct connection *c);

/* Has `gone` called when the client goes away before its reply is out; NULL: nobody cares any more.
 */
void connection_watch(struct connection *c, void (*gone)(void *context), void *context);

/* Reads nothing until the next request may come. evhttp would take a client that shuts down its
 * sending side for gone; one that has gone is found out when it is written to. */
void connection_look_away(struct connection *c);

/* The reply will take its time: looks away, and watches as connection_watch() does. Nothing of what
 * evhttp waits for happens meanwhile. */
void connection_hold(struct connection *c, void (*gone)(void *context), void *context);

/* Called by the one who answers, when the reply has been queued: writes it at once if the socket
 * takes it, which saves a turn of the loop and reaches a client that has shut down its sending
 * side. */
void connection_flush(struct connection *c);

/* Throws away what is queued for the client and not written yet. */
void connection_take_back(struct connection *c);

#endif
