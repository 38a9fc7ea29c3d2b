#include "stream.h"

#include "compressor.h"
#include "connection.h"
#include "response.h"

#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <stdlib.h>

/* A reply on its way. Ends when the source has ended and evhttp has been told so, or when the
 * client has gone; finish() is called in the first case before the last bytes are sent. */
struct stream {
    struct evhttp_request *http;
    struct connection *connection;
    struct stream_source source;
    void *context;
    struct compressor *compressor; /* NULL: none */
    struct buffer raw, coded;
    struct event *again; /* to come back in the next turn when a piece gave no bytes */
};

static void stream_free(struct stream *s)
{
    if (s->context)
        s->source.finish(s->context);
    compressor_free(s->compressor);
    buffer_free(&s->raw);
    buffer_free(&s->coded);
    if (s->again)
        event_free(s->again);
    free(s);
}

/* The next piece, as it goes out. */
static enum stream_status next_piece(struct stream *s, struct slice *out)
{
    buffer_clear(&s->raw);
    enum stream_status status = s->source.produce(s->context, &s->raw);
    struct buffer *result = &s->raw;
    if (s->compressor && status != STREAM_FAILED && !s->raw.failed) {
        result = &s->coded;
        buffer_clear(result);
        if (!compressor_add(s->compressor, buffer_slice(&s->raw), status == STREAM_DONE, result))
            return STREAM_FAILED;
    }
    if (result->failed)
        return STREAM_FAILED;
    *out = buffer_slice(result);
    return status;
}

static void on_drained(struct evhttp_connection *http, void *context);

static void on_again(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    on_drained(NULL, context);
}

static void send_piece(struct stream *s, struct slice piece)
{
    struct evbuffer *buffer = evbuffer_new();
    if (!buffer || evbuffer_add(buffer, piece.p, piece.len) != 0) {
        evhttp_connection_free(s->connection->http);
    } else {
        evhttp_send_reply_chunk_with_cb(s->http, buffer, on_drained, s);
    }
    if (buffer)
        evbuffer_free(buffer);
}

/* Sends a piece and, if it was the last, what ends the reply. Whatever frees the connection frees
 * the stream. */
static void send_on(struct stream *s, enum stream_status status, struct slice piece)
{
    static const struct timeval next_turn = {0};
    if (status == STREAM_FAILED) {
        evhttp_connection_free(s->connection->http);
    } else if (status == STREAM_DONE) {
        struct evhttp_request *http = s->http;
        struct evbuffer *output = evhttp_request_get_output_buffer(http);
        evbuffer_add(output, piece.p, piece.len);
        evhttp_send_reply_chunk(http, output);
        connection_watch(s->connection, NULL, NULL);
        stream_free(s);
        evhttp_send_reply_end(http);
    } else if (piece.len > 0) {
        send_piece(s, piece);
    } else if (!s->again && !(s->again = evtimer_new(
                                  evhttp_connection_get_base(s->connection->http), on_again, s))) {
        evhttp_connection_free(s->connection->http);
    } else {
        evtimer_add(s->again, &next_turn);
    }
}

/* The client has taken what was sent. */
static void on_drained(struct evhttp_connection *http, void *context)
{
    struct stream *s = context;
    struct slice piece = {0};
    (void)http;
    enum stream_status status = next_piece(s, &piece);
    send_on(s, status, piece);
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

static void begin_pieces(struct request *r, struct stream *s, int status)
{
    /* HTTP/1.0 has no chunks: the end of the connection ends the body, whatever the client said. */
    if (r->http->major == 1 && r->http->minor == 0)
        evhttp_remove_header(evhttp_request_get_input_headers(r->http), "Connection");
    connection_watch(s->connection, on_gone, s);
    evhttp_send_reply_start(r->http, status, response_phrase(status));
    response_head_queued(r);
}

static struct stream *stream_new(struct request *r, enum coding coding,
                                 const struct stream_source *source, void *context)
{
    struct stream *s = calloc(1, sizeof(*s));
    if (!s) {
        source->finish(context);
        return NULL;
    }
    *s = (struct stream){.http = r->http, .connection = r->connection, .source = *source};
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
    enum stream_status state = s ? next_piece(s, &piece) : STREAM_FAILED;
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
    begin_pieces(r, s, status);
    send_on(s, state, piece);
}
