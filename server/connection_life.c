#include "connection_life.h"

#include "connection.h"
#include "connection_end.h"
#include "guard.h"
#include "listen_address.h"
#include "server.h"
#include "tls_connection.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>

struct connection *connection_life_new(struct connection_owner *owner, struct bufferevent *bev)
{
    struct connection *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->owner = owner;
    c->bev = bev;
    c->ssl = tls_connection_ssl(bev);
    c->fd = -1;
    c->since_ns = owner->now_ns;
    if (!guard_attach(c)) {
        free(c);
        return NULL;
    }
    bufferevent_incref(bev); /* until settled: evhttp may drop it without a word */
    return c;
}

static void on_closed(struct evhttp_connection *http, void *context)
{
    struct connection *c = context;
    (void)http;
    if (c->on_gone)
        c->on_gone(c->on_gone_context);
    access_cancel(c->owner->server->access, &c->waiter);
    if (c->ssl)
        tls_connection_end(c->ssl);
    c->owner->closed(c->owner->listener, c);
    connection_life_free(c);
}

bool connection_life_settle(struct connection *c)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);
    void *owner = NULL;
    /* evhttp offers no way from a bufferevent to its connection, but it is the argument of the
     * callbacks that it sets. */
    bufferevent_getcb(c->bev, NULL, NULL, NULL, &owner);
    if (!owner)
        return false;
    c->http = owner;
    c->fd = bufferevent_getfd(c->bev);
    if (getpeername(c->fd, (struct sockaddr *)&address, &length) == 0)
        listen_address_format((struct sockaddr *)&address, c->client, sizeof(c->client));
    evhttp_connection_set_closecb(c->http, on_closed, c);
    if (c->ssl)
        connection_end_watch(c); /* of the handshake, if it fails */
    bufferevent_decref(c->bev);
    return true;
}

void connection_life_free(struct connection *c)
{
    guard_detach(c);
    if (!c->http)
        bufferevent_decref(c->bev);
    free(c);
}

void connection_life_reply_ended(struct evhttp_request *http, void *connection)
{
    struct connection *c = connection;
    (void)http;
    guard_forget_request(c);
    c->queued = 0;
    c->unsent_before = 0;
    c->since_ns = c->owner->now_ns;
    if (c->phase == CONNECTION_DISCARDING)
        return;
    if (c->lingers) {
        connection_end_linger(c);
        return;
    }
    if (c->owner->stopping)
        c->owner->reply_ended(c->owner->listener);
    guard_next_request(c);
}
