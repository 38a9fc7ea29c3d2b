#include "held_reply.h"

#include "clock.h"
#include "connection.h"

#include <event2/http.h>
#include <stdlib.h>

static void on_gone(void *context)
{
    struct held_reply *h = context;
    struct evhttp_request *http = h->request.http;
    TAILQ_REMOVE(h->list, h, link);
    free(h);
    /* evhttp may have let go of it: it is ours then. */
    if (!evhttp_request_get_connection(http))
        evhttp_request_free(http);
}

bool held_reply_keep(const struct request *r, int status, const char *content_type,
                     struct slice body)
{
    struct held_reply *h = malloc(sizeof(*h) + body.len);
    if (!h)
        return false;
    h->list = r->until;
    h->request = *r;
    h->request.until = NULL;
    h->status = status;
    h->content_type = content_type;
    h->body_size = body.len;
    memcpy(h->body, body.p, body.len);
    TAILQ_INSERT_TAIL(h->list, h, link);
    connection_hold(r->connection, on_gone, h);
    return true;
}

struct held_reply *held_replies_take(struct held_replies *list)
{
    struct held_reply *h = TAILQ_FIRST(list);
    if (h) {
        TAILQ_REMOVE(list, h, link);
        connection_watch(h->request.connection, NULL, NULL);
        h->request.now_ns = clock_wall_ns();
    }
    return h;
}
