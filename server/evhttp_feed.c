#include "evhttp_feed.h"

#include "connection.h"
#include "number.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* --- Bytes ------------------------------------------------------------------------------------ */

void evhttp_feed_end(struct connection *c)
{
    c->phase = CONNECTION_DISCARDING;
    shutdown(c->fd, SHUT_RDWR);
}

/* What is given to evhttp is put where it reads. Only the socket may add there, says libevent's
 * bufferevent, hence the unfreezing; with TLS it says nothing, and must find things unfrozen. */
static void freeze(const struct connection *c, struct evbuffer *input)
{
    if (!c->ssl)
        evbuffer_freeze(input, 0);
}

static void give(struct connection *c, const void *bytes, size_t n)
{
    struct evbuffer *input = bufferevent_get_input(c->bev);
    evbuffer_unfreeze(input, 0);
    if (evbuffer_add(input, bytes, n) != 0)
        evhttp_feed_end(c);
    freeze(c, input);
}

static void give_text(struct connection *c, const char *text)
{
    give(c, text, strlen(text));
}

static void give_from(struct connection *c, struct evbuffer *from, size_t n)
{
    struct evbuffer *input = bufferevent_get_input(c->bev);
    if (n == 0)
        return;
    evbuffer_unfreeze(input, 0);
    if (evbuffer_remove_buffer(from, input, n) != (int)n)
        evhttp_feed_end(c);
    freeze(c, input);
}

/* --- Requests --------------------------------------------------------------------------------- */

/* How a body follows the head. */
enum framing {
    FRAMING_NONE,
    FRAMING_LENGTH,   /* the whole body follows */
    FRAMING_CONTINUE, /* the body comes, as the client frames it, after a 100 Continue */
};

enum { EVHTTP_HEAD_MAX = 128 };

static const char *method_for_evhttp(const struct connection *c, enum framing framing)
{
    if (framing != FRAMING_NONE)
        return "PUT"; /* whose body evhttp reads */
    return slice_equal(c->request.method, SLICE_LITERAL("HEAD")) ? "HEAD" : "GET";
}

static size_t make_head(const struct connection *c, enum framing framing, uint64_t length,
                        char *out)
{
    const struct request_head *r = &c->request;
    char *to = stpcpy(out, method_for_evhttp(c, framing));
    to = stpcpy(to, r->minor >= 1 ? " / HTTP/1.1\r\n" : " / HTTP/1.0\r\n");
    if (r->close)
        to = stpcpy(to, "Connection: close\r\n");
    else if (r->keep_alive && r->minor < 1)
        to = stpcpy(to, "Connection: keep-alive\r\n");
    if (framing == FRAMING_CONTINUE)
        to = stpcpy(to, "Expect: 100-continue\r\n");
    if (r->chunked && framing == FRAMING_CONTINUE) {
        to = stpcpy(to, "Transfer-Encoding: chunked\r\n");
    } else if (framing != FRAMING_NONE) {
        to = stpcpy(to, "Content-Length: ");
        to += number_format_uint(length, to);
        to = stpcpy(to, "\r\n");
    }
    to = stpcpy(to, "\r\n");
    return (size_t)(to - out);
}

static void give_head(struct connection *c, enum framing framing, uint64_t length)
{
    char head[EVHTTP_HEAD_MAX];
    give(c, head, make_head(c, framing, length, head));
}

void evhttp_feed_in_place(struct connection *c, struct evbuffer *input, size_t taken)
{
    char head[EVHTTP_HEAD_MAX];
    uint64_t length = c->request.content_length;
    size_t n = make_head(c, length > 0 ? FRAMING_LENGTH : FRAMING_NONE, length, head);
    evbuffer_drain(input, taken);
    if (evbuffer_prepend(input, head, n) != 0)
        evhttp_feed_end(c);
    else
        c->phase = CONNECTION_ANSWERING;
}

void evhttp_feed_bodyless(struct connection *c)
{
    c->phase = CONNECTION_ANSWERING;
    give_head(c, FRAMING_NONE, 0);
}

void evhttp_feed_continue(struct connection *c)
{
    c->continued = true;
    give_head(c, FRAMING_CONTINUE, c->request.content_length);
}

void evhttp_feed_body(struct connection *c)
{
    size_t n = (size_t)c->request.content_length;
    c->phase = CONNECTION_ANSWERING;
    if (!c->continued)
        give_head(c, FRAMING_LENGTH, n);
    give_from(c, c->held, n);
}

void evhttp_feed_decoded_body(struct connection *c)
{
    char line[64];
    size_t n = c->body ? evbuffer_get_length(c->body) : 0;
    c->phase = CONNECTION_ANSWERING;
    if (!c->continued) {
        give_head(c, FRAMING_LENGTH, n);
        give_from(c, c->body, n);
        return;
    }
    if (n > 0) {
        snprintf(line, sizeof(line), "%zx\r\n", n);
        give_text(c, line);
        give_from(c, c->body, n);
        give_text(c, "\r\n");
    }
    give_text(c, "0\r\n\r\n");
}

/* --- What is answered without ----------------------------------------------------------------- */

void evhttp_feed_refusal(struct connection *c, const struct refusal *refusal)
{
    c->request = (struct request_head){.refusal = refusal};
    c->refusal = refusal;
    c->lingers = true;
    c->phase = CONNECTION_ANSWERING;
    connection_drop_held(c);
    give_text(c, "GET / HTTP/1.1\r\n\r\n");
}

void evhttp_feed_without_body(struct connection *c)
{
    c->lingers = true;
    c->phase = CONNECTION_ANSWERING;
    connection_drop_held(c);
    if (c->continued) {
        /* Only a chunked body can be ended early. */
        give_text(c, "0\r\n\r\n");
        return;
    }
    give_head(c, FRAMING_NONE, 0);
}

void evhttp_feed_failed_body(struct connection *c, enum error_code code, const char *message)
{
    c->body_error = code;
    c->body_error_message = message;
    evhttp_feed_without_body(c);
}
