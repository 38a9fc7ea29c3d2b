#include "response.h"

#include "access.h"
#include "connection.h"
#include "held_reply.h"
#include "number.h"
#include "telemetry.h"

#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <time.h>

const char *response_phrase(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 202:
        return "Accepted";
    case 301:
        return "Moved Permanently";
    case 304:
        return "Not Modified";
    case 307:
        return "Temporary Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 413:
        return "Request Entity Too Large";
    case 429:
        return "Too Many Requests";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    default:
        return "Unknown";
    }
}

void response_header(struct request *r, const char *name, const char *value)
{
    evhttp_add_header(evhttp_request_get_output_headers(r->http), name, value);
}

/* evhttp would write the date anew for each reply, and none in HTTP/1.0. */
static const char *date_of(int64_t now_ns)
{
    static time_t second = -1;
    static char text[40];
    time_t now = (time_t)(now_ns / 1000000000);
    if (now != second) {
        struct tm utc;
        gmtime_r(&now, &utc);
        strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &utc);
        second = now;
    }
    return text;
}

/* As client_golang names methods in the label. */
static const char *method_label(const struct request *r)
{
    switch (r->method) {
    case METHOD_GET:
        return "get";
    case METHOD_HEAD:
        return "head";
    case METHOD_POST:
        return "post";
    case METHOD_PUT:
        return "put";
    case METHOD_DELETE:
        return "delete";
    case METHOD_OPTIONS:
        return "options";
    default:
        return "unknown";
    }
}

/* Nobody reads the body any more; a client that takes its reply slowly must not keep it. */
static void drop_body(const struct request *r)
{
    struct evbuffer *body = evhttp_request_get_input_buffer(r->http);
    evbuffer_drain(body, evbuffer_get_length(body));
}

void response_begin(struct request *r, int status, const char *content_type)
{
    drop_body(r);
    if (content_type)
        response_header(r, "Content-Type", content_type);
    response_header(r, "Date", date_of(r->now_ns));
    if (r->takes_headers)
        access_add_headers(r->server->access, evhttp_request_get_output_headers(r->http));
    if (r->connection->lingers) {
        evhttp_remove_header(evhttp_request_get_input_headers(r->http), "Connection");
        response_header(r, "Connection", "close");
    } else if (r->connection->owner->stopping) {
        response_header(r, "Connection", "close");
    }
    if (r->metrics_handler)
        telemetry_count_request(r->server->telemetry, r->metrics_handler, method_label(r), status);
}

void response_head_queued(struct evhttp_request *http, const struct connection *c)
{
    if (c->lingers)
        evhttp_remove_header(evhttp_request_get_output_headers(http), "Connection");
}

/* Sends the body that lies in evhttp's buffer, or that a HEAD only hears of. */
static void send_whole(struct request *r, int status, const char *reason, struct slice body)
{
    /* With 304 it would have to be the length of what is not sent. */
    if (body.len > 0 || (r->method != METHOD_HEAD && status != 304)) {
        char length[24];
        length[number_format_uint(body.len, length)] = '\0';
        response_header(r, "Content-Length", length);
    }
    evhttp_send_reply(r->http, status, reason, NULL);
    response_head_queued(r->http, r->connection);
    connection_flush(r->connection);
}

static void send_now(struct request *r, int status, const char *content_type, struct slice body)
{
    struct evbuffer *output = evhttp_request_get_output_buffer(r->http);
    if (r->method != METHOD_HEAD && evbuffer_add(output, body.p, body.len) != 0) {
        evhttp_remove_header(evhttp_request_get_output_headers(r->http), "Content-Encoding");
        status = 503;
        content_type = "text/plain; charset=utf-8";
        body = SLICE_LITERAL("out of memory\n");
        evbuffer_add(output, body.p, body.len);
    }
    response_begin(r, status, content_type);
    send_whole(r, status, response_phrase(status), body);
    if (r->answered)
        r->answered(r);
}

void response_body(struct request *r, int status, const char *content_type, struct slice body)
{
    if (!r->until)
        send_now(r, status, content_type, body);
    else if (!held_reply_keep(r, status, content_type, body))
        send_now(r, 503, NULL, (struct slice){"", 0});
    else
        drop_body(r);
}

void response_empty(struct request *r, int status)
{
    response_body(r, status, NULL, (struct slice){"", 0});
}

void response_error(struct request *r, int status, const char *message)
{
    struct buffer body = {0};
    buffer_text(&body, message);
    buffer_byte(&body, '\n');
    response_header(r, "X-Content-Type-Options", "nosniff");
    response_body(r, status, "text/plain; charset=utf-8",
                  body.failed ? SLICE_LITERAL("\n") : buffer_slice(&body));
    buffer_free(&body);
}

void response_failure(struct request *r, const struct error *e)
{
    int status = 400;
    if (e->code == ERROR_TOO_LARGE)
        status = 413;
    else if (e->code == ERROR_LIMIT)
        status = 429;
    else if (e->code == ERROR_NO_MEMORY || e->code == ERROR_IO)
        status = 503;
    response_error(r, status, e->message);
}

void response_send_held(struct held_replies *list)
{
    struct held_reply *h;
    while ((h = held_replies_take(list)) != NULL) {
        send_now(&h->request, h->status, h->content_type, (struct slice){h->body, h->body_size});
        free(h);
    }
}

void response_fail_held(struct held_replies *list, const char *message)
{
    struct held_reply *h;
    while ((h = held_replies_take(list)) != NULL) {
        evhttp_clear_headers(evhttp_request_get_output_headers(h->request.http));
        response_error(&h->request, 503, message);
        free(h);
    }
}

/* Byte for byte what the Go server says, which has neither Date nor Content-Length: evhttp's own
 * head is taken back before it is sent. */
static void send_raw(struct request *r, const struct refusal *refusal)
{
    struct evbuffer *output = bufferevent_get_output(r->connection->bev);
    evhttp_send_reply(r->http, refusal->status, refusal->reason, NULL);
    connection_take_back(r->connection);
    evbuffer_add_printf(output,
                        "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        "Connection: close\r\n\r\n%s",
                        refusal->status, refusal->reason, refusal->body);
    connection_flush(r->connection);
}

void response_refusal(struct request *r, const struct refusal *refusal)
{
    r->connection->lingers = true;
    telemetry_count_refusal(r->server->telemetry, refusal->status);
    if (refusal->body[0]) {
        send_raw(r, refusal);
        return;
    }
    response_begin(r, refusal->status, NULL);
    send_whole(r, refusal->status, refusal->reason, (struct slice){"", 0});
}
