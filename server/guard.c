#include "guard.h"

#include "connection.h"
#include "connection_end.h"
#include "evhttp_feed.h"
#include "options.h"
#include "server.h"

#include <event2/event.h>
#include <stdlib.h>

enum {
    COPY_BELOW = 2048,          /* fewer bytes are copied: moving a chunk wastes the rest of it */
    PIPELINE_MAX = 16 << 10,    /* bytes taken from a client that does not wait for its reply */
    ALWAYS_BUFFERED = 16 << 10, /* bytes that an unfinished request may take, however full we are */
    KEEP_HEAD_CAPACITY = 4096,  /* of an idle connection */
    TLS_HANDSHAKE = 0x16,       /* its first byte */
};

/* --- Holding back ----------------------------------------------------------------------------- */

/* Takes what evhttp would see, but for the first `given` bytes, which are for it. */
static void hold(struct connection *c, struct evbuffer *input, size_t given)
{
    char copy[COPY_BELOW];
    size_t n = evbuffer_get_length(input) - given;
    bool ok = c->held || (c->held = evbuffer_new()) != NULL;
    if (ok && given > 0) {
        struct evbuffer *front = evbuffer_new();
        ok = front && evbuffer_remove_buffer(input, front, given) == (int)given &&
             evbuffer_add_buffer(c->held, input) == 0 && evbuffer_add_buffer(input, front) == 0;
        if (front)
            evbuffer_free(front);
    } else if (ok && n < sizeof(copy)) {
        ok = evbuffer_remove(input, copy, n) == (int)n && evbuffer_add(c->held, copy, n) == 0;
    } else if (ok) {
        ok = evbuffer_add_buffer(c->held, input) == 0;
    }
    if (!ok)
        evhttp_feed_end(c);
}

static size_t held_length(const struct connection *c)
{
    return c->held ? evbuffer_get_length(c->held) : 0;
}

static struct slice held_front(const struct connection *c)
{
    struct evbuffer_iovec front = {0};
    if (held_length(c) > 0)
        evbuffer_peek(c->held, -1, NULL, &front, 1);
    return (struct slice){front.iov_base, front.iov_len};
}

/* How much this connection keeps in memory of what is not answered yet. */
static void count_buffered(struct connection *c)
{
    size_t now = c->head.len + held_length(c) + (c->body ? evbuffer_get_length(c->body) : 0);
    c->owner->buffered += now - c->buffered;
    c->buffered = now;
}

/* --- Asking for access ------------------------------------------------------------------------ */

/* Once for each request. */
static void ask(struct connection *c)
{
    if (!c->asked)
        c->admission = access_ask(c->owner->server->access, c->request.headers, c->fd, &c->waiter);
    c->asked = true;
}

/* A request that is not granted is answered; its body is not waited for. */
static bool may_go_on(struct connection *c)
{
    const struct request_head *r = &c->request;
    ask(c);
    if (c->admission == ADMISSION_WAITING) {
        c->phase = CONNECTION_ASKING;
        connection_end_watch(c);
        return false;
    }
    if (c->admission == ADMISSION_GRANTED || (!r->chunked && r->content_length <= held_length(c)))
        return true;
    evhttp_feed_without_body(c);
    return false;
}

/* --- Reading requests ------------------------------------------------------------------------- */

static size_t body_limit(const struct connection *c)
{
    return c->owner->server->options->max_request_size;
}

static size_t head_limit(const struct connection *c)
{
    return c->owner->server->options->max_header_size;
}

/* The head is whole. */
static void begin_body(struct connection *c)
{
    struct request_head *r = &c->request;
    if (r->refusal) {
        evhttp_feed_refusal(c, r->refusal);
        return;
    }
    if (!may_go_on(c))
        return;
    if (!r->chunked && r->content_length == 0) {
        evhttp_feed_bodyless(c);
        return;
    }
    if (!r->chunked && r->content_length > body_limit(c)) {
        evhttp_feed_failed_body(c, ERROR_TOO_LARGE, "request body too large");
        return;
    }
    c->phase = r->chunked ? CONNECTION_CHUNKS : CONNECTION_BODY;
    connection_end_watch(c);
    if (!r->expects_continue || c->admission != ADMISSION_GRANTED)
        return;
    if (!c->owner->takes_body(c->owner->server, r->method, r->target)) {
        evhttp_feed_without_body(c);
    } else if (held_length(c) > 0) {
        c->late_continue = true;
    } else {
        evhttp_feed_continue(c);
    }
}

/* Gathers the head in one piece. True when it was whole. */
static bool take_head(struct connection *c)
{
    struct slice front;
    while ((front = held_front(c)).len > 0) {
        size_t before = c->head.len;
        if (before == 0)
            c->since_ns = c->owner->now_ns;
        if (before == 0 && front.p[0] == TLS_HANDSHAKE && !c->ssl) {
            evhttp_feed_refusal(c, &refusal_bad_request); /* it would never end a line */
            return false;
        }
        buffer_slice_append(&c->head, front);
        if (c->head.failed) {
            evhttp_feed_end(c);
            return false;
        }
        size_t n = request_head_find(c->head.p, c->head.len, &c->search);
        if ((n > 0 ? n : c->head.len) > head_limit(c)) {
            evhttp_feed_refusal(c, &refusal_head_too_large);
            return false;
        }
        evbuffer_drain(c->held, n > 0 ? n - before : front.len);
        if (n > 0) {
            c->head.len = n;
            request_head_parse(c->head.p, n, &c->request);
            begin_body(c);
            return true;
        }
    }
    return false;
}

static void take_body(struct connection *c)
{
    c->received = held_length(c);
    if (c->received >= c->request.content_length)
        evhttp_feed_body(c);
}

/* Decodes what is there of a chunked body. */
static void take_chunks(struct connection *c)
{
    struct slice front, rest, data;
    if (!c->body && !(c->body = evbuffer_new())) {
        evhttp_feed_end(c);
        return;
    }
    while ((front = rest = held_front(c)).len > 0) {
        enum chunk_status status;
        while ((status = chunk_reader_next(&c->chunks, &rest, &data)) == CHUNK_DATA) {
            c->received += data.len;
            if (c->received > body_limit(c)) {
                evhttp_feed_failed_body(c, ERROR_TOO_LARGE, "request body too large");
                return;
            }
            if (evbuffer_add(c->body, data.p, data.len) != 0) {
                evhttp_feed_end(c);
                return;
            }
        }
        evbuffer_drain(c->held, front.len - rest.len);
        if (status == CHUNK_BAD) {
            evhttp_feed_failed_body(c, ERROR_INVALID, c->chunks.error);
            return;
        }
        if (status == CHUNK_END) {
            evhttp_feed_decoded_body(c);
            return;
        }
    }
}

static void advance(struct connection *c)
{
    if (c->phase == CONNECTION_HEAD && !take_head(c))
        return;
    if (c->phase == CONNECTION_BODY)
        take_body(c);
    else if (c->phase == CONNECTION_CHUNKS)
        take_chunks(c);
}

/* Whether all connections together keep more than they may. */
static bool is_full(const struct connection_owner *all)
{
    const struct options *o = all->server->options;
    return all->buffered > o->max_buffered_size && all->buffered > o->max_request_size;
}

/* A request that goes on growing while memory for unfinished ones is out. */
static void refuse_if_full(struct connection *c)
{
    bool grows =
        c->phase == CONNECTION_HEAD || c->phase == CONNECTION_BODY || c->phase == CONNECTION_CHUNKS;
    if (!grows || c->buffered <= ALWAYS_BUFFERED || !is_full(c->owner))
        return;
    if (c->phase == CONNECTION_HEAD)
        evhttp_feed_refusal(c, &refusal_full);
    else if (c->continued && c->phase == CONNECTION_BODY)
        evhttp_feed_end(c); /* evhttp waits for the body */
    else
        evhttp_feed_failed_body(c, ERROR_NO_MEMORY, "too many requests are unfinished");
    count_buffered(c);
}

/* Whether a head is all that need be known of what has come: nothing special about it, and the
 * whole body behind it. */
static bool is_simple(const struct connection *c, size_t body_length)
{
    const struct request_head *r = &c->request;
    return !r->refusal && !r->chunked && !r->expects_continue && r->content_length == body_length &&
           body_length <= body_limit(c);
}

static bool passes(struct connection *c)
{
    ask(c);
    return c->admission != ADMISSION_WAITING;
}

/* The common case: one whole request, alone. */
static bool pass_whole(struct connection *c, struct evbuffer *input)
{
    struct request_head_search search = {0};
    size_t length = evbuffer_get_length(input);
    if (c->head.len > 0 || held_length(c) > 0 || evbuffer_get_contiguous_space(input) < length)
        return false;
    const char *bytes = (const char *)evbuffer_pullup(input, -1);
    size_t n = request_head_find(bytes, length, &search);
    if (n == 0 || n > head_limit(c))
        return false;
    buffer_bytes(&c->head, bytes, n);
    if (!c->head.failed) {
        request_head_parse(c->head.p, n, &c->request);
        if (is_simple(c, length - n) && passes(c)) {
            evhttp_feed_in_place(c, input, n);
            return true;
        }
    }
    buffer_clear(&c->head);
    return false;
}

/* Bytes have come in. Called before evhttp's own callback. What was there before is a request given
 * to evhttp that it has not looked at yet. */
static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *change, void *context)
{
    struct connection *c = context;
    size_t given = change->orig_size;
    if (change->n_added == 0 || c->busy)
        return;
    c->busy = true;
    if (c->phase != CONNECTION_HEAD || !pass_whole(c, input)) {
        hold(c, input, given);
        if (c->phase == CONNECTION_DISCARDING || c->lingers)
            connection_drop_held(c);
        else if (c->phase != CONNECTION_ANSWERING && c->phase != CONNECTION_ASKING)
            advance(c);
        else if (held_length(c) > PIPELINE_MAX)
            bufferevent_disable(c->bev, EV_READ); /* enabled for the next request, or the body */
        count_buffered(c);
        refuse_if_full(c);
    }
    c->busy = false;
}

void guard_decided(struct connection *c, enum admission admission)
{
    c->admission = admission;
    c->busy = true;
    begin_body(c);
    advance(c);
    count_buffered(c);
    c->busy = false;
    bufferevent_enable(c->bev, EV_READ);
    bufferevent_trigger(c->bev, EV_READ, 0);
}

static void on_decided(struct auth_waiter *waiter, enum admission admission)
{
    guard_decided(
        (struct connection *)(void *)((char *)waiter - offsetof(struct connection, waiter)),
        admission);
}

/* --- From request to request ------------------------------------------------------------------ */

bool guard_attach(struct connection *c)
{
    c->waiter.decided = on_decided;
    return evbuffer_add_cb(bufferevent_get_input(c->bev), on_input, c) != NULL;
}

void guard_detach(struct connection *c)
{
    c->owner->buffered -= c->buffered;
    evbuffer_remove_cb(bufferevent_get_input(c->bev), on_input, c);
    if (c->held)
        evbuffer_free(c->held);
    if (c->body)
        evbuffer_free(c->body);
    buffer_free(&c->head);
}

bool guard_is_idle(const struct connection *c)
{
    return c->phase == CONNECTION_HEAD && c->head.len == 0 && held_length(c) == 0;
}

void guard_forget_request(struct connection *c)
{
    if (c->head.capacity > KEEP_HEAD_CAPACITY)
        buffer_free(&c->head);
    buffer_clear(&c->head);
    c->search = (struct request_head_search){0};
    c->chunks = (struct chunk_reader){0};
    if (c->body) {
        evbuffer_free(c->body);
        c->body = NULL;
    }
    if (c->held && held_length(c) == 0) {
        evbuffer_free(c->held);
        c->held = NULL;
    }
    c->received = 0;
    c->continued = false;
    c->late_continue = false;
    c->asked = false;
    c->admission = ADMISSION_GRANTED;
    c->refusal = NULL;
    c->body_error = ERROR_NONE;
    count_buffered(c);
}

void guard_next_request(struct connection *c)
{
    c->phase = CONNECTION_HEAD;
    c->busy = true;
    advance(c);
    count_buffered(c);
    c->busy = false;
    /* evhttp is about to read again, whatever lies here already. Filled up it does not before it
     * has taken the request, and connection_flush() looks away from then on. */
    bool ahead = c->phase == CONNECTION_ANSWERING && held_length(c) > PIPELINE_MAX;
    if (ahead != c->ahead)
        bufferevent_setwatermark(c->bev, EV_READ, 0, ahead ? 1 : 0);
    c->ahead = ahead;
}
