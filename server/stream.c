#include "stream.h"

#include "clock.h"
#include "compressor.h"
#include "connection.h"
#include "response.h"
#include "server.h"

#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <stdlib.h>
#include <sys/queue.h>

enum {
    KEPT_CAPACITY = 4 * STREAM_PIECE,
    /* What going on with streams may take of a turn of the loop: many of them together must not
     * hold up a push. */
    TURN_NS = 5000000,
};

/* A reply on its way. Ends when the source has ended and evhttp has been told so, or when the
 * client has gone; finish() is called in the first case before the last bytes are sent. */
struct stream {
    TAILQ_ENTRY(stream) link; /* among those ready */
    bool ready;
    bool begun; /* its head is queued */
    int status;
    struct streams *streams;
    struct evhttp_request *http;
    struct connection *connection;
    struct stream_source source;
    void *context;
    struct compressor *compressor; /* NULL: none */
};

TAILQ_HEAD(stream_list, stream);

struct streams {
    struct event_base *base;
    struct stream_list ready; /* to go on in the next turn */
    struct event *next_turn;
    struct timeval turn; /* when the turn began in which... */
    uint64_t spent_ns;   /* ...this much was spent */
    struct buffer piece,
        coded_piece; /* of the stream that goes on; for the next one to use again */
};

/* One that has not begun goes first: who asks for little is not to wait for those who ask for much.
 */
static void set_ready(struct stream *s, bool first)
{
    static const struct timeval soon = {0};
    if (s->ready)
        return;
    s->ready = true;
    if (first)
        TAILQ_INSERT_HEAD(&s->streams->ready, s, link);
    else
        TAILQ_INSERT_TAIL(&s->streams->ready, s, link);
    evtimer_add(s->streams->next_turn, &soon);
}

static void unset_ready(struct stream *s)
{
    if (s->ready)
        TAILQ_REMOVE(&s->streams->ready, s, link);
    s->ready = false;
}

static void stream_free(struct stream *s)
{
    unset_ready(s);
    if (s->context)
        s->source.finish(s->context);
    compressor_free(s->compressor);
    free(s);
}

static void empty(struct buffer *b)
{
    if (b->capacity > KEPT_CAPACITY)
        buffer_free(b);
    buffer_clear(b);
}

/* The next piece, as it goes out; good until the next piece of any stream. */
static enum stream_status make_piece(struct stream *s, struct slice *out)
{
    struct buffer *raw = &s->streams->piece, *result = raw;
    empty(raw);
    enum stream_status status = s->source.produce(s->context, raw);
    if (s->compressor && status != STREAM_FAILED && !raw->failed) {
        result = &s->streams->coded_piece;
        empty(result);
        if (!compressor_add(s->compressor, buffer_slice(raw), status == STREAM_DONE, result))
            return STREAM_FAILED;
    }
    if (result->failed)
        return STREAM_FAILED;
    *out = buffer_slice(result);
    return status;
}

static enum stream_status next_piece(struct stream *s, struct slice *out)
{
    uint64_t began_ns = clock_monotonic_ns();
    enum stream_status status = make_piece(s, out);
    s->streams->spent_ns += clock_monotonic_ns() - began_ns;
    return status;
}

static void on_drained(struct evhttp_connection *http, void *context);

static void send_piece(struct stream *s, struct slice piece)
{
    struct evbuffer *buffer = evbuffer_new();
    if (!buffer || evbuffer_add(buffer, piece.p, piece.len) != 0) {
        evhttp_connection_free(s->connection->http);
    } else {
        s->connection->queued += piece.len;
        evhttp_send_reply_chunk_with_cb(s->http, buffer, on_drained, s);
        connection_look_away(s->connection); /* evhttp has begun to read again */
    }
    if (buffer)
        evbuffer_free(buffer);
}

static void send_last_piece(struct stream *s, struct slice piece)
{
    struct evhttp_request *http = s->http;
    struct connection *c = s->connection;
    struct evbuffer *output = evhttp_request_get_output_buffer(http);
    bool chunked = http->chunked; /* else the end may free the connection at once */

    if (evbuffer_add(output, piece.p, piece.len) != 0) {
        evhttp_connection_free(c->http);
        return;
    }
    c->queued += piece.len;
    evhttp_send_reply_chunk(http, output);
    connection_look_away(c);
    connection_watch(c, NULL, NULL);
    stream_free(s);
    evhttp_send_reply_end(http);
    if (chunked)
        connection_look_away(c);
}

/* Sends a piece and, if it was the last, what ends the reply. Whatever frees the connection frees
 * the stream. */
static void send_on(struct stream *s, enum stream_status status, struct slice piece)
{
    if (status == STREAM_FAILED) {
        evhttp_connection_free(s->connection->http);
    } else if (status == STREAM_DONE) {
        send_last_piece(s, piece);
    } else if (piece.len > 0) {
        send_piece(s, piece);
    } else {
        set_ready(s, false); /* it has more to do than to say */
    }
}

/* The first piece is queued with the head: with TLS, libevent tells that a head is written only
 * when it has handled all else of that turn, and evhttp would take it for the end of what has been
 * queued meanwhile. */
static void begin_pieces(struct stream *s)
{
    s->begun = true;
    /* HTTP/1.0 has no chunks: the end of the connection ends the body, whatever the client said. */
    if (s->http->major == 1 && s->http->minor == 0)
        evhttp_remove_header(evhttp_request_get_input_headers(s->http), "Connection");
    evhttp_send_reply_start(s->http, s->status, response_phrase(s->status));
    connection_look_away(s->connection);
    response_head_queued(s->http, s->connection);
}

static void go_on(struct stream *s)
{
    struct slice piece = {0};
    enum stream_status status = next_piece(s, &piece);
    if (!s->begun && (status == STREAM_DONE || piece.len > 0))
        begin_pieces(s);
    send_on(s, status, piece);
}

/* Whether there is time left in this turn. Within a turn libevent's clock stands still. */
static bool has_time(struct streams *all)
{
    struct timeval now;
    event_base_gettimeofday_cached(all->base, &now);
    if (now.tv_sec != all->turn.tv_sec || now.tv_usec != all->turn.tv_usec) {
        all->turn = now;
        all->spent_ns = 0;
    }
    return all->spent_ns < TURN_NS;
}

static void on_next_turn(evutil_socket_t fd, short what, void *context)
{
    static const struct timeval soon = {0};
    struct streams *all = context;
    struct stream *s, *last = TAILQ_LAST(&all->ready, stream_list);
    bool more = true;
    (void)fd;
    (void)what;
    while (more && has_time(all) && (s = TAILQ_FIRST(&all->ready)) != NULL) {
        more = s != last; /* each once */
        unset_ready(s);   /* NOLINT(clang-analyzer-unix.Malloc): those freed are out of the list */
        go_on(s);
    }
    if (!TAILQ_EMPTY(&all->ready))
        evtimer_add(all->next_turn, &soon);
}

/* The client has taken what was sent. */
static void on_drained(struct evhttp_connection *http, void *context)
{
    struct stream *s = context;
    (void)http;
    if (TAILQ_EMPTY(&s->streams->ready) && has_time(s->streams))
        go_on(s);
    else
        set_ready(s, false);
}

static void on_gone(void *context)
{
    struct stream *s = context;
    struct evhttp_request *http = s->http;
    stream_free(s);
    /* evhttp lets go of a request whose reply has begun: it is ours then. */
    if (!evhttp_request_get_connection(http))
        evhttp_send_reply_end(http);
}

static struct stream *stream_new(struct request *r, enum coding coding,
                                 const struct stream_source *source, void *context)
{
    struct stream *s = calloc(1, sizeof(*s));
    if (!s) {
        source->finish(context);
        return NULL;
    }
    *s = (struct stream){.streams = r->server->streams,
                         .http = r->http,
                         .connection = r->connection,
                         .source = *source};
    s->context = context;
    if (coding != CODING_IDENTITY && coding != source->coded &&
        !(s->compressor = compressor_new(coding))) {
        stream_free(s);
        return NULL;
    }
    return s;
}

void stream_reply(struct request *r, int status, const char *content_type, enum coding coding,
                  const struct stream_source *source, void *context)
{
    struct slice piece = {0};
    struct stream *s = stream_new(r, coding, source, context);
    bool waits = s && r->method != METHOD_HEAD && !has_time(s->streams);
    enum stream_status state = waits ? STREAM_MORE : s ? next_piece(s, &piece) : STREAM_FAILED;
    if (state == STREAM_FAILED) {
        if (s)
            stream_free(s);
        response_error(r, 503, "out of memory");
        return;
    }
    if (coding != CODING_IDENTITY)
        response_header(r, "Content-Encoding", negotiation_coding_name(coding));
    if (state == STREAM_DONE || r->method == METHOD_HEAD) {
        response_body(r, status, content_type, piece);
        stream_free(s);
        return;
    }
    response_begin(r, status, content_type);
    s->status = status;
    connection_hold(s->connection, on_gone, s);
    if (waits) {
        set_ready(s, true);
        return;
    }
    if (piece.len > 0)
        begin_pieces(s);
    send_on(s, state, piece);
}

struct streams *streams_new(struct event_base *base)
{
    struct streams *all = calloc(1, sizeof(*all));
    if (!all)
        return NULL;
    TAILQ_INIT(&all->ready);
    all->base = base;
    all->next_turn = evtimer_new(base, on_next_turn, all);
    if (all->next_turn)
        return all;
    free(all);
    return NULL;
}

void streams_free(struct streams *all)
{
    if (!all)
        return;
    event_free(all->next_turn);
    buffer_free(&all->piece);
    buffer_free(&all->coded_piece);
    free(all);
}
