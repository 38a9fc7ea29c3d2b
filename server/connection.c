#include "connection.h"

#include "listen_address.h"
#include "listener.h"
#include "number.h"
#include "options.h"
#include "router.h"
#include "tls_connection.h"

#include <event2/bufferevent_struct.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    COPY_BELOW = 2048,          /* fewer bytes are copied: moving a chunk wastes the rest of it */
    PIPELINE_MAX = 16 << 10,    /* bytes taken from a client that does not wait for its reply */
    ALWAYS_BUFFERED = 16 << 10, /* bytes that an unfinished request may take, however full we are */
    KEEP_HEAD_CAPACITY = 4096,  /* of an idle connection */
    LINGER_NS = 2000000000,     /* for the client to read the last reply */
    MIB = 1 << 20,
    TLS_HANDSHAKE = 0x16, /* its first byte */
};

/* --- Moving bytes ----------------------------------------------------------------------------- */

/* Memory is out: ends the connection the way a client would, so that evhttp cleans up. */
static void cut(struct connection *c)
{
    c->phase = CONNECTION_DISCARDING;
    shutdown(c->fd, SHUT_RDWR);
}

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
        cut(c);
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

static void drain(struct evbuffer *buffer)
{
    if (buffer)
        evbuffer_drain(buffer, evbuffer_get_length(buffer));
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
        cut(c);
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
        cut(c);
    freeze(c, input);
}

/* Tells the listener how much this connection keeps in memory of what is not answered yet. */
static void count_buffered(struct connection *c)
{
    size_t now = c->head.len + held_length(c) + (c->body ? evbuffer_get_length(c->body) : 0);
    listener_count_buffered(c->listener, c->buffered, now);
    c->buffered = now;
}

/* --- Giving requests to evhttp ---------------------------------------------------------------- */

/* What evhttp is given for a head: the least that makes it read the body, treat the connection and
 * frame the reply as the client asked. All else is in c->request. */
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

/* Answers without evhttp seeing anything of the request. */
static void refuse(struct connection *c, const struct refusal *refusal)
{
    c->request = (struct request_head){.refusal = refusal};
    c->refusal = refusal;
    c->lingers = true;
    c->phase = CONNECTION_ANSWERING;
    drain(c->held);
    give_text(c, "GET / HTTP/1.1\r\n\r\n");
}

/* Answers without the body: nobody wants it, or it cannot be had. */
static void abandon_body(struct connection *c)
{
    c->lingers = true;
    c->phase = CONNECTION_ANSWERING;
    drain(c->held);
    if (c->continued) {
        /* Only a chunked body can be ended early. */
        give_text(c, "0\r\n\r\n");
        return;
    }
    give_head(c, FRAMING_NONE, 0);
}

static void fail_body(struct connection *c, enum error_code code, const char *message)
{
    c->body_error = code;
    c->body_error_message = message;
    abandon_body(c);
}

/* A body of known length is whole. */
static void give_body(struct connection *c)
{
    size_t n = (size_t)c->request.content_length;
    c->phase = CONNECTION_ANSWERING;
    if (!c->continued)
        give_head(c, FRAMING_LENGTH, n);
    give_from(c, c->held, n);
}

/* A chunked body is whole. evhttp gets it as one of known length; when it has the head already, as
 * a single chunk. */
static void give_decoded_body(struct connection *c)
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

/* --- The end of what the client sends --------------------------------------------------------- */

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

/* Closing now would let the kernel answer what is still coming with a reset, and a reset makes the
 * client's kernel forget what has not been read. */
static void linger(struct connection *c)
{
    if (c->ssl)
        tls_connection_end(c->ssl);
    shutdown(c->fd, SHUT_WR);
    c->phase = CONNECTION_DISCARDING;
    c->since_ns = listener_now(c->listener);
}

/* The client has shut down its side in the middle of a body, or before it is known whether it may
 * ask: evhttp would close without a word. */
static void on_event(struct bufferevent *bev, short what, void *context)
{
    struct connection *c = context;
    if (c->ssl && !tls_connection_is_open(c->ssl) && tls_connection_failed(bev, c->client)) {
        linger(c);
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
    fail_body(c, ERROR_INVALID, "unexpected EOF");
    c->busy = false;
    c->evhttp_read(bev, c->http);
}

/* Stands between the bufferevent and evhttp until evhttp sets its callbacks anew, which it does for
 * each reply. */
static void watch_for_end(struct connection *c)
{
    bufferevent_data_cb read;
    bufferevent_getcb(c->bev, &read, NULL, NULL, NULL);
    if (read == on_read)
        return;
    bufferevent_getcb(c->bev, &c->evhttp_read, &c->evhttp_write, &c->evhttp_event, NULL);
    bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
}

/* --- Asking for access ------------------------------------------------------------------------ */

/* Once for each request. */
static void ask(struct connection *c)
{
    if (!c->asked)
        c->admission =
            access_ask(listener_server(c->listener)->access, c->request.headers, c->fd, &c->waiter);
    c->asked = true;
}

/* A request that is not granted is answered; its body is not waited for. */
static bool may_go_on(struct connection *c)
{
    const struct request_head *r = &c->request;
    ask(c);
    if (c->admission == ADMISSION_WAITING) {
        c->phase = CONNECTION_ASKING;
        watch_for_end(c);
        return false;
    }
    if (c->admission == ADMISSION_GRANTED || (!r->chunked && r->content_length <= held_length(c)))
        return true;
    abandon_body(c);
    return false;
}

/* --- Reading requests ------------------------------------------------------------------------- */

static size_t body_limit(const struct connection *c)
{
    return listener_server(c->listener)->options->max_request_size;
}

static size_t head_limit(const struct connection *c)
{
    return listener_server(c->listener)->options->max_header_size;
}

/* The head is whole. */
static void begin_body(struct connection *c)
{
    struct request_head *r = &c->request;
    if (r->refusal) {
        refuse(c, r->refusal);
        return;
    }
    if (!may_go_on(c))
        return;
    if (!r->chunked && r->content_length == 0) {
        c->phase = CONNECTION_ANSWERING;
        give_head(c, FRAMING_NONE, 0);
        return;
    }
    if (!r->chunked && r->content_length > body_limit(c)) {
        fail_body(c, ERROR_TOO_LARGE, "request body too large");
        return;
    }
    c->phase = r->chunked ? CONNECTION_CHUNKS : CONNECTION_BODY;
    watch_for_end(c);
    if (!r->expects_continue || c->admission != ADMISSION_GRANTED)
        return;
    if (!router_takes_body(listener_server(c->listener), r->method, r->target)) {
        abandon_body(c);
    } else if (held_length(c) > 0) {
        c->late_continue = true;
    } else {
        c->continued = true;
        give_head(c, FRAMING_CONTINUE, r->content_length);
    }
}

/* Gathers the head in one piece. True when it was whole. */
static bool take_head(struct connection *c)
{
    struct slice front;
    while ((front = held_front(c)).len > 0) {
        size_t before = c->head.len;
        if (before == 0)
            c->since_ns = listener_now(c->listener);
        if (before == 0 && front.p[0] == TLS_HANDSHAKE && !c->ssl) {
            refuse(c, &refusal_bad_request); /* it would never end a line */
            return false;
        }
        buffer_slice_append(&c->head, front);
        if (c->head.failed) {
            cut(c);
            return false;
        }
        size_t n = request_head_find(c->head.p, c->head.len, &c->search);
        if ((n > 0 ? n : c->head.len) > head_limit(c)) {
            refuse(c, &refusal_head_too_large);
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
        give_body(c);
}

/* Decodes what is there of a chunked body. */
static void take_chunks(struct connection *c)
{
    struct slice front, rest, data;
    if (!c->body && !(c->body = evbuffer_new())) {
        cut(c);
        return;
    }
    while ((front = rest = held_front(c)).len > 0) {
        enum chunk_status status;
        while ((status = chunk_reader_next(&c->chunks, &rest, &data)) == CHUNK_DATA) {
            c->received += data.len;
            if (c->received > body_limit(c)) {
                fail_body(c, ERROR_TOO_LARGE, "request body too large");
                return;
            }
            if (evbuffer_add(c->body, data.p, data.len) != 0) {
                cut(c);
                return;
            }
        }
        evbuffer_drain(c->held, front.len - rest.len);
        if (status == CHUNK_BAD) {
            fail_body(c, ERROR_INVALID, c->chunks.error);
            return;
        }
        if (status == CHUNK_END) {
            give_decoded_body(c);
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

/* A request that goes on growing while memory for unfinished ones is out. */
static void refuse_if_full(struct connection *c)
{
    bool grows =
        c->phase == CONNECTION_HEAD || c->phase == CONNECTION_BODY || c->phase == CONNECTION_CHUNKS;
    if (!grows || c->buffered <= ALWAYS_BUFFERED || !listener_is_full(c->listener))
        return;
    if (c->phase == CONNECTION_HEAD)
        refuse(c, &refusal_full);
    else if (c->continued && c->phase == CONNECTION_BODY)
        cut(c); /* evhttp waits for the body */
    else
        fail_body(c, ERROR_NO_MEMORY, "too many requests are unfinished");
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

/* The head goes, and evhttp finds its own before the body, which stays where it is. */
static void replace_head(struct connection *c, struct evbuffer *input, size_t taken)
{
    char head[EVHTTP_HEAD_MAX];
    uint64_t length = c->request.content_length;
    size_t n = make_head(c, length > 0 ? FRAMING_LENGTH : FRAMING_NONE, length, head);
    evbuffer_drain(input, taken);
    if (evbuffer_prepend(input, head, n) != 0)
        cut(c);
    else
        c->phase = CONNECTION_ANSWERING;
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
            replace_head(c, input, n);
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
            drain(c->held);
        else if (c->phase != CONNECTION_ANSWERING && c->phase != CONNECTION_ASKING)
            advance(c);
        else if (held_length(c) > PIPELINE_MAX)
            bufferevent_disable(c->bev, EV_READ); /* enabled for the next request, or the body */
        count_buffered(c);
        refuse_if_full(c);
    }
    c->busy = false;
}

/* It has been found out whether the request may go on. */
static void on_decided(struct auth_waiter *waiter, enum admission admission)
{
    struct connection *c =
        (struct connection *)(void *)((char *)waiter - offsetof(struct connection, waiter));
    c->admission = admission;
    c->busy = true;
    begin_body(c);
    advance(c);
    count_buffered(c);
    c->busy = false;
    bufferevent_enable(c->bev, EV_READ);
    bufferevent_trigger(c->bev, EV_READ, 0);
}

/* --- Replies ---------------------------------------------------------------------------------- */

static void forget_request(struct connection *c)
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
}

void connection_reply_ended(struct evhttp_request *http, void *connection)
{
    struct connection *c = connection;
    (void)http;
    forget_request(c);
    count_buffered(c);
    c->queued = 0;
    c->unsent_before = 0;
    c->since_ns = listener_now(c->listener);
    if (c->phase == CONNECTION_DISCARDING)
        return;
    if (c->lingers) {
        linger(c);
        return;
    }
    c->phase = CONNECTION_HEAD;
    if (listener_is_stopping(c->listener))
        listener_reply_ended(c->listener);
    c->busy = true;
    advance(c);
    count_buffered(c);
    c->busy = false;
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
    drain(output);
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

/* --- Time ------------------------------------------------------------------------------------- */

bool connection_is_idle(const struct connection *c)
{
    return c->phase == CONNECTION_HEAD && c->head.len == 0 && held_length(c) == 0;
}

/* Tells the client that its request took too long; where evhttp waits for the body, that cannot be.
 */
static void time_out(struct connection *c)
{
    if (c->continued && c->phase == CONNECTION_BODY) {
        evhttp_connection_free(c->http);
        return;
    }
    if (c->phase == CONNECTION_ASKING) {
        access_cancel(listener_server(c->listener)->access, &c->waiter);
        on_decided(&c->waiter, ADMISSION_UNAVAILABLE);
        return;
    }
    c->busy = true;
    if (c->continued) {
        c->refusal = &refusal_timeout;
        abandon_body(c);
    } else {
        refuse(c, &refusal_timeout);
    }
    c->busy = false;
    bufferevent_trigger(c->bev, EV_READ, 0);
}

/* Whether a client takes too long for the next MiB of its reply, or for the rest. */
static bool reads_too_slowly(struct connection *c, int64_t now_ns)
{
    size_t unsent = evbuffer_get_length(bufferevent_get_output(c->bev));
    int64_t taken =
        (int64_t)(c->queued - c->queued_before) + (int64_t)c->unsent_before - (int64_t)unsent;
    if (unsent == 0 || c->unsent_before == 0 || taken >= MIB) {
        c->queued_before = c->queued;
        c->unsent_before = unsent;
        c->since_ns = now_ns;
    }
    return now_ns - c->since_ns > listener_server(c->listener)->options->read_timeout_ns;
}

static bool sends_too_slowly(const struct connection *c, int64_t now_ns)
{
    int64_t allowances = 1 + (int64_t)((c->received + MIB - 1) / MIB);
    return (now_ns - c->since_ns) / allowances >
           listener_server(c->listener)->options->read_timeout_ns;
}

static int64_t idle_limit(const struct connection *c)
{
    const struct options *o = listener_server(c->listener)->options;
    bool shakes_hands = c->ssl && !tls_connection_is_open(c->ssl);
    return shakes_hands ? o->read_timeout_ns : o->idle_timeout_ns;
}

bool connection_check_time(struct connection *c, int64_t now_ns)
{
    if (c->phase != CONNECTION_ANSWERING && c->phase != CONNECTION_DISCARDING &&
        !connection_is_idle(c)) {
        if (!sends_too_slowly(c, now_ns))
            return false;
        time_out(c);
        return true;
    }
    bool ends = c->phase == CONNECTION_ANSWERING    ? reads_too_slowly(c, now_ns)
                : c->phase == CONNECTION_DISCARDING ? now_ns - c->since_ns > LINGER_NS
                                                    : now_ns - c->since_ns > idle_limit(c);
    if (ends)
        evhttp_connection_free(c->http);
    return ends;
}

/* --- Making and freeing ----------------------------------------------------------------------- */

struct connection *connection_new(struct listener *l, struct bufferevent *bev)
{
    struct connection *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    if (!evbuffer_add_cb(bufferevent_get_input(bev), on_input, c)) {
        free(c);
        return NULL;
    }
    c->listener = l;
    c->bev = bev;
    c->ssl = tls_connection_ssl(bev);
    c->waiter.decided = on_decided;
    c->fd = -1;
    c->since_ns = listener_now(l);
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
        watch_for_end(c); /* of the handshake, if it fails */
    bufferevent_decref(c->bev);
    return true;
}

void connection_free(struct connection *c)
{
    listener_count_buffered(c->listener, c->buffered, 0);
    evbuffer_remove_cb(bufferevent_get_input(c->bev), on_input, c);
    if (!c->http)
        bufferevent_decref(c->bev);
    if (c->held)
        evbuffer_free(c->held);
    if (c->body)
        evbuffer_free(c->body);
    buffer_free(&c->head);
    free(c);
}
