#include "dispatch.h"

#include "access.h"
#include "clock.h"
#include "connection.h"
#include "connection_life.h"
#include "response.h"
#include "router.h"
#include "target.h"
#include "telemetry.h"

#include <event2/buffer.h>
#include <event2/http.h>

static const struct refusal bad_asterisk = {400, "Bad Request", ""};

static enum method method_of(struct slice name)
{
    static const struct {
        struct slice name;
        enum method method;
    } methods[] = {
        {SLICE_LITERAL("PUT"), METHOD_PUT},   {SLICE_LITERAL("POST"), METHOD_POST},
        {SLICE_LITERAL("GET"), METHOD_GET},   {SLICE_LITERAL("DELETE"), METHOD_DELETE},
        {SLICE_LITERAL("HEAD"), METHOD_HEAD}, {SLICE_LITERAL("OPTIONS"), METHOD_OPTIONS},
    };
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (slice_equal(methods[i].name, name))
            return methods[i].method;
    return METHOD_OTHER;
}

/* Fills in path and query from the target. NULL, or why that cannot be. */
static const struct refusal *read_target(struct request *r)
{
    struct target target;
    bool connect = slice_equal(r->method_name, SLICE_LITERAL("CONNECT"));
    if (connect && r->target.p[0] != '/')
        return NULL; /* an authority: no path of ours */
    if (!target_split(r->target, &target))
        return &refusal_bad_request;
    if (target.asterisk && r->method != METHOD_OPTIONS)
        return &bad_asterisk;
    char *path = arena_alloc(&r->server->arena, target.path.len + 1);
    if (!path)
        return &refusal_no_memory;
    long length = target_decode(target.path, path);
    if (length < 0)
        return &refusal_bad_request;
    r->path = (struct slice){path, (size_t)length};
    r->raw_query = target.query;
    return NULL;
}

static void read_body(struct request *r)
{
    const struct connection *c = r->connection;
    struct evbuffer *body = evhttp_request_get_input_buffer(r->http);
    if (c->body_error != ERROR_NONE) {
        r->body_failed = true;
        error_set(&r->error, c->body_error, "%s", c->body_error_message);
        return;
    }
    r->body = (struct slice){"", evbuffer_get_length(body)};
    if (r->body.len > 0)
        r->body.p = (const char *)evbuffer_pullup(body, -1);
    if (!r->body.p) {
        r->body_failed = true;
        error_no_memory(&r->error);
    }
}

static const struct refusal *read_request(struct request *r)
{
    /* cppcheck-suppress ctuuninitvar ; receive() has set it */
    const struct connection *c = r->connection;
    r->now_ns = clock_wall_ns();
    r->started_ns = clock_monotonic_ns();
    r->client = c->client;
    r->method_name = c->request.method;
    r->target = c->request.target;
    if (c->refusal)
        return c->refusal;
    r->method = method_of(r->method_name);
    const struct refusal *refusal = read_target(r);
    if (!refusal)
        read_body(r);
    return refusal;
}

/* A push that is refused before the router has seen it counts with the others. */
static void count_refusal(const struct request *r, enum rejection reason)
{
    if (router_takes_body(r->server, r->method_name, r->target))
        telemetry_count_rejection(r->server->telemetry, reason);
}

/* The words are those of the Go server. */
static void refuse(struct request *r, enum admission admission)
{
    switch (admission) {
    case ADMISSION_UNAUTHORIZED:
        access_log_refusal(r->server->access, r->client, "Unauthorized");
        count_refusal(r, REJECTED_UNAUTHORIZED);
        response_header(r, "WWW-Authenticate", "Basic");
        response_error(r, 401, "Unauthorized");
        break;
    case ADMISSION_TOO_MANY:
        access_log_refusal(r->server->access, r->client, "Too Many Requests");
        count_refusal(r, REJECTED_TOO_MANY);
        r->takes_headers = false;
        response_error(r, 429, "Too Many Requests");
        break;
    default:
        access_log_refusal(r->server->access, r->client, "passwords cannot be checked in time");
        count_refusal(r, REJECTED_UNAVAILABLE);
        response_error(r, 503, "Service Unavailable");
        break;
    }
}

static void answer(struct request *r, const struct refusal *refusal)
{
    enum admission admission = r->connection->admission;
    bool well_formed = !refusal || refusal == &bad_asterisk;
    r->takes_headers = well_formed;
    if (well_formed && admission != ADMISSION_GRANTED)
        refuse(r, admission);
    else if (refusal)
        response_refusal(r, refusal);
    else
        router_dispatch(r);
}

static void receive(struct evhttp_request *http, struct connection *c)
{
    struct request r;
    r.http = http;
    r.connection = c;
    r.server = c->owner->server;
    r.path = r.raw_query = r.body = (struct slice){"", 0};
    r.method = METHOD_OTHER;
    r.body_failed = false;
    r.takes_headers = false;
    r.metrics_handler = NULL;
    r.until = NULL;
    r.answered = NULL;
    r.error.code = ERROR_NONE; /* all else in it is only read after it was filled in */
    r.error.message[0] = '\0';
    evhttp_request_set_on_complete_cb(http, connection_life_reply_ended, c);

    const struct refusal *refusal = read_request(&r);
    if (c->late_continue)
        evbuffer_add_printf(bufferevent_get_output(c->bev), "HTTP/1.1 100 Continue\r\n\r\n");
    answer(&r, refusal);
    arena_reset(&r.server->arena);
}

const struct listener_handlers dispatch_handlers = {
    .received = receive,
    .takes_body = router_takes_body,
};
