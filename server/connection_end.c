#include "connection_end.h"

#include "connection.h"
#include "evhttp_feed.h"
#include "tls_connection.h"

#include <sys/socket.h>

void connection_end_linger(struct connection *c)
{
    if (c->ssl)
        tls_connection_end(c->ssl);
    shutdown(c->fd, SHUT_WR);
    c->phase = CONNECTION_DISCARDING;
    c->since_ns = c->owner->now_ns;
}

static void on_read(struct bufferevent *bev, void *context)
{
    struct connection *c = context;
    c->evhttp_read(bev, c->http);
}

static void on_write(struct bufferevent *bev, void *context)
{
    struct connection *c = context;
    c->evhttp_write(bev, c->http);
}

static void on_event(struct bufferevent *bev, short what, void *context)
{
    struct connection *c = context;
    if (c->ssl && !tls_connection_is_open(c->ssl) && tls_connection_failed(bev, c->client)) {
        connection_end_linger(c);
        return;
    }
    if (what & BEV_EVENT_EOF && c->phase == CONNECTION_ASKING)
        return; /* it is seen again when reading goes on */
    bufferevent_setcb(bev, c->evhttp_read, c->evhttp_write, c->evhttp_event, c->http);
    bool cut_off = c->phase == CONNECTION_BODY || c->phase == CONNECTION_CHUNKS;
    if (!(what & BEV_EVENT_EOF) || !cut_off || c->continued) {
        c->evhttp_event(bev, what, c->http);
        return;
    }
    c->busy = true;
    evhttp_feed_failed_body(c, ERROR_INVALID, "unexpected EOF");
    c->busy = false;
    c->evhttp_read(bev, c->http);
}

void connection_end_watch(struct connection *c)
{
    bufferevent_data_cb read;
    bufferevent_getcb(c->bev, &read, NULL, NULL, NULL);
    if (read == on_read)
        return;
    bufferevent_getcb(c->bev, &c->evhttp_read, &c->evhttp_write, &c->evhttp_event, NULL);
    bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
}
