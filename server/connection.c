#include "connection.h"

#include "tls_connection.h"

#include <event2/bufferevent_struct.h>
#include <event2/event.h>

void connection_drop_held(struct connection *c)
{
    if (c->held)
        evbuffer_drain(c->held, evbuffer_get_length(c->held));
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
    if (c->ahead || evbuffer_get_length(output) > 0)
        connection_look_away(c);
    /* What evhttp does when the socket has taken all; not from within evhttp's own call. */
    if (evbuffer_get_length(output) == 0) {
        /* That the socket is writable may be known already: evhttp must not hear it twice. */
        bufferevent_disable(c->bev, EV_WRITE);
        bufferevent_trigger(c->bev, EV_WRITE, BEV_TRIG_DEFER_CALLBACKS);
    }
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
