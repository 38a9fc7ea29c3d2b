#include "held_reply.h"

#include "clock.h"
#include "connection.h"
#include "response.h"

#include <event2/http.h>
#include <stdlib.h>

struct held_reply {
    TAILQ_ENTRY(held_reply) link;
    struct held_replies *list;
    /* A copy, of which only what does not point into the arena or to bytes received is of use. */
    struct request request;
    int status;
    const char *content_type;
    size_t body_size;
    char body[];
};

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

static struct held_reply *take_first(struct held_replies *list)
{
    struct held_reply *h = TAILQ_FIRST(list);
    if (h) {
        TAILQ_REMOVE(list, h, link);
        connection_watch(h->request.connection, NULL, NULL);
        h->request.now_ns = clock_wall_ns();
    }
    return h;
}

void held_replies_send(struct held_replies *list)
{
    struct held_reply *h;
    while ((h = take_first(list)) != NULL) {
        response_body(&h->request, h->status, h->content_type,
                      (struct slice){h->body, h->body_size});
        free(h);
    }
}

void held_replies_fail(struct held_replies *list, const char *message)
{
    struct held_reply *h;
    while ((h = take_first(list)) != NULL) {
        evhttp_clear_headers(evhttp_request_get_output_headers(h->request.http));
        response_error(&h->request, 503, message);
        free(h);
    }
}
