#include "connection.h"

#include "connection_end.h"
#include "guard.h"
#include "listen_address.h"
#include "listener.h"
#include "tls_connection.h"

#include <event2/bufferevent_struct.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>

/* --- Making and freeing ----------------------------------------------------------------------- */

struct connection *connection_new(struct listener *l, struct bufferevent *bev)
{
    struct connection *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->listener = l;
    c->bev = bev;
    c->ssl = tls_connection_ssl(bev);
    c->fd = -1;
    c->since_ns = listener_now(l);
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
    access_cancel(listener_server(c->listener)->access, &c->waiter);
    if (c->ssl)
        tls_connection_end(c->ssl);
    listener_forget(c->listener, c);
    connection_free(c);
}

bool connection_settle(struct connection *c)
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

void connection_free(struct connection *c)
{
    guard_detach(c);
    if (!c->http)
        bufferevent_decref(c->bev);
    free(c);
}

void connection_drop_held(struct connection *c)
{
    if (c->held)
        evbuffer_drain(c->held, evbuffer_get_length(c->held));
}

/* --- Replies ---------------------------------------------------------------------------------- */

void connection_reply_ended(struct evhttp_request *http, void *connection)
{
    struct connection *c = connection;
    (void)http;
    guard_forget_request(c);
    c->queued = 0;
    c->unsent_before = 0;
    c->since_ns = listener_now(c->listener);
    if (c->phase == CONNECTION_DISCARDING)
        return;
    if (c->lingers) {
        connection_end_linger(c);
        return;
    }
    if (listener_is_stopping(c->listener))
        listener_reply_ended(c->listener);
    guard_next_request(c);
}

void connection_flush(struct connection *c)
{
    struct evbuffer *output = bufferevent_get_output(c->bev);
    if (evbuffer_get_length(output) == 0)
        return;
    if (c->ssl) {
        tls_connection_flush(c->bev);
    } else {
        evbuffer_unfreeze(output, 1);
        evbuffer_write(output, c->fd);
        evbuffer_freeze(output, 1);
    }
    /* What evhttp does when the socket has taken all; not from within evhttp's own call. */
    if (evbuffer_get_length(output) == 0)
        bufferevent_trigger(c->bev, EV_WRITE, BEV_TRIG_DEFER_CALLBACKS);
}

void connection_take_back(struct connection *c)
{
    struct evbuffer *output = bufferevent_get_output(c->bev);
    evbuffer_unfreeze(output, 1);
    evbuffer_drain(output, evbuffer_get_length(output));
    if (!c->ssl)
        evbuffer_freeze(output, 1);
}

void connection_watch(struct connection *c, void (*gone)(void *context), void *context)
{
    c->on_gone = gone;
    c->on_gone_context = context;
}

void connection_look_away(struct connection *c)
{
    bufferevent_disable(c->bev, EV_READ);
}

void connection_hold(struct connection *c, void (*gone)(void *context), void *context)
{
    bufferevent_event_cb on_event_now;
    void *owner;
    connection_watch(c, gone, context);
    connection_look_away(c);
    /* A 100 Continue that has been written is not the reply that evhttp awaits. */
    bufferevent_getcb(c->bev, NULL, NULL, &on_event_now, &owner);
    bufferevent_setcb(c->bev, NULL, NULL, on_event_now, owner);
    if (evbuffer_get_length(bufferevent_get_output(c->bev)) > 0)
        bufferevent_enable(c->bev, EV_WRITE);
}

bool connection_is_idle(const struct connection *c)
{
    return c->phase == CONNECTION_HEAD && guard_is_empty(c);
}
